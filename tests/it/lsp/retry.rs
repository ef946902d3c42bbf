//! `kaizodo.retry`: asks one section again, and no other.

use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, Step, Upstream, answer, sse_text};
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;

/// Starts an upstream whose third section fails for the model `m` after its first words, and whose
/// other models answer when the gate opens.
async fn failing(gate: &Gate) -> Upstream {
    let gate = gate.clone();
    Upstream::start(move |seen| match (section_of(seen), seen.json()["model"].as_str()) {
        (2, Some("m")) => Reply::stream([sse_text("初めの言葉")]),
        (2, _) => {
            finished(paced(stream().step(Step::Until(gate.clone())), ["次の言葉".to_owned()], 0))
        }
        _ => answer(["良い答え"]),
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_section_is_asked_anew_of_another_model() {
    let gate = Gate::new();
    let upstream = failing(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.wait_progress_end(&token).await;
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Partial, .. }
    ));
    let folded = fold(&events);
    let before = client.wait_document(&run.uri, |text| text == folded).await;
    assert!(section(&before, "構造").contains("初めの言葉\n\n⚠ "), "{before}");

    let argument = json!({"run": run.id, "branch": "structure", "model": "another"});
    let answer = command(&mut client, "kaizodo.retry", argument.clone()).await.unwrap();
    assert_eq!(answer, json!({"run": run.id, "branch": "structure"}));
    let seen = upstream.arrived(5).await;
    assert_eq!((seen.len(), section_of(&seen[4])), (5, 2), "no other section is asked again");
    assert_eq!(seen[4].json()["model"], "another");
    let mut first = request_for(&seen[..4], 2).json();
    first["model"] = json!("another");
    assert_eq!(seen[4].json(), first, "it is the same question");

    // The earlier answer stays until the first text of the new answer.
    let waiting =
        client.wait_document(&run.uri, |text| text.contains("_… 答えを待っています_")).await;
    assert!(
        section(&waiting, "構造").contains("初めの言葉\n\n_… 答えを待っています_"),
        "{waiting}"
    );
    // The retry has its own progress.
    let second =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    assert_ne!(second, token);
    let refused = command(&mut client, "kaizodo.retry", argument.clone()).await.unwrap_err();
    assert_eq!(refused["code"], -32803);
    let sentence =
        "The section \"構造\" is still being written. Wait for it to finish, or stop it first.";
    assert_eq!(refused["message"], sentence);

    gate.open();
    let values = client.wait_progress_end(&second).await;
    assert_eq!((&values[0]["kind"], &values[0]["cancellable"]), (&json!("begin"), &json!(true)));
    assert_eq!(values.last().unwrap()["message"], "深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 ✓");
    let events = run.ended(&mut client, 2).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let folded = fold(&events);
    let after = client.wait_document(&run.uri, |text| text == folded).await;
    for title in ["深さ", "広さ", "時間"] {
        assert_eq!(section(&after, title), section(&before, title));
    }
    assert!(section(&after, "構造").starts_with("## 構造\n\n次の言葉\n\n`another` · "), "{after}");
    assert!(!after.contains("初めの言葉"), "{after}");
    assert_eq!(client.pulls(&run.uri), 1, "edits were enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complete_section_can_be_asked_anew_and_stopped_alone() {
    let gate = Gate::new();
    let upstream = failing(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let argument = json!({"run": run.id, "branch": "structure", "model": "held"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    upstream.arrived(5).await;
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    assert_eq!(upstream.arrived(6).await[5].json()["model"], "m", "the model of before");
    assert_eq!(run.cancel(&mut client, Some("structure")).await, 1);
    let events = run.ended(&mut client, 2).await;
    let starts = events.iter().filter(|e| matches!(e.event, Event::BranchStarted { .. })).count();
    let ends = events.iter().filter(|e| matches!(e.event, Event::BranchEnded { .. })).count();
    assert_eq!((starts, ends), (6, 6));
    let text = fold(&events);
    let stopped = section(&text, "構造");
    assert!(
        stopped.contains("初めの言葉\n\n■ 停止しました。"),
        "the earlier text is kept: {stopped}"
    );
    assert!(section(&text, "深さ").contains("良い答え"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_that_is_not_possible_is_refused_with_its_reason() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
    for (argument, sentence) in [
        (json!({"run": run.id, "branch": "smell"}), "This run has no section \"smell\"."),
        (
            json!({"run": "01x", "branch": "depth"}),
            "Run 01x is neither on this server nor in the journal. Select the text and run the action again.",
        ),
        (
            json!({"run": run.id}),
            "Invalid argument `branch` for kaizodo.retry: missing field `branch`",
        ),
    ] {
        let error = command(&mut client, "kaizodo.retry", argument).await.unwrap_err();
        assert_eq!(error["message"], sentence);
    }
    assert_eq!(upstream.seen().len(), 4);
}
