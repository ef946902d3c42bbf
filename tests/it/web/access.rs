//! Requests without access: they learn nothing, do nothing, and hold few resources.

use super::Served;
use crate::support::program::Home;
use crate::support::upstream::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// Sends bytes, and returns everything that comes until the server closes the connection or `wait`
/// has passed.
async fn exchange(served: &Served, bytes: &[u8], wait: Duration) -> String {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    // The server may close the connection before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut got = Vec::new();
    let _ = timeout(wait, stream.read_to_end(&mut got)).await;
    String::from_utf8_lossy(&got).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_stranger_gets_nothing_and_nothing_is_sent_for_them() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let (host, token) = (served.address.to_string(), served.token.clone());
    let good = format!("host: {host}\r\nauthorization: Bearer {token}\r\n");
    let wrong = format!("host: {host}\r\nauthorization: Bearer {}\r\n", "0".repeat(64));
    let body = r#"{"text":"秘密の文章"}"#;
    for (fields, code) in [
        (format!("host: {host}\r\n"), "401"),
        (wrong, "401"),
        (format!("host: {host}\r\ncookie: token={token}\r\n"), "401"),
        (good.replace(&host, "evil.example"), "421"),
        (good.replace(&host, "127.0.0.1.evil.example"), "421"),
        (format!("authorization: Bearer {token}\r\n"), "400"),
        (format!("{good}host: evil.example\r\n"), "400"),
        (format!("{good}origin: http://evil.example\r\n"), "403"),
        (format!("{good}origin: null\r\n"), "403"),
        (format!("{good}sec-fetch-site: cross-site\r\n"), "403"),
    ] {
        let request = format!(
            "POST /v1/runs HTTP/1.1\r\n{fields}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let got = exchange(&served, request.as_bytes(), SOON).await;
        // For a missing or repeated `Host`, both statuses are right.
        let is_refused = status(&got) == code || code == "400" && status(&got) == "421";
        assert!(is_refused, "{fields}: {got}");
        assert!(!got.contains(&token) && !got.contains("秘密"), "{got}");
    }
    for target in [
        "/v1/runs?token=",
        "/v1/runs/last?token=",
        "//v1/runs?token=",
        "/v1/../v1/runs?token=",
        "/V1/runs?token=",
    ] {
        let request =
            format!("GET {target}{token} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let got = exchange(&served, request.as_bytes(), SOON).await;
        assert!(["401", "404"].contains(&status(&got)), "{target}: {got}");
    }
    let preflight = format!(
        "OPTIONS /v1/runs HTTP/1.1\r\nhost: {host}\r\norigin: http://evil.example\r\naccess-control-request-method: POST\r\nconnection: close\r\n\r\n"
    );
    let got = exchange(&served, preflight.as_bytes(), SOON).await;
    assert_eq!(status(&got), "403");
    assert!(!got.to_lowercase().contains("access-control-allow"), "{got}");
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test]
async fn every_answer_forbids_what_the_page_does_not_need() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let served = Served::start(&Home::new(), &upstream).await;
    for path in ["/", "/v1/status", "/v1/openapi.json", "/nothing", "/v1/runs/none"] {
        let response = served.get(path).send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let policy = header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"));
        assert_eq!(header("cross-origin-resource-policy").as_deref(), Some("same-origin"));
        assert_eq!(header("access-control-allow-origin"), None);
        assert_eq!(header("set-cookie"), None);
    }
}

#[tokio::test]
async fn heads_and_bodies_are_bounded() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let (host, token) = (served.address, &served.token);
    let many: String = (0..200).map(|n| format!("x-{n}: {n}\r\n")).collect();
    let flood = format!(
        "GET /v1/status HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n{many}\r\n"
    );
    assert_eq!(status(&exchange(&served, flood.as_bytes(), SOON).await), "431");
    let long =
        format!("GET /v1/status HTTP/1.1\r\nhost: {host}\r\nx: {}\r\n\r\n", "y".repeat(1 << 20));
    let got = exchange(&served, long.as_bytes(), SOON).await;
    assert!(["431", ""].contains(&status(&got)), "{got}");
    let path = format!("GET /{} HTTP/1.1\r\nhost: {host}\r\n\r\n", "y".repeat(1 << 20));
    let got = exchange(&served, path.as_bytes(), SOON).await;
    assert!(["414", "431", ""].contains(&status(&got)), "{got}");
    let head = format!(
        "POST /v1/runs HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    );
    let announced = format!("{head}content-length: 9000000000\r\n\r\n{{\"text\":\"");
    let got = exchange(&served, announced.as_bytes(), Duration::from_secs(15)).await;
    assert!(["413", "408"].contains(&status(&got)), "{got}");
    let both = format!(
        "{head}content-length: 5\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\nGET /v1/runs HTTP/1.1\r\n\r\n"
    );
    let got = exchange(&served, both.as_bytes(), SOON).await;
    assert_eq!(status(&got), "400", "what could be read in two ways is not read: {got}");
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test]
async fn who_is_slow_is_sent_away_and_holds_nobody_up() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let started = Instant::now();
    let slow = (0..300).map(|n| {
        let bytes = match n % 3 {
            0 => "".to_owned(),
            1 => "GET / HTTP/1.1\r\nhost: a\r\nx".to_owned(),
            _ => format!(
                "POST /v1/runs HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{{",
                served.address, served.token
            ),
        };
        let served = &served;
        async move { exchange(served, bytes.as_bytes(), Duration::from_secs(40)).await }
    });
    let others = async {
        for _ in 0..20 {
            let response = served.get("/v1/status").send();
            assert_eq!(timeout(SOON, response).await.unwrap().unwrap().status(), 200);
        }
    };
    let (answers, ()) = tokio::join!(super::all(slow), others);
    assert!(started.elapsed() < Duration::from_secs(35), "{:?}", started.elapsed());
    let told = answers.iter().filter(|answer| status(answer) == "408").count();
    assert_eq!(told, 100, "who is known is told that half a body is none");
    assert_eq!(
        answers.iter().filter(|answer| answer.is_empty()).count(),
        200,
        "others are sent away"
    );
}
