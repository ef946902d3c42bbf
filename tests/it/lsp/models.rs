//! The editor's own models: asked through the client, shown in the same panel, and never asked
//! unless the user chooses them.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Reply, Upstream, answer};
use serde_json::{Value, json};

/// Starts a server for a client that has its own models. The test sends the answers.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_can_choose_from_what_the_server_lists() {
    let list = json!({"data": [
        {"id": "text-embedding-3-small", "owned_by": "library"}, {"id": "日本語-8b", "owned_by": "library"},
        {"id": "m", "owned_by": "library"}, {"id": "big-cloud", "owned_by": "library"},
    ]});
    let tags = json!({"models": [
        {"name": "日本語-8b", "digest": "1"}, {"name": "m", "digest": "2"},
        {"name": "big-cloud", "digest": "3", "remote_host": "https://ollama.com:443"},
    ]});
    let upstream = Upstream::start(move |seen| match seen.path.as_str() {
        "/v1/models" => Reply::json(200, &list.to_string()),
        "/api/tags" => Reply::json(200, &tags.to_string()),
        _ => Reply::status(404),
    })
    .await;
    let mut client = launch(&upstream, &[]);
    client.initialize(vouching()).await;
    let choice = client.request("kaizodo/models", json!({})).await.unwrap();
    let here = |name: &str| json!({"name": name, "runs_at": null});
    let away = json!({"name": "big-cloud", "runs_at": "ollama.com"});
    assert_eq!(choice["models"], json!([here("日本語-8b"), here("m"), away]));
    assert_eq!(choice["model"], "m", "as the environment says");
    assert_eq!(choice["host"], upstream.url().split('/').nth(2).unwrap());
    let methods: Vec<_> = upstream.seen().iter().map(|seen| seen.method.clone()).collect();
    assert_eq!(methods, ["GET", "GET"], "no text was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_list_is_told_and_nobody_is_asked_without_one() {
    let upstream = Upstream::start(|_| Reply::status(401)).await;
    let mut client = launch(&upstream, &[]);
    client.initialize(vouching()).await;
    let error = client.request("kaizodo/models", json!({})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("rejected the API key"), "{error}");

    let mut client = launch(&upstream, &[]);
    let settings = json!({"provider": "worksheet"});
    client
        .initialize_with(json!({"capabilities": vouching(), "initializationOptions": settings}))
        .await;
    let choice = client.request("kaizodo/models", json!({})).await.unwrap();
    assert_eq!(choice, json!({"host": null, "model": null, "models": []}));
    assert_eq!(upstream.seen().len(), 1);
}
