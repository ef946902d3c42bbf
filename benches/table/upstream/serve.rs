//! A minimal HTTP/1.1 server with server-sent events, as fast as its writes.

use super::super::clock;
use super::super::profile::{LANE, Profile};
use super::{Served, Shared};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const LAST: &str = "data: [DONE]\n\n";

pub(super) fn serve(listener: std::net::TcpListener, shared: Shared) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    listener.set_nonblocking(true).unwrap();
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            socket.set_nodelay(true).unwrap();
            let shared = shared.clone();
            tokio::spawn(async move {
                // A client that disconnects ends only its connection.
                let _ = connection(socket, shared).await;
            });
        }
    });
}

async fn connection(mut socket: TcpStream, shared: Shared) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while let Some(request) = read(&mut socket, &mut bytes).await? {
        let arrived = clock::now();
        if request.starts_with("GET ") {
            let models = r#"{"object":"list","data":[{"id":"m","object":"model"}]}"#;
            socket.write_all(whole(200, models).as_bytes()).await?;
            continue;
        }
        let asked = {
            let state = shared.lock().unwrap();
            lane_of(&request).map(|lane| (lane, state.lanes[lane].clone()))
        };
        let Some((lane, profile)) = asked else {
            socket.write_all(whole(404, r#"{"error":{"message":"no lane"}}"#).as_bytes()).await?;
            continue;
        };
        let place = {
            let mut state = shared.lock().unwrap();
            state.log.push(Served { lane, arrived, sent: vec![] });
            state.log.len() - 1
        };
        let mut sent = Vec::with_capacity(profile.chunks);
        let result = answer(&mut socket, lane, &profile, &mut sent).await;
        shared.lock().unwrap().log[place].sent = sent;
        result?;
    }
    Ok(())
}

/// Reads a request with head and body; `None` at the end of the connection.
async fn read(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> std::io::Result<Option<String>> {
    bytes.clear();
    loop {
        if let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.split("content-length:").nth(1).and_then(|rest| {
                rest.lines().next().and_then(|value| value.trim().parse::<usize>().ok())
            });
            if bytes.len() >= head + 4 + length.unwrap_or_default() {
                return Ok(Some(String::from_utf8_lossy(bytes).into_owned()));
            }
        }
        if socket.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// Returns the lane of a request.
fn lane_of(request: &str) -> Option<usize> {
    let number = |mark| {
        let (_, rest) = request.split_once(mark)?;
        rest.get(..3)?.parse::<usize>().ok()
    };
    match number(LANE) {
        // A run has at most 64 lanes; further ones belong to the next run.
        Some(lane) => Some(number("batch-").unwrap_or_default() * 64 + lane),
        None => ["Depth", "Breadth", "Structure", "Time"]
            .iter()
            .position(|title| request.contains(&format!("Your side of the text: {title}\\n"))),
    }
}

async fn answer(
    socket: &mut TcpStream,
    lane: usize,
    profile: &Profile,
    sent: &mut Vec<u64>,
) -> std::io::Result<()> {
    if let Some(status) = profile.refuse {
        let body = r#"{"error":{"message":"refused as the bench asks","type":"bench"}}"#;
        return socket.write_all(whole(status, body).as_bytes()).await;
    }
    let begun = Instant::now();
    socket.write_all(HEAD.as_bytes()).await?;
    let mut due = begun + Duration::from_millis(profile.first_ms);
    let mut body = String::new();
    let mut at = 0;
    while at < profile.chunks {
        let until = profile.chunks.min(at + profile.batch);
        body.clear();
        (at..until).for_each(|k| body.push_str(&event(&profile.piece(lane, k), "null")));
        let frame = framed(&body);
        if profile.delay_ms > 0 || at == 0 {
            sleep_until(due).await;
            due += Duration::from_millis(profile.delay_ms);
        } else {
            yield_now().await;
        }
        let now = clock::now();
        (at..until).for_each(|_| sent.push(now));
        socket.write_all(frame.as_bytes()).await?;
        at = until;
    }
    let end = format!("{}{}", framed(&format!("{}{LAST}", event("", "\"stop\""))), "0\r\n\r\n");
    socket.write_all(end.as_bytes()).await
}

/// Returns an event. `text` is already escaped for JSON.
fn event(text: &str, finish: &str) -> String {
    format!(
        concat!(
            r#"data: {{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1795354720,"model":"m","#,
            r#""choices":[{{"index":0,"delta":{{"content":"{}"}},"logprobs":null,"finish_reason":{}}}]}}"#,
            "\n\n"
        ),
        text, finish
    )
}

fn framed(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n", body.len())
}

fn whole(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
