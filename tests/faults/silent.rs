//! Servers that are silent, or almost silent.

use crate::bench::*;
use crate::support::kit::{run, section};
use crate::support::upstream::*;
use std::time::Duration;

const LIMITS: &str = "[timeouts]\nfirst_byte_ms = 3000\nidle_ms = 2000\nkeep_alive_ms = 5000\n";

/// Adds comments for ten seconds.
fn alive(mut reply: Reply) -> Reply {
    for _ in 0..200 {
        reply = reply.step(Step::Wait(Duration::from_millis(50))).write(": alive\n\n");
    }
    reply
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_a_silence_has_an_end_and_text_stays() {
    let never = || Step::Until(Gate::new());
    let mut faults = Vec::new();
    let nothing = (
        "HOST から 3 秒のあいだ何も届きませんでした。もう一度実行するか、設定 timeouts.idle_ms を延ばすか、「m」より速いモデルを使ってください。",
        "HOST sent nothing for 3 s. Retry, raise timeouts.idle_ms, or use a faster model than \"m\".",
    );
    let fault = Fault::new("no head", Reply::status(200).before_head(never()));
    let fault = fault
        .settings(LIMITS)
        .ends("failed", "timeout")
        .says(
            "HOST は 3 秒待っても応答を始めませんでした。もう一度実行するか、設定 timeouts.first_byte_ms を延ばすか、「m」より速いモデルを使ってください。",
            "HOST did not start answering within 3 s. Retry, raise timeouts.first_byte_ms, or use a faster model than \"m\".",
        );
    faults.push(fault);
    let fault = Fault::new("a head and no more", Reply::stream([""; 0]).end(End::Open));
    faults.push(fault.settings(LIMITS).ends("failed", "timeout").says(nothing.0, nothing.1));
    // The limit passes once, not again for the body.
    let late = Reply::stream([""; 0]).step(Step::Wait(Duration::from_millis(4500)));
    let late = late.write(sse_text(GOOD)).write(SSE_DONE);
    for reply in [late.clone(), late.header("content-encoding", "gzip")] {
        let fault = Fault::new("a head, and the rest late", reply).settings(LIMITS);
        faults.push(fault.ends("failed", "timeout").says(nothing.0, nothing.1));
    }
    let fault = Fault::new("between two", Reply::stream([sse_text("半分")]).end(End::Open));
    let idle = [nothing.0, nothing.1].map(|words| words.replace('3', "2"));
    let [ja, en] = idle;
    let fault = fault.settings(LIMITS).keeps("半分").ends("cut_off", "timeout").says(ja, en);
    faults.push(fault);
    let words = (
        "HOST は接続を保っていますが、5 秒のあいだ文章が届きませんでした。もう一度実行するか、設定 timeouts.keep_alive_ms を延ばすか、「m」より速いモデルを使ってください。",
        "HOST kept the connection open for 5 s but sent no text. Retry, raise timeouts.keep_alive_ms, or use a faster model than \"m\".",
    );
    let fault = Fault::new("comments alone", alive(Reply::stream([""; 0])));
    faults.push(fault.settings(LIMITS).ends("failed", "timeout").says(words.0, words.1));
    let fault = Fault::new("comments after text", alive(Reply::stream([sse_text("半分")])));
    let fault = fault.settings(LIMITS).keeps("半分").ends("cut_off", "timeout");
    faults.push(fault.says(words.0, words.1));
    // Side by side, because limits that a busy machine keeps take long to pass.
    futures::future::join_all(faults.into_iter().map(Fault::check)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_a_silence_after_the_end_is_none() {
    let text = sse_text("全部");
    let finish = sse_finish("stop");
    for (name, end) in [("finish", finish.clone()), ("[DONE]", finish + SSE_DONE)] {
        let fault = Fault::new(name, Reply::stream([&text, &end]).end(End::Open));
        fault.settings(LIMITS).keeps("全部").ends("done", "").check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_slow_drip_ends_with_the_time_of_its_section_and_is_shown_ten_times_a_second() {
    let mut drip = Reply::stream([""; 0]);
    for _ in 0..500 {
        drip = drip.step(Step::Wait(Duration::from_millis(20))).write(sse_text("滴"));
    }
    let settings = "[timeouts]\ntotal_ms = 1500\n";
    let fault = Fault::new("a drip", drip.clone()).settings(settings).keeps_at_least("滴滴滴滴");
    fault
        .ends("cut_off", "timeout")
        .says(
            "HOST の応答が 1.5 秒たっても終わらないので止めました。もう一度実行するか、設定 timeouts.total_ms を延ばすか、「m」より速いモデルを使ってください。",
            "HOST had not finished after 1.5 s, so kaizodo stopped the request. Retry, raise timeouts.total_ms, or use a faster model than \"m\".",
        )
        .check()
        .await;

    let upstream = one_broken(vec![drip]).await;
    let mut client = editor(&upstream.url(), settings, &[]).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    let values = client.wait_progress_end(&token).await;
    let folded = run.panel(&mut client).await;
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    let pieces = section(&text, "広さ").matches('滴').count();
    // A begin, an end, a first text and an end of each section, and ten reports per second.
    assert!(values.len() <= 2 + 8 + 16, "{} reports of {pieces} pieces", values.len());
    assert!(pieces > 5, "{pieces} pieces");
    upstream.closed(1).await;
}
