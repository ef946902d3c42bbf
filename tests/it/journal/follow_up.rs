//! `kaizodo.ask` about a run that an earlier server began.

use super::again::retry;
use super::shared::Shared;
use super::shelf::said;
use crate::support::kit::{self, capabilities, user_message};
use kaizodo::event::Event;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_journal_is_asked_on_as_one_of_this_server() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    // The document does not need to be open.
    let mut client = shared.bare("C", capabilities()).await;
    let argument = json!({"run": run.id, "branch": "depth", "question": "Who decides?"});
    let asked = kit::command(&mut client, "kaizodo.ask", argument).await;
    assert_eq!(asked.unwrap()["branch"], "ask-1");
    let seen = shared.upstream.arrived(5).await;
    let messages = seen[4].json()["messages"].clone();
    assert_eq!(
        (&messages[2]["role"], &messages[2]["content"]),
        (&json!("assistant"), &json!("良い答え"))
    );
    run.ended(&mut client, 2).await;
    let shown = run.events(&mut client).await;
    client.shut_down().await;
    assert_eq!(shared.events(&run), shown, "the journal holds what was shown");
    // Yet another server retries the follow-up question.
    let mut client = shared.bare("C", capabilities()).await;
    retry(&mut client, &run, "ask-1").await.unwrap();
    let seen = shared.upstream.arrived(6).await;
    assert_eq!(seen[5].json()["messages"], messages);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_about_a_passage_outlives_its_servers_with_all_that_led_to_it() {
    for keeps in ["true", "false"] {
        let shared = Shared::new().await;
        shared.set(&format!("journal.selection = {keeps}\n"));
        let run = shared.killed().await;
        // Zooming into a run of the journal does not continue that run.
        let mut client = shared.server().await;
        let passage = json!({
            "run": run.id, "branch": "depth",
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
        });
        let argument = json!({"passage": passage, "perspectives": ["time"]});
        let deeper = kit::run_with(&mut client, argument).await;
        deeper.ended(&mut client, 1).await;
        let first = user_message(&shared.upstream.arrived(5).await[4]);
        assert!(first.contains("<<<ABOVE") && first.contains("\n良い答え\nTEXT "), "{first}");
        assert_eq!(first.contains("会議が長くて決まらない。"), keeps == "true", "{first}");
        client.shut_down().await;
        // Another server asks exactly the same again, from what the journal contains.
        let mut client = shared.bare("C", capabilities()).await;
        retry(&mut client, &deeper, "time").await.unwrap();
        assert_eq!(user_message(&shared.upstream.arrived(6).await[5]), first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_outlive_the_server_and_are_made_on_a_run_of_the_journal() {
    let shared = Shared::new().await;
    // Marking an answer needs no text.
    shared.set("journal.selection = false\n");
    let run = shared.killed().await;
    let mark = |branch: &str, name: &str| json!({"run": run.id, "branch": branch, "line": 0, "mark": name});
    for branch in ["depth", "breadth"] {
        let mut client = shared.bare("C", capabilities()).await;
        kit::command(&mut client, "kaizodo.mark", mark(branch, "drop")).await.unwrap();
        let shown = run.events(&mut client).await;
        client.shut_down().await;
        assert_eq!(shared.events(&run), shown, "the journal holds what was shown");
    }
    let mut client = shared.server().await;
    let panel = client.open_virtual(&run.uri).await;
    for title in ["深さ", "広さ"] {
        assert!(kit::is_in_section(&panel, title, "✎ 削る「良い答え」"), "{panel}");
    }
    let runs = client.request("kaizodo/journal/list", json!({})).await.unwrap();
    assert_eq!(runs["runs"][0]["outcome"], "partial", "how it ended is still known");
    // A mark and then a retry: the run is taken up only once.
    kit::command(&mut client, "kaizodo.mark", mark("time", "keep")).await.unwrap();
    let argument = json!({"run": run.id, "branch": "depth", "marks": true});
    kit::command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let seen = shared.upstream.arrived(5).await;
    assert!(user_message(&seen[4]).contains("- 削る: 「良い答え」"));
    while !said(&run.events(&mut client).await, "depth").contains("続きの答え") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.shut_down().await;
    let kept = shared.events(&run);
    assert!(matches!(kept.last().unwrap().event, Event::RunEnded { .. }));
    assert!(kept.iter().map(|stamped| stamped.seq).eq(1..=kept.len() as u64), "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_keeps_no_run_of_the_journal_from_its_client() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let mut client = shared.bare("C", capabilities()).await;
    client.open_virtual(&run.uri).await;
    for argument in [
        json!({"run": run.id, "branch": "depth", "question": " "}),
        json!({"run": run.id, "branch": "depth", "question": "x".repeat(20_000)}),
    ] {
        kit::command(&mut client, "kaizodo.ask", argument).await.unwrap_err();
    }
    let argument = json!({"run": run.id, "branch": "depth", "marks": true});
    kit::command(&mut client, "kaizodo.retry", argument).await.unwrap_err();
    let argument = json!({"run": run.id, "branch": "depth", "question": "なぜ？"});
    kit::command(&mut client, "kaizodo.ask", argument).await.unwrap();
    client.server_message("window/workDoneProgress/create").await;
    client.wait_document(&run.uri, |text| text.contains("続きの答え")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_of_an_earlier_run_has_its_actions_at_once() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let mut client = shared.bare("C", capabilities()).await;
    let panel = client.open_virtual(&run.uri).await;
    let line = panel.lines().position(|line| line == "良い答え").unwrap();
    let line = u32::try_from(line).unwrap();
    let params = json!({
        "textDocument": {"uri": run.uri}, "range": kit::range((line, 0), (line, 1)),
        "context": {"diagnostics": []},
    });
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    assert!(actions.as_array().unwrap().len() > 3, "{actions}");
}
