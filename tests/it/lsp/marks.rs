//! `kaizodo.mark`: the reader's marks on items of an answer, and answers rewritten according to
//! them.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Seen, Upstream, answer};
use kaizodo::event::{Event, RunOutcome};
use serde_json::{Value, json};

const ANSWER: &str = "決め方が**ない**。\n\n- 司会がいない\n- 議題が多い\n  続きの行\n";

fn is_revision(seen: &Seen) -> bool {
    user_message(seen).contains("印を付けた。")
}

async fn model() -> Upstream {
    Upstream::start(|seen| match is_revision(seen) {
        true => answer(["書き直した答え"]),
        false => answer([ANSWER]),
    })
    .await
}

async fn mark(client: &mut Client, argument: Value) -> Result<Value, Value> {
    command(client, "kaizodo.mark", argument).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_stand_below_their_answer_and_shape_the_next_one() {
    let upstream = model().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let before = client.wait_document(&run.uri, |text| text == folded).await;

    // Any line of an item stands for the item.
    let argument = json!({"run": run.id, "branch": "depth", "line": 4, "mark": "drop"});
    let marked = mark(&mut client, argument).await.unwrap();
    let item = json!({"line": 3, "text": "- 議題が多い\n  続きの行"});
    assert_eq!(marked, json!({"run": run.id, "branch": "depth", "item": item}));
    for more in [
        json!({"run": run.id, "branch": "depth", "line": 2, "comment": "いる。*昨日から*"}),
        json!({"run": run.id, "branch": "depth", "line": 0, "mark": "keep"}),
        json!({"run": run.id, "branch": "time", "line": 0, "mark": "drop"}),
        // A second mark on an item replaces the first, and a request without a mark removes it.
        json!({"run": run.id, "branch": "time", "line": 0, "mark": "keep"}),
        json!({"run": run.id, "branch": "time", "line": 0}),
    ] {
        mark(&mut client, more).await.unwrap();
    }
    let events = run.events(&mut client).await;
    let done = RunOutcome::Done;
    assert!(
        matches!(events.last().unwrap().event, Event::RunEnded { outcome, .. } if outcome == done)
    );
    let folded = fold(&events);
    let shown = client.wait_document(&run.uri, |text| text == folded).await;
    let lines = "\n\n✎ 残す「決め方が**ない**。」\n\n✎ 「司会がいない」: いる。*昨日から*\n\n✎ 削る「議題が多い 続きの行」\n";
    assert!(section(&shown, "深さ").contains(lines), "{shown}");
    for title in ["広さ", "構造", "時間"] {
        assert_eq!(section(&shown, title), section(&before, title));
    }
    // The marks survive a retry of another section.
    command(&mut client, "kaizodo.retry", json!({"run": run.id, "branch": "time"})).await.unwrap();
    upstream.arrived(5).await;
    let times = events.iter().filter(|e| matches!(e.event, Event::RunEnded { .. })).count();
    let text = fold(&run.ended(&mut client, times + 1).await);
    assert!(section(&text, "深さ").contains(lines), "{text}");

    let argument = json!({"run": run.id, "branch": "depth", "marks": true});
    command(&mut client, "kaizodo.retry", argument.clone()).await.unwrap();
    let seen = upstream.arrived(6).await;
    let messages = seen[5].json()["messages"].clone();
    assert_eq!(
        (&messages[2]["role"], &messages[2]["content"]),
        (&json!("assistant"), &json!(ANSWER.trim()))
    );
    let asked = user_message(&seen[5]);
    for line in [
        "- 残す: 「決め方が**ない**。」",
        "- 「司会がいない」へのコメント: いる。*昨日から*",
        "- 削る: 「議題が多い 続きの行」",
    ] {
        // The list marker comes from the model.
        assert!(asked.replace("「- ", "「").contains(line), "{line} is missing in {asked}");
    }
    let text = fold(&run.ended(&mut client, times + 2).await);
    assert!(section(&text, "深さ").contains("書き直した答え") && !text.contains('✎'), "{text}");
    let error = command(&mut client, "kaizodo.retry", argument).await.unwrap_err();
    let sentence =
        "The section \"深さ\" has no marks to guide a rewrite. Mark items to keep or drop first.";
    assert_eq!(error["message"], sentence);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_focus_is_written_anew_with_the_marks_of_all_sections() {
    let upstream = model().await;
    let mut client = launch(&upstream, &[("KAIZODO_FOCUS", "auto")]);
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    for (branch, name) in [("structure", "drop"), ("focus", "keep")] {
        let argument = json!({"run": run.id, "branch": branch, "line": 0, "mark": name});
        mark(&mut client, argument).await.unwrap();
    }
    let argument = json!({"run": run.id, "branch": "focus", "marks": true});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let asked = user_message(&upstream.arrived(6).await[5]);
    let marks = "- 残す: 「決め方が**ない**。」\n- 削る（構造）: 「決め方が**ない**。」";
    assert!(asked.contains(marks), "{asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_menu_of_a_panel_marks_and_rewrites() {
    let upstream = model().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let panel = client.wait_document(&run.uri, |text| text == folded).await;
    let line = panel.lines().position(|line| line.contains("司会")).unwrap();
    let line = u32::try_from(line).unwrap();
    let offered = async |client: &mut Client| {
        let params = json!({
            "textDocument": {"uri": run.uri}, "range": range((line, 0), (line, 0)),
            "context": {"diagnostics": [], "only": ["refactor.rewrite.kaizodo.mark", "refactor.rewrite.kaizodo.section.revise"]},
        });
        let answer = client.request("textDocument/codeAction", params).await.unwrap();
        let actions = answer.as_array().unwrap().clone();
        let titles: Vec<_> =
            actions.iter().map(|a| a["title"].as_str().unwrap().to_owned()).collect();
        (actions, titles)
    };
    let (actions, titles) = offered(&mut client).await;
    assert_eq!(titles, ["印: この項目を残す", "印: この項目を削る"]);
    let argument = actions[0]["command"]["arguments"][0].clone();
    mark(&mut client, argument).await.unwrap();
    let (_, titles) = offered(&mut client).await;
    let all = ["印: この項目を削る", "この項目の印を消す", "印に合わせてこの節を書き直す"];
    assert_eq!(titles, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_that_cannot_be_made_is_refused_with_its_reason() {
    let upstream = model().await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let at = |branch: &str, line: usize| json!({"run": run.id, "branch": branch, "line": line, "mark": "keep"});
    let long = "長".repeat(2000);
    for (argument, sentence) in [
        (at("smell", 0), "This run has no section \"smell\"."),
        (
            at("depth", 1),
            "These lines are not part of an answer. Select lines inside a section's answer.",
        ),
        (
            at("depth", 99),
            "These lines are not part of an answer. Select lines inside a section's answer.",
        ),
        (
            json!({"run": run.id, "branch": "depth", "line": 0, "comment": " "}),
            "The comment is empty. Write what you think of this item.",
        ),
        (
            json!({"run": run.id, "branch": "depth", "line": 0, "comment": long}),
            "The comment is too long (6000 bytes; the limit is 4096). Shorten it.",
        ),
    ] {
        let error = mark(&mut client, argument).await.unwrap_err();
        assert_eq!(error["message"], sentence);
    }
}
