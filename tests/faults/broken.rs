//! Answers that break off, or end in some other bad way.

use crate::bench::*;
use crate::support::kit::{fold, run, section_of};
use crate::support::upstream::*;
use serde_json::json;

/// The messages about an answer that broke off.
const BROKE_OFF: (&str, &str) = (
    "HOST の応答が途中で切れました。全文を得るには、もう一度実行してください。",
    "The answer from HOST was cut off. Retry to get the full answer.",
);

/// The messages about an answer with a corrupt part.
const HOLE: (&str, &str) = (
    "HOST の応答に、壊れていて読めない箇所がありました（文中の �）。全文を得るには、もう一度実行してください。",
    "Part of the answer from HOST was corrupt and could not be read (� in the text). Retry to get the full answer.",
);

/// The head of an answer that is written byte by byte.
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";

fn stopped(texts: &[&str]) -> Reply {
    Reply::stream(texts).write(sse_finish("stop")).write(SSE_DONE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_what_breaks_off_keeps_its_text_and_is_not_repeated() {
    let text = sse_text("半分");
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    let chunked = format!("{HEAD}transfer-encoding: chunked\r\n\r\n{chunk}");
    for (name, reply) in [
        ("RST", Reply::stream([&text]).end(End::Reset)),
        ("FIN without the closing chunk", Reply::stream([&text]).end(End::Cut)),
        (
            "a body shorter than its content-length",
            Reply::raw(format!("{HEAD}content-length: 9999\r\n\r\n{text}")),
        ),
        ("a chunk of no size", Reply::raw(format!("{chunked}xyz\r\ndata: 1\r\n"))),
        ("a chunk that is cut", Reply::raw(format!("{chunked}40\r\ndata: {{\"ch"))),
        ("a chunk longer than its size", Reply::raw(format!("{chunked}2\r\ndata: 1\n\n\r\n"))),
    ] {
        let fault = Fault::new(name, reply).keeps("半分").ends("cut_off", "interrupted");
        fault.says_and_more(BROKE_OFF.0, BROKE_OFF.1).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_an_end_that_the_model_did_not_announce_is_no_good_end() {
    let until_close = format!("{HEAD}connection: close\r\n\r\n{}", sse_text("半分"));
    for (name, reply) in [
        ("the closing chunk", Reply::stream([sse_text("半分")])),
        ("a closed connection", Reply::raw(until_close)),
    ] {
        let fault = Fault::new(name, reply).keeps("半分").ends("cut_off", "interrupted");
        fault
            .says(
                "HOST の応答が、終わりの印のないまま途切れました。全文を得るには、もう一度実行してください。",
                "The answer from HOST stopped without an end marker. Retry to get the full answer.",
            )
            .check()
            .await;
    }
    let fault = Fault::new("before any text", Reply::stream([sse_thinking("考え")]));
    fault
        .ends("failed", "interrupted")
        .says(
            "HOST の応答が、何も書かれないまま終わりました。もう一度実行し、繰り返すときはモデル「m」とサーバーのログを確かめてください。",
            "The response from HOST ended before \"m\" had written anything. Retry; if that does not help, check the model and the server's log.",
        )
        .check()
        .await;
    // Some servers end a stream only with this.
    let done = || Reply::stream([&*sse_text("全部"), SSE_DONE]);
    let upstream = Upstream::always(done()).await;
    let said = on_command_line(&upstream.url(), "", &[]).await;
    assert_eq!((said.code, said.out.matches("全部").count()), (Some(0), 4), "{said:?}");
    // Where the server has given reasons before, it is no end: a gateway writes it, too, when the
    // connection behind it has broken.
    let gate = Gate::new();
    let ended = gate.clone();
    let upstream = Upstream::start(move |seen| match section_of(seen) {
        FAULTY => done().before_head(Step::Until(ended.clone())),
        _ => answer([GOOD]),
    })
    .await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    client.wait_document(&run.uri, |text| text.matches("`m` · 10").count() == 3).await;
    gate.open();
    let text = fold(&run.ended(&mut client, 1).await);
    assert!(text.contains("全部\n\n⚠ 127.0.0.1:") && text.contains("終わりの印のない"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_an_event_that_is_broken_leaves_a_mark_and_the_rest_is_read() {
    let (a, b) = (sse_text("前"), sse_text("後"));
    for (name, piece) in [
        ("half an object", "data: {\"choices\":[{\"delta\":{\"content\":\"x\n\n"),
        ("no JSON", "data: hello\n\n"),
        ("a number", "data: 1\n\n"),
        ("a list that is not closed", "data: {\"choices\":[}\n\n"),
    ] {
        let fault = Fault::new(name, stopped(&[&a, piece, &b]));
        let fault = fault.keeps("前�後").ends("cut_off", "bad_response");
        fault.says(HOLE.0, HOLE.1).check().await;
    }
    let row = "data: {\n\n".repeat(3);
    let fault = Fault::new("three in a row", stopped(&[&a, &row, &b])).keeps("前�後");
    fault
        .ends("cut_off", "bad_response")
        .says(
            "HOST の応答に、壊れていて読めない箇所が 3 つありました（文中の �）。全文を得るには、もう一度実行してください。",
            "3 parts of the answer from HOST were corrupt and could not be read (� in the text). Retry to get the full answer.",
        )
        .check()
        .await;
    // An event that is cut off at the end is not a corrupt part.
    let half = b.get(..b.len() / 2).unwrap();
    let fault = Fault::new("the last event is cut", Reply::stream([&*a, half])).keeps("前");
    fault.ends("cut_off", "interrupted").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f11_an_error_inside_of_a_success_is_told_and_earlier_text_stays() {
    let ja = "HOST がエラーを返しました。もう一度実行しても直らないときは、モデル「m」とサーバーのログを確かめてください。詳細: 壊れた";
    let en = "HOST reported an error. If a retry does not help, check the model \"m\" and the server's log. Detail: 壊れた";
    let object = sse(&json!({"error": {"message": "壊れた", "type": "server_error"}}));
    let text = sse_text("半分");
    for (name, error) in [
        ("an object", object.clone()),
        ("a string", sse(&json!({"error": "壊れた"}))),
        ("a stop of Groq's", sse(&json!({"choices": [], "x_groq": {"error": "壊れた"}}))),
        ("an error event", "event: error\ndata: {\"message\":\"壊れた\"}\n\n".to_owned()),
        ("an error event of text", "event: error\ndata: 壊れた\n\n".to_owned()),
    ] {
        let fault = Fault::new(name, Reply::stream([&text, &error]).end(End::Open));
        fault.keeps("半分").ends("failed", "provider").says(ja, en).check().await;
    }
    let fault = Fault::new("first of all", Reply::stream([&object]));
    fault.ends("failed", "provider").says(ja, en).check().await;
    let fault = Fault::new("no stream at all", Reply::json(200, r#"{"error":"壊れた"}"#));
    fault.ends("failed", "provider").says(ja, en).check().await;
    let both = json!({"error": {"message": "壊れた"}, "choices": [{"delta": {"content": "分"}, "finish_reason": "error"}]});
    let fault = Fault::new("with the last text", Reply::stream([sse_text("半"), sse(&both)]));
    fault.keeps("半分").ends("failed", "provider").says(ja, en).check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_an_end_that_is_not_a_good_one_is_told_as_what_it_is() {
    for (reason, outcome, kind, ja, en) in [
        (
            "length",
            "length",
            "length",
            "モデル「m」の応答がトークン数の上限で止まりました。max_tokens を増やすか、選択範囲を狭めてください。",
            "\"m\" reached the token limit before it finished. Raise max_tokens, or select less text.",
        ),
        (
            "content_filter",
            "filtered",
            "filtered",
            "HOST のコンテンツフィルターが応答を止めました。選択範囲を変えるか、別のモデルを使ってください。",
            "HOST's content filter stopped the answer. Select different text, or use another model.",
        ),
        (
            "tool_calls",
            "cut_off",
            "provider",
            "「m」は書き続けずにツールを呼ぼうとしましたが、kaizodo はツールを渡していません。もう一度実行するか、別のモデルを使ってください。",
            "\"m\" tried to call a tool, but kaizodo offers none. Retry, or use another model.",
        ),
    ] {
        let reply = Reply::stream([sse_text("半分"), sse_finish(reason), SSE_DONE.into()]);
        Fault::new(reason, reply).keeps("半分").ends(outcome, kind).says(ja, en).check().await;
    }
    for (name, pieces) in [
        ("nothing at all", vec![]),
        ("blanks alone", vec![sse_text("\n"), sse_text(" ")]),
        ("reasoning alone", vec![sse_thinking("考え")]),
    ] {
        let end = [sse_finish("stop"), SSE_DONE.to_owned()];
        let fault = Fault::new(name, Reply::stream(pieces.into_iter().chain(end)));
        let fault = if name == "blanks alone" { fault.keeps_at_least("") } else { fault };
        fault
            .ends("failed", "provider")
            .says(
                "「m」は何も書かずに終わりました。もう一度実行するか、別のモデルを使ってください。",
                "\"m\" finished without writing anything. Retry, or use another model.",
            )
            .check()
            .await;
    }
}
