//! What real servers send in a stream: nothing of it is lost, and an incomplete answer is never
//! called complete.

use crate::bench::*;
use crate::support::upstream::*;
use kaizodo::event::Event;
use serde_json::{Value, json};
use std::time::Duration;

/// Returns an event with one choice that has these members.
fn choice(members: &Value) -> String {
    sse(&json!({"choices": [members]}))
}

fn piece(text: &str, finish: Value) -> String {
    choice(&json!({"index": 0, "delta": {"content": text}, "finish_reason": finish}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f41_a_finish_that_is_followed_by_text_is_taken_back() {
    let slowly = |pieces: Vec<String>, end: &str| {
        let mut reply = Reply::stream([String::new()]);
        for piece in pieces {
            reply = reply.write(piece).step(Step::Wait(Duration::from_millis(300)));
        }
        reply.write(end)
    };
    let words = ["一 ", "二 ", "三 ", "四 ", "五"];
    let all = words.concat();
    let each: Vec<String> = words.iter().map(|word| piece(word, json!("stop"))).collect();
    let settings = "[timeouts]\nafter_finish_ms = 100\n";
    for (name, reply) in [
        ("on every piece", slowly(each.clone(), SSE_DONE)),
        ("on every piece, without [DONE]", slowly(each.clone(), "")),
        (
            "on reasoning before the answer",
            slowly(
                vec![
                    choice(&json!({"delta": {"reasoning": "考え"}, "finish_reason": "stop"})),
                    sse_text("一 二 三 "),
                    sse_text("四 五"),
                    sse_finish("stop"),
                ],
                SSE_DONE,
            ),
        ),
    ] {
        Fault::new(name, reply).settings(settings).keeps(&all).ends("done", "").check().await;
    }
    // The finish reason is withdrawn and not repeated, so the answer may be incomplete.
    let open = slowly(vec![piece("一 ", json!("stop")), sse_text("二")], "");
    let fault = Fault::new("taken back", open).settings(settings);
    fault.keeps("一 二").ends("cut_off", "interrupted").check().await;
    let reply = slowly(each.iter().take(3).cloned().collect(), "").end(End::Reset);
    let fault = Fault::new("on every piece, broken off", reply).settings(settings);
    fault.keeps("一 二 三 ").ends("cut_off", "interrupted").check().await;
    let thought = choice(&json!({"delta": {"reasoning": "考え"}, "finish_reason": "stop"}));
    let late = Reply::stream([thought])
        .step(Step::Wait(Duration::from_millis(1_500)))
        .write(piece(&all, json!("stop")));
    let fault = Fault::new("on a reasoning that is long", late).settings(settings);
    fault.keeps(&all).ends("done", "").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f42_of_a_member_that_stands_twice_the_last_one_that_is_not_null_counts() {
    let raw = |json: &str| format!("data: {json}\n\n");
    let twice = raw(
        r#"{"choices":[{"delta":{"content":"NOT ","reasoning_content":null,"reasoning_content":null}}]}"#,
    );
    let pieces = [sse_text("Do "), twice, sse_text("delete the backups.")];
    let reply = |pieces: &[String]| Reply::stream(pieces).write(sse_finish("stop")).write(SSE_DONE);
    let fault = Fault::new("in the delta", reply(&pieces));
    fault.keeps("Do NOT delete the backups.").ends("done", "").check().await;
    for (name, event) in [
        ("content", r#"{"choices":[{"delta":{"content":"x","content":"NOT "}}]}"#),
        ("delta", r#"{"choices":[{"delta":{"content":"NOT "},"delta":null}]}"#),
        ("choices", r#"{"choices":null,"choices":[{"delta":{"content":"NOT "}}]}"#),
        ("another", r#"{"id":1,"id":2,"choices":[{"delta":{"content":"NOT "}}]}"#),
    ] {
        let pieces = [sse_text("Do "), raw(event), sse_text("delete the backups.")];
        let fault = Fault::new(name, reply(&pieces));
        fault.keeps("Do NOT delete the backups.").ends("done", "").check().await;
    }
    // Anything unreadable leaves a mark, wherever it is.
    for (name, pieces, kept) in [
        ("before the text", vec![raw("{"), sse_text("後")], "\u{fffd}後"),
        ("behind the end", vec![piece("前", json!("stop")), raw("{")], "前\u{fffd}"),
    ] {
        let reply = Reply::stream(pieces).write(sse_finish("stop")).write(SSE_DONE);
        Fault::new(name, reply).keeps(kept).ends("cut_off", "bad_response").check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f43_words_for_an_end_are_told_as_what_they_mean() {
    let ended = |word: &str| Reply::stream([piece("半分", json!(word))]).write(SSE_DONE);
    for (word, outcome, kind) in [
        ("END_TURN", "done", ""),
        ("eos_token", "done", ""),
        ("model_context_window_exceeded", "length", "length"),
        ("MAX_TOKENS", "length", "length"),
        ("PROHIBITED_CONTENT", "filtered", "filtered"),
        ("sensitive", "filtered", "filtered"),
        ("content_filter: PROHIBITED_CONTENT", "filtered", "filtered"),
        ("MALFORMED_FUNCTION_CALL", "cut_off", "provider"),
    ] {
        Fault::new("a known word", ended(word)).keeps("半分").ends(outcome, kind).check().await;
    }
    Fault::new("no good end", ended("abort"))
        .keeps("半分")
        .ends("cut_off", "interrupted")
        .says(
            "HOST が終了理由「abort」を返したので、答えは途中までかもしれません。全文を得るには、もう一度実行してください。",
            "HOST gave \"abort\" as the finish reason, so the answer may be incomplete. Retry to get the full answer.",
        )
        .check()
        .await;
    for word in ["network_error", "insufficient_system_resource", "BRAND_NEW"] {
        let fault = Fault::new("no good end", ended(word)).keeps("半分");
        let told = fault.ends("cut_off", "interrupted").check().await;
        let message = &told.outcome.failure().unwrap().message;
        assert!(message.contains(&format!("「{word}」")), "{message}");
    }
    let nothing = Reply::stream([sse_finish("network_error")]).write(SSE_DONE);
    let told = Fault::new("nothing", nothing).ends("failed", "interrupted").check().await;
    let message = &told.outcome.failure().unwrap().message;
    assert!(message.contains("何も書かず、終了理由「network_error」"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f44_a_complaint_that_is_not_called_one_is_told() {
    let complaint = |members: Value| Reply::stream([sse(&members)]).write(SSE_DONE);
    for (name, members, words) in [
        ("a code", json!({"text": "**NETWORK ERROR**", "error_code": 50002}), "**NETWORK ERROR**"),
        ("a message", json!({"error_msg": "壊れた", "error_code": 1}), "壊れた"),
        ("a status", json!({"code": 500, "msg": "壊れた", "success": false}), "壊れた"),
        ("a type", json!({"type": "server_error", "message": "壊れた"}), "壊れた"),
        ("details", json!({"detail": "壊れた"}), "壊れた"),
    ] {
        let fault = Fault::new(name, complaint(members.clone())).ends("failed", "provider");
        let told = fault.check().await;
        assert!(told.outcome.failure().unwrap().message.contains(words), "{name}: {told:?}");
        let late = Reply::stream([sse_text("半分"), sse(&members)]).write(SSE_DONE);
        let fault = Fault::new(name, late).keeps("半分").ends("failed", "provider");
        fault.check().await;
    }
    // None of these is an error message.
    for innocent in [
        json!({"type": "ping"}),
        json!({"id": "x", "object": "chat.completion.chunk", "choices": []}),
        json!({"prompt_filter_results": [{"prompt_index": 0}], "choices": []}),
        json!({"code": 0, "msg": "success"}),
        json!({"code": 200, "message": "OK"}),
        json!({"status": "processing", "message": "wait"}),
        json!({"error_code": 0, "error_msg": ""}),
    ] {
        let reply = Reply::stream([sse(&innocent), sse_text(GOOD), sse_finish("stop")]);
        let fault = Fault::new("innocent", reply.write(SSE_DONE));
        fault.keeps(GOOD).ends("done", "").check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f45_a_whole_answer_that_is_called_a_stream_is_read() {
    let called = |body: &Value| {
        Reply::status(200).header("content-type", "text/event-stream").write(body.to_string())
    };
    let whole = json!({"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]});
    Fault::new("an answer", called(&whole)).keeps(GOOD).ends("done", "").check().await;
    for (error, kind, requests) in [
        (json!({"error": {"message": "m", "code": "insufficient_quota"}}), "quota", 1),
        (json!({"error": {"message": "m", "code": 429}}), "rate_limited", 3),
        (json!({"error": {"message": "prompt is too long"}}), "too_large", 1),
    ] {
        Fault::new(kind, called(&error)).ends("failed", kind).requests(requests).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f46_a_word_that_names_no_coding_is_no_obstacle() {
    for word in ["none", "identity", "utf-8", "identity, none", "gzip"] {
        // Labelled gzip but not compressed, as by a proxy that has decompressed the body.
        let reply = answer([GOOD]).header("content-encoding", word);
        let told = Fault::new("plain", reply).keeps(GOOD).ends("done", "").check().await;
        assert_eq!(told.requests[0].header("accept-encoding"), Some("identity"));
    }
    let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xcb\x48\xcd\xc9\xc9\x07\0";
    let refusal = Reply::status(400).header("content-encoding", "gzip").write(packed);
    let fault = Fault::new("a refusal", refusal).ends("failed", "bad_request");
    let told = fault.check().await;
    let message = &told.outcome.failure().unwrap().message;
    assert!(!message.contains("詳細") && !message.contains('\u{fffd}'), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f47_thoughts_in_the_content_are_counted_and_not_shown() {
    let whole = |pieces: &[&str]| {
        let pieces: Vec<String> = pieces.iter().map(|piece| sse_text(piece)).collect();
        Reply::stream(pieces).write(sse_finish("stop")).write(SSE_DONE)
    };
    for pieces in [
        vec!["<think>考え</think>\n\n答え"],
        vec!["<th", "ink", ">考", "え</", "think>", "\n", "\n答え"],
        vec!["考え</think>答え"],
        vec!["考え\n", "</thi", "nk>\n\n", "答え"],
        vec![
            "<|channel|>analysis<|message|>考",
            "え<|end|><|start|>assistant<|chan",
            "nel|>final<|message|>答",
            "え<|return|>",
        ],
    ] {
        let (mut text, mut thought) = (String::new(), 0);
        let fault = Fault::new("thoughts", whole(&pieces)).keeps("答え").withdraws();
        for stamped in fault.ends("done", "").check().await.events {
            match stamped.event {
                Event::Delta { branch, text: more } if &*branch.0 == "breadth" => text += &more,
                Event::Thinking { branch, chars } if &*branch.0 == "breadth" => thought += chars,
                Event::Retracted { branch, chars } if &*branch.0 == "breadth" => {
                    text.clear();
                    thought += chars;
                }
                _ => {}
            }
        }
        assert_eq!(
            (text.as_str(), thought),
            ("答え", 2 + u32::from(pieces[0] == "考え\n")),
            "{pieces:?}"
        );
    }
    let only = whole(&["<think>", "考えただけ", "</think>", "\n"]);
    let fault = Fault::new("nothing but thoughts", only).ends("failed", "provider");
    fault.check().await;
    let talk = "タグ`</think>`は思考を閉じる。";
    Fault::new("talk", whole(&[talk])).keeps(talk).ends("done", "").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f48_usage_is_read_under_all_of_its_names() {
    for usage in [
        sse(
            &json!({"choices": [], "usage": {"prompt_tokens": 0, "input_tokens": 10, "completion_tokens": 3, "output_tokens": 0}}),
        ),
        choice(&json!({"delta": {}, "usage": {"prompt_tokens": 10, "completion_tokens": 3}})),
    ] {
        let reply = Reply::stream([sse_text(GOOD), sse_finish("stop"), usage]).write(SSE_DONE);
        let told = Fault::new("usage", reply).keeps(GOOD).ends("done", "").check().await;
        assert!(told.section.contains("10 → 3 トークン"), "{}", told.section);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f49_hundreds_of_headers_are_read_and_thousands_told() {
    let with = |count: usize| {
        (0..count).fold(answer([GOOD]), |reply, at| reply.header(&format!("x-{at}"), "v"))
    };
    Fault::new("three hundred", with(300)).keeps(GOOD).ends("done", "").check().await;
    Fault::new("two thousand", with(2000))
        .ends("failed", "interrupted")
        .says_and_more(
            "HOST の応答のヘッダーが多すぎるか長すぎるので、読むのをやめました。あいだにあるプロキシやゲートウェイの設定を確かめてください。",
            "The response from HOST has too many headers, or headers that are too long, so it was not read. Check any proxies and gateways in between.",
        )
        .check()
        .await;
}
