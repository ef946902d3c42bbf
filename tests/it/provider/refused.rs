//! How refusals are reported, and which requests are repeated without the refused part.

use super::ask::{collect, endpoint, outcome, outcome_at, prompt, provider};
use crate::support::upstream::*;
use futures::StreamExt;
use kaizodo::event::FailureKind;
use kaizodo::lang::Lang;
use kaizodo::provider::{
    Cause, Dialects, Endpoint, OpenAi, Provider, ProviderError, TimeoutExtension,
};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn error(provider: &OpenAi) -> ProviderError {
    let mut items = collect(provider, prompt("why?")).await;
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0).expect_err("a refusal")
}

#[tokio::test]
async fn keeps_status_and_words_of_every_shape() {
    let page = |status, title: &str| {
        let page = format!("<html><head><title>{title}</title></head></html>");
        Reply::status(status).header("content-type", "text/html").write(page)
    };
    for (reply, expected) in [
        (
            Reply::json(
                401,
                r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            ),
            "!Unauthorized 401 NoKey Incorrect API key",
        ),
        (
            Reply::json(401, r#"{"error":{"message":"No auth","code":401}}"#),
            "!Unauthorized 401 NoKey No auth",
        ),
        (
            Reply::json(404, r#"{"error":{"message":"model 'm' not found","code":null}}"#),
            "!NotFound 404 model 'm' not found",
        ),
        (
            Reply::json(
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
            ),
            "!TooLarge 400 the request exceeds the available context size",
        ),
        (
            Reply::json(
                400,
                r#"[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}]"#,
            ),
            "!BadRequest 400 bad",
        ),
        (Reply::json(422, r#"{"detail":"no such field"}"#), "!BadRequest 422 no such field"),
        (Reply::json(400, r#"{"error":"flat"}"#), "!BadRequest 400 flat"),
        (page(404, "404 Not Found"), "!NotFound 404 404 Not Found"),
        (page(413, "413 Request Entity Too Large"), "!TooLarge 413 413 Request Entity Too Large"),
        (page(502, "502 Bad Gateway"), "!Server 502 502 Bad Gateway"),
        (
            Reply::json(503, r#"{"error":{"message":"Loading model","code":503}}"#),
            "!Server 503 Loading model",
        ),
        (
            Reply::json(429, r#"{"error":{"message":"slow down","code":429}}"#),
            "!RateLimited 429 slow down",
        ),
        (
            Reply::json(429, r#"{"error":{"message":"pay","code":"insufficient_quota"}}"#),
            "!Quota 429 pay",
        ),
        (Reply::status(402), "!Quota 402"),
        (Reply::status(500).write("x\u{1b}[31m\n\ny"), "!Server 500 x [31m y"),
    ] {
        assert_eq!(outcome(reply).await, expected);
    }
}

#[tokio::test]
async fn keeps_what_was_read_of_words_without_an_end() {
    let server = Upstream::always(Reply::status(500).write("overloaded").end(End::Open)).await;
    let mut endpoint = endpoint(&server);
    endpoint.limits.connect = Duration::from_millis(200);
    let provider = OpenAi::new(endpoint, Dialects::default()).unwrap();
    assert_eq!(outcome_at(&provider).await, "!Server 500 overloaded");
    let endless = Upstream::always(Reply::status(500).write("x".repeat(1 << 20))).await;
    assert_eq!(outcome_at(&super::ask::provider(&endless)).await.chars().count(), 512);
}

#[tokio::test]
async fn asks_once_and_hands_retry_after_on() {
    for (name, value, wait) in [
        ("retry-after", "2", Some(2_000)),
        ("retry-after", "1.5", Some(1_500)),
        ("retry-after-ms", "250", Some(250)),
        ("retry-after", "soon", None),
    ] {
        let server = Upstream::always(Reply::status(429).header(name, value)).await;
        let error = error(&provider(&server)).await;
        assert_eq!(error.retry_after, wait.map(Duration::from_millis), "{name}: {value}");
        assert_eq!(error.host, Some(endpoint(&server).host()));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn leaves_out_what_a_server_does_not_take_and_remembers() {
    let server = Upstream::start(|request| {
        let body = request.body_text();
        let refuse = |message: &str| {
            let error = serde_json::json!({ "error": { "message": message } });
            Reply::json(400, &error.to_string())
        };
        if body.contains("stream_options") {
            refuse("Unrecognized request argument supplied: stream_options")
        } else if body.contains("max_tokens") {
            refuse("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        } else if body.contains("temperature") {
            refuse("Unsupported value: 'temperature' does not support 0.2 with this model.")
        } else {
            answer(["a"])
        }
    })
    .await;
    let provider = provider(&server);
    let mut warm = prompt("why?");
    warm.temperature = Some(0.2);
    for _ in 0..2 {
        let items = collect(&provider, warm.clone()).await;
        assert!(items.iter().all(Result::is_ok), "{items:?}");
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 5, "four to learn it, then one");
    assert_eq!(seen[4].json()["max_completion_tokens"], 100);
    assert!(seen[4].json().get("temperature").is_none());
}

#[tokio::test]
async fn learns_nothing_from_a_refusal_that_stays() {
    let stubborn = Reply::json(
        400,
        r#"{"error":"stream_options, max_completion_tokens, temperature unsupported"}"#,
    );
    let server = Upstream::always(stubborn).await;
    let provider = provider(&server);
    assert_eq!(error(&provider).await.kind, FailureKind::BadRequest);
    assert_eq!(server.seen().len(), 3, "without a temperature there is none to leave out");
    assert_eq!(error(&provider).await.kind, FailureKind::BadRequest);
    assert!(server.seen()[3].body_text().contains("stream_options"));
}

#[tokio::test]
async fn tells_why_a_host_is_out_of_reach() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain_port = plain.local_addr().unwrap().port();
    let answering = tokio::spawn(async move {
        let (mut socket, _) = plain.accept().await.unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        socket.read_to_end(&mut Vec::new()).await.ok();
    });
    for (base, expected) in [
        (format!("http://127.0.0.1:{closed}"), "!Unreachable ConnectionRefused"),
        ("http://no-such-name.localhost:1".to_owned(), "!Unreachable "),
        (format!("https://127.0.0.1:{plain_port}"), "!Unreachable Tls(NotSpoken) "),
    ] {
        let provider = OpenAi::new(Endpoint::new(&base).unwrap(), Dialects::default()).unwrap();
        let got = outcome_at(&provider).await;
        assert!(got.starts_with(expected), "{base}: {got}");
    }
    answering.await.unwrap();
}

#[tokio::test]
async fn a_silent_network_is_given_up() {
    // A listener whose queue is full does not answer the next connection.
    let mut endpoint = Endpoint::new("http://127.0.0.1:9").unwrap();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    for _ in 0..8 {
        let connect = tokio::net::TcpStream::connect(address);
        queued.push(tokio::time::timeout(Duration::from_millis(50), connect).await.ok());
    }
    endpoint.base_url.set_port(Some(address.port())).unwrap();
    endpoint.limits.connect = Duration::from_millis(200);
    let error = error(&OpenAi::new(endpoint, Dialects::default()).unwrap()).await;
    assert_eq!(error.kind, FailureKind::Unreachable);
    assert_eq!(error.cause, Some(Cause::NoConnection));
}

#[tokio::test]
async fn names_who_answers() {
    let server = Upstream::always(Reply::status(200)).await;
    let provider = provider(&server);
    assert_eq!(provider.label(Lang::En), endpoint(&server).host());
    assert_eq!(provider.model(&prompt("x")), "m");
    assert_eq!(provider.stream(prompt("x"), TimeoutExtension::default()).count().await, 1);
}
