//! Tests of the scripted server itself.

use super::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn ask(server: &Upstream, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    let head =
        format!("POST /v1/x?y=1 HTTP/1.1\r\nX-Test: Ä\r\ncontent-length: {}\r\n\r\n", body.len());
    socket.write_all((head + body).as_bytes()).await.unwrap();
    socket
}

async fn read_all(mut socket: TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn records_requests_and_answers_by_rule() {
    let server = Upstream::rules(vec![
        ("cut", Reply::stream([sse_text("é"), sse_thinking("t")]).byte_by_byte().end(End::Cut)),
        ("json", Reply::json(418, "{}").header("content-length", "2").end(End::Cut)),
        ("answer", answer(["a"]).step(Step::Wait(Duration::from_millis(1))).end(End::Cut)),
    ])
    .await;
    assert!(server.url().ends_with(&format!(":{}", server.port())));
    let text = read_all(ask(&server, "cut").await).await.unwrap();
    assert!(text.contains("1\r\nd\r\n1\r\na\r\n") && !text.contains("0\r\n\r\n"), "{text}");
    let text = read_all(ask(&server, r#"{"a":"json"}"#).await).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 418 ") && text.ends_with("\r\n\r\n{}"), "{text}");
    let text = read_all(ask(&server, "answer").await).await.unwrap();
    let parts = [sse_finish("stop"), sse_usage(10, 4, 3), sse(&serde_json::json!(1))];
    assert!(text.contains(&parts[0]) && text.contains(&parts[1]) && text.contains(SSE_DONE));
    let mut socket = ask(&server, "nothing").await;
    let mut head = [0; 12];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 404");

    let seen = server.arrived(4).await;
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("POST", "/v1/x?y=1"));
    assert_eq!(seen[0].header("x-test"), Some("Ä"));
    assert_eq!(seen[1].json()["a"], "json");
    assert_eq!((seen[1].connection, server.connections()), (1, 4));
    assert!(seen[0].arrived <= seen[0].head.unwrap() && seen[0].head <= seen[0].ended);
    assert!(seen[0].writes.len() > 50 && seen[0].client_closed.is_none());
}

#[tokio::test]
async fn sees_a_client_that_leaves_and_counts_overlap() {
    let (head, gate) = (Gate::new(), Gate::new());
    let reply = Reply::stream(["data: 1\n\n"])
        .before_head(Step::Until(head.clone()))
        .step(Step::Until(gate.clone()))
        .write("data: 2\n\n")
        .end(End::Open);
    let server = Upstream::always(reply).await;
    let (one, mut two) = (ask(&server, "1").await, ask(&server, "2").await);
    server.arrived(2).await;
    drop(one);
    let seen = server.closed(1).await;
    assert!(seen[0].head.is_none() && seen[0].ended.is_some());
    head.pass_one();
    server.until("a first write", |seen| seen[1].writes.len() == 1).await;
    assert!(server.seen()[1].ended.is_none());
    gate.open();
    server.until("a second write", |seen| seen[1].writes.len() == 2).await;
    two.shutdown().await.unwrap();
    server.closed(2).await;
    assert_eq!(server.overlap(), 2);
}

#[tokio::test]
async fn resets_and_keeps_alive() {
    let server = Upstream::start(|request| match request.body_text().as_str() {
        "reset" => Reply::stream(["data: 1\n\n"]).end(End::Reset),
        _ => Reply::status(200),
    })
    .await;
    let reset = tokio::time::timeout(TIMEOUT, read_all(ask(&server, "reset").await)).await;
    assert!(reset.unwrap().is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset));
    let mut socket = ask(&server, "x").await;
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let seen = server.arrived(3).await;
    assert_eq!(seen[1].connection, seen[2].connection);
}

#[tokio::test]
async fn writes_raw_bytes_and_without_an_end() {
    let server = Upstream::rules(vec![
        ("raw", Reply::raw("HTTP/1.1 200 OK\r\n\r\nx")),
        ("endless", Reply::stream([""; 0]).forever("ab")),
    ])
    .await;
    assert_eq!(read_all(ask(&server, "raw").await).await.unwrap(), "HTTP/1.1 200 OK\r\n\r\nx");
    let mut socket = ask(&server, "endless").await;
    let mut bytes = vec![0; 1 << 16];
    socket.read_exact(&mut bytes).await.unwrap();
    assert!(bytes.windows(7).filter(|seven| *seven == b"2\r\nab\r\n").count() > 9_000);
    drop(socket);
    server.until("the end", |seen| seen.get(1).is_some_and(|s| s.ended.is_some())).await;
}
