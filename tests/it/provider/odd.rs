//! What real servers send, and what a reader gets. Every stream is `A`, the odd piece, `Z` and an
//! end. Each stream is read again one byte at a time, which must not change the result.

use super::ask::{endpoint, outcome, outcome_at};
use crate::support::upstream::*;
use kaizodo::provider::{Dialects, OpenAi};
use serde_json::json;
use std::time::Duration;

/// Returns a stream of `A`, the piece, `Z`, `stop` and `[DONE]`.
fn around(piece: impl AsRef<[u8]>) -> Vec<u8> {
    let tail = [sse_text("Z"), sse_finish("stop"), SSE_DONE.to_owned()].concat();
    [sse_text("A").as_bytes(), piece.as_ref(), tail.as_bytes()].concat()
}

async fn check(reply: Reply, expected: &str, name: &str) {
    assert_eq!(outcome(reply.clone()).await, expected, "{name}");
    assert_eq!(outcome(reply.byte_by_byte()).await, expected, "{name}, byte by byte");
}

#[tokio::test]
async fn reads_odd_chunks() {
    let delta =
        |delta: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n");
    let chunk = |rest: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"b\"}}}}]{rest}}}\n\n")
    };
    let choice = |choice: &str| format!("data: {{\"choices\":[{choice}]}}\n\n");
    let b = "\"delta\":{\"content\":\"b\"}";
    let cases = [
        ("id, created, object, model missing", chunk(""), "AbZ Stop"),
        ("id null", chunk(",\"id\":null"), "AbZ Stop"),
        ("created a float", chunk(",\"created\":1.7e9"), "AbZ Stop"),
        ("created in ms", chunk(",\"created\":1760000000000"), "AbZ Stop"),
        ("created a string", chunk(",\"created\":\"now\""), "AbZ Stop"),
        ("service_tier", chunk(",\"service_tier\":\"on_demand\""), "AbZ Stop"),
        ("usage null", chunk(",\"usage\":null"), "AbZ Stop"),
        ("usage {}", chunk(",\"usage\":{}"), "AbZ Stop"),
        ("usage half", chunk(",\"usage\":{\"prompt_tokens\":5}"), "AbZ Stop 5/0/0"),
        ("error null", chunk(",\"error\":null"), "AbZ Stop"),
        ("index missing", choice(&format!("{{{b}}}")), "AbZ Stop"),
        ("index null", choice(&format!("{{\"index\":null,{b}}}")), "AbZ Stop"),
        ("finish_reason empty", choice(&format!("{{{b},\"finish_reason\":\"\"}}")), "AbZ Stop"),
        ("finish_reason odd", choice(&format!("{{{b},\"finish_reason\":\"eos_token\"}}")), "AbZ Stop"),
        ("finish_reason a number", choice(&format!("{{{b},\"finish_reason\":3}}")), "AbZ Stop"),
        ("message behind deltas", choice("{\"message\":{\"content\":\"Ab\"}}"), "AZ Stop"),
        ("delta missing", choice("{\"index\":0}"), "AZ Stop"),
        ("delta null", choice("{\"index\":0,\"delta\":null}"), "AZ Stop"),
        ("another choice", choice("{\"index\":1,\"delta\":{\"content\":\"x\"}}"), "AZ Stop"),
        ("role empty", delta(r#"{"role":"","content":"b"}"#), "AbZ Stop"),
        ("role odd", delta(r#"{"role":"model","content":"b"}"#), "AbZ Stop"),
        ("all null", delta(r#"{"role":null,"content":null,"tool_calls":null}"#), "AZ Stop"),
        ("reasoning_content", delta(r#"{"reasoning_content":"深さ"}"#), "A(2)Z Stop"),
        ("reasoning", delta(r#"{"reasoning":"deep"}"#), "A(4)Z Stop"),
        ("refusal", delta(r#"{"refusal":"no"}"#), "AnoZ Stop"),
        ("parts", delta(r#"{"content":[{"type":"text","text":"b"}]}"#), "AbZ Stop"),
        (
            "parts that think",
            delta(r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]}]}"#),
            "A(1)Z Stop",
        ),
        ("choices missing", "data: {\"id\":\"x\"}\n\n".to_owned(), "AZ Stop"),
        ("choices null", "data: {\"choices\":null}\n\n".to_owned(), "AZ Stop"),
        (
            "Azure's first chunk",
            "data: {\"choices\":[],\"id\":\"\",\"model\":\"\",\"prompt_filter_results\":[{}]}\n\n".to_owned(),
            "AZ Stop",
        ),
        ("ping with type", "event: ping\ndata: {\"type\":\"ping\"}\n\n".to_owned(), "AZ Stop"),
        ("ping without JSON", "event: keepalive\ndata: now\n\n".to_owned(), "AZ Stop"),
        ("empty data", "data:\n\ndata: \n\n".to_owned(), "AZ Stop"),
        ("comments", ": OPENROUTER PROCESSING\n\n:\n\n: keep-alive\n".to_owned(), "AZ Stop"),
        ("no space after the colon", chunk("").replace("data: ", "data:"), "AbZ Stop"),
        ("id and retry fields", format!("id: 1\nretry: 3000\n{}", chunk("")), "AbZ Stop"),
        ("data over several lines", chunk("").replace(':', ":\ndata: ").replacen(":\ndata: ", ":", 1), "AbZ Stop"),
        ("a lone half", delta(r#"{"content":"\ud83d"}"#), "A\u{fffd}Z Stop"),
        (
            "halves in two chunks",
            delta(r#"{"content":"\ud83d"}"#) + &delta(r#"{"content":"\ude42"}"#),
            "A🙂Z Stop",
        ),
        (
            "an error in a chunk",
            "data: {\"error\":{\"message\":\"m\",\"code\":502},\"choices\":[{\"finish_reason\":\"error\"}]}\n\n".to_owned(),
            "A!Provider 502 m",
        ),
        ("a bare error", "data: {\"error\":\"out of memory\"}\n\n".to_owned(), "A!Provider out of memory"),
        ("an error event", "event: error\ndata: {\"message\":\"m\"}\n\n".to_owned(), "A!Provider m"),
        ("an error event of text", "event: error\ndata: boom\n\n".to_owned(), "A!Provider boom"),
        ("finish_reason error", choice("{\"finish_reason\":\"error\"}"), "A!Provider finish_reason: error"),
        ("an error of a known kind", "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n".to_owned(), "A!RateLimited 429 m"),
        ("broken JSON", "data: {\"choices\":[{\n\n".to_owned(), "A\u{fffd}Z!BadResponse UnreadableEvents(1)"),
    ];
    for (name, piece, expected) in cases {
        check(Reply::stream([around(piece)]), expected, name).await;
    }
}

#[tokio::test]
async fn reads_odd_framing() {
    let text = String::from_utf8(around("")).expect("JSON is UTF-8");
    let utf8 = String::from_utf8(around(sse_text("深さ é 🙂"))).expect("JSON is UTF-8");
    let whole = [sse_text("a"), sse_finish("stop")].concat();
    let invalid =
        around(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\xff\"}}]}\n\n");
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("CRLF", text.replace('\n', "\r\n").into(), "AZ Stop"),
        ("CR", text.replace('\n', "\r").into(), "AZ Stop"),
        ("BOM", format!("\u{feff}{text}").into(), "AZ Stop"),
        ("one line end between events", text.replace("\n\n", "\n").into(), "AZ Stop"),
        ("characters of several bytes", utf8.into(), "A深さ é 🙂Z Stop"),
        ("a byte that is no UTF-8", invalid, "Ab\u{fffd}Z Stop"),
        ("no [DONE]", whole.clone().into(), "a Stop"),
        ("no blank line at the end", whole.trim_end().into(), "a Stop"),
        (
            "[DONE] with a space",
            [sse_text("a"), "data: [DONE] \n\n".into()].concat().into(),
            "a Stop",
        ),
        ("[DONE] alone", [sse_text("a"), SSE_DONE.into()].concat().into(), "a Stop"),
        ("text after [DONE]", [&*text, &sse_text("x")].concat().into(), "AZ Stop"),
        ("neither end", sse_text("a").into(), "a!Interrupted NoEnd"),
    ];
    for (name, body, expected) in cases {
        check(Reply::stream([body]), expected, name).await;
    }
}

#[tokio::test]
async fn reads_every_end() {
    let a = sse_text("a");
    let stop = [sse_text("a"), sse_finish("stop")].concat();
    let usage = sse_usage(10, 4, 3);
    let odd = |finish: &str| [sse_text("a"), sse_finish(finish), SSE_DONE.to_owned()].concat();
    for (name, reply, expected) in [
        ("usage last", answer(["a", "b"]), "ab Stop 10/4/3"),
        ("length", Reply::stream([odd("length")]), "a Length"),
        ("content_filter", Reply::stream([odd("content_filter")]), "a Filtered"),
        ("tool_calls", Reply::stream([odd("tool_calls")]), "a Tool"),
        ("end_turn", Reply::stream([odd("end_turn")]), "a Stop"),
        ("cut", Reply::stream([&a]).end(End::Cut), "a!Interrupted Closed"),
        ("reset", Reply::stream([&a]).end(End::Reset), "a!Interrupted Reset"),
        ("cut after the model's end", Reply::stream([&stop]).end(End::Cut), "a Stop"),
        ("[DONE] and then nothing", Reply::stream([odd("stop")]).end(End::Open), "a Stop"),
        ("finish and then nothing", Reply::stream([&stop]).end(End::Open), "a Stop"),
        ("usage and then nothing", Reply::stream([&stop, &usage]).end(End::Open), "a Stop 10/4/3"),
        (
            "old llama.cpp",
            Reply::stream(["error: {\"code\":500}\n\n"]),
            "!BadResponse NotAStream(\"text/event-stream\") error: {\"code\":500}",
        ),
        ("nothing", Reply::stream([""; 0]), "!BadResponse Empty"),
        (
            "only comments",
            Reply::stream([": x\n\n"]),
            "!BadResponse NotAStream(\"text/event-stream\") : x",
        ),
    ] {
        assert_eq!(outcome(reply).await, expected, "{name}");
    }
}

#[tokio::test]
async fn reads_what_is_not_a_stream() {
    let whole = json!({
        "choices": [{ "message": { "role": "assistant", "content": "whole" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 2 },
    });
    let stream = around("");
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>x</body></html>";
    for (name, reply, expected) in [
        ("a whole answer", Reply::json(200, &whole.to_string()), "whole Stop 5/0/2"),
        ("one on many lines", Reply::json(200, &format!("{whole:#}")), "whole Stop 5/0/2"),
        (
            "a whole answer called text",
            Reply::status(200).header("content-type", "text/plain").write(whole.to_string()),
            "whole Stop 5/0/2",
        ),
        ("a stream called JSON", Reply::json(200, "").write(&stream), "AZ Stop"),
        ("a stream without a type", Reply::status(200).write(&stream), "AZ Stop"),
        (
            "LM Studio without /v1",
            Reply::json(
                200,
                r#"{"error":"Unexpected endpoint or method. (POST /chat/completions)"}"#,
            ),
            "!Provider Unexpected endpoint or method. (POST /chat/completions)",
        ),
        (
            "an error",
            Reply::json(200, r#"{"error":{"message":"m","code":401}}"#),
            "!Unauthorized 401 NoKey m",
        ),
        (
            "other JSON",
            Reply::json(200, r#"{"hello":1}"#),
            r#"!BadResponse NotAStream("application/json") {"hello":1}"#,
        ),
        (
            "broken JSON",
            Reply::json(200, "{malformed json: <<<"),
            "!BadResponse NotAStream(\"application/json\") {malformed json: <<<",
        ),
        (
            "a page",
            Reply::status(200).header("content-type", "text/html").write(page),
            "!BadResponse Page(\"text/html\") Sign in",
        ),
        (
            "an encoding",
            Reply::stream([b"\x1f\x8b\x08\0\0\0"]).header("content-encoding", "gzip"),
            "!BadResponse Encoded(\"gzip\")",
        ),
    ] {
        check(reply, expected, name).await;
    }
}

#[tokio::test]
async fn bounds_an_event_and_reads_a_large_one() {
    let large = sse_text(&"x".repeat(1 << 20));
    let server = Upstream::start(move |request| match request.body_text().contains("why?") {
        true => Reply::stream([&*large, &sse_finish("stop")]),
        false => Reply::status(500),
    })
    .await;
    let provider = OpenAi::new(endpoint(&server), Dialects::default()).expect("sound");
    assert_eq!(outcome_at(&provider).await.len(), (1 << 20) + " Stop".len());

    let mut small = endpoint(&server);
    small.limits.event_bytes = 100_000;
    let provider = OpenAi::new(small, Dialects::default()).expect("sound");
    let expected = "!BadResponse EventTooLong(100000)";
    assert_eq!(outcome_at(&provider).await, expected);
}

#[tokio::test]
async fn does_not_wait_for_ever() {
    const MS: Duration = Duration::from_millis(1);
    let silent = Reply::stream([sse_text("a")]).end(End::Open);
    let mut alive = silent.clone();
    for _ in 0..200 {
        alive = alive.step(Step::Wait(20 * MS)).write(": alive\n\n");
    }
    let headless = Reply::status(200).before_head(Step::Until(Gate::new()));
    let role = sse(&json!({ "choices": [{ "delta": { "role": "assistant", "content": "" } }] }));
    let thinking = Reply::stream([role]).end(End::Open);
    for (reply, (first_byte, idle, keep_alive), expected) in [
        (headless, (300, 100, 10_000), "!Timeout NoAnswer(300ms)"),
        (thinking, (3_000, 100, 10_000), "!Timeout Silence(3s)"),
        (silent, (3_000, 200, 10_000), "a!Timeout Silence(200ms)"),
        (alive, (10_000, 10_000, 500), "a!Timeout NoText(500ms)"),
    ] {
        let server = Upstream::always(reply).await;
        let mut endpoint = endpoint(&server);
        endpoint.limits.first_byte = first_byte * MS;
        endpoint.limits.idle = idle * MS;
        endpoint.limits.keep_alive = keep_alive * MS;
        let provider = OpenAi::new(endpoint, Dialects::default()).expect("sound");
        assert_eq!(outcome_at(&provider).await, expected);
        server.closed(1).await;
    }
}
