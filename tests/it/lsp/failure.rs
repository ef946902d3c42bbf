//! A section that fails does not affect the others.

use crate::support::kit::*;
use crate::support::upstream::{End, Gate, Reply, Step, Upstream, answer, sse_text};
use kaizodo::event::{Event, FailureKind, Outcome, RunOutcome, Stamped};

/// Runs with `broken` as the reply for the second section. Returns the events, the panel's text of
/// that section, and how often the section was requested.
async fn run_beside(broken: Reply) -> (Vec<Stamped>, String, usize) {
    let good = || answer(["良い", "答え"]);
    let upstream = by_section([good(), broken, good(), good()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    for at in [0, 2, 3] {
        assert!(section(&text, JA[at]).contains("良い答え\n\n`m` · 10"), "{text}");
    }
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Partial, .. }
    ));
    let asked = upstream.seen().iter().filter(|seen| section_of(seen) == 1).count();
    (events, section(&text, "広さ").to_owned(), asked)
}

fn outcome(events: &[Stamped]) -> &Outcome {
    let of_breadth = |e: &Stamped| matches!(&e.event, Event::BranchEnded { branch, .. } if &*branch.0 == "breadth");
    match &events.iter().rfind(|e| of_breadth(e)).unwrap().event {
        Event::BranchEnded { outcome, .. } => outcome,
        _ => unreachable!(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_s_fault_is_tried_three_times_and_told() {
    let (events, section, asked) =
        run_beside(Reply::json(500, r#"{"error":{"message":"broken inside"}}"#)).await;
    assert_eq!(asked, 3);
    let again: Vec<u8> = events
        .iter()
        .filter_map(|e| match &e.event {
            Event::BranchRetrying { attempt, failure, .. } => {
                assert_eq!(failure.status, Some(500));
                Some(*attempt)
            }
            _ => None,
        })
        .collect();
    assert_eq!(again, [2, 3]);
    assert!(matches!(outcome(&events), Outcome::Failed(f) if f.kind == FailureKind::Server));
    assert!(section.contains("✗ 127.0.0.1") && section.contains("broken inside"), "{section}");
    assert!(section.contains("もう一度実行してください。"), "{section}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_is_told_once() {
    let (events, section, asked) =
        run_beside(Reply::json(401, r#"{"error":{"message":"no such key"}}"#)).await;
    assert_eq!(asked, 1, "the same key is not refused twice");
    assert!(matches!(outcome(&events), Outcome::Failed(f) if f.kind == FailureKind::Unauthorized));
    assert!(section.contains("✗ 127.0.0.1") && section.contains("OPENAI_API_KEY"), "{section}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_answer_keeps_what_had_come() {
    let cut = Reply::stream([sse_text("途中まで"), sse_text("書いて")]).end(End::Cut);
    let (events, section, asked) = run_beside(cut).await;
    assert_eq!(asked, 1, "text that has come is not paid for twice");
    assert!(matches!(outcome(&events), Outcome::CutOff(f) if f.kind == FailureKind::Interrupted));
    assert!(section.starts_with("## 広さ\n\n途中まで書いて\n\n⚠ "), "{section}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_recovers_is_not_told_of_at_the_end() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = Upstream::start(move |seen| {
        if section_of(seen) == 3 && first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            return Reply::json(503, "{}");
        }
        finished(paced(stream().step(Step::Until(held.clone())), ["遅れて来た".to_owned()], 0))
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| is_in_section(text, "時間", "↻ ")).await;
    upstream.arrived(5).await;
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    let text = fold(&events);
    assert!(section(&text, "時間").starts_with("## 時間\n\n遅れて来た\n\n`m` · 10"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_off_leaves_four_sentences_and_a_server_that_lives() {
    let upstream = Upstream::always(answer(["x"])).await;
    let dead = {
        let gone = Upstream::always(answer(["x"])).await;
        gone.url()
    };
    let mut client = launch(&upstream, &[("OPENAI_BASE_URL", &dead)]);
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    let text = fold(&events);
    assert_eq!(text.matches("に接続できません。").count(), 4, "{text}");
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(upstream.seen().len(), 0);
}
