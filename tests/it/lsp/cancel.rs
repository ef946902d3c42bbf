//! All the ways to stop a run.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Seen, Upstream, answer};
use kaizodo::event::{Event, Outcome, RunOutcome, Stamped};
use serde_json::json;
use std::time::{Duration, Instant};

/// Time limit for closing every socket after a stop.
const SOON: Duration = Duration::from_secs(1);

async fn all_stuck() -> Upstream {
    by_section([stuck("一つ目"), stuck("二つ目"), stuck("三つ目"), stuck("四つ目")]).await
}

/// Waits until every section shows its first text.
async fn all_have_text(client: &mut Client, run: &Run) {
    let firsts = ["一つ目", "二つ目", "三つ目", "四つ目"];
    client.wait_document(&run.uri, |text| firsts.iter().all(|first| text.contains(first))).await;
}

/// Returns the time from `start` until the last of these sockets was closed.
fn slowest(seen: &[Seen], start: Instant) -> Duration {
    seen.iter()
        .filter_map(|seen| seen.client_closed)
        .max()
        .unwrap()
        .saturating_duration_since(start)
}

/// Asserts that every branch has one end for each start, and that nothing comes after an end.
fn check_ends(events: &[Stamped]) {
    let mut alive: Vec<&str> = Vec::new();
    for stamped in events {
        match &stamped.event {
            Event::BranchStarted { branch, .. } => alive.push(&branch.0),
            Event::BranchEnded { branch, .. } => {
                let at = alive.iter().position(|alive| **alive == *branch.0).expect("a second end");
                alive.remove(at);
            }
            Event::Delta { branch, .. } | Event::Thinking { branch, .. } => {
                assert!(alive.contains(&&*branch.0), "text after the end of {branch}");
            }
            _ => {}
        }
    }
    assert!(alive.is_empty(), "{alive:?} have no end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_in_the_progress_closes_every_socket_and_keeps_the_text() {
    let upstream = all_stuck().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    all_have_text(&mut client, &run).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.notify("window/workDoneProgress/cancel", json!({"token": token}));
    upstream.closed(4).await;

    let values = client.wait_progress_end(&token).await;
    assert_eq!(values.last().unwrap()["message"], "深さ ■ · 広さ ■ · 構造 ■ · 時間 ■");
    let events = events_in(&values);
    check_ends(&events);
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Cancelled, .. }
    ));
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    for (title, first) in JA.iter().zip(["一つ目", "二つ目", "三つ目", "四つ目"]) {
        let section = section(&text, title);
        assert!(section.contains(&format!("{first}\n\n■ 停止しました。\n")), "{section}");
    }
    assert_eq!(run.cancel(&mut client, None).await, 0, "nobody is left to stop");
    assert_eq!(client.progress(&token).iter().filter(|value| value["kind"] == "end").count(), 1);

    // The server continues to work: another run gets as far as this one did.
    let next = shown_run(&mut client).await;
    all_have_text(&mut client, &next).await;
    assert_eq!(next.cancel(&mut client, None).await, 4);
    next.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_socket_is_closed_soon_after_a_stop() {
    // On a busy machine any process may pause for longer than that: one success in a few tries is
    // enough.
    let mut took = Vec::new();
    while took.iter().all(|took| *took > SOON) {
        assert!(took.len() < 5, "{took:?} to close the sockets");
        let upstream = all_stuck().await;
        let mut client = start(&upstream, capabilities()).await;
        let run = shown_run(&mut client).await;
        all_have_text(&mut client, &run).await;
        let created = client.server_message("window/workDoneProgress/create").await;
        let start = Instant::now();
        client
            .notify("window/workDoneProgress/cancel", json!({"token": created["params"]["token"]}));
        took.push(slowest(&upstream.closed(4).await, start));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_stops_a_run_twice_without_harm() {
    let upstream = all_stuck().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    all_have_text(&mut client, &run).await;
    let argument = json!({"command": "kaizodo.cancel", "arguments": [{"run": run.id}]});
    let first = client.send_request("workspace/executeCommand", argument.clone());
    let second = client.send_request("workspace/executeCommand", argument);
    assert_eq!(client.answer(first).await.unwrap(), json!({"cancelled": 4}));
    let again = client.answer(second).await.unwrap()["cancelled"].as_u64().unwrap();
    assert!(again <= 4, "as many as had not ended by then");
    let events = run.ended(&mut client, 1).await;
    check_ends(&events);
    assert_eq!(upstream.closed(4).await.len(), 4, "nothing was sent again");
    assert_eq!(run.cancel(&mut client, None).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_branch_is_stopped_and_the_others_are_not_touched() {
    let upstream = all_stuck().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    all_have_text(&mut client, &run).await;
    let before = client.document(&run.uri).unwrap();
    assert_eq!(run.cancel(&mut client, Some("structure")).await, 1);
    let seen = upstream.closed(1).await;
    assert!(request_for(&seen, 2).client_closed.is_some(), "another one was closed");
    let after = client.wait_document(&run.uri, |text| text.contains("■ 停止しました。")).await;
    assert!(section(&after, "構造").contains("三つ目\n\n■ 停止しました。"), "{after}");
    for title in ["深さ", "広さ", "時間"] {
        assert_eq!(section(&after, title), section(&before, title));
    }
    assert_eq!(run.cancel(&mut client, Some("structure")).await, 0, "it has ended");
    let seen = upstream.seen();
    assert_eq!(seen.iter().filter(|seen| seen.ended.is_none()).count(), 3);
    assert_eq!(run.cancel(&mut client, None).await, 3);
    check_ends(&run.ended(&mut client, 1).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_branch_that_waits_to_try_again_stops_at_once() {
    let upstream = Upstream::start(|_| {
        crate::support::upstream::Reply::json(429, "{}").header("retry-after", "15")
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches('↻').count() == 4).await;
    assert_eq!(run.cancel(&mut client, None).await, 4);
    let events = run.ended(&mut client, 1).await;
    check_ends(&events);
    let ends =
        |e: &&Stamped| matches!(e.event, Event::BranchEnded { outcome: Outcome::Cancelled, .. });
    assert_eq!(events.iter().filter(ends).count(), 4);
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_reports_unknown_runs_and_ignores_unknown_tokens() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let error =
        command(&mut client, "kaizodo.cancel", json!({"run": "01nothing"})).await.unwrap_err();
    assert_eq!(error["code"], -32803);
    assert_eq!(error["message"], "This server has no run 01nothing.");
    let run = run(&mut client).await;
    let argument = json!({"run": run.id, "branch": "smell"});
    let error = command(&mut client, "kaizodo.cancel", argument).await.unwrap_err();
    assert_eq!(error["message"], "This run has no section \"smell\".");
    for token in [json!("kaizodo-99"), json!(7), json!(null)] {
        client.notify("window/workDoneProgress/cancel", json!({"token": token}));
    }
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
}
