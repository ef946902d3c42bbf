//! Servers that cut a long text to their context window and reveal it only by a token count.

use crate::bench::*;
use crate::support::artifacts;
use crate::support::kit::{JA, range, run_with, section};
use crate::support::upstream::*;
use serde_json::json;
use std::process::Stdio;

/// Starts a server that reports this number of prompt tokens, and this owner of its model.
async fn reading(tokens: u64, owner: &'static str) -> Upstream {
    let body = [sse_text(GOOD), sse_finish("stop"), sse_usage(tokens, 0, 3), SSE_DONE.to_owned()];
    let list = format!(r#"{{"data":[{{"id":"m","owned_by":"{owner}"}}]}}"#);
    Upstream::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => Reply::stream([body.concat()]),
        (_, "/v1/models") => Reply::json(200, &list),
        (_, "/api/tags") => Reply::json(200, r#"{"models":[{"name":"m","digest":"1"}]}"#),
        _ => Reply::status(404),
    })
    .await
}

/// Returns the panel of a run about this text, in an editor in Japanese.
async fn panel(url: &str, text: &str) -> String {
    let mut client = editor(url, "", &[]).await;
    client.open("file:///long.md", "markdown", text);
    let lines = u32::try_from(text.lines().count()).unwrap();
    let argument = json!({"uri": "file:///long.md", "range": range((0, 0), (lines, 0))});
    let run = run_with(&mut client, argument).await;
    client.open_virtual(&run.uri).await;
    run.ended(&mut client, 1).await;
    let text = client.wait_document(&run.uri, |text| text.contains("\n\nΣ ")).await;
    assert_eq!(client.shut_down().await, Some(0));
    text
}

/// Returns the exit status and the output of the command line, in English.
async fn printed(url: &str, text: &str) -> (Option<i32>, String) {
    let home = artifacts::home();
    artifacts::key_given(home.path());
    std::fs::write(home.path().join("long.md"), text).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_kaizodo"));
    command
        .args(["run", "--lang", "en", "long.md"])
        .current_dir(home.path())
        .env_clear()
        .env("KAIZODO_FOCUS", "off");
    command.env("HOME", home.path()).env("LANG", "en_US.UTF-8").env("OPENAI_BASE_URL", url);
    command.env("KAIZODO_MODEL", "m").env("OPENAI_API_KEY", artifacts::CANARY);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(TIMEOUT, command.output()).await.unwrap().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn english(times: usize) -> String {
    "The weekly meeting runs long because nobody decides who owns a question.\n".repeat(times)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f62_a_text_that_was_cut_to_the_window_is_told() {
    let text = english(900);
    for (owner, ja, en) in [
        (
            "library",
            "Ollama のコンテキスト長（`num_ctx`、または起動時の環境変数 OLLAMA_CONTEXT_LENGTH）を大きくするか、選択範囲を狭めてください。",
            "Raise Ollama's context length (`num_ctx`, or OLLAMA_CONTEXT_LENGTH when starting it), or select less text.",
        ),
        (
            "vllm",
            "サーバーのコンテキスト長を大きくするか、選択範囲を狭めてください。",
            "Raise the server's context length, or select less text.",
        ),
    ] {
        let upstream = reading(4096, owner).await;
        // Because of the host's name, the server is asked what it is before the run; its answer
        // decides.
        let url = format!("http://ollama.localhost:{}", upstream.port());
        let host = url.trim_start_matches("http://");
        let shown = panel(&url, &"会議が長くて決まらない。\n".repeat(1200)).await;
        for title in JA {
            let section = section(&shown, title);
            let start = format!("## {title}\n\n{GOOD}\n\n⚠ {host} が読んだのは、");
            assert!(section.starts_with(&start), "{section}");
            let read = "トークン以上ある文章のうち 4096 トークンだけです。この答えは、残りを読まずに書かれています。";
            assert!(section.contains(&format!("{read}{ja}")), "{section}");
            assert!(section.contains("4096 → 3 トークン"), "what it cost stays: {section}");
        }
        let (code, out) = printed(&url, &text).await;
        assert_eq!((code, out.matches(GOOD).count()), (Some(1), 4), "{out}");
        let read = format!("⚠ {host} read only 4096 tokens of your text, which has at least ");
        assert_eq!(out.matches(&read).count(), 4, "{out}");
        let rest = format!(", so this answer was written without the rest. {en}");
        assert_eq!(out.matches(&rest).count(), 4, "{out}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f62_a_text_that_was_read_whole_is_complete() {
    // As many tokens as a good tokenizer produces, or few from a server that counts only new
    // tokens.
    for (times, tokens) in [(900, 11_900), (900, 40), (20, 256)] {
        let upstream = reading(tokens, "library").await;
        let (code, out) = printed(&upstream.url(), &english(times)).await;
        assert_eq!((code, out.matches("⚠").count()), (Some(0), 0), "{tokens}: {out}");
    }
}
