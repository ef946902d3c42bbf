//! The editor's own models: asked through the client, in the same panel, and never by themselves.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};

/// A client with models of its own, whose answers the test gives.
async fn with_models(settings: Value) -> (Upstream, Client) {
    let upstream = Upstream::always(answer(["from the server"])).await;
    let mut client = launch(&upstream, &[]);
    client.answer_with("kaizodo/model/ask", Answer::Never);
    let mut can = vouching();
    can["experimental"]["kaizodo"]["models"] = json!(true);
    client.initialize_with(json!({"capabilities": can, "initializationOptions": settings})).await;
    client.open(MEMO, "markdown", TEXT);
    (upstream, client)
}

fn delta(client: &Client, ask: &Value, text: &str) {
    client.notify("kaizodo/model/delta", json!({"id": ask["params"]["id"], "text": text}));
}

fn reply(client: &Client, ask: &Value, key: &str, value: Value) {
    client.send(&json!({"jsonrpc": "2.0", "id": ask["id"], key: value}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_prompt_is_the_clients_to_answer() {
    let (upstream, mut client) = with_models(json!({"provider": "editor"})).await;
    let run = shown_run(&mut client).await;
    let mut asks = Vec::new();
    for _ in 0..4 {
        asks.push(client.server_message("kaizodo/model/ask").await);
    }
    for ask in &asks {
        let params = &ask["params"];
        assert!(params["id"].as_str().unwrap().starts_with("kaizodo-"), "{params}");
        assert_eq!(params["model"], "m", "as the environment says");
        assert_eq!(params["maxTokens"], 8192);
        assert!(!params["system"].as_str().unwrap().is_empty());
        assert_eq!(params["user"].as_str().unwrap().matches(TEXT.trim()).count(), 1, "{params}");
        delta(&client, ask, "前半");
        delta(&client, ask, "後半👨‍👩‍👧‍👦");
    }
    let usage = json!({"prompt_tokens": 7, "completion_tokens": 3});
    reply(&client, &asks[0], "result", json!({"finish": "stop", "usage": usage}));
    reply(&client, &asks[1], "result", json!({"finish": "length"}));
    reply(&client, &asks[2], "error", json!({"code": -32603, "message": "no permission"}));
    reply(&client, &asks[3], "result", json!(null));
    run.ended(&mut client, 1).await;
    let panel = run.panel(&mut client).await;
    assert_eq!(panel.matches("前半後半👨‍👩‍👧‍👦").count(), 4, "{panel}");
    assert!(panel.contains("エディターのモデル") && panel.contains("no permission"), "{panel}");
    assert!(panel.contains("7 → 3 トークン"), "{panel}");
    assert!(upstream.seen().is_empty(), "nothing went anywhere else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_is_told_to_the_client_and_late_text_is_nobodys() {
    let (_upstream, mut client) = with_models(json!({"provider": "editor"})).await;
    let run = shown_run(&mut client).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        let ask = client.server_message("kaizodo/model/ask").await;
        delta(&client, &ask, "a");
        ids.push(ask);
    }
    assert_eq!(run.cancel(&mut client, None).await, 4);
    run.ended(&mut client, 1).await;
    for _ in 0..4 {
        let told = client.server_message("kaizodo/model/cancel").await;
        assert!(ids.iter().any(|ask| ask["params"]["id"] == told["params"]["id"]), "{told}");
    }
    for ask in &ids {
        delta(&client, ask, "late");
        reply(&client, ask, "result", json!({"finish": "stop"}));
    }
    assert!(!run.panel(&mut client).await.contains("late"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_never_chosen_by_themselves() {
    let (upstream, mut client) = with_models(json!({})).await;
    run(&mut client).await.ended(&mut client, 1).await;
    assert_eq!(upstream.seen().len(), 4);
    assert!(client.unread_of("kaizodo/model/ask").is_empty());

    let mut client = launch(&upstream, &[]);
    let settings = json!({"provider": "editor"});
    client
        .initialize_with(json!({"capabilities": vouching(), "initializationOptions": settings}))
        .await;
    client.open(MEMO, "markdown", TEXT);
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
    let panel = run.panel(&mut client).await;
    assert_eq!(panel.matches("このエディターにはモデルがありません").count(), 4, "{panel}");
    assert_eq!(upstream.seen().len(), 4, "and nobody else was asked");
}
