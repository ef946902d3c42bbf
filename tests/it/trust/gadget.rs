//! The server's own commands cannot be misused by whoever chooses their arguments, and listing
//! actions contacts no server.

use crate::support::artifacts::CANARY;
use crate::support::kit::*;
use crate::support::upstream::{Reply, Upstream, answer};
use serde_json::{Value, json};

/// Returns members that would help an attacker if the server accepted them.
fn gadgets(sink: &str) -> Value {
    json!({
        "url": sink, "base_url": sink, "baseUrl": sink, "host": sink, "endpoint": sink,
        "provider": "openai", "model": "theirs", "key": "sk-theirs", "api_key": "sk-theirs",
        "headers": {"x-from": "argument"}, "query": {"from": "argument"},
        "path": "/etc/passwd", "file": "/etc/passwd", "text": "theirs-text",
        "prompt": "theirs-prompt", "instruction": "theirs-prompt", "system": "theirs-prompt",
        "settings": {"base_url": sink}, "config": {"base_url": sink}, "notes": ["theirs-note"],
        "limits": {"max_tokens": 100_000}, "max_tokens": 100_000, "lang": "en",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_takes_what_it_names_and_nothing_else() {
    let sink = Upstream::always(Reply::status(500)).await;
    let upstream = Upstream::always(answer(["- x\n"])).await;
    let mut client = start(&upstream, vouching()).await;
    let mut argument = gadgets(&sink.url());
    argument["uri"] = json!(MEMO);
    argument["range"] = range((0, 0), (1, 0));
    let run = run_with(&mut client, argument).await;
    run.ended(&mut client, 1).await;
    // The same members around the argument, next to it, and in a retry.
    let more = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let mut params = gadgets(&sink.url());
    params["command"] = json!("kaizodo.run");
    params["arguments"] = json!([more, gadgets(&sink.url())]);
    client.request("workspace/executeCommand", params).await.unwrap();
    upstream.arrived(8).await;
    let mut retry = gadgets(&sink.url());
    retry["run"] = json!(run.id);
    retry["branch"] = json!("depth");
    retry.as_object_mut().unwrap().remove("model");
    command(&mut client, "kaizodo.retry", retry).await.unwrap();
    let seen = upstream.arrived(9).await;
    for request in &seen {
        let body = request.body_text();
        assert!(!body.contains("theirs") && !body.contains("root:"), "{body}");
        assert_eq!((request.json()["model"].as_str(), request.header("x-from")), (Some("m"), None));
        assert!(request.path == "/v1/chat/completions", "{}", request.path);
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {CANARY}")));
        assert!(body.contains("会議が長くて"));
        let tokens = request.json();
        let tokens = tokens["max_tokens"].as_u64().or(tokens["max_completion_tokens"].as_u64());
        assert_eq!(tokens, Some(8192));
    }
    let panel = run.panel(&mut client).await;
    assert!(!panel.contains("theirs") && panel.contains("## 深さ"), "{panel}");
    assert_eq!(sink.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_names_a_model_and_no_place() {
    let sink = Upstream::always(Reply::status(500)).await;
    let upstream = Upstream::always(answer(["- x\n"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
    let host = upstream.url();
    for (times, model) in
        [sink.url(), format!("{}/v1#", sink.url()), "../../x?y=z".into(), "m\r\nHost: evil".into()]
            .into_iter()
            .enumerate()
    {
        let argument = json!({"run": run.id, "branch": "time", "model": model});
        command(&mut client, "kaizodo.retry", argument).await.unwrap();
        run.ended(&mut client, 2 + times).await;
        let seen = upstream.seen();
        let last = seen.last().unwrap();
        assert_eq!((seen.len(), last.json()["model"].as_str()), (5 + times, Some(&*model)));
        assert_eq!(last.path, "/v1/chat/completions");
        assert_eq!(last.header("host"), host.strip_prefix("http://"));
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_automatic_requests_for_actions_contact_nobody() {
    let upstream = Upstream::always(answer(["- x\n"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let kinds = [
        json!({"triggerKind": 2}),
        json!({"triggerKind": 2, "only": ["refactor"]}),
        // What a hostile `editor.codeActionsOnSave` asks for.
        json!({"triggerKind": 2, "only": ["source"]}),
        json!({"triggerKind": 2, "only": ["source.fixAll"]}),
        json!({"triggerKind": 2, "only": ["source.kaizodo"]}),
    ];
    let mut offered = 0;
    for n in 0..10_000_u32 {
        let context = kinds[n as usize % kinds.len()].clone();
        let whole = range((0, n % 12), (1, 0));
        let found = actions(&mut client, &whole, context.clone()).await;
        let only_source =
            context["only"][0].as_str().is_some_and(|kind| kind.starts_with("source"));
        assert_eq!(found.is_empty(), only_source, "{context}");
        assert!(found.iter().all(|action| action["edit"].is_null()));
        offered += found.len();
    }
    assert_eq!((offered, upstream.connections()), (4000, 0));
    assert!(client.unread().is_empty(), "and nothing was said");
}
