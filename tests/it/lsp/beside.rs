//! A slow section does not hold up the others.

use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, sse_text};
use kaizodo::event::Event;

fn pieces(n: usize) -> Vec<String> {
    (0..n).map(|n| format!("言葉{n} ")).collect()
}

/// Returns `true` if a section of a panel's text is complete: the last line then shows the cost.
fn is_complete(text: &str, title: &str) -> bool {
    text.contains(&format!("## {title}\n")) && section(text, title).contains("→ 3 トークン")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fast_sections_are_complete_while_a_slow_one_is_held() {
    let gate = Gate::new();
    let fast = || finished(paced(stream(), pieces(60), 5));
    let slow = stream().write(sse_text("遅い")).step(Step::Until(gate.clone()));
    let slow = finished(paced(slow, ["続き".to_owned()], 0));
    let upstream = by_section([fast(), slow, fast(), fast()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let text = client
        .wait_document(&run.uri, |text| {
            [0, 2, 3].iter().all(|at| is_complete(text, JA[*at])) && text.contains("遅い")
        })
        .await;
    for at in [0, 2, 3] {
        assert!(section(&text, JA[at]).contains(&pieces(60).concat()), "{text}");
    }
    assert!(section(&text, "広さ").ends_with("遅い\n\n_… 書いています_\n\n"), "{text}");
    // The events agree with the panel.
    let events = client.wait_for("three ends in the events", |state| {
        let values: Vec<_> = state.progress.iter().map(|p| p["value"].clone()).collect();
        let events = events_in(&values);
        let ends = events.iter().filter(|e| matches!(e.event, Event::BranchEnded { .. })).count();
        (ends == 3).then_some(events)
    });
    assert_eq!(fold(&events.await), text);
    let slow = request_for(&upstream.seen(), 1).clone();
    assert_eq!((slow.writes.len(), slow.ended), (1, None), "the slow one has not gone on");
    gate.open();
    client.wait_document(&run.uri, |text| is_complete(text, "広さ")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fast_sections_keep_pace_beside_one_of_200_ms_a_token() {
    let fast = || finished(paced(stream(), pieces(60), 5));
    let slow = finished(paced(stream(), pieces(60), 200));
    let upstream = by_section([slow, fast(), fast(), fast()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    // Sections do not wait for each other's first text either: all of them have begun.
    client
        .wait_document(&run.uri, |text| {
            (1..4).all(|at| is_complete(text, JA[at])) && is_in_section(text, "深さ", "言葉0")
        })
        .await;
    let slow = request_for(&upstream.seen(), 0).clone();
    assert!(slow.ended.is_none() && slow.writes.len() < 60, "{} tokens", slow.writes.len());
    assert_eq!(run.cancel(&mut client, None).await, 1);
    run.ended(&mut client, 1).await;
}
