//! When requests are sent, how they end, and how they run side by side.

use super::ask::{collect, endpoint, outcome_at, prompt, provider};
use crate::support::upstream::*;
use futures::StreamExt;
use kaizodo::provider::{Chunk, Dialects, OpenAi, Provider, TimeoutExtension};
use std::time::{Duration, Instant};

/// Time limit for a dropped stream to close its socket.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn sends_when_it_is_first_polled() {
    let server = Upstream::always(answer(["a"])).await;
    let provider = provider(&server);
    let unpolled = provider.stream(prompt("never"), TimeoutExtension::default());
    let polled =
        provider.stream(prompt("now"), TimeoutExtension::default()).collect::<Vec<_>>().await;
    assert_eq!(polled.len(), 3);
    drop(unpolled);
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].body_text().contains("now"));
}

#[tokio::test]
async fn sends_one_system_and_one_user_message() {
    let server = Upstream::always(answer(["a"])).await;
    let mut endpoint = endpoint(&server);
    endpoint.query = vec![("api-version".to_owned(), "2024-08-01".to_owned())];
    endpoint.headers = vec![("X-Title".to_owned(), "kaizodo".to_owned())];
    endpoint.api_key = Some(kaizodo::provider::Secret::new("sk-key\n").unwrap());
    let provider = OpenAi::new(endpoint, Dialects::default()).unwrap();
    let mut warm = prompt("why?");
    warm.temperature = Some(0.2);
    warm.model = Some("own".to_owned());
    collect(&provider, warm).await;
    let seen = server.seen();
    assert_eq!(seen[0].path, "/v1/chat/completions?api-version=2024-08-01");
    assert_eq!(seen[0].header("authorization"), Some("Bearer sk-key"));
    assert_eq!(seen[0].header("x-title"), Some("kaizodo"));
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    let expected = [
        r#"{"model":"own","messages":[{"role":"system","content":"be brief"},"#,
        r#"{"role":"user","content":"<selection>\ntext\n</selection>\n\nwhy?"}],"#,
        r#""stream":true,"stream_options":{"include_usage":true},"#,
        r#""max_tokens":100,"temperature":0.2}"#,
    ];
    assert_eq!(seen[0].body_text(), expected.concat());
}

#[tokio::test]
async fn dropping_before_the_head_closes_the_socket() {
    let reply = Reply::status(200).before_head(Step::Until(Gate::new()));
    let server = Upstream::always(reply).await;
    let provider = provider(&server);
    let mut stream = provider.stream(prompt("why?"), TimeoutExtension::default());
    tokio::select! {
        _ = stream.next() => panic!("there is no answer"),
        _ = server.arrived(1) => {}
    }
    assert_closes(&server, stream).await;
}

#[tokio::test]
async fn dropping_an_idle_stream_closes_the_socket() {
    let server = Upstream::always(Reply::stream([sse_text("a")]).end(End::Open)).await;
    let mut stream = provider(&server).stream(prompt("why?"), TimeoutExtension::default());
    assert_eq!(stream.next().await, Some(Ok(Chunk::Begun)));
    assert_eq!(stream.next().await, Some(Ok(Chunk::Text("a".to_owned()))));
    assert_closes(&server, stream).await;
}

#[tokio::test]
async fn dropping_a_busy_stream_closes_the_socket() {
    let mut reply = Reply::stream([sse_text("a")]);
    for _ in 0..10_000 {
        reply = reply.step(Step::Wait(Duration::from_millis(1))).write(sse_text("b"));
    }
    let server = Upstream::always(reply).await;
    let mut stream = provider(&server).stream(prompt("why?"), TimeoutExtension::default());
    for _ in 0..5 {
        assert!(stream.next().await.is_some_and(|item| item.is_ok()));
    }
    assert_closes(&server, stream).await;
}

async fn assert_closes(server: &Upstream, stream: impl Sized) {
    let closed = |seen: Vec<Seen>| seen.first().and_then(|first| first.client_closed);
    assert_eq!(closed(server.seen()), None);
    let dropped = Instant::now();
    drop(stream);
    let closed = closed(server.closed(1).await).expect("a closed socket");
    let took = closed.saturating_duration_since(dropped);
    assert!(took < SOON, "closed after {took:?}");
}

#[tokio::test]
async fn four_streams_run_at_once() {
    let gate = Gate::new();
    let reply = Reply::stream([sse_text("a")])
        .step(Step::Until(gate.clone()))
        .write([sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let server = Upstream::always(reply).await;
    let provider = provider(&server);
    let all =
        futures::future::join_all(["1", "2", "3", "4"].map(|n| collect(&provider, prompt(n))));
    let open = async {
        server.arrived(4).await;
        gate.open();
    };
    let (all, ()) = tokio::join!(all, open);
    assert!(all.iter().all(|items| items.len() == 3 && items[2].is_ok()));
    assert_eq!(server.overlap(), 4);
}

#[tokio::test]
async fn one_connection_serves_one_request_after_the_other() {
    let late_end = answer(["a"]).step(Step::Wait(Duration::from_millis(20)));
    let server = Upstream::always(late_end).await;
    let mut endpoint = endpoint(&server);
    endpoint.limits.drain = TIMEOUT;
    let provider = OpenAi::new(endpoint, Dialects::default()).expect("a sound endpoint");
    for _ in 0..4 {
        assert_eq!(outcome_at(&provider).await, "a Stop 10/4/3");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_reader_that_stops_reading_stops_the_server() {
    // Far more than the sockets and the buffer of 64 events can hold.
    let piece = sse_text(&"x".repeat(100_000));
    let server = Upstream::always(Reply::stream(vec![piece; 1_000])).await;
    let mut stream = provider(&server).stream(prompt("why?"), TimeoutExtension::default());
    assert!(stream.next().await.is_some());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let written = server.seen()[0].writes.len();
    assert!(written < 300, "{written} pieces were taken");
    assert_closes(&server, stream).await;
}
