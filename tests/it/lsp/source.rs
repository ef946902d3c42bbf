//! `kaizodo/run/source` and `kaizodo/run/text`: the way from the answers back to the text.

use crate::support::client::{Client, Unit};
use crate::support::kit::*;
use crate::support::program::Home;
use crate::support::upstream::{Reply, Upstream, answer, sse_text};
use serde_json::{Value, json};

const NOTES: &str = "# 会議\r\n\r\n会議が長い。😀\r\n司会がいない。\r\n\r\n終わり。\r\n";
const CHOSEN: &str = "会議が長い。😀\r\n司会がいない。\r\n";

/// Asks two perspectives about the selected lines of the notes.
async fn ask(client: &mut Client, unit: Unit) -> Run {
    let range = range_of(NOTES, CHOSEN, unit);
    let argument = json!({"uri": MEMO, "range": range, "perspectives": ["depth", "structure"]});
    run_with(client, argument).await
}

async fn source(client: &mut Client, run: &Run) -> Value {
    client.request("kaizodo/run/source", json!({"run": run.id})).await.unwrap()
}

fn place(text: &str, piece: &str, unit: Unit, version: i32, state: &str) -> Value {
    json!({"uri": MEMO, "range": range_of(text, piece, unit), "version": version, "state": state})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_source_is_where_the_text_is_in_the_client_s_own_units() {
    for (name, unit) in [("utf-8", Unit::Utf8), ("utf-16", Unit::Utf16), ("utf-32", Unit::Utf32)] {
        let upstream = Upstream::always(answer(["答え"])).await;
        let mut client = launch(&upstream, &[]);
        client.initialize(json!({"general": {"positionEncodings": [name]}})).await;
        client.open(MEMO, "markdown", NOTES);
        let run = ask(&mut client, unit).await;
        assert_eq!(source(&mut client, &run).await, place(NOTES, CHOSEN, unit, 1, "unchanged"));
        client.edit(MEMO, &range_of(NOTES, "会議\r\n", unit), "𝒳 長い会議\r\n\r\nと");
        let text = client.document(MEMO).unwrap();
        assert_eq!(source(&mut client, &run).await, place(&text, CHOSEN, unit, 2, "unchanged"));
        client.edit(MEMO, &range_of(&text, "😀", unit), "👩‍👩‍👧\r\nとても");
        let text = client.document(MEMO).unwrap();
        let edited = CHOSEN.replace('😀', "👩‍👩‍👧\r\nとても");
        assert_eq!(source(&mut client, &run).await, place(&text, &edited, unit, 3, "changed"));
        client.edit(MEMO, &range_of(&text, &edited, unit), "");
        let gone = json!({"uri": MEMO, "range": null, "version": 4, "state": "gone"});
        assert_eq!(source(&mut client, &run).await, gone);
        client.close(MEMO);
        let closed = json!({"uri": MEMO, "range": null, "version": null, "state": "closed"});
        assert_eq!(source(&mut client, &run).await, closed);
        client.open(MEMO, "markdown", &format!("前置き\n{NOTES}"));
        let found = place(&format!("前置き\n{NOTES}"), CHOSEN, unit, 1, "unchanged");
        assert_eq!(source(&mut client, &run).await, found);
        client.close(MEMO);
        client.open(MEMO, "markdown", "別の文章。\n");
        let unknown = json!({"uri": MEMO, "range": null, "version": 1, "state": "unknown"});
        assert_eq!(source(&mut client, &run).await, unknown);
        run.ended(&mut client, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_given_as_clean_markdown() {
    let upstream = Upstream::start(|seen| match section_of(seen) {
        0 => answer(["# 理由\n\n決める人が", "いない。\n"]),
        _ => Reply::stream([sse_text("1. 司会\n2. 記")]),
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    client.close(MEMO);
    client.open(MEMO, "markdown", NOTES);
    let run = ask(&mut client, Unit::Utf16).await;
    run.ended(&mut client, 1).await;
    let panel = run.panel(&mut client).await;
    assert!(panel.contains("`m`") && panel.contains("⚠"), "there is what is left out: {panel}");
    let text = client.request("kaizodo/run/text", json!({"run": run.id})).await.unwrap();
    let depth = "### 理由\n\n決める人がいない。\n";
    let structure = "1. 司会\n2. 記\n";
    let origin = panel.lines().nth(2).unwrap();
    assert!(origin.starts_with("`memo.md:3–4` · "), "{origin}");
    let all = format!(
        "# 解像度 · 会議が長い。😀\n\n{origin}\n\n## 深さ\n\n{depth}\n## 構造\n\n{structure}"
    );
    assert_eq!(text, json!({"text": all.replace("会議が長い。😀", "会議が長い")}));
    for (branch, answer) in [("depth", depth), ("structure", structure)] {
        let params = json!({"run": run.id, "branch": branch});
        let text = client.request("kaizodo/run/text", params).await.unwrap();
        assert_eq!(text, json!({"text": answer}));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_told() {
    let upstream = Upstream::always(Reply::status(401)).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
    for (method, params, message) in [
        ("kaizodo/run/source", json!({"run": "01x"}), "This server has no run 01x."),
        ("kaizodo/run/text", json!({"run": "01x"}), "This server has no run 01x."),
        (
            "kaizodo/run/text",
            json!({"run": run.id, "branch": "smell"}),
            "This run has no section \"smell\".",
        ),
        (
            "kaizodo/run/text",
            json!({"run": run.id, "branch": "depth"}),
            "The section \"深さ\" has no answer yet. Write or retry it first.",
        ),
    ] {
        let error = client.request(method, params).await.unwrap_err();
        assert_eq!((&error["code"], &error["message"]), (&json!(-32803), &json!(message)));
    }
}

/// Starts a server whose journal outlives it.
async fn server(upstream: &Upstream, home: &Home, text: &str) -> Client {
    let state = home.path().join(".local/state");
    let mut client = launch(upstream, &[("XDG_STATE_HOME", state.to_str().unwrap())]);
    client.initialize(capabilities()).await;
    if !text.is_empty() {
        client.open(MEMO, "markdown", text);
    }
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_journal_is_found_where_it_was_or_where_its_text_stands_once() {
    let (upstream, home) = (Upstream::always(answer(["答え"])).await, Home::new());
    let mut client = server(&upstream, &home, NOTES).await;
    let run = ask(&mut client, Unit::Utf16).await;
    run.ended(&mut client, 1).await;
    assert_eq!(client.shut_down().await, Some(0));

    let unit = Unit::Utf16;
    let mut client = server(&upstream, &home, NOTES).await;
    assert_eq!(source(&mut client, &run).await, place(NOTES, CHOSEN, unit, 1, "unchanged"));
    client.edit(MEMO, &range_of(NOTES, "# ", unit), "## 長い");
    client.edit(MEMO, &range_of(&client.document(MEMO).unwrap(), "長い。", unit), "短い。");
    let text = client.document(MEMO).unwrap();
    let edited = CHOSEN.replace("長い", "短い");
    assert_eq!(source(&mut client, &run).await, place(&text, &edited, unit, 3, "changed"));
    let params = json!({"run": run.id, "branch": "depth"});
    let answer = client.request("kaizodo/run/text", params).await.unwrap();
    assert_eq!(answer, json!({"text": "答え\n"}));
    assert_eq!(client.shut_down().await, Some(0));

    let moved = format!("前\n置き\n{NOTES}");
    let mut client = server(&upstream, &home, &moved).await;
    assert_eq!(source(&mut client, &run).await, place(&moved, CHOSEN, unit, 1, "unchanged"));
    assert_eq!(client.shut_down().await, Some(0));

    let mut client = server(&upstream, &home, &text).await;
    let unknown = json!({"uri": MEMO, "range": null, "version": 1, "state": "unknown"});
    assert_eq!(source(&mut client, &run).await, unknown);
    client.close(MEMO);
    let closed = json!({"uri": MEMO, "range": null, "version": null, "state": "closed"});
    assert_eq!(source(&mut client, &run).await, closed);
}
