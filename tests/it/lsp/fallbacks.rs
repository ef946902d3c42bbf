//! Lists of models: the next model answers if the one before cannot, and the panel mentions it
//! briefly.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{End, Reply, Seen, Upstream, sse, sse_text};
use kaizodo::event::{Event, FailureKind, Outcome, Stamped};
use serde_json::{Value, json};

fn model(seen: &Seen) -> String {
    seen.json()["model"].as_str().unwrap().to_owned()
}

/// Starts a server that gives `reply` for the model `refused`; every other model answers with its
/// name.
async fn refusing(refused: &'static str, reply: Reply) -> Upstream {
    Upstream::start(move |seen| match model(seen) {
        model if model == refused => reply.clone(),
        model => finished(stream().write(sse_text(&format!("{model} の答え")))),
    })
    .await
}

async fn start_with(upstream: &Upstream, models: &str, settings: Value) -> Client {
    let mut client = launch(upstream, &[("KAIZODO_MODEL", models)]);
    client
        .initialize_with(json!({"capabilities": vouching(), "initializationOptions": settings}))
        .await;
    client.open(MEMO, "markdown", TEXT);
    client
}

fn depth() -> Value {
    json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "perspectives": ["depth"]})
}

fn end_of(events: &[Stamped]) -> (Outcome, Option<Value>) {
    let end = events.iter().rev().find_map(|stamped| match &stamped.event {
        Event::BranchEnded { outcome, cost, .. } => Some((outcome.clone(), cost.map(|c| json!(c)))),
        _ => None,
    });
    end.expect("it has ended")
}

/// Returns the model that was asked last according to the events.
fn asked_last(events: &[Stamped]) -> String {
    let asked = events.iter().rev().find_map(|stamped| match &stamped.event {
        Event::BranchStarted { model, .. } | Event::BranchRetrying { model: Some(model), .. } => {
            Some(model.clone())
        }
        _ => None,
    });
    asked.expect("a model was asked")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reason_why_a_model_cannot_answer_goes_to_the_next() {
    let error = |status, body: &str| Reply::json(status, body);
    let no_access = r#"{"error":{"code":"model_permission_blocked_org","message":"no"}}"#;
    let too_long = r#"{"error":{"code":"context_length_exceeded","message":"too long"}}"#;
    let day = r#"{"error":{"message":"Rate limit reached: requests per day (RPD)"}}"#;
    let in_stream = sse(&json!({"error": {"message": "the model has crashed"}}));
    for (reply, requests, reason) in [
        (error(404, r#"{"error":{"message":"no such model"}}"#), 2, "見つかりません、404"),
        (
            error(400, r#"{"error":{"message":"gpt-9 is not a valid model ID"}}"#),
            2,
            "要求を受け付けません、400",
        ),
        (error(403, no_access), 2, "許可されていません、403"),
        (error(400, too_long), 2, "文章が長すぎて収まりません、400"),
        (error(429, day), 2, "1 日の上限に達しました、429"),
        (error(429, "{}"), 3, "混み合っています、429"),
        (error(503, "{}"), 3, "応答できません、503"),
        (Reply::stream([in_stream]), 2, "エラーが返りました"),
    ] {
        let upstream = refusing("大", reply).await;
        let retries = json!({"retries": {"attempts": 2, "backoff_ms": 1}});
        let mut client = start_with(&upstream, "大, 小", retries).await;
        let run = run_with(&mut client, depth()).await;
        let events = run.ended(&mut client, 1).await;
        let text = fold(&events);
        assert_eq!(end_of(&events).0, Outcome::Done, "{text}");
        assert_eq!(asked_last(&events), "小");
        let section = section(&text, "深さ");
        assert!(section.contains("小 の答え"), "{section}");
        let closing = section.lines().last().unwrap();
        assert!(closing.starts_with("`小` · 10"), "{closing}");
        let note = format!("「大」は使えませんでした（{reason}）");
        assert!(closing.ends_with(&note), "{closing}, not {note}");
        let models: Vec<_> = upstream.seen().iter().map(model).collect();
        assert_eq!(models.len(), requests, "{models:?}");
        assert_eq!(models.last().unwrap(), "小");
        let Event::RunEnded { total: Some(total), .. } = &events.last().unwrap().event else {
            panic!()
        };
        assert_eq!(total.requests, requests as u64, "each attempt counts");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_and_half_an_answer_stay_where_they_are() {
    let half = Reply::stream([sse_text("途中まで")]).end(End::Cut);
    for (reply, kind, text) in [
        (Reply::json(401, r#"{"error":{"message":"no"}}"#), FailureKind::Unauthorized, "✗"),
        (Reply::json(402, r#"{"error":{"message":"no"}}"#), FailureKind::Quota, "✗"),
        (half, FailureKind::Interrupted, "途中まで"),
    ] {
        let upstream = refusing("a", reply).await;
        let mut client = start_with(&upstream, "a,b", json!({})).await;
        let run = run_with(&mut client, depth()).await;
        let events = run.ended(&mut client, 1).await;
        assert_eq!(end_of(&events).0.failure().unwrap().kind, kind);
        assert_eq!(upstream.seen().len(), 1, "every model of the server would say so");
        assert!(section(&fold(&events), "深さ").contains(text));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_begins_with_the_list_unless_it_names_a_model() {
    let upstream = refusing("a", Reply::json(404, "{}")).await;
    let mut client = start_with(&upstream, "a,b", json!({})).await;
    let run = run_with(&mut client, depth()).await;
    run.ended(&mut client, 1).await;
    let again = |model: Option<&str>| json!({"run": run.id, "branch": "depth", "model": model});
    command(&mut client, "kaizodo.retry", again(None)).await.unwrap();
    run.ended(&mut client, 2).await;
    command(&mut client, "kaizodo.retry", again(Some("a"))).await.unwrap();
    let events = run.ended(&mut client, 3).await;
    let models: Vec<_> = upstream.seen().iter().map(model).collect();
    assert_eq!(models, ["a", "b", "a", "b", "a"]);
    assert_eq!(end_of(&events).0.failure().unwrap().kind, FailureKind::NotFound);
    assert!(section(&fold(&events), "深さ").contains("b の答え"), "the earlier answer stands");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_perspective_s_own_list_goes_before_the_settings_and_is_billed_by_who_answers() {
    let upstream = refusing("自分", Reply::json(404, "{}")).await;
    let mut client = launch(&upstream, &[("KAIZODO_MODEL", "s1,s2")]);
    let file = "---\nname: depth\ndescription: d\nmodel: [自分, 予備]\n---\n問い";
    let folder = client.home().join("config/kaizodo/perspectives");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("depth.md"), file).unwrap();
    let price = |input: f64| json!({"input": input, "output": input});
    let prices = json!({"prices": {"自分": price(9.0), "予備": price(2.0)}});
    client
        .initialize_with(json!({"capabilities": vouching(), "initializationOptions": prices}))
        .await;
    client.open(MEMO, "markdown", TEXT);
    let shown = command(&mut client, "kaizodo.preview", depth()).await.unwrap();
    let preview = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    assert!(
        preview.contains("このモデルが答えられないときは、順に `予備` に尋ねます。"),
        "{preview}"
    );

    let run = run_with(&mut client, depth()).await;
    let events = run.ended(&mut client, 1).await;
    let models: Vec<_> = upstream.seen().iter().map(model).collect();
    assert_eq!(models, ["自分", "予備"]);
    // 13 tokens at two dollars per million.
    assert_eq!(end_of(&events), (Outcome::Done, Some(json!(0.000026))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_for_the_dearest_of_the_list() {
    let upstream = refusing("cheap", Reply::json(404, "{}")).await;
    let price = |input: f64| json!({"input": input, "output": input});
    let settings = json!({
        "prices": {"cheap": price(1.0), "dear": price(100.0)},
        "limits": {"run_cost": 0.5, "max_tokens": 9000},
    });
    let mut client = start_with(&upstream, "cheap,dear", settings).await;
    let run = run_with(&mut client, depth()).await;
    let events = run.ended(&mut client, 1).await;
    assert_eq!(end_of(&events).0.failure().unwrap().kind, FailureKind::Limit);
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_s_next_model_is_asked_too() {
    let upstream = Upstream::always(Reply::status(500)).await;
    let mut client = launch(&upstream, &[("KAIZODO_MODEL", "copilot/a,copilot/b")]);
    client.answer_with("kaizodo/model/ask", Answer::Never);
    let mut can = vouching();
    can["experimental"]["kaizodo"]["models"] = json!(true);
    let settings = json!({"provider": "editor"});
    client.initialize_with(json!({"capabilities": can, "initializationOptions": settings})).await;
    client.open(MEMO, "markdown", TEXT);
    let run = run_with(&mut client, depth()).await;
    let first = client.server_message("kaizodo/model/ask").await;
    let error = json!({"code": -32603, "message": "no permission"});
    client.send(&json!({"jsonrpc": "2.0", "id": first["id"], "error": error}));
    let second = client.server_message("kaizodo/model/ask").await;
    let delta = json!({"id": second["params"]["id"], "text": "答え"});
    client.notify("kaizodo/model/delta", delta);
    client.send(&json!({"jsonrpc": "2.0", "id": second["id"], "result": {"finish": "stop"}}));
    let events = run.ended(&mut client, 1).await;
    let asked = [&first, &second].map(|ask| ask["params"]["model"].as_str().unwrap().to_owned());
    assert_eq!(asked, ["copilot/a", "copilot/b"]);
    assert_eq!(end_of(&events).0, Outcome::Done);
}
