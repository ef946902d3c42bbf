//! The *Show* button of the trust question: a document with everything that would be trusted.

use super::question::*;
use super::tree::*;
use crate::support::client::{Answer, Client};
use crate::support::kit;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const SHOW: &str = "window/showDocument";

/// Presses *Show*. Returns the URI that is shown, and the question that is asked again.
async fn look(client: &mut Client, asked: &Value) -> (String, Value) {
    press(client, asked, Some("Show"));
    let shown = loop {
        let shown = client.server_message(SHOW).await["params"]["uri"].as_str().unwrap().to_owned();
        // The panels of the runs are shown as well.
        if shown.starts_with("kaizodo:/trust/") || shown.ends_with("/trust.md") {
            break shown;
        }
    };
    let again = client.server_message(ASK).await;
    assert_eq!(again["params"], asked["params"]);
    (shown, again)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_bytes_that_were_shown_are_trusted() {
    let (tree, upstream, mut client) = answering(Answer::Held).await;
    panel(&mut client, &tree).await;
    let asked = client.server_message(ASK).await;
    // Meanwhile the file on disk has changed to something that the user has not seen.
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks").replace("ASK", "EVIL"));
    let (uri, asked) = look(&mut client, &asked).await;
    assert!(uri.starts_with("kaizodo:/trust/"), "{uri}");
    let content = async |client: &mut Client, uri: &str| {
        client.request("workspace/textDocumentContent", json!({"uri": uri})).await
    };
    let text = content(&mut client, &uri).await.unwrap()["text"].as_str().unwrap().to_owned();
    let path = tree.path().display().to_string();
    for said in [&*path, "ASK-risks as it should.", "sets.weekly = risks, time", "\n```text\n"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("EVIL"), "{text}");
    press(&mut client, &asked, Some("Trust"));
    client.server_message("window/showMessage").await;
    let risks = argument(&tree, json!({"perspectives": ["risks"]}));
    let error = soon_refused(&mut client, &risks).await;
    assert!(error["message"].as_str().unwrap().contains("have changed"), "{error}");
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks"));
    soon_accepted(&mut client, &risks).await.ended(&mut client, 1).await;
    assert!(upstream.seen().iter().all(|seen| !seen.body_text().contains("EVIL")));
    let error = content(&mut client, "kaizodo:/trust/none/x.md").await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("Run `kaizodo trust`"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_virtual_documents_is_shown_a_file_of_the_user_s_alone() {
    let (tree, upstream) = (Tree::with_perspective(), model().await);
    let mut can = asking();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let mut client = start(&tree, &upstream, can, json!({})).await;
    client.answer_with(ASK, Answer::Held);
    kit::command(&mut client, "kaizodo.run", argument(&tree, json!({}))).await.unwrap();
    let asked = client.server_message(ASK).await;
    let (uri, _) = look(&mut client, &asked).await;
    let file = url::Url::parse(&uri).unwrap().to_file_path().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("ASK-risks as it should."), "{text}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0);
    assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_trust_question_comes_again_and_a_no_does_not() {
    let (tree, _upstream, mut client) = answering(Answer::Held).await;
    for (last, comes_again) in [(None, true), (Some("Not now"), false)] {
        // No question is asked by a run that begins before the server has read how the last
        // question was closed.
        while client.unread_of(ASK).is_empty() {
            panel(&mut client, &tree).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let asked = client.server_message(ASK).await;
        let (_, asked) = look(&mut client, &asked).await;
        press(&mut client, &asked, last);
        if !comes_again {
            panel(&mut client, &tree).await;
            panel(&mut client, &tree).await;
            assert!(client.unread_of(ASK).is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_always_looks_is_not_asked_for_ever() {
    let (tree, _upstream, mut client) = answering(Answer::Result(json!({"title": "Show"}))).await;
    panel(&mut client, &tree).await;
    for _ in 0..9 {
        client.server_message(ASK).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(client.unread_of(ASK).is_empty());
    assert_eq!(client.shut_down().await, Some(0));
}
