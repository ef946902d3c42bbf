//! Successful responses that are not answers.

use crate::bench::*;
use crate::support::upstream::*;

const EMPTY: (&str, &str) = (
    "HOST の応答は空でした。もう一度実行し、繰り返すときは接続先 URL とサーバーのログを確かめてください。",
    "HOST sent an empty response. Retry; if that does not help, check the base URL and the server's log.",
);

fn page(content_type: &str, html: &str) -> Reply {
    Reply::status(200).header("content-type", content_type).write(html)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_a_page_of_a_captive_portal_is_told_with_its_title() {
    let html = "<!DOCTYPE html>\n<html><head><title>Wi-Fi sign-in</title></head><body><script>x</script></body></html>";
    for (name, reply, kind) in [
        ("HTML", page("text/html; charset=utf-8", html), "text/html"),
        ("HTML that says it is an API", page("application/json", html), "application/json"),
    ] {
        let ja = format!(
            "HOST から、応答の代わりに Web ページが返ってきました（{kind}）。ネットワークにサインインが要らないかと、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。詳細: Wi-Fi sign-in"
        );
        let en = format!(
            "HOST returned a web page instead of an answer ({kind}). Check whether the network requires you to sign in, and that the base URL points to the API (most end in /v1). Detail: Wi-Fi sign-in"
        );
        Fault::new(name, reply).ends("failed", "bad_response").says(ja, en).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_what_is_no_stream_is_told_with_its_type_and_its_start() {
    let long = format!("{{\"hello\":\"{}\"}}", "x".repeat(300));
    let start = |text: &str| text.chars().take(200).collect::<String>();
    for (name, reply, kind, words) in [
        (
            "other JSON",
            Reply::json(200, r#"{"hello":1}"#),
            "application/json",
            r#"{"hello":1}"#.to_owned(),
        ),
        ("long JSON", Reply::json(200, &long), "application/json", start(&long)),
        (
            "broken JSON",
            Reply::json(200, "{malformed json: x"),
            "application/json",
            "{malformed json: x".to_owned(),
        ),
        ("text", page("text/plain", "hello there"), "text/plain", "hello there".to_owned()),
        (
            "JSON called a stream",
            page("text/event-stream", "{\"a\":1}"),
            "text/event-stream",
            "{\"a\":1}".to_owned(),
        ),
    ] {
        let ja = format!(
            "HOST の応答を読み取れませんでした（{kind}）。繰り返すときは、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。詳細: {words}"
        );
        let en = format!(
            "Cannot read the response from HOST ({kind}). If a retry does not help, check that the base URL points to the API (most end in /v1). Detail: {words}"
        );
        Fault::new(name, reply).ends("failed", "bad_response").says(ja, en).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_an_empty_body_is_told() {
    for (name, reply) in [
        ("no chunk", Reply::stream([""; 0])),
        ("no length", Reply::status(200).header("content-length", "0")),
        ("no content", Reply::raw("HTTP/1.1 204 No Content\r\n\r\n")),
        ("blanks", Reply::stream(["\n\n \n"])),
    ] {
        let fault = Fault::new(name, reply).ends("failed", "bad_response");
        fault.says(EMPTY.0, EMPTY.1).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_an_answer_that_is_not_streamed_is_an_answer_all_the_same() {
    let whole =
        r#"{"choices":[{"message":{"role":"assistant","content":"全部"},"finish_reason":"stop"}]}"#;
    for (name, reply) in [
        ("JSON", Reply::json(200, whole)),
        ("JSON after a byte order mark", Reply::json(200, &format!("\u{feff}{whole}"))),
        ("JSON called text", page("text/plain", whole)),
    ] {
        Fault::new(name, reply).keeps("全部").ends("done", "").check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f17_an_encoding_that_was_not_asked_for_is_not_unpacked() {
    for encoding in ["gzip", "br", "deflate", "zstd"] {
        let reply = Reply::stream([b"\x1f\x8b\x08\0\0"]).header("content-encoding", encoding);
        let ja = format!(
            "HOST の応答は、頼んでいない方式（{encoding}）で圧縮されていて読めません。あいだにあるプロキシの設定を確かめてください。"
        );
        let en = format!(
            "Cannot read the response from HOST: it uses the content encoding {encoding}, which kaizodo did not ask for. Check any proxies in between."
        );
        let told =
            Fault::new("encoded", reply).ends("failed", "bad_response").says(ja, en).check().await;
        assert_eq!(told.requests[0].header("accept-encoding"), Some("identity"));
    }
    // The connection is closed: if it were reused on a slow machine, another section would fail.
    let head =
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: gzip, chunked\r\n\r\n10\r\n";
    let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03KI,I\x04\0";
    for (name, reply) in [
        ("packed without a word", Reply::stream([packed])),
        ("packed for the transfer", Reply::raw([&head[..], packed, b"\r\n0\r\n\r\n"].concat())),
    ] {
        Fault::new(name, reply).ends("failed", "bad_response").check().await;
    }
}
