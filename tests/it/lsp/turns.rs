//! When requests are sent, depending on the kind of server, on the setting, and on how many
//! requests the server accepts.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{
    Gate, Reply, SSE_DONE, Seen, Step, Upstream, answer, sse_finish, sse_text, sse_usage,
};
use kaizodo::event::{Event, RunOutcome};
use serde_json::{Value, json};

/// Returns a text that is long enough for sharing its processed prompt to be worthwhile.
fn long_text() -> String {
    "会議が長くて決まらない。\n".repeat(200)
}

/// Returns the requests for answers, without those that ask what the server is.
fn questions(seen: &[Seen]) -> Vec<&Seen> {
    seen.iter().filter(|seen| seen.method == "POST").collect()
}

fn sections(seen: &[Seen]) -> Vec<usize> {
    questions(seen).into_iter().map(section_of).collect()
}

/// Starts a server that says what kind of server it is, and gives `reply` to questions.
async fn server(models: Reply, reply: Reply) -> Upstream {
    let props = Reply::json(200, r#"{"total_slots":4}"#);
    Upstream::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => reply.clone(),
        (_, "/v1/models") => models.clone(),
        (_, "/props") => props.clone(),
        _ => Reply::status(404),
    })
    .await
}

async fn llama_cpp(reply: Reply) -> Upstream {
    let models = r#"{"data":[{"id":"m","owned_by":"llamacpp"}]}"#;
    server(Reply::json(200, models).header("server", "llama.cpp"), reply).await
}

/// Returns a reply that begins to write, and ends when the gate opens.
fn gated(gate: &Gate) -> Reply {
    let end = [sse_finish("stop"), sse_usage(2400, 2380, 3), SSE_DONE.to_owned()].concat();
    Reply::stream([sse_text("答え")]).step(Step::Until(gate.clone())).write(end)
}

/// Starts a server with these settings and a document, and asks about the whole document.
async fn run_about(text: &str, upstream: &Upstream, settings: Value) -> (Client, Run) {
    let mut client = launch(upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": settings,
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", text);
    let run = whole_document(&mut client, text).await;
    (client, run)
}

async fn whole_document(client: &mut Client, text: &str) -> Run {
    let lines = u32::try_from(text.lines().count()).unwrap();
    let run = run_with(client, json!({"uri": MEMO, "range": range((0, 0), (lines, 0))})).await;
    client.open_virtual(&run.uri).await;
    run
}

/// Returns how many sections of a panel are waiting for their turn, and how many are being written.
fn waiting_and_writing(text: &str) -> (usize, usize) {
    (text.matches("_… 順番を待っています_").count(), text.matches("_… 書いています_").count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn llama_cpp_is_asked_in_turn_so_that_it_reads_a_long_text_once() {
    let gate = Gate::new();
    let upstream = llama_cpp(gated(&gate)).await;
    let (mut client, run) = run_about(&long_text(), &upstream, json!({})).await;
    for sent in 1..=4 {
        let waiting = 4 - sent;
        client.wait_document(&run.uri, |text| waiting_and_writing(text) == (waiting, 1)).await;
        assert_eq!(sections(&upstream.seen()), (0..sent).collect::<Vec<_>>());
        gate.pass_one();
    }
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    assert_eq!(upstream.overlap(), 1);
    let text = run.panel(&mut client).await;
    assert_eq!(text.matches("`m` · 2400（うち 2380 は再利用） → 3 トークン").count(), 4, "{text}");

    // The server has already said what it is, and is not asked again.
    gate.open();
    let again = whole_document(&mut client, &long_text()).await;
    again.ended(&mut client, 1).await;
    let paths: Vec<_> = upstream.seen().into_iter().filter(|s| s.method == "GET").collect();
    let paths: Vec<_> = paths.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(paths, ["/v1/models", "/props"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_text_goes_to_llama_cpp_at_once() {
    let gate = Gate::new();
    let upstream = llama_cpp(gated(&gate)).await;
    let (mut client, run) = run_about(TEXT, &upstream, json!({})).await;
    let seen = upstream.arrived(4).await;
    assert_eq!(questions(&seen).len(), 4, "it is not even asked what it is");
    gate.open();
    run.ended(&mut client, 1).await;
    assert_eq!(upstream.overlap(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vllm_and_unknown_servers_are_asked_at_once() {
    let vllm = Reply::json(200, r#"{"data":[{"id":"m","owned_by":"vllm"}]}"#);
    let unknown = Reply::json(200, r#"{"data":[{"id":"m","owned_by":"me"}]}"#);
    for models in [vllm, unknown, Reply::status(404)] {
        let gate = Gate::new();
        let upstream = server(models, gated(&gate)).await;
        let (mut client, run) = run_about(&long_text(), &upstream, json!({})).await;
        let four = |seen: &[Seen]| questions(seen).len() == 4;
        upstream.until("four questions", four).await;
        gate.open();
        run.ended(&mut client, 1).await;
        assert_eq!(upstream.overlap(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_setting_goes_before_what_the_server_is() {
    let gate = Gate::new();
    let upstream = llama_cpp(gated(&gate)).await;
    let settings = json!({"schedule": "at_once"});
    let (mut client, run) = run_about(&long_text(), &upstream, settings).await;
    let seen = upstream.arrived(4).await;
    assert_eq!(questions(&seen).len(), 4, "what it is does not matter");
    gate.open();
    run.ended(&mut client, 1).await;

    let gate = Gate::new();
    let upstream = Upstream::always(gated(&gate)).await;
    let (mut client, run) = run_about(TEXT, &upstream, json!({"schedule": "in_turn"})).await;
    client.wait_document(&run.uri, |text| waiting_and_writing(text) == (3, 1)).await;
    assert_eq!(sections(&upstream.seen()), [0]);
    gate.open();
    run.ended(&mut client, 1).await;
    assert_eq!((sections(&upstream.seen()), upstream.overlap()), (vec![0, 1, 2, 3], 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_others_leave_when_the_leader_is_heard_of() {
    let (first_byte, rest) = (Gate::new(), Gate::new());
    // A first event without text: the model has only begun.
    let begun = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}"#;
    let leader = stream()
        .step(Step::Until(first_byte.clone()))
        .write(format!("{begun}\n\n"))
        .step(Step::Until(rest.clone()));
    let leader = finished(leader);
    let upstream = Upstream::start(move |seen| match section_of(seen) {
        0 => leader.clone(),
        _ => answer(["答え"]),
    })
    .await;
    let settings = json!({"schedule": "leader_first"});
    let (mut client, run) = run_about(TEXT, &upstream, settings).await;
    client.wait_document(&run.uri, |text| waiting_and_writing(text).0 == 3).await;
    assert_eq!(sections(&upstream.arrived(1).await), [0]);
    first_byte.open();
    upstream.arrived(4).await;
    let three = |text: &str| text.matches("\n`m` · ").count() == 3;
    let text = client.wait_document(&run.uri, three).await;
    assert!(section(&text, "深さ").contains("_… 答えを待っています_"), "{text}");
    rest.open();
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_leader_is_waited_for_two_seconds() {
    let gate = Gate::new();
    let silent = finished(stream().step(Step::Until(gate.clone())));
    let upstream = by_section([silent, answer(["b"]), answer(["c"]), answer(["d"])]).await;
    let settings = json!({"schedule": "leader_first"});
    let (mut client, run) = run_about(TEXT, &upstream, settings).await;
    let seen = upstream.arrived(4).await;
    for other in [1, 2, 3] {
        let waited = request_for(&seen, other).arrived - request_for(&seen, 0).arrived;
        assert!((1.0..20.0).contains(&waited.as_secs_f64()), "{waited:?}");
    }
    gate.open();
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_two_at_once_is_not_asked_for_more() {
    let gate = Gate::new();
    let busy = r#"{"error":{"message":"too many requests at once"}}"#;
    let good = gated(&gate);
    let upstream = Upstream::start(move |seen| match seen.beside {
        0 | 1 => good.clone(),
        _ => Reply::json(429, busy),
    })
    .await;
    let (mut client, run) = run_about(TEXT, &upstream, json!({})).await;
    // Two sections are being written. The others were refused, and the panel says that they wait.
    client.wait_document(&run.uri, |text| waiting_and_writing(text) == (2, 2)).await;
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let refused = upstream.seen().len() - 4;
    assert!((2..=4).contains(&refused), "{refused} refused");
    let events = run.events(&mut client).await;
    let starts = events.iter().filter(|e| matches!(e.event, Event::BranchStarted { .. })).count();
    let ends = events.iter().filter(|e| matches!(e.event, Event::BranchEnded { .. })).count();
    assert_eq!((starts, ends), (4, 4));

    // The next run knows the limit.
    let before = upstream.seen().len();
    let again = shown_run(&mut client).await;
    again.ended(&mut client, 1).await;
    let refused = upstream.seen().len() - before - 4;
    assert!(refused <= 1, "{refused} refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_waits_for_its_turn_and_says_so() {
    let (gate, first) = (Gate::new(), std::sync::atomic::AtomicBool::new(true));
    let good = gated(&gate);
    let upstream = Upstream::start(move |seen| {
        let fails =
            section_of(seen) == 0 && first.swap(false, std::sync::atomic::Ordering::Relaxed);
        if fails { Reply::stream([sse_text("初めの言葉")]) } else { good.clone() }
    })
    .await;
    let (mut client, run) = run_about(TEXT, &upstream, json!({"schedule": "in_turn"})).await;
    client.wait_document(&run.uri, |text| waiting_and_writing(text) == (2, 1)).await;
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let text = client.wait_document(&run.uri, |text| waiting_and_writing(text) == (3, 1)).await;
    assert!(
        section(&text, "深さ").contains("初めの言葉\n\n_… 順番を待っています_"),
        "its earlier text stays: {text}"
    );
    assert_eq!(sections(&upstream.seen()), [0, 1]);
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    assert_eq!(sections(&upstream.seen()), [0, 1, 0, 2, 3], "ahead of what has not been asked");
    assert_eq!(upstream.overlap(), 1);
    assert!(!run.panel(&mut client).await.contains("初めの言葉"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_opens_no_connection() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, capabilities()).await;
    for _ in 0..3 {
        let run = shown_run(&mut client).await;
        run.ended(&mut client, 1).await;
    }
    assert_eq!(upstream.seen().len(), 12);
    // On a busy machine, an answer's end may come too late for its connection to be kept.
    assert!((4..=6).contains(&upstream.connections()), "{}", upstream.connections());
}
