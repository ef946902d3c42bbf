//! Odd but valid answers: bytes, line ends, fields and choices of every kind.

use crate::bench::*;
use crate::support::upstream::*;
use kaizodo::event::Event;
use serde_json::json;

/// Returns a whole answer with this piece in the middle.
fn around(piece: impl AsRef<[u8]>) -> Vec<u8> {
    let tail = [sse_text("終"), sse_finish("stop"), SSE_DONE.to_owned()].concat();
    [sse_text("始").as_bytes(), piece.as_ref(), tail.as_bytes()].concat()
}

fn delta(json: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{json}}}]}}\n\n")
}

/// Reads the body in one piece, and again with each byte in its own packet.
async fn reads(name: &'static str, body: &[u8], text: &str) {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let whole = Reply::raw([&head[..], body].concat());
    for reply in [whole.clone(), whole.byte_by_byte()] {
        Fault::new(name, reply).keeps(text).ends("done", "").check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_bytes_that_are_no_utf_8_become_a_mark() {
    let broken =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\xffc\xe6\xb7\"}}]}\n\n";
    reads("in a text", &around(broken), "始b\u{fffd}c\u{fffd}終").await;
    reads("in a comment", &around(b": \xff\xfe\n\n"), "始終").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f14_surrogate_halves_are_joined_across_events() {
    let halves = delta(r#"{"content":"\ud83d"}"#) + &delta(r#"{"content":"\ude42"}"#);
    reads("two halves", &around(halves), "始🙂終").await;
    reads("one half", &around(delta(r#"{"content":"a\ud83d"}"#)), "始a\u{fffd}終").await;
    reads(
        "the wrong way round",
        &around(delta(r#"{"content":"\ude42\ud83d"}"#)),
        "始\u{fffd}\u{fffd}終",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f15_however_it_is_framed_and_cut_the_text_is_the_same() {
    let text = String::from_utf8(around(sse_text("深さ é 🙂"))).unwrap();
    let expected = "始深さ é 🙂終";
    reads("LF", text.as_bytes(), expected).await;
    reads("CRLF", text.replace('\n', "\r\n").as_bytes(), expected).await;
    reads("CR", text.replace('\n', "\r").as_bytes(), expected).await;
    reads("a byte order mark", format!("\u{feff}{text}").as_bytes(), expected).await;
    let chatter = ": OPENROUTER PROCESSING\n\n:\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\ndata:\n\nid: 1\nretry: 9\n\n";
    reads("comments and pings", &around(chatter), "始終").await;
    let spread = sse_text("b").replacen(',', ",\ndata: ", 3);
    reads("data over several lines", &around(spread), "始b終").await;
    reads("no blank line at the end", text.trim_end().as_bytes(), expected).await;
    reads(
        "events after [DONE]",
        [text.as_bytes(), sse_text("x").as_bytes()].concat().as_slice(),
        expected,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_fields_of_every_kind_are_taken_and_tokens_counted() {
    let usage = sse_usage(100, 80, 20);
    for (name, piece, text) in [
        ("reasoning_content", delta(r#"{"reasoning_content":"考え"}"#), "始終"),
        ("reasoning", delta(r#"{"reasoning":"考え"}"#), "始終"),
        ("a refusal", delta(r#"{"content":null,"refusal":"否"}"#), "始否終"),
        ("null content", delta(r#"{"role":null,"content":null,"tool_calls":null}"#), "始終"),
        ("no choices", json!({"choices": []}).to_string(), "始終"),
        ("parts", delta(r#"{"content":[{"type":"text","text":"b"}]}"#), "始b終"),
    ] {
        let piece = if piece.starts_with('{') { format!("data: {piece}\n\n") } else { piece };
        let body =
            [sse_text("始"), piece, sse_text("終"), sse_finish("stop"), usage.clone()].concat();
        let fault = Fault::new(name, Reply::stream([body.as_str(), SSE_DONE]));
        let told = fault.keeps(text).ends("done", "").check().await;
        assert!(
            told.section.contains("`m` · 100（うち 80 は再利用） → 20 トークン · "),
            "{}",
            told.section
        );
        let thought =
            told.events.iter().any(|e| matches!(e.event, Event::Thinking { chars: 2, .. }));
        assert_eq!(thought, name.starts_with("reasoning"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_a_choice_that_no_answer_has_is_a_hole_and_a_second_one_is_left() {
    let chosen = |index: &str| {
        format!("data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"x\"}}}}]}}\n\n")
    };
    for index in ["4294967296", "-1", "0.5"] {
        let fault = Fault::new("a choice", Reply::stream([around(chosen(index))]));
        fault.keeps("始\u{fffd}終").ends("cut_off", "bad_response").check().await;
        let first = [chosen(index).as_bytes(), &around("")].concat();
        let fault = Fault::new("a choice that comes first", Reply::stream([first]));
        fault.keeps("\u{fffd}始終").ends("cut_off", "bad_response").check().await;
    }
    let second = |text: &str| {
        sse(&json!({"choices": [{"index": 1, "delta": {"content": text}, "finish_reason": null}]}))
    };
    let two = [second("b"), second("c")].concat();
    reads("two interleaved answers", &around(two), "始終").await;
}
