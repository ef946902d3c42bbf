//! Input that is not a valid message does not disturb a run.

use crate::support::client::Client;
use crate::support::frame::framed;
use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, Upstream};
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;

fn headed(header: &str, body: &str) -> Vec<u8> {
    format!("{header}\r\n\r\n{body}").into_bytes()
}

const CHANGE: &str =
    r#"{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":{}}}"#;

/// Starts a server with a run that is held after its first word.
async fn with_a_run() -> (Upstream, Gate, Client, Run) {
    let gate = Gate::new();
    let reply = || {
        let begun = paced(stream(), ["初め".to_owned()], 0).step(Step::Until(gate.clone()));
        finished(paced(begun, ["終わり".to_owned()], 0))
    };
    let upstream = by_section([reply(), reply(), reply(), reply()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("初め").count() == 4).await;
    (upstream, gate, client, run)
}

/// Sends bytes that are not a message and waits for error responses with these codes, which belong
/// to no request. Asserts that the server answers a valid request afterwards and that the run ends
/// as usual.
async fn survives(bytes: &[u8], codes: &[i64]) {
    let (_upstream, gate, mut client, run) = with_a_run().await;
    client.raw(bytes);
    let id = client.send_request("kaizodo/run/events", json!({"run": run.id, "from": 1}));
    client.answer(id).await.unwrap();
    let errors: Vec<i64> = client
        .unread()
        .iter()
        .filter(|message| message["id"].is_null() && message["error"].is_object())
        .map(|message| message["error"]["code"].as_i64().unwrap())
        .collect();
    assert_eq!(errors, codes, "{}", String::from_utf8_lossy(bytes));
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    assert_eq!(text.matches("初め終わり").count(), 4, "{text}");

    // A lost message may have been a change, so the server asks the user to reopen the memo.
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let again = command(&mut client, "kaizodo.run", argument.clone()).await;
    match again {
        Ok(_) => assert!(codes.is_empty()),
        Err(error) => {
            assert!(!codes.is_empty(), "{error}");
            assert!(
                error["message"]
                    .as_str()
                    .unwrap()
                    .contains("Close the document and open it again."),
                "{error}"
            );
            client.close(MEMO);
            client.open(MEMO, "markdown", TEXT);
            command(&mut client, "kaizodo.run", argument).await.unwrap();
        }
    }
    assert_eq!(client.shut_down().await, Some(0));
}

macro_rules! survived {
    ($($name:ident: $bytes:expr, $codes:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            survives(&$bytes, &$codes).await;
        }
    )*};
}

survived! {
    invalid_json: framed(br#"{"jsonrpc": nonsense}"#), [-32700];
    truncated_json: framed(&CHANGE.as_bytes()[..30]), [-32700];
    invalid_utf_8: framed(b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}"), [-32700];
    a_batch: framed(format!("[{CHANGE}]").as_bytes()), [-32600];
    a_scalar: framed(b"42"), [-32600];
    a_lower_case_header_among_others: headed(
        &format!("X-First: 1\r\ncontent-type: application/vscode-jsonrpc; charset=utf8\r\ncontent-length: {}\r\nX-Last: 2", CHANGE.len()),
        CHANGE,
    ), [];
    no_content_length: headed("Content-Type: text/plain", CHANGE), [-32700];
    a_content_length_that_is_no_number: headed("Content-Length: NaN", CHANGE), [-32700];
    a_content_length_of_10_to_the_18: headed("Content-Length: 1000000000000000000", CHANGE), [-32700];
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_character_in_a_change() {
    let (upstream, gate, mut client, run) = with_a_run().await;
    // An editor that cuts between two UTF-16 units sends the halves in two changes.
    for (version, column, half) in [(2, 0, "\\ud83d"), (3, 1, "\\ude00")] {
        let body = format!(
            r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"{MEMO}","version":{version}}},"contentChanges":[{{"range":{{"start":{{"line":0,"character":{column}}},"end":{{"line":0,"character":{column}}}}},"text":"{half}"}}]}}}}"#
        );
        client.raw(framed(body.as_bytes()));
    }
    // The columns after the halves are the same as in the editor.
    let argument = json!({"uri": MEMO, "version": 3, "range": range((0, 2), (1, 0))});
    let second = run_with(&mut client, argument).await;
    let seen = upstream.arrived(8).await;
    assert!(
        user_message(&seen[7]).contains("\n会議が長くて決まらない。\n"),
        "{}",
        user_message(&seen[7])
    );
    gate.open();
    run.ended(&mut client, 1).await;
    second.ended(&mut client, 1).await;
    assert!(client.unread().iter().all(|message| message["error"].is_null()));
    assert_eq!(client.shut_down().await, Some(0));
}
