//! Heavy load, and a client that does not keep up: the server continues to work.

use crate::support::client::Unit;
use crate::support::kit::*;
use crate::support::upstream::{End, Gate, Reply, Step, answer, sse_text};
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_stuck_runs_leave_the_server_free() {
    let upstream = by_section([stuck("a"), stuck("b"), stuck("c"), stuck("d")]).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"limits": {"concurrency": 256}},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let mut runs = Vec::new();
    for _ in 0..64 {
        runs.push(shown_run(&mut client).await);
    }
    upstream
        .until("256 open requests", |seen| {
            seen.len() == 256 && seen.iter().all(|seen| seen.writes.len() == 1)
        })
        .await;
    assert_eq!(upstream.overlap(), 256);
    for _ in 0..20 {
        let offered = actions(&mut client, &range((0, 0), (0, 3)), json!({"triggerKind": 1})).await;
        assert_eq!(offered.len(), 1);
    }
    client.edit(MEMO, &range((0, 0), (0, 0)), "また");
    for run in &runs {
        client.wait_document(&run.uri, |text| text.matches("書いています").count() == 4).await;
    }
    for run in &runs {
        assert_eq!(run.cancel(&mut client, None).await, 4);
    }
    upstream.closed(256).await;
    assert_eq!(client.shut_down().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_loses_nothing_and_is_read() {
    let gate = Gate::new();
    let long = |section: usize| {
        let texts =
            (0..1200).map(move |n| format!("- {section}.{n} とても長い答えの一行である。\n"));
        finished(paced(stream().step(Step::Until(gate.clone())), texts, 0))
    };
    let upstream = by_section([long(0), long(1), long(2), long(3)]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    upstream.arrived(4).await;
    client.stop_reading();
    gate.open();
    // The answers are read to their ends, although the pipe is full.
    upstream.until("the ends", |seen| seen.iter().all(|seen| seen.ended.is_some())).await;
    assert!(upstream.seen().iter().all(|seen| seen.client_closed.is_none()));
    // Input is accepted: many requests whose answers are not read, a change, and a run after it.
    for _ in 0..300 {
        let params =
            json!({"textDocument": {"uri": MEMO}, "range": range((0, 0), (0, 3)), "context": {}});
        client.send_request("textDocument/codeAction", params);
    }
    client.edit(MEMO, &range((0, 0), (0, 0)), "読まれない間の");
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let params = json!({"command": "kaizodo.run", "arguments": [argument]});
    let second = client.send_request("workspace/executeCommand", params);
    let seen = upstream.arrived(8).await;
    assert!(user_message(&seen[7]).contains("読まれない間の会議"), "{}", user_message(&seen[7]));

    client.read_on();
    assert!(client.answer(second).await.is_ok());
    let events = run.ended(&mut client, 1).await;
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    for (at, title) in JA.iter().enumerate() {
        let lines = section(&text, title).lines().filter(|line| line.starts_with("- ")).count();
        assert_eq!(lines, 1200, "section {at}");
    }
    assert_eq!(client.shut_down().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_changes_in_one_burst_are_taken_in_their_order() {
    let upstream = by_section([stuck("a"), stuck("b"), stuck("c"), stuck("d")]).await;
    let mut client = start(&upstream, capabilities()).await;
    let mut text = TEXT.to_owned();
    for n in 0..400 {
        // Each change is at a place that exists only after the changes before it, so a late change
        // would miss it.
        let at = text.find('。').unwrap();
        let place = Unit::Utf16.place(&text, at);
        let word = format!("({n}👨‍👩‍👧)");
        client.edit(MEMO, &json!({"start": place, "end": place}), &word);
        text.insert_str(at, &word);
    }
    let line = text.trim_end();
    let whole = range_of(&text, line, Unit::Utf16);
    let offered = actions(&mut client, &whole, json!({})).await;
    assert_eq!(offered[0]["command"]["arguments"][0]["version"], 401);
    run_with(&mut client, offered[0]["command"]["arguments"][0].clone()).await;
    for request in upstream.arrived(4).await {
        assert_eq!(user_message(&request).matches(line).count(), 1, "{}", user_message(&request));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_comes_through_under_load() {
    let flood = || {
        let texts = (0..20_000).map(|n| format!("{n} "));
        paced(stream(), texts, 0).end(End::Open)
    };
    let upstream = by_section([flood(), flood(), flood(), flood()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.contains("100 101 ")).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.notify("window/workDoneProgress/cancel", json!({"token": token}));
    upstream.closed(4).await;
    let values = client.wait_progress_end(&token).await;
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Cancelled, .. }
    ));
    assert_eq!(events_in(&values), events, "what was told is what happened");
    let folded = fold(&events);
    client.wait_document(&run.uri, |text| text == folded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_the_editor_cancels_do_not_disturb_a_run() {
    let upstream = by_section([stuck("a"), answer(["b"]), answer(["c"]), answer(["d"])]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    for _ in 0..100 {
        let params =
            json!({"textDocument": {"uri": MEMO}, "range": range((0, 0), (0, 3)), "context": {}});
        let id = client.send_request("textDocument/codeAction", params);
        client.notify("$/cancelRequest", json!({"id": id}));
        // The request is either answered or reported as cancelled.
        let answer = client.answer(id).await;
        assert!(answer.is_ok() || answer.unwrap_err()["code"] == -32800);
    }
    client.wait_document(&run.uri, |text| text.matches("`m` · 10").count() == 3).await;
    assert_eq!(run.cancel(&mut client, None).await, 1);
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_requests_are_under_way_than_the_settings_allow() {
    let gate = Gate::new();
    let reply = Reply::stream([sse_text("a")]).step(Step::Until(gate.clone()));
    let upstream = crate::support::upstream::Upstream::always(finished(reply)).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"limits": {"concurrency": 2}},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    let text =
        client.wait_document(&run.uri, |text| text.matches("書いています").count() == 2).await;
    assert_eq!(text.matches("順番を待っています").count(), 2, "{text}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(upstream.seen().len(), 2);
    // A section that waits for its turn is stopped without having been sent.
    assert_eq!(run.cancel(&mut client, Some("time")).await, 1);
    gate.open();
    run.ended(&mut client, 1).await;
    assert_eq!((upstream.seen().len(), upstream.overlap()), (3, 2));
}
