//! Secrets in a selection: redacted, allowed or refused. Also invisible characters.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::program::{Home, end, end_with};
use crate::support::upstream::{Upstream, answer};
use serde_json::json;

/// Made up for the tests, like everything below.
const GITHUB: &str = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\r\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5\r\nAAEC\r\n-----END PRIVATE KEY-----";

/// Starts a server with these settings in the user's file, and a document with this text.
async fn start(upstream: &Upstream, settings: &str, text: &str) -> Client {
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), settings).unwrap();
    });
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", text);
    client
}

fn all(text: &str) -> serde_json::Value {
    let lines = u32::try_from(text.matches('\n').count()).unwrap();
    json!({"uri": MEMO, "range": range((0, 0), (lines, 0))})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_sent_and_the_rest_is_exact() {
    let text = format!("鍵 {GITHUB} は😀\r\nここに\r\n{KEY}\r\n「{GITHUB}」\r\n");
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, "", &text).await;
    let run = run_with(&mut client, all(&text)).await;
    let events = run.ended(&mut client, 1).await;

    let token = "⟨伏せ字: GitHub のトークン⟩";
    let expected = format!("鍵 {token} は😀\r\nここに\r\n⟨伏せ字: 秘密鍵⟩\r\n「{token}」\r\n");
    let seen = upstream.seen();
    assert_eq!(seen.len(), 4);
    for seen in &seen {
        assert!(user_message(seen).contains(&expected), "{}", user_message(seen));
        for secret in [GITHUB, "MIIEvQ", "AAEC", "PRIVATE KEY"] {
            assert!(!seen.body_text().contains(secret), "{secret}");
        }
    }
    let panel = fold(&events);
    assert!(
        panel.contains("⚠ 秘密らしいもの（GitHub のトークン × 2、秘密鍵）は伏せました。"),
        "{panel}"
    );
    assert!(panel.contains("secrets = \"allow\"") && panel.contains("--secrets allow"), "{panel}");
    // Neither the events nor the panel's name contain the secret.
    let told = serde_json::to_string(&events).unwrap() + &run.uri;
    assert!(!told.contains(&GITHUB[..12]) && !told.contains("MIIEvQ"), "{told}");
    assert!(run.uri.contains("%E4%BC%8F%E3%81%9B%E5%AD%97"), "{}", run.uri);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_sends_the_same_redacted_text() {
    let text = format!("The key is {GITHUB} here.\n");
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "", &text).await;
    let run = run_with(&mut client, all(&text)).await;
    run.ended(&mut client, 1).await;
    command(&mut client, "kaizodo.retry", json!({"run": run.id, "branch": "depth"})).await.unwrap();
    run.ended(&mut client, 2).await;
    let seen = upstream.seen();
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|s| user_message(s).contains("is ⟨redacted: GitHub token⟩ here.")));
    assert_eq!(request_for(&seen[..4], 0).body, seen[4].body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_may_allow_or_refuse_all_secrets() {
    let text = format!("The key is {GITHUB} here.\n");
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "secrets = \"allow\"", &text).await;
    let events = run_with(&mut client, all(&text)).await.ended(&mut client, 1).await;
    assert!(upstream.seen().iter().all(|seen| user_message(seen).contains(GITHUB)));
    assert!(fold(&events).contains("⚠ Possible secrets (GitHub token) were not redacted"));

    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "secrets = \"refuse\"", &text).await;
    let error = command(&mut client, "kaizodo.run", all(&text)).await.unwrap_err();
    assert_eq!(error["code"], -32803);
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("(GitHub token), so nothing was sent."), "{said}");
    assert!(!said.contains("ghp_"), "{said}");
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_whose_settings_may_be_a_repository_s_cannot_allow_them() {
    let text = format!("The key is {GITHUB} here.\n");
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[]);
    let options = json!({"secrets": "allow", "neverSend": []});
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": capabilities(), "initializationOptions": options,
    });
    client.initialize_with(params).await;
    let told = client.server_message("window/showMessage").await;
    let told = told["params"]["message"].as_str().unwrap();
    assert!(
        told.starts_with("The editor's settings never_send, secrets are ignored, because"),
        "{told}"
    );
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"kaizodo": options}}));
    client.open(MEMO, "markdown", &text);
    run_with(&mut client, all(&text)).await.ended(&mut client, 1).await;
    assert!(upstream.seen().iter().all(|seen| !seen.body_text().contains(GITHUB)));
    client.open("file:///w/.env", "", &text);
    let argument = json!({"uri": "file:///w/.env", "range": range((0, 0), (1, 0))});
    command(&mut client, "kaizodo.run", argument).await.unwrap_err();
    assert_eq!(client.unread_of("window/showMessage"), [json!(null); 0], "it is told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_that_vouches_for_its_settings_may() {
    let text = format!("The key is {GITHUB} here.\n");
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[]);
    let mut capabilities = capabilities();
    capabilities["experimental"]["kaizodo"]["userSettings"] = json!(true);
    let options = json!({"secrets": "allow", "neverSend": ["*.txt"]});
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": capabilities, "initializationOptions": options,
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", &text);
    run_with(&mut client, all(&text)).await.ended(&mut client, 1).await;
    assert!(upstream.seen().iter().all(|seen| user_message(seen).contains(GITHUB)));
    client.open("file:///w/a.txt", "", &text);
    let argument = json!({"uri": "file:///w/a.txt", "range": range((0, 0), (1, 0))});
    command(&mut client, "kaizodo.run", argument).await.unwrap_err();
}

#[tokio::test]
async fn the_command_line_has_a_flag() {
    let text = format!("The key is {GITHUB} here.\n");
    for (args, code, sent) in [
        (&["run", "-p", "depth", "-"][..], 0, Some("⟨redacted: GitHub token⟩")),
        (&["run", "-p", "depth", "--secrets", "redact", "-"], 0, Some("⟨redacted: GitHub token⟩")),
        (&["run", "-p", "depth", "--secrets", "allow", "-"], 0, Some(GITHUB)),
        (&["run", "-p", "depth", "--secrets", "refuse", "-"], 2, None),
    ] {
        let server = Upstream::always(answer(["x"])).await;
        let ended = end_with(&mut Home::new().asking(&server, args), &text).await;
        assert_eq!(ended.code, Some(code), "{ended:?}");
        let seen = server.seen();
        assert_eq!(seen.len(), usize::from(sent.is_some()));
        for seen in &seen {
            let body = user_message(seen);
            assert!(body.contains(&format!("The key is {} here.", sent.unwrap())), "{body}");
        }
        assert!(!(ended.out + &ended.err).contains(GITHUB));
    }
}

#[tokio::test]
async fn the_worksheet_quotes_no_secret_either() {
    let text = format!("Builds are slow since {GITHUB} expired. Who renews it?");
    let home = Home::new();
    let args = ["run", "--provider", "worksheet", "--text", &text];
    let ended = end(&mut home.kaizodo(&args)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("⚠ Possible secrets (GitHub token) were redacted."),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains("ghp_"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_sees_is_counted_and_sent() {
    let text = "Look\u{202e} here\u{200b}\u{e0041}\u{e0042} 👩‍👩‍👧 می‌خواهم\n";
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "", text).await;
    let events = run_with(&mut client, all(text)).await.ended(&mut client, 1).await;
    assert!(upstream.seen().iter().all(|seen| user_message(seen).contains(text)));
    let note = "⚠ The selection contains 4 invisible characters (1 that change the text direction, 1 with no width, 2 tags). They are sent as they are.";
    assert!(fold(&events).contains(note), "{}", fold(&events));
}
