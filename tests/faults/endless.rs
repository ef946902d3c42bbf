//! Answers that never end.

use crate::bench::*;
use crate::support::upstream::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_a_line_an_event_and_an_output_without_an_end_are_stopped_and_kept() {
    let too_long = (
        "HOST が区切りのないデータを 20000 バイトより多く送ってきたので、読むのをやめました。サーバーのログを確かめてください。設定 limits.event_bytes で変えられます。",
        "HOST sent more than 20000 bytes without a separator, so kaizodo stopped reading. Check the server's log. To change the limit, set limits.event_bytes.",
    );
    let settings = "[limits]\nevent_bytes = 20000\n";
    let text = sse_text("半分");
    for (name, forever) in [
        ("a line", "x".repeat(1000)),
        ("an event", "data: \"x\"\n".to_owned()),
        ("a comment", ":".to_owned()),
    ] {
        let fault = Fault::new(name, Reply::stream([&text]).forever(forever));
        let fault = fault.settings(settings).keeps("半分").ends("cut_off", "bad_response");
        fault.says(too_long.0, too_long.1).check().await;
    }
    let fault = Fault::new("JSON", Reply::json(200, "{\"x\":\"").forever("x"));
    let fault = fault.settings(settings).ends("failed", "bad_response");
    fault.says(too_long.0, too_long.1).check().await;

    let fault = Fault::new("an output", Reply::stream([""; 0]).forever(sse_text("文字")));
    fault
        .settings("[limits]\nbranch_bytes = 5000\n")
        .keeps_at_least("文字".repeat(800))
        .ends("length", "limit")
        .says(
            "答えが上限の 5000 バイトを超えたので止めました。設定 limits.branch_bytes で変えられます。",
            "Stopped: the answer exceeded the limit of 5000 bytes. To change the limit, set limits.branch_bytes.",
        )
        .check()
        .await;
    let fault =
        Fault::new("more tokens than allowed", Reply::stream([""; 0]).forever(sse_text("文字")));
    fault
        .settings("[limits]\nmax_tokens = 100\n")
        .keeps_at_least("文字".repeat(266))
        .ends("length", "limit")
        .says(
            "「m」が max_tokens（100）を大きく超えて書き続けたので止めました。HOST は上限を守らないようです。max_tokens を増やすか、別のモデルを使ってください。",
            "Stopped: \"m\" kept writing far past max_tokens (100), which HOST seems to ignore. Use another model, or raise max_tokens to let it write more.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_a_head_and_a_refusal_without_an_end_are_stopped() {
    let forever = |start: &str, bytes: &str| Reply::raw(start).forever(bytes);
    let settings = "[timeouts]\nfirst_byte_ms = 2000\nconnect_ms = 1000\n";
    for (name, reply, kind) in [
        ("headers", forever("HTTP/1.1 200 OK\r\n", "a: b\r\n"), "interrupted"),
        ("a header", forever("HTTP/1.1 200 OK\r\na: ", "b"), "interrupted"),
        ("provisional heads", forever("", "HTTP/1.1 100 Continue\r\n\r\n"), "timeout"),
        (
            "the size of a chunk",
            forever("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x"),
            "interrupted",
        ),
        ("a refusal", forever("HTTP/1.1 400 No\r\n\r\n", "no "), "bad_request"),
    ] {
        let fault = Fault::new(name, reply).settings(settings);
        fault.ends("failed", kind).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_megabyte_in_one_event_is_read() {
    let text = "x".repeat(1 << 20);
    let reply = Reply::stream([sse_text(&text), sse_finish("stop"), SSE_DONE.to_owned()]);
    let fault = Fault::new("a megabyte", reply).settings("[limits]\nmax_tokens = 100000\n");
    fault.keeps(text).ends("done", "").check().await;
}
