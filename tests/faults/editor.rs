//! What an editor and its user do while the upstream is working.

use crate::bench::*;
use crate::support::kit::{JA, MEMO, command, fold, is_in_section, range, run, section};
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f29_a_source_that_is_changed_renamed_and_closed_leaves_its_run_alone() {
    let gate = Gate::new();
    let late = Reply::stream([sse_text("前")]).step(Step::Until(gate.clone()));
    let late = late.write(sse_text("後")).write(sse_finish("stop")).write(SSE_DONE);
    let upstream = one_broken(vec![late]).await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    let before = client.wait_document(&run.uri, |text| is_in_section(text, JA[1], "前")).await;
    client.edit(MEMO, &range((0, 0), (1, 0)), "別の文章。\n");
    client.close(MEMO);
    client.open("file:///w/renamed.md", "markdown", "別の文章。\n");
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    let title = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
    assert_eq!(title(&text), title(&before));
    assert!(title(&text).contains("# 解像度 · 会議が長くて決まらない"), "{text}");
    assert!(section(&text, JA[1]).starts_with("## 広さ\n\n前後\n\n`m` · "), "{text}");
    assert_eq!(client.shut_down().await, Some(0));
}

/// Every number in the settings at its minimum and maximum: each run ends, and the server survives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f39_no_number_in_the_settings_is_the_end_of_the_server() {
    const KEYS: [(&str, &[&str]); 3] = [
        (
            "limits",
            &[
                "selection_bytes",
                "branch_bytes",
                "run_bytes",
                "max_tokens",
                "concurrency",
                "event_bytes",
                "refusal_bytes",
            ],
        ),
        (
            "timeouts",
            &[
                "connect_ms",
                "first_byte_ms",
                "idle_ms",
                "total_ms",
                "keep_alive_ms",
                "after_finish_ms",
                "drain_ms",
            ],
        ),
        ("retries", &["attempts", "wait_ms", "backoff_ms"]),
    ];
    let upstream = one_broken(vec![Reply::status(503), answer([GOOD])]).await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    for (table, keys) in KEYS {
        for key in keys {
            for number in [0, u64::MAX] {
                // A test cannot wait that long.
                if (*key, number) == ("backoff_ms", u64::MAX) {
                    continue;
                }
                let settings = json!({table: {*key: number}, "lang": "ja"});
                client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
                let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
                match command(&mut client, "kaizodo.run", argument).await {
                    Ok(answer) => {
                        let id = answer["run"].as_str().unwrap().to_owned();
                        let run = crate::support::kit::Run { id, uri: String::new() };
                        let events = run.ended(&mut client, 1).await;
                        let ends =
                            events.iter().filter(|e| matches!(e.event, Event::BranchEnded { .. }));
                        assert_eq!(ends.count(), 4, "{settings}");
                    }
                    Err(error) => assert_eq!(*key, "selection_bytes", "{error}"),
                }
            }
        }
    }
    assert_eq!(client.shut_down().await, Some(0));
}
