//! Memory use with endless streams of every kind at once, in one server.

use crate::bench::editor;
use crate::support::kit::{MEMO, range, run_with};
use crate::support::upstream::*;
use kaizodo::event::Event;
use serde_json::json;
use std::time::Duration;

/// Creates an endless stream.
type Endless = fn() -> Reply;

/// The kinds of endless streams.
const KINDS: [(&str, Endless); 11] = [
    ("letters", || stream().forever(sse_text("x"))),
    ("long texts", || stream().forever(sse_text(&"long ".repeat(10_000)))),
    ("a line", || stream().forever("x".repeat(8_000))),
    ("an event", || stream().forever("data: \"x\"\n")),
    ("comments", || stream().forever(": alive\n\n")),
    ("empty events", || stream().forever("data: {}\n\n")),
    ("reasoning", || stream().forever(sse_thinking("x"))),
    ("broken events", || stream().forever("data: {\n\n")),
    ("JSON", || Reply::json(200, "{\"choices\":\"").forever("x".repeat(8_000))),
    ("headers", || Reply::raw("HTTP/1.1 200 OK\r\n").forever("name: value\r\n")),
    ("a refusal", || Reply::status(400).forever("no ")),
];

fn stream() -> Reply {
    Reply::stream([""; 0])
}

/// Returns the current and the peak memory of the process in MiB.
fn memory(pid: u32) -> (usize, usize) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() >> 10
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Returns how long the streams run, in seconds; `KAIZODO_FLOOD_SECONDS` overrides the default.
fn seconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
    std::env::var("KAIZODO_FLOOD_SECONDS").ok().map_or(6, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_memory_stays_flat_under_forty_four_streams_without_an_end() {
    let upstream = Upstream::start(|seen| {
        let body = seen.body_text();
        let asked = |kind: &str| body.contains(&format!("kind: {kind}."));
        KINDS.iter().find(|(kind, _)| asked(kind)).unwrap().1()
    })
    .await;
    let ms = seconds() * 1000;
    let settings = format!("[timeouts]\ntotal_ms = {ms}\nkeep_alive_ms = {ms}\n");
    let mut client = editor(&upstream.url(), &settings, &[]).await;
    let text: String = KINDS.iter().map(|(kind, _)| format!("kind: {kind}.\n")).collect();
    client.close(MEMO);
    client.open(MEMO, "markdown", &text);
    let mut runs = Vec::new();
    for line in 0..KINDS.len() as u32 {
        let argument = json!({"uri": MEMO, "range": range((line, 0), (line + 1, 0))});
        runs.push(run_with(&mut client, argument).await);
    }
    let mut taken = Vec::new();
    for (run, (kind, _)) in runs.iter().zip(KINDS) {
        let ended = loop {
            let events = run.events(&mut client).await;
            if matches!(events.last().unwrap().event, Event::RunEnded { .. }) {
                break events;
            }
            taken.push(memory(client.pid()).0);
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        let told = ended.iter().filter_map(|e| match &e.event {
            Event::BranchEnded { outcome, .. } => outcome.failure().map(|failure| failure.kind),
            _ => None,
        });
        println!("{kind}: {:?}", told.collect::<Vec<_>>());
    }
    let (now, peak) = memory(client.pid());
    println!("{ms} ms: {now} MiB now, {peak} MiB at most, {taken:?}");
    assert!(peak <= 120, "{peak} MiB");
    let (early, late) = taken.split_at(taken.len() / 2);
    let (early, late) = (early.iter().max().unwrap(), late.iter().max().unwrap());
    // In the first seconds, memory use always grows.
    assert!(seconds() < 60 || *late <= early + 8, "it grows: {early} MiB, then {late} MiB");
    assert_eq!(client.shut_down().await, Some(0));
}
