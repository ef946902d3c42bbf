//! A preview shows exactly what a run then sends.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::program::{CANARY, Home, end};
use crate::support::upstream::{Reply, Seen, Upstream, answer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Made up for the tests.
const GITHUB: &str = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
const NOTES: &str =
    "会議が長い。\r\n```\n## 見出し\n```\n「決まらない」のは\u{202e}なぜ?\t<img src=x>\n";

fn argument(text: &str) -> Value {
    let lines = u32::try_from(text.matches('\n').count()).unwrap();
    json!({"uri": MEMO, "range": range((0, 0), (lines, 0))})
}

/// Returns the text of a preview, as an editor shows it.
async fn previewed(client: &mut Client, argument: Value) -> String {
    let answer = command(client, "kaizodo.preview", argument).await.unwrap();
    let uri = answer["uri"].as_str().unwrap();
    assert!(uri.starts_with("kaizodo:/preview/"), "{uri}");
    let shown = client.server_message("window/showDocument").await;
    assert_eq!(shown["params"], json!({"uri": uri, "takeFocus": false}));
    client.open_virtual(uri).await
}

/// Returns the contents of the fences with this info string.
fn fenced<'a>(document: &'a str, kind: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = document;
    while let Some((before, inside)) = rest.split_once(&format!("`{kind}\n")) {
        let ticks = before.chars().rev().take_while(|c| *c == '`').count() + 1;
        let end = format!("\n{}\n", "`".repeat(ticks));
        let (text, after) = inside.split_once(&end).expect("an end of the fence");
        found.push(text);
        rest = after;
    }
    found
}

/// Returns the bodies of the requests, in the order of the sections.
fn bodies(seen: &[Seen]) -> Vec<String> {
    (0..4).map(|section| request_for(seen, section).body_text()).collect()
}

fn header_names(seen: &Seen) -> BTreeSet<String> {
    seen.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_a_run_then_sends_to_the_byte() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = launch(&upstream, &[]);
    let headers = json!({"X-Team": "secret-team-name"});
    client
        .initialize_with(json!({
            "processId": null, "rootUri": null, "capabilities": vouching(),
            "initializationOptions": {"headers": headers, "query": {"api-version": "7", "sig": "s3cret"}},
        }))
        .await;
    let text = format!("{}鍵は {GITHUB} です。\n", NOTES.replace('\u{202e}', ""));
    client.open(MEMO, "markdown", &text);
    let document = previewed(&mut client, argument(&text)).await;
    assert_eq!(upstream.connections(), 0, "nothing is sent");
    for hidden in [CANARY, &CANARY[10..18], GITHUB, "secret-team-name", "s3cret", "memo.md`, "] {
        assert!(!document.contains(hidden), "{hidden}: {document}");
    }
    let host = format!("127.0.0.1:{}", upstream.port());
    for said in [
        "# 解像度 · 送信内容の確認 · 会議が長い",
        &format!("`{host}` だけに 4 件を送ります。すべて同時に送ります。"),
        "⚠ 秘密らしいもの（GitHub のトークン）は伏せました。",
        &format!("`POST http://{host}/v1/chat/completions?api-version=7&sig=…`"),
        "`authorization`, ",
        "## 送らないもの",
        "`id_rsa*`",
    ] {
        assert!(document.contains(said), "{said}: {document}");
    }

    let run = run_with(&mut client, argument(&text)).await;
    run.ended(&mut client, 1).await;
    let seen = upstream.seen();
    assert_eq!(fenced(&document, "json"), bodies(&seen));
    let words = fenced(&document, "text")[0].to_owned() + "\n";
    assert_eq!(words, text.replace("\r\n", "\n").replace(GITHUB, "⟨伏せ字: GitHub のトークン⟩"));
    for seen in &seen {
        let names: Vec<_> = header_names(seen).iter().map(|name| format!("`{name}`")).collect();
        let line = format!("ヘッダー: {}。", names.join(", "));
        assert!(document.contains(&line), "{line}: {document}");
        let size = format!("本文（{} バイト）", seen.body.len());
        assert!(document.contains(&size), "{size}: {document}");
    }
}

#[tokio::test]
async fn a_dry_run_connects_to_nobody_and_a_run_then_sends_the_same() {
    let server = Upstream::always(answer(["x"])).await;
    let home = Home::new();
    let notes = home.write("notes.md", NOTES);
    let notes = notes.to_str().unwrap();
    let asked = |args: &[&str]| {
        let all: Vec<_> = ["run", notes].iter().chain(args).copied().collect();
        home.asking(&server, &all)
    };
    let as_json = end(&mut asked(&["--dry-run", "--json"])).await;
    let as_text = end(&mut asked(&["--dry-run"])).await;
    assert_eq!((as_json.code, as_text.code, server.connections()), (Some(0), Some(0), 0));
    assert_eq!((as_json.err.as_str(), as_text.err.as_str()), ("", ""));
    assert!(!home.path().join(".local/state/kaizodo/journal").exists(), "no run was begun");
    assert_eq!(end(&mut asked(&[])).await.code, Some(0));
    let sent = bodies(&server.seen());

    let preview: Value = serde_json::from_str(&as_json.out).unwrap();
    assert_eq!(preview["host"], format!("127.0.0.1:{}", server.port()));
    assert_eq!((&preview["text"], &preview["before"]), (&json!(NOTES), &json!([])));
    let sections = preview["sections"].as_array().unwrap();
    let mut read = fenced(&as_text.out, "text").into_iter().skip(1);
    for (section, (name, body)) in sections.iter().zip(NAMES.iter().zip(&sent)) {
        let question = section["question"].as_str().unwrap();
        let body_json: Value = serde_json::from_str(body).unwrap();
        let asked = body_json["messages"][1]["content"].as_str().unwrap();
        assert!(asked.ends_with(question) && asked.len() > question.len(), "{question}");
        assert_eq!(read.next(), Some(question.trim_end()));
        assert_eq!((&section["branch"], &section["request"]["body"]), (&json!(name), &json!(body)));
        let headers: BTreeSet<String> =
            serde_json::from_value(section["request"]["headers"].clone()).unwrap();
        assert_eq!(headers, header_names(&server.seen()[0]));
    }
    // Invisible characters are shown by their code points, everything else as it is.
    let shown: Vec<_> = sent.iter().map(|body| body.replace('\u{202e}', "⟨U+202E⟩")).collect();
    assert_eq!(fenced(&as_text.out, "json"), shown);
    assert!(!as_text.out.contains('\u{202e}') && as_text.out.contains("````text\n"));
}

#[tokio::test]
async fn where_nobody_is_asked_it_says_that_nothing_leaves() {
    let home = Home::new();
    let args = ["run", "--dry-run", "--provider", "worksheet", "--text", "Builds are slow."];
    let told = end(&mut home.kaizodo(&args)).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("\nNothing leaves this computer.\n"), "{}", told.out);
    assert_eq!(told.out.matches("Nothing is sent.").count(), 4, "{}", told.out);
    let args: Vec<_> = args.iter().copied().chain(["--json"]).collect();
    let told = end(&mut home.kaizodo(&args)).await;
    let preview: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(preview["host"], Value::Null);
    assert_eq!(preview["sections"][0]["nothing"], Value::Null);
    let args = ["run", "--dry-run", "-p", "depth", "--text", "遅い。"];
    let plain = end(home.kaizodo(&args).env("OPENAI_BASE_URL", "http://gpu.test/v1")).await;
    assert_eq!(plain.code, Some(2), "{plain:?}");
    assert!(plain.out.contains("✗ gpu.test へは暗号化されない"), "{}", plain.out);
}

#[tokio::test]
async fn what_only_the_server_knows_stays_open_and_no_command_is_run() {
    let server = Upstream::always(Reply::json(200, r#"{"data":[{"id":"m"}]}"#)).await;
    let home = Home::new();
    let runs = home.path().join("runs");
    let settings = format!(
        "base_url = \"{}\"\nkey_command = [\"sh\", \"-c\", \"echo x >> {}; echo sk-0123456789\"]\n",
        server.url(),
        runs.display()
    );
    home.write(".config/kaizodo/config.toml", settings);
    let text = "Builds are slow. ".repeat(1000);
    let dry = ["run", "--dry-run", "--text", &text];
    let told = end(&mut home.kaizodo(&dry)).await;
    let before =
        format!("`http://127.0.0.1:{}/v1/models` is queried once, without the text", server.port());
    assert!(told.out.contains(&before), "{:.900}", told.out);
    assert!(told.out.contains("`authorization`") && !told.out.contains("\"model\""));
    assert_eq!((told.code, server.connections(), runs.exists()), (Some(0), 0, false));
    for (schedule, said) in [
        ("in_turn", "One after another."),
        ("leader_first", "The first request is sent alone;"),
        ("at_once", "All at once."),
    ] {
        let settings = format!("base_url = \"{}\"\nschedule = \"{schedule}\"\n", server.url());
        home.write(".config/kaizodo/config.toml", settings);
        let told = end(&mut home.kaizodo(&dry)).await;
        assert!(told.out.contains(said), "{schedule}: {:.900}", told.out);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_never_sent_is_not_previewed_and_a_bad_argument_is_named() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, capabilities()).await;
    client.open("file:///w/.env", "dotenv", "A=1\n");
    let asked = json!({"uri": "file:///w/.env", "range": range((0, 0), (1, 0))});
    let refused = command(&mut client, "kaizodo.preview", asked).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains(".env"), "{refused}");
    let refused = command(&mut client, "kaizodo.preview", json!({"uri": MEMO})).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("range"), "{refused}");
    let gone = json!({"uri": "kaizodo:/preview/0123456789abcdef/x.md"});
    let gone = client.request("workspace/textDocumentContent", gone).await.unwrap_err();
    assert!(gone["message"].as_str().unwrap().contains("preview"), "{gone}");
    // A preview cannot be asked about.
    let document = previewed(&mut client, argument(TEXT)).await;
    let uri = client.document_uris().into_iter().find(|uri| uri.contains("/preview/")).unwrap();
    let params = json!({
        "textDocument": {"uri": uri}, "range": range((0, 0), (3, 0)), "context": {"diagnostics": []},
    });
    assert_eq!(client.request("textDocument/codeAction", params).await.unwrap(), json!([]));
    assert!(document.contains("## 深さ") && upstream.connections() == 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_virtual_documents_gets_a_file() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut can = capabilities();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let mut client = start(&upstream, can).await;
    command(&mut client, "kaizodo.preview", argument(TEXT)).await.unwrap();
    let shown = client.server_message("window/showDocument").await;
    let uri = url::Url::parse(shown["params"]["uri"].as_str().unwrap()).unwrap();
    let path = uri.to_file_path().unwrap();
    assert!(path.starts_with(client.home().join("state/kaizodo/temporary")), "{path:?}");
    assert!(path.ends_with("preview.md"), "{path:?}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# 解像度 · 送信内容の確認") && text.contains("## 深さ"), "{text}");
    assert_eq!((fenced(&text, "json").len(), upstream.connections()), (4, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_to_the_editors_own_models_are_shown_as_they_are_put() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[]);
    let mut can = vouching();
    can["experimental"]["kaizodo"]["models"] = json!(true);
    let options = json!({"provider": "editor"});
    client.initialize_with(json!({"capabilities": can, "initializationOptions": options})).await;
    client.open(MEMO, "markdown", TEXT);
    let document = previewed(&mut client, argument(TEXT)).await;
    assert!(document.contains("エディターのモデルに 4 件の問いを渡します。"), "{document}");
    assert!(client.unread_of("kaizodo/model/ask").is_empty());
    run(&mut client).await;
    let mut asked = Vec::new();
    for _ in 0..4 {
        asked.push(client.server_message("kaizodo/model/ask").await["params"].take());
    }
    for shown in fenced(&document, "json") {
        let shown: Value = serde_json::from_str(shown).unwrap();
        let is_shown = |ask: &&Value| ask["user"] == shown["user"];
        let mut put = asked.iter().find(is_shown).expect("the same question").clone();
        put["id"] = shown["id"].clone();
        assert_eq!(put, shown);
    }
    assert_eq!(upstream.connections(), 0);
}
