//! Clients that refuse requests or never answer: the run still ends, and its panel is complete.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, Upstream, answer};
use serde_json::{Value, json};

/// Starts an upstream whose answers wait for a gate between their two words.
async fn in_two_words(gate: &Gate) -> Upstream {
    let open = Gate::new();
    open.open();
    behind_two_gates(&open, gate).await
}

/// Starts an upstream whose answers wait for a gate before each of their two words.
async fn behind_two_gates(first: &Gate, second: &Gate) -> Upstream {
    let begun = paced(stream().step(Step::Until(first.clone())), ["初め".to_owned()], 0);
    let begun = begun.step(Step::Until(second.clone()));
    Upstream::always(finished(paced(begun, ["終わり".to_owned()], 0))).await
}

/// Waits until the client's copy is the panel at the run's end.
async fn becomes_whole(client: &mut Client, run: &Run) {
    let folded = fold(&run.ended(client, 1).await);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    assert_eq!(text.matches("初め終わり").count(), 4, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_to_show_a_document_holds_nothing_up() {
    let gate = Gate::new();
    let upstream = in_two_words(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("window/showDocument", Answer::Never);
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("初め").count() == 4).await;
    gate.open();
    becomes_whole(&mut client, &run).await;
    assert_eq!(client.unread_of("window/showDocument").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn never_to_answer_an_edit_leads_to_a_refresh() {
    let (first, second) = (Gate::new(), Gate::new());
    let upstream = behind_two_gates(&first, &second).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("workspace/applyEdit", Answer::Never);
    let run = shown_run(&mut client).await;
    first.open();
    second.open();
    becomes_whole(&mut client, &run).await;
    assert!(client.pulls(&run.uri) >= 2, "it was asked to pull");
}

/// Refuses edits with `refusal` until a refresh has come, then accepts them.
async fn refusal_leads_to_a_refresh(refusal: Answer) {
    let (first, second) = (Gate::new(), Gate::new());
    let upstream = behind_two_gates(&first, &second).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("workspace/applyEdit", refusal);
    let run = shown_run(&mut client).await;
    first.open();
    client.server_message("workspace/applyEdit").await;
    let refreshed = client.server_message("workspace/textDocumentContent/refresh").await;
    assert_eq!(refreshed["params"], json!({"uri": run.uri}));
    client.wait_document(&run.uri, |text| text.contains("初め")).await;
    client.take_edits_again();
    second.open();
    becomes_whole(&mut client, &run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_that_is_not_applied_leads_to_a_refresh() {
    refusal_leads_to_a_refresh(Answer::Result(json!({"applied": false}))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_that_is_an_error_leads_to_a_refresh() {
    refusal_leads_to_a_refresh(Answer::Error(json!({"code": -32601, "message": "no edits here"})))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_takes_an_edit_is_whole_at_the_end() {
    let gate = Gate::new();
    let upstream = in_two_words(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("workspace/applyEdit", Answer::Result(json!({"applied": false})));
    let run = shown_run(&mut client).await;
    gate.open();
    becomes_whole(&mut client, &run).await;
    // After that, the text is not pulled again and again.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let before = client.pulls(&run.uri);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(client.pulls(&run.uri), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_that_are_not_announced_are_mended_by_pulling() {
    let gate = Gate::new();
    let upstream = in_two_words(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    client.announce_edits(false);
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("初め").count() == 4).await;
    client.server_message("workspace/textDocumentContent/refresh").await;
    gate.open();
    becomes_whole(&mut client, &run).await;
    client.wait_document(&run.uri, |text| text.contains("終わり")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_edit_names_a_version_whose_text_was_confirmed() {
    let gates = [(); 3].map(|()| Gate::new());
    let reply = gates.iter().zip(["左", "右", "下"]).fold(stream(), |reply, (gate, word)| {
        reply.step(Step::Until(gate.clone())).write(crate::support::upstream::sse_text(word))
    });
    let upstream = by_section([finished(reply), stuck("b"), stuck("c"), stuck("d")]).await;
    let mut client = start(&upstream, capabilities()).await;
    client.announce_edits(false);
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.contains("## 深さ\n")).await;
    for (gate, word) in gates.iter().zip(["左", "左右", "左右下"]) {
        gate.open();
        client.wait_document(&run.uri, |text| is_in_section(text, "深さ", word)).await;
    }
    for message in client.unread_of("workspace/applyEdit") {
        let version = &message["params"]["edit"]["documentChanges"][0]["textDocument"]["version"];
        assert!(version.is_number(), "each edit is of a text that was confirmed: {message}");
    }
    assert!(client.pulls(&run.uri) > 1, "what was not announced is pulled");
    run.cancel(&mut client, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_is_closed_gets_nothing_and_is_whole_when_it_is_opened_again() {
    let gate = Gate::new();
    let upstream = in_two_words(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("初め").count() == 4).await;
    client.close(&run.uri);
    // Once this request is answered, the server has handled the closing.
    run.events(&mut client).await;
    let edits = client.unread_of("workspace/applyEdit").len();
    gate.open();
    let folded = fold(&run.ended(&mut client, 1).await);
    assert_eq!(client.unread_of("workspace/applyEdit").len(), edits);
    assert_eq!(client.open_virtual(&run.uri).await, folded);
}

async fn without_progress(answer_to_create: Answer) {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("window/workDoneProgress/create", answer_to_create);
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    client.wait_document(&run.uri, |text| text == folded).await;
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(client.all_progress(), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_progress_is_never_reported_on() {
    without_progress(Answer::Error(json!({"code": -32601, "message": "no progress here"}))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_progress_that_is_never_created_is_never_reported_on() {
    without_progress(Answer::Never).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_shows_what_it_has_pulled_late_gets_no_edit_before() {
    let gate = Gate::new();
    let upstream = in_two_words(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = run(&mut client).await;
    let pulled = client.request("workspace/textDocumentContent", json!({"uri": run.uri})).await;
    let text = pulled.unwrap()["text"].as_str().unwrap().to_owned();
    gate.open();
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert!(client.unread_of("workspace/applyEdit").is_empty(), "nobody knows what it has");
    client.open(&run.uri, "markdown", &text);
    becomes_whole(&mut client, &run).await;
}
