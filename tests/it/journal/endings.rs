//! However a process ends by itself, everything that came is in the journal, complete and in order.

use super::shelf::*;
use crate::support::client::{Client, TIMEOUT as LONG};
use crate::support::kit::{self, capabilities, fold_titled};
use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome, Stamped};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

fn end_of(events: &[Stamped]) -> RunOutcome {
    match events.last().unwrap().event {
        Event::RunEnded { outcome, .. } => outcome,
        ref other => panic!("the run has not ended: {other:?}"),
    }
}

#[tokio::test]
async fn the_journal_is_what_was_printed() {
    let server = server(vec![(ASKED[1], Reply::json(400, r#"{"error":{"message":"no"}}"#))]).await;
    let home = Home::new();
    let ended = end(&mut home.asking(&server, &["run", "--json", "--text", "Slow builds"])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let printed: Vec<Stamped> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kept = only(&of_home(home.path()));
    assert_eq!(kept.events, printed);
    assert!(kept.problems.is_empty() && !kept.alive);
    assert_eq!(end_of(&kept.events), RunOutcome::Partial);
}

#[tokio::test]
async fn the_panel_of_the_journal_is_the_one_that_was_shown() {
    let odd = answer(["```\n## x\n", "\u{1b}[2J ![a](b)\r\n", "解像度"]);
    let server = server(vec![(ASKED[0], odd)]).await;
    let home = Home::new();
    let ended = end(&mut home.asking(&server, &["run", "--text", "Builds are slow. So?"])).await;
    assert_eq!(panel(&only(&of_home(home.path())).events), ended.out);
}

#[tokio::test]
async fn an_interrupt_leaves_all_that_came() {
    let server = Upstream::always(Reply::stream([sse_text("- x1 half\n")]).end(End::Open)).await;
    let home = Home::new();
    let mut child = home.asking(&server, &["run", "--text", "Builds are slow."]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("half") {
        assert!(out.read_line(&mut text).await.unwrap() > 0, "{text}");
    }
    let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    out.read_to_string(&mut text).await.unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
    let kept = only(&of_home(home.path()));
    assert_eq!(end_of(&kept.events), RunOutcome::Cancelled);
    assert_eq!(panel(&kept.events), text);
}

#[tokio::test]
async fn a_reader_who_goes_leaves_all_that_came() {
    let gate = Gate::new();
    let reply = Reply::stream([sse_text("- one\n")]).step(Step::Until(gate.clone()));
    // More than once, because a program that is being started for another test may also hold the
    // pipe.
    let reply = (0..100).fold(reply, |reply, _| {
        reply.step(Step::Wait(Duration::from_millis(100))).write(sse_text("- two\n"))
    });
    let server = Upstream::always(reply.end(End::Open)).await;
    let home = Home::new();
    let mut child = home.asking(&server, &["run", "--text", "Builds are slow."]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).await.unwrap();
    let written = |seen: &[Seen]| seen.iter().filter(|s| !s.writes.is_empty()).count() == 4;
    server.until("all answers", written).await;
    drop(out);
    gate.open();
    let ended = tokio::time::timeout(TIMEOUT, child.wait()).await.expect("the program ends");
    assert_eq!(ended.unwrap().code(), Some(130));
    let events = only(&of_home(home.path())).events;
    assert_eq!(end_of(&events), RunOutcome::Cancelled);
    assert!(said(&events, "depth").starts_with("- one\n"));
}

/// Starts a server with a run that has ended and one that does not end by itself.
async fn editor(upstream: &Upstream) -> (Client, [kit::Run; 2]) {
    let mut client = kit::start(upstream, capabilities()).await;
    let whole = kit::run(&mut client).await;
    whole.ended(&mut client, 1).await;
    let open = kit::run(&mut client).await;
    client.open_virtual(&open.uri).await;
    client.wait_document(&open.uri, |text| text.matches("止まらない").count() == 4).await;
    (client, [whole, open])
}

/// Starts a model that answers four requests and never finishes the others.
async fn endless_after_four() -> Upstream {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Upstream::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0..4 => answer(["終わる"]),
        _ => kit::stuck("止まらない"),
    })
    .await
}

/// Ends a server with `end`, and asserts that both runs are in its journal.
async fn ends(end: impl AsyncFnOnce(&mut Client)) {
    let upstream = endless_after_four().await;
    let (mut client, [whole, open]) = editor(&upstream).await;
    end(&mut client).await;
    let folder = of_server(client.home());
    let ids: Vec<_> = runs(&folder).into_iter().map(|run| run.0).collect();
    assert_eq!(ids, [whole.id, open.id]);
    let runs: Vec<_> = runs(&folder).iter().map(|run| kept(&folder, run)).collect();
    assert!(runs.iter().all(|run| run.problems.is_empty() && !run.alive), "{runs:#?}");
    assert_eq!(end_of(&runs[0].events), RunOutcome::Done);
    assert_eq!(end_of(&runs[1].events), RunOutcome::Cancelled);
    assert_eq!(said(&runs[1].events, "time"), "止まらない");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_waits_for_the_journal() {
    ends(async |client| {
        client.request("shutdown", json!(null)).await.unwrap();
        // The journal must be complete before the exit: some editors kill a server once it has
        // answered.
        client.kill();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exit_without_shutdown_waits_for_the_journal() {
    ends(async |client| {
        client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
        assert_eq!(client.exit_status(LONG).await, Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_input_waits_for_the_journal() {
    ends(async |client| {
        client.close_input();
        assert_eq!(client.exit_status(LONG).await, Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_output_waits_for_the_journal() {
    ends(async |client| {
        client.close_output();
        client.notify("workspace/didChangeConfiguration", json!({"settings": {"model": 1}}));
        for _ in 0..1000 {
            client.send(&json!({"jsonrpc": "2.0", "id": "x", "method": "none"}));
        }
        assert_eq!(client.exit_status(LONG).await, Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_goes_on_in_the_same_journal() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::run(&mut client).await;
    run.ended(&mut client, 1).await;
    kit::command(&mut client, "kaizodo.retry", json!({"run": run.id, "branch": "time"}))
        .await
        .unwrap();
    let events = run.ended(&mut client, 2).await;
    client.shut_down().await;
    let kept = only(&of_server(client.home()));
    assert_eq!(kept.events, events);
    assert_eq!(panel(&kept.events), fold_titled(&kaizodo::panel::title_of(kit::TEXT), &events));
    assert_eq!(said(&kept.events, "time"), "答え答え");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_after_the_journal_was_removed_writes_all_of_it_again() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::run(&mut client).await;
    run.ended(&mut client, 1).await;
    let folder = of_server(client.home());
    let path = folder.file(&runs(&folder)[0]);
    while kept(&folder, &runs(&folder)[0]).alive {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    std::fs::remove_file(path).unwrap();
    kit::command(&mut client, "kaizodo.retry", json!({"run": run.id, "branch": "time"}))
        .await
        .unwrap();
    let events = run.ended(&mut client, 2).await;
    client.shut_down().await;
    assert_eq!(only(&folder).events, events);
}
