//! Requests that cannot be fulfilled are refused in a plain sentence, and the server continues.

use crate::support::client::{Client, Unit};
use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const JAPANESE: [(&str, &str); 1] = [("LANG", "ja_JP.UTF-8")];

async fn server(env: &[(&str, &str)]) -> (Upstream, Client) {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = launch(&upstream, env);
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", "一行目\n二行目\n\n  \t\n\n三段落目\n");
    (upstream, client)
}

/// Asserts that each argument is refused with this code and these words and that nothing is sent.
/// Then a valid run works.
async fn refused(env: &[(&str, &str)], cases: Vec<(Value, i64, &[&str])>) {
    let (upstream, mut client) = server(env).await;
    for (argument, code, words) in cases {
        let error = command(&mut client, "kaizodo.run", argument.clone()).await.unwrap_err();
        assert_eq!(error["code"], code, "{argument}: {error}");
        let message = error["message"].as_str().unwrap();
        for word in words {
            assert!(message.contains(word), "{argument}: {message:?} lacks {word:?}");
        }
        assert!(
            message.ends_with(['.', '。', '`', ')', ')']) || code == -32602,
            "a sentence: {message}"
        );
    }
    assert!(upstream.seen().is_empty());
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
}

fn with(more: Value) -> Value {
    let mut argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    for (key, value) in more.as_object().unwrap() {
        argument[key] = value.clone();
    }
    argument
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_cannot_be_are_told_in_english() {
    let known = ["depth", "breadth", "structure", "time"];
    refused(
        &[],
        vec![
            (
                with(json!({"range": range((0, 1), (0, 1))})),
                -32803,
                &["The selection contains no text."],
            ),
            (
                with(json!({"range": range((2, 0), (5, 0))})),
                -32803,
                &["The selection contains no text."],
            ),
            (
                with(json!({"version": 0})),
                -32801,
                &["The document has changed since you selected this text (version 0 then, 1 now)."],
            ),
            (
                with(json!({"perspectives": ["depth", "smell"]})),
                -32803,
                &["no perspective `smell`", known[0], known[1], known[2], known[3]],
            ),
            (with(json!({"perspectives": ["dept"]})), -32803, &["Did you mean `depth`?"]),
            (with(json!({"perspectives": []})), -32803, &["No perspective was named."]),
            (with(json!({"set": "weekly"})), -32803, &["no set named \"weekly\"", "default"]),
            (
                with(json!({"uri": "file:///never"})),
                -32803,
                &["Kaizodo cannot see the document file:///never."],
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_that_cannot_be_are_told_in_japanese() {
    refused(
        &JAPANESE,
        vec![
            (
                with(json!({"range": range((0, 1), (0, 1))})),
                -32803,
                &["選んだ範囲に文字がありません。"],
            ),
            (
                with(json!({"version": 0})),
                -32801,
                &["文書が変わりました", "もう一度選んでください。"],
            ),
            (
                with(json!({"perspectives": ["匂い"]})),
                -32803,
                &["`匂い` という視点はありません。", "depth（深さ）"],
            ),
            (with(json!({"set": "毎週"})), -32803, &["「毎週」という組はありません。", "default"]),
            (
                with(json!({"uri": "file:///never"})),
                -32803,
                &["file:///never はこのサーバーで開かれていません。"],
            ),
            (with(json!({"range": 3})), -32602, &["kaizodo.run の引数 range が正しくありません"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_argument_is_named() {
    let mut without_range = with(json!({}));
    without_range.as_object_mut().unwrap().remove("range");
    refused(
        &[],
        vec![
            (json!({"range": range((0, 0), (1, 0))}), -32602, &["kaizodo.run", "`uri`"]),
            (without_range, -32602, &["`range`"]),
            (with(json!({"uri": 7})), -32602, &["argument `uri` for kaizodo.run"]),
            (with(json!({"range": {"start": {"line": 0, "character": -1}, "end": {"line": 1, "character": 0}}})), -32602, &["range.start.character"]),
            (with(json!({"range": {"start": {"line": 0, "character": 0}}})), -32602, &["range", "`end`"]),
            (with(json!({"version": "one"})), -32602, &["argument `version`"]),
            (with(json!({"set": 3})), -32602, &["argument `set`"]),
            (with(json!({"perspectives": "depth"})), -32602, &["argument `perspectives`"]),
            (with(json!({"perspectives": ["depth", 5]})), -32602, &["argument `perspectives[1]`"]),
            (json!(null), -32602, &["arguments[0]"]),
            (json!([1]), -32602, &["arguments[0][0]"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_and_panels_that_are_not_there_are_told() {
    let (_upstream, mut client) = server(&[]).await;
    let error = command(&mut client, "kaizodo.dance", json!({})).await.unwrap_err();
    assert_eq!(error["code"], -32602);
    let sentence =
        "There is no command \"kaizodo.dance\". Available: kaizodo.run, kaizodo.cancel, ";
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with(sentence) && message.contains(", kaizodo.preview"), "{message}");
    for name in [
        "kaizodo.run",
        "kaizodo.cancel",
        "kaizodo.retry",
        "kaizodo.ask",
        "kaizodo.mark",
        "kaizodo.compare",
        "kaizodo.open",
        "kaizodo.preview",
        "kaizodo.insert",
        "kaizodo.pin",
        "kaizodo.delete",
    ] {
        let error =
            client.request("workspace/executeCommand", json!({"command": name})).await.unwrap_err();
        assert_eq!(error["code"], -32602, "{error}");
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
    }
    for uri in ["kaizodo:/run/01nothing/x.md", "kaizodo:/elsewhere", "file:///x", ""] {
        let error =
            client.request("workspace/textDocumentContent", json!({"uri": uri})).await.unwrap_err();
        assert_eq!(error["code"], -32803, "{uri}: {error}");
        assert!(
            error["message"].as_str().unwrap().starts_with("This server has no run "),
            "{uri}: {error}"
        );
    }
    let error =
        client.request("kaizodo/run/events", json!({"run": "01x", "from": 1})).await.unwrap_err();
    assert_eq!(error["message"], "This server has no run 01x.");
    let error = client.request("textDocument/hover", json!({})).await.unwrap_err();
    assert_eq!(error["code"], -32601);
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_s_object_is_taken_without_a_list_around_it() {
    let (_upstream, mut client) = server(&[]).await;
    let params = json!({"command": "kaizodo.run", "arguments": with(json!({}))});
    client.request("workspace/executeCommand", params).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_no_selection_unless_the_menu_was_opened() {
    let (_upstream, mut client) = server(&[]).await;
    let cursor = |line| range((line, 1), (line, 1));
    assert!(actions(&mut client, &cursor(1), json!({"triggerKind": 2})).await.is_empty());
    // A request without a trigger may come from the lightbulb, unless it asks for our kind only.
    assert!(actions(&mut client, &cursor(1), json!({})).await.is_empty());
    assert!(actions(&mut client, &cursor(1), json!({"only": ["refactor"]})).await.is_empty());
    let ours = json!({"only": ["refactor.rewrite.kaizodo.default"]});
    assert_eq!(actions(&mut client, &cursor(1), ours).await.len(), 1);
    let offered = actions(&mut client, &cursor(1), json!({"triggerKind": 1})).await;
    assert_eq!(offered.len(), 1);
    assert_eq!(
        offered[0]["command"]["arguments"][0]["range"],
        range((0, 0), (1, 3)),
        "the paragraph"
    );
    assert!(
        actions(&mut client, &cursor(3), json!({"triggerKind": 1})).await.is_empty(),
        "a blank line"
    );
    for nobody in ["quickfix", "source", "refactor.extract"] {
        assert!(
            actions(&mut client, &range((0, 0), (1, 0)), json!({"only": [nobody]}))
                .await
                .is_empty()
        );
    }
    // No actions for a document that was never opened, nor inside a panel.
    let params =
        json!({"textDocument": {"uri": "file:///never"}, "range": cursor(0), "context": {}});
    assert_eq!(client.request("textDocument/codeAction", params).await, Ok(json!([])));
    let run = shown_run(&mut client).await;
    let params =
        json!({"textDocument": {"uri": run.uri}, "range": range((0, 0), (2, 0)), "context": {}});
    assert_eq!(client.request("textDocument/codeAction", params).await, Ok(json!([])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_megabytes_are_refused_with_their_size_and_offered_quickly() {
    let (upstream, mut client) = server(&[]).await;
    let line = "resolution\n";
    let large = line.repeat(10_000_000 / 11);
    let uri = "file:///w/large.txt";
    let mut all = json!(null);
    let mut fastest = Vec::new();
    for (uri, text) in [("file:///w/small.txt", line), (uri, large.as_str())] {
        client.open(uri, "plaintext", text);
        let end = Unit::Utf16.place(text, text.len());
        all = json!({"start": {"line": 0, "character": 0}, "end": end});
        let params = json!({"textDocument": {"uri": uri}, "range": all, "context": {}});
        client.request("textDocument/codeAction", params.clone()).await.unwrap();
        let mut took = Vec::new();
        for _ in 0..21 {
            let start = Instant::now();
            let offered = client.request("textDocument/codeAction", params.clone()).await.unwrap();
            assert_eq!(offered.as_array().unwrap().len(), 1);
            took.push(start.elapsed());
        }
        fastest.push(took.into_iter().min().unwrap());
    }
    // The machine may be busy, so a small text is the measure.
    assert!(fastest[1] < 10 * fastest[0] + Duration::from_millis(100), "{fastest:?}");
    let error =
        command(&mut client, "kaizodo.run", json!({"uri": uri, "range": all})).await.unwrap_err();
    let sentence =
        format!("The selection is too large ({} bytes; the limit is 200000).", large.len());
    assert!(error["message"].as_str().unwrap().starts_with(&sentence), "{error}");
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_applies_the_only_action_is_given_two() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({"clientInfo": {"name": "Neovim"}, "capabilities": capabilities()});
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let chosen = range((0, 0), (1, 0));
    for context in [json!({"triggerKind": 1}), json!({"only": ["refactor"]})] {
        let offered = actions(&mut client, &chosen, context).await;
        let commands: Vec<_> = offered.iter().map(|action| &action["command"]["command"]).collect();
        assert_eq!(commands, ["kaizodo.run", "kaizodo.preview"]);
        assert_eq!(offered[1]["title"], "解像度: 送信内容を確認");
        let argument = &offered[1]["command"]["arguments"][0];
        let shown = command(&mut client, "kaizodo.preview", argument.clone()).await.unwrap();
        assert!(shown["uri"].as_str().unwrap().starts_with("kaizodo:/preview/"), "{shown}");
    }
    // A client that asks for our kind knows what it will run.
    let ours = json!({"only": ["refactor.rewrite.kaizodo"], "triggerKind": 1});
    assert_eq!(actions(&mut client, &chosen, ours).await.len(), 1);
    let elsewhere = json!({"only": ["quickfix"], "triggerKind": 1});
    assert!(actions(&mut client, &chosen, elsewhere).await.is_empty());
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_cursor_is_no_selection_of_one_character() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({"clientInfo": {"name": "helix"}, "capabilities": capabilities()});
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let asked = |action: &Value| action["command"]["arguments"][0]["range"].clone();
    let one = actions(&mut client, &range((0, 1), (0, 2)), json!({"triggerKind": 1})).await;
    assert_eq!(asked(&one[0]), range((0, 0), (0, 12)), "the paragraph");
    let two = actions(&mut client, &range((0, 0), (0, 2)), json!({"triggerKind": 1})).await;
    assert_eq!(asked(&two[0]), range((0, 0), (0, 2)), "the selection");
}
