//! A run from `initialize` to its end, with each unit of columns.

use crate::support::client::{Answer, Client, Unit};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, Upstream, answer, sse_text};
use kaizodo::event::{Event, RunOutcome};
use kaizodo::panel::title_of;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The selection: kana, families, flags, combining marks, both kinds of line ends.
const CHOSEN: &str = "会議が👩‍👩‍👧‍👦長い。\r\n🇯🇵か\u{3099}決まらない𠮷。\n\r\n- 誰が決めるのか👨🏽‍💻";
const BEFORE: &str = "ここより前 ZEBRA😀\r\n行頭👩‍❤️‍💋‍👨 QUOKKA ";
const AFTER: &str = " OKAPI 行末\r\nここより後 NARWHAL\r\n";

/// Returns pieces of an answer: the same kinds of characters, a code fence and Markdown.
fn pieces(section: usize) -> Vec<String> {
    let piece = |n: usize| match n % 5 {
        0 => format!("- {section}.{n} 原因は"),
        1 => "👩‍👩‍👧‍👦と🇯🇵".to_owned(),
        2 => "が重なる\r\n".to_owned(),
        3 => "```rust\nlet 解 = 1;\n```\n".to_owned(),
        _ => "か\u{3099}𠮷 **太字** `x`\n".to_owned(),
    };
    (0..200).map(piece).collect()
}

/// Starts an upstream whose four answers begin when the gate opens.
async fn gated(gate: &Gate) -> Upstream {
    let reply =
        |section| finished(paced(stream().step(Step::Until(gate.clone())), pieces(section), 1));
    by_section([reply(0), reply(1), reply(2), reply(3)]).await
}

async fn whole(offered: Value, agreed: &str, unit: Unit) {
    let gate = Gate::new();
    let upstream = gated(&gate).await;
    let mut client = launch(&upstream, &[]);
    let mut can = capabilities();
    can["general"]["positionEncodings"] = offered;
    let result = client.initialize(can).await;
    assert_eq!(result["capabilities"]["positionEncoding"], agreed);
    let text = [BEFORE, CHOSEN, AFTER].concat();
    client.open(MEMO, "markdown", &text);

    let chosen = range_of(&text, CHOSEN, unit);
    let offered = actions(&mut client, &chosen, json!({"diagnostics": [], "triggerKind": 1})).await;
    let [action] = offered.as_slice() else { panic!("one action: {offered:#?}") };
    assert_eq!(action["kind"], "refactor.rewrite.kaizodo.default");
    assert_eq!(action["title"], "解像度: 深さ · 広さ · 構造 · 時間");
    assert!(action["edit"].is_null() && action["data"].is_null(), "{action}");
    let command = json!({
        "command": action["command"]["command"], "arguments": action["command"]["arguments"],
    });
    let started = client.request("workspace/executeCommand", command).await.unwrap();
    let uri = started["uri"].as_str().unwrap();
    assert!(
        uri.starts_with(&format!("kaizodo:/run/{}/", started["run"].as_str().unwrap())),
        "{uri}"
    );
    assert!(uri.ends_with(".md"), "{uri}");

    // All four requests are open before the first gets its first token.
    let seen = upstream.arrived(4).await;
    assert_eq!((seen.len(), upstream.overlap()), (4, 4));
    let mut sections: Vec<usize> = seen.iter().map(section_of).collect();
    sections.sort_unstable();
    assert_eq!(sections, [0, 1, 2, 3]);
    let shared = user_message(&seen[0]).split("あなたの視点: ").next().unwrap().to_owned();
    for request in &seen {
        assert!(request.writes.is_empty(), "a token came before the fourth request");
        let message = user_message(request);
        assert_eq!(message.matches(CHOSEN).count(), 1, "{message}");
        for word in ["ZEBRA", "QUOKKA", "OKAPI", "NARWHAL", "memo.md"] {
            assert!(!request.body_text().contains(word), "{word} was not chosen");
        }
        assert!(message.starts_with(&shared), "what is shared comes first");
    }

    let shown = client.server_message("window/showDocument").await;
    assert_eq!(shown["params"], json!({"uri": uri, "takeFocus": false}));
    client.open_virtual(uri).await;
    gate.open();
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    let values = client.wait_progress_end(&token).await;
    check_progress(&client, &token, &values);

    let events = events_in(&values);
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let folded = fold_titled(&title_of(CHOSEN), &events);
    let replayed = client.wait_document(uri, |text| text == folded).await;
    for (at, title) in JA.iter().enumerate() {
        let section = section(&replayed, title);
        assert!(section.contains(&format!("- {at}.195 原因は👩‍👩‍👧‍👦と🇯🇵が重なる")), "{section}");
        assert!(section.contains("`m` · 10（うち 4 は再利用） → 3 トークン · "), "{section}");
    }
    check_edits(&mut client, uri, &replayed).await;
    let pulled =
        client.request("workspace/textDocumentContent", json!({"uri": uri})).await.unwrap();
    assert_eq!(pulled["text"], replayed);
    assert_eq!(client.document(MEMO).unwrap(), text, "the source is left alone");
    assert_eq!(client.shut_down().await, Some(0));
}

fn check_progress(client: &Client, token: &Value, values: &[Value]) {
    assert!(token.as_str().is_some_and(|token| token.starts_with("kaizodo-")), "{token}");
    let kinds: Vec<&str> = values.iter().map(|value| value["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "end").count(), 1, "{kinds:?}");
    assert_eq!((kinds[0], *kinds.last().unwrap()), ("begin", "end"));
    assert!(kinds[1..kinds.len() - 1].iter().all(|kind| *kind == "report") && kinds.len() > 3);
    assert_eq!(client.all_progress().len(), values.len(), "one progress is all there is");
    assert_eq!(values[0]["cancellable"], true);
    assert!(values[0]["title"].as_str().unwrap().starts_with("解像度 会議が"), "{}", values[0]);
    let told = |value: &Value| (value["message"].clone(), value["events"].clone());
    for pair in values[..values.len() - 1].windows(2) {
        let nothing = pair[0]["message"] == pair[1]["message"] && pair[1]["events"] == json!([]);
        assert!(!nothing, "a report of nothing: {:?}", pair.iter().map(told).collect::<Vec<_>>());
    }
    let mut before = 0;
    for value in &values[..values.len() - 1] {
        let percentage = value["percentage"].as_u64().expect("a percentage");
        assert!((before..=100).contains(&percentage), "{percentage} after {before}");
        before = percentage;
    }
    for value in values {
        let message = value["message"].as_str().unwrap();
        let states: Vec<&str> = message.split(" · ").collect();
        assert_eq!(states.len(), 4, "{message}");
        for (state, title) in states.iter().zip(JA) {
            let state = state.strip_prefix(title).and_then(|s| s.strip_prefix(' ')).unwrap();
            assert!(["…", "✓"].contains(&state) || state.parse::<u32>().is_ok(), "{message}");
        }
    }
    assert_eq!(values.last().unwrap()["message"], "深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 ✓");
}

/// Asserts that edits are small and name their version, and that the whole text is sent only once.
async fn check_edits(client: &mut Client, uri: &str, text: &str) {
    // By then a server that doubts the client's copy would have asked for a refresh.
    tokio::time::sleep(Duration::from_millis(1300)).await;
    assert_eq!(client.pulls(uri), 1);
    assert!(client.unread_of("workspace/textDocumentContent/refresh").is_empty());
    assert!(client.unread_of("window/showDocument").is_empty(), "it is shown once");
    let mut bytes = 0;
    for message in client.unread_of("workspace/applyEdit") {
        let changes = message["params"]["edit"]["documentChanges"].as_array().unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0]["textDocument"]["uri"], uri);
        assert!(changes[0]["textDocument"]["version"].is_i64(), "{message}");
        let edits = changes[0]["edits"].as_array().unwrap();
        bytes += edits.iter().map(|edit| edit["newText"].as_str().unwrap().len()).sum::<usize>();
    }
    assert!(bytes <= 2 * text.len(), "{bytes} bytes of edits for {} of text", text.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_in_utf_16() {
    whole(json!(["utf-16"]), "utf-16", Unit::Utf16).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_in_utf_8() {
    whole(json!(["utf-8", "utf-16"]), "utf-8", Unit::Utf8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_in_utf_32() {
    whole(json!(["utf-32"]), "utf-32", Unit::Utf32).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_edit_is_under_way_and_the_rest_is_in_the_next() {
    let gate = Gate::new();
    let upstream = gated(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    client.answer_with("workspace/applyEdit", Answer::Held);
    let run = shown_run(&mut client).await;
    gate.open();
    // Everything arrives while one edit is unanswered; a second edit would be a fault.
    let events = run.ended(&mut client, 1).await;
    assert_eq!(client.held("workspace/applyEdit"), 1);
    let folded = fold(&events);
    let mut edits = 0;
    while client.document(&run.uri).unwrap() != folded {
        client
            .wait_for("an edit", |state| state.is_held("workspace/applyEdit").then_some(()))
            .await;
        client.answer_held();
        edits += 1;
    }
    assert!(edits <= 3, "{edits} edits for what could be one or two");
    assert_eq!(client.pulls(&run.uri), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_keep_to_their_clock() {
    let gate = Gate::new();
    let reply = |_| {
        let texts = (0..1000).map(|n| format!("{n} "));
        finished(paced(stream().step(Step::Until(gate.clone())), texts, 1))
    };
    let upstream = by_section([0, 1, 2, 3].map(reply)).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    upstream.arrived(4).await;
    let before = client.unread_of("workspace/applyEdit").len();
    let start = Instant::now();
    gate.open();
    let is_end = |progress: &Value| progress["value"]["kind"] == "end";
    while !client.all_progress().iter().any(is_end) {
        // A notification about a panel, even about another one, does not cause an edit.
        client.close("kaizodo:/run/another/x.md");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let folded = fold(&run.ended(&mut client, 1).await);
    client.wait_document(&run.uri, |text| text == folded).await;
    let ticks = usize::try_from(start.elapsed().as_millis() / 50).unwrap();
    let edits = client.unread_of("workspace/applyEdit").len() - before;
    // Four first texts and four ends do not wait for the tick.
    assert!(edits <= ticks + 4 + 4 + 2, "{edits} edits in {ticks} ticks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eglot_is_not_told_where_the_focus_goes() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": capabilities(),
        "clientInfo": {"name": "Eglot", "version": "1.17"},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let run = run(&mut client).await;
    let shown = client.server_message("window/showDocument").await;
    assert_eq!(shown["params"], json!({"uri": run.uri}));
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_is_opened_late_is_whole_at_once() {
    let upstream = Upstream::always(finished(stream().write(sse_text("答えの全文")))).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    assert_eq!(client.open_virtual(&run.uri).await, fold(&events));
    // The URI also works in the other forms that editors use.
    let other = run.uri.replacen("kaizodo:/", "kaizodo:///", 1);
    let pulled =
        client.request("workspace/textDocumentContent", json!({"uri": other})).await.unwrap();
    assert_eq!(pulled["text"], fold(&events));
}
