//! Tokens, time and money: what servers report in their dialects, what the panel says about it, and
//! a limit that holds.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Reply, SSE_DONE, Upstream, sse, sse_finish, sse_text};
use kaizodo::event::{BranchId, Event, FailureKind, Outcome, Stamped, Total, Usage};
use serde_json::{Value, json};

/// Returns the price of a million tokens of the tests' model.
fn prices() -> Value {
    json!({"m": {"input": 2.0, "cached_input": 0.5, "output": 10.0}})
}

fn reporting(usage: &Value) -> Reply {
    let end = sse(&json!({"choices": [], "usage": usage}));
    Reply::stream([sse_text("決め方がない。"), sse_finish("stop"), end, SSE_DONE.to_owned()])
}

async fn start_with(upstream: &Upstream, settings: Value) -> Client {
    let mut client = launch(upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": settings,
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

/// Returns the usage and the cost of a branch's last attempt.
fn end_of(events: &[Stamped], branch: &str) -> (Option<Usage>, Option<Value>) {
    let found = events.iter().rev().find_map(|stamped| match &stamped.event {
        Event::BranchEnded { branch: own, usage, cost, .. } if &*own.0 == branch => {
            Some((*usage, cost.map(|cost| json!(cost))))
        }
        _ => None,
    });
    found.expect("it has ended")
}

fn total(events: &[Stamped]) -> Option<Total> {
    match events.last().map(|last| &last.event) {
        Some(Event::RunEnded { total, .. }) => *total,
        other => panic!("{other:?}"),
    }
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_dialect_of_usage_is_counted_and_priced() {
    let upstream = by_section([
        // OpenAI, OpenRouter.
        reporting(&json!({
            "prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500,
            "prompt_tokens_details": {"cached_tokens": 400},
            "completion_tokens_details": {"reasoning_tokens": 300},
        })),
        // DeepSeek.
        reporting(&json!({
            "prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500,
            "prompt_cache_hit_tokens": 400, "prompt_cache_miss_tokens": 600,
            "completion_tokens_details": {"reasoning_tokens": 300},
        })),
        // Gemini: reasoning tokens are only in the total.
        reporting(&json!({"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1500})),
        // llama.cpp reports its cache in `timings`.
        Reply::stream([
            sse_text("時間"),
            sse_finish("stop"),
            sse(&json!({
                "choices": [], "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
                "timings": {"cache_n": 400, "prompt_n": 600, "predicted_n": 500},
            })),
            SSE_DONE.to_owned(),
        ]),
    ])
    .await;
    let mut client = start_with(&upstream, json!({"prices": prices(), "focus": "off"})).await;
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;

    let usage = |cached_tokens, reasoning_tokens| Usage {
        prompt_tokens: 1000,
        cached_tokens,
        completion_tokens: 500,
        reasoning_tokens,
    };
    // 600 × $2 + 400 × $0.50 + 500 × $10 per million tokens.
    let cached = Some(json!(0.0064));
    assert_eq!(end_of(&events, "depth"), (Some(usage(400, 300)), cached.clone()));
    assert_eq!(end_of(&events, "breadth"), (Some(usage(400, 300)), cached.clone()));
    assert_eq!(end_of(&events, "structure"), (Some(usage(0, 300)), Some(json!(0.007))));
    assert_eq!(end_of(&events, "time"), (Some(usage(400, 0)), cached));

    let all = total(&events).unwrap();
    assert_eq!((all.requests, json!(all.cost)), (4, json!(0.0262)));
    let text = fold(&events);
    let depth = "`m` · 1000（うち 400 は再利用） → 500 トークン（うち 300 は推論）";
    assert!(section(&text, "深さ").contains(depth), "{text}");
    assert!(section(&text, "深さ").contains(" · $0.0064\n"), "{text}");
    let line = last_line(&text);
    let begin = "Σ リクエスト 4 件 · 4000（うち 1200 は再利用） → 2000 トークン（うち 900 は推論）";
    assert!(line.starts_with(begin) && line.ends_with(" · $0.0262"), "{line}");
    client.wait_document(&run.uri, |shown| shown == text).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_and_a_follow_up_add_to_the_sum() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500});
    let upstream = Upstream::always(reporting(&usage)).await;
    let settings = json!({"prices": prices(), "focus": "off", "lang": "en"});
    let mut client = start_with(&upstream, settings).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let retried = run.ended(&mut client, 2).await;
    assert!(last_line(&fold(&retried)).starts_with("Σ 5 requests · 5000 → 2500 tokens · "));
    let argument = json!({"run": run.id, "branch": "depth", "question": "なぜ今なのか"});
    command(&mut client, "kaizodo.ask", argument).await.unwrap();
    let events = run.ended(&mut client, 3).await;
    let text = fold(&events);
    assert!(last_line(&text).ends_with(" · $0.042"), "{text}");
    assert_eq!(total(&events).unwrap().requests, 6);
    client.wait_document(&run.uri, |shown| shown == text).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_this_computer_shows_no_money() {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500});
    let upstream = Upstream::always(reporting(&usage)).await;
    // A model whose price is built in.
    let mut client = launch(&upstream, &[("KAIZODO_MODEL", "gpt-5-mini")]);
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    let text = fold(&run.ended(&mut client, 1).await);
    assert!(last_line(&text).starts_with("Σ リクエスト 4 件 · 4000 → 2000 トークン"), "{text}");
    assert!(!text.contains('$'), "{text}");
}

/// Returns the message of a branch that was refused because of its cost.
fn refusal(events: &[Stamped], branch: &str) -> String {
    let branch = BranchId(branch.into());
    let found = events.iter().rev().find_map(|stamped| match &stamped.event {
        Event::BranchEnded { branch: own, outcome: Outcome::Failed(failure), .. }
            if *own == branch =>
        {
            Some(failure)
        }
        _ => None,
    });
    let failure = found.unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(failure.kind, FailureKind::Limit);
    failure.message.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_may_cost_too_much_is_not_sent() {
    let upstream = Upstream::always(reporting(&json!({"prompt_tokens": 9}))).await;
    let settings = json!({"prices": prices(), "focus": "ask", "limits": {"run_cost": 0.05}});
    let mut client = start_with(&upstream, settings).await;
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    for branch in ["depth", "breadth", "structure", "time"] {
        let said = refusal(&events, branch);
        // At 8,192 output tokens each, the four views cost $0.33.
        assert!(said.starts_with("送っていません。この実行の費用は最大 $0.34 になる"), "{said}");
        assert!(said.contains("limits.run_cost の上限 $0.05 を"), "{said}");
    }
    assert!(!fold(&events).contains('Σ'));
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retries_and_follow_ups_are_refused_once_the_money_is_spent() {
    // 4 × (100 × $2 + 5 × $10 per million tokens), and room for one more request with 1,000 output
    // tokens.
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 5});
    let upstream = Upstream::always(reporting(&usage)).await;
    let limits = json!({"max_tokens": 1000, "run_cost": 0.05});
    let settings = json!({"prices": prices(), "focus": "off", "lang": "en", "limits": limits});
    let mut client = start_with(&upstream, settings.clone()).await;
    let run = shown_run(&mut client).await;
    let first = run.ended(&mut client, 1).await;
    assert_eq!(json!(total(&first).unwrap().cost), json!(0.001));

    let mut lower = settings;
    lower["limits"]["run_cost"] = json!(0.01);
    client.notify("workspace/didChangeConfiguration", json!({"settings": lower}));
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let events = run.ended(&mut client, 2).await;
    let said = refusal(&events, "depth");
    assert!(
        said.starts_with(
            "Not sent: this run could cost up to $0.02, but limits.run_cost allows $0.01."
        ),
        "{said}"
    );
    assert!(section(&fold(&events), "Depth").contains("決め方がない。"), "what was there stays");
    let argument = json!({"run": run.id, "question": "Why now?"});
    let asked = command(&mut client, "kaizodo.ask", argument).await.unwrap();
    let events = run.ended(&mut client, 3).await;
    assert!(refusal(&events, asked["branch"].as_str().unwrap()).starts_with("Not sent: "));
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_tells_what_a_run_takes() {
    let upstream = Upstream::always(reporting(&json!({}))).await;
    let settings = json!({"prices": prices(), "limits": {"max_tokens": 1000}});
    let mut client = start_with(&upstream, settings).await;
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let shown = command(&mut client, "kaizodo.preview", argument).await.unwrap();
    let text = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    let line = text.lines().find(|line| line.starts_with("入力はおよそ ")).unwrap();
    assert!(
        line.contains(" トークンです。出力は最大 4,000 トークンです。費用は最大 $0."),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_section_that_is_stopped_in_the_queue_was_no_request() {
    let upstream = Upstream::always(stuck("決め方が")).await;
    let settings = json!({"limits": {"concurrency": 1}, "prices": prices()});
    let mut client = start_with(&upstream, settings).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.contains("決め方が")).await;
    assert_eq!(run.cancel(&mut client, None).await, 4);
    let events = run.ended(&mut client, 1).await;
    let of = |is: fn(&Event) -> bool| events.iter().filter(|stamped| is(&stamped.event)).count();
    assert_eq!(of(|event| matches!(event, Event::BranchStarted { .. })), 1);
    assert_eq!(of(|event| matches!(event, Event::BranchEnded { elapsed_ms: 0, .. })), 3);
    assert_eq!((total(&events).unwrap().requests, upstream.seen().len()), (1, 1));
    let panel = run.panel(&mut client).await;
    assert_eq!(panel.matches("■ 停止しました。").count(), 4, "{panel}");
    // Sections that were never sent can be retried, like any stopped section.
    let argument = json!({"run": run.id, "branch": "time"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    client.wait_document(&run.uri, |text| is_in_section(text, "時間", "決め方が")).await;
    run.cancel(&mut client, None).await;
    let events = run.ended(&mut client, 2).await;
    assert_eq!((total(&events).unwrap().requests, upstream.seen().len()), (2, 2));
}
