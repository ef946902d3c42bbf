//! Tests of the engine's logic with a scripted provider and paused time.

mod bounds;
mod fallbacks;

use super::*;
use crate::event::{FailureKind, Outcome, RunId};
use crate::perspective::Perspective;
use crate::provider::{Chunk, Chunks, Finish, ProviderError, TimeoutExtension};
use crate::request::Prompt;
use crate::text::Selection;
use futures::StreamExt;
use futures::stream;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};

mod laws;
mod turns;

type Step = (u64, Result<Chunk, ProviderError>);

/// Answers by branch: for each attempt its steps, each with the delay before it in milliseconds.
#[derive(Default)]
struct Script {
    attempts: Mutex<HashMap<String, Vec<Vec<Step>>>>,
    asked: Mutex<Vec<(String, Instant)>>,
    /// The idempotency keys of the questions.
    names: Mutex<Vec<Option<Arc<str>>>>,
}

impl Script {
    fn with(self, branch: &str, steps: Vec<Step>) -> Self {
        self.attempts.lock().entry(branch.into()).or_default().push(steps);
        self
    }
}

impl Provider for Script {
    fn label(&self, _: Lang) -> String {
        "script".into()
    }

    fn host(&self) -> Option<String> {
        Some("script.test".into())
    }

    fn model(&self, prompt: &Prompt) -> String {
        prompt.model.clone().unwrap_or("m".into())
    }

    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        prompt.model.as_ref()?.ends_with(":cloud").then(|| "cloud.test".into())
    }

    fn stream(&self, prompt: Prompt, _: TimeoutExtension) -> Chunks {
        let name = prompt.perspective.name.clone();
        self.asked.lock().push((name.clone(), Instant::now()));
        self.names.lock().push(prompt.idempotency_key.clone());
        let steps = {
            let mut attempts = self.attempts.lock();
            let left = attempts.get_mut(&name).unwrap();
            if left.len() > 1 { left.remove(0) } else { left[0].clone() }
        };
        stream::iter(steps)
            .then(|(after, step)| async move {
                sleep(Duration::from_millis(after)).await;
                assert!(step != Ok(text("panic")), "as the script says");
                step
            })
            .boxed()
    }
}

fn text(text: &str) -> Chunk {
    Chunk::Text(text.into())
}

fn thought(chars: usize) -> Chunk {
    Chunk::Thinking("考".repeat(chars))
}

fn stop() -> Step {
    (0, Ok(Chunk::Finish { reason: Finish::Stop, usage: None }))
}

fn error(kind: FailureKind, status: u16) -> Step {
    (0, Err(ProviderError { status: Some(status), ..ProviderError::new(kind, None) }))
}

fn work(names: &[&str]) -> Vec<Work> {
    let selection = Selection { uri: "file:///a".into(), text: "t".into(), ..Selection::default() };
    let one = |name: &&str| Work {
        branch: BranchId((*name).into()),
        note: None,
        prompt: Prompt {
            perspective: Arc::new(Perspective { name: (*name).into(), ..Perspective::default() }),
            selection: Arc::new(selection.clone()),
            max_tokens: 9,
            ..Prompt::default()
        },
        token: CancellationToken::new(),
    };
    names.iter().map(one).collect()
}

fn plan(limit: usize) -> Plan {
    plan_of(Order::AtOnce(limit), &Arc::new(Gate::new(64)))
}

fn plan_of(order: Order, gate: &Arc<Gate>) -> Plan {
    let (run, gate) = (RunId("r".into()), Arc::clone(gate));
    let budget = Budget { branch_bytes: 100, ..Budget::default() };
    Plan { run, order, gate, budget, lang: Lang::En }
}

async fn collect(mut events: mpsc::Receiver<Event>) -> Vec<Event> {
    let mut all = Vec::new();
    while let Some(event) = events.recv().await {
        all.push(event);
    }
    all
}

/// Describes each event in a few words: what the engine did, in order.
fn brief(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter(|event| !matches!(event, Event::Reasoning { .. }))
        .map(|event| match event {
            Event::BranchQueued { branch, .. } => format!("{branch} waits"),
            Event::BranchStarted { branch, .. } => format!("{branch} starts"),
            Event::BranchNoted { branch, note } => format!("{branch} notes {note}"),
            Event::Delta { branch, text } => format!("{branch} {text}"),
            Event::Thinking { branch, chars } => format!("{branch} thinks {chars}"),
            Event::BranchRetrying { branch, attempt, after_ms: 0, model: Some(model), .. } => {
                format!("{branch} attempt {attempt} leaves for {model}")
            }
            Event::BranchRetrying { branch, attempt, after_ms: 0, .. } => {
                format!("{branch} attempt {attempt} leaves")
            }
            Event::BranchRetrying { branch, attempt, .. } => format!("{branch} attempt {attempt}"),
            Event::BranchEnded { branch, outcome, .. } => {
                let name = format!("{outcome:?}");
                format!("{branch} ends {}", name.split('(').next().unwrap())
            }
            other => format!("{other:?}"),
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_fast_branch_is_through_while_a_slow_one_has_hardly_begun() {
    let script = Script::default()
        .with("slow", vec![(10_000, Ok(text("s1"))), (50_000, Ok(text("s2"))), stop()])
        .with("fast", vec![(1, Ok(text("f1"))), (1, Ok(text("f2"))), stop()]);
    let events = collect(start(work(&["slow", "fast"]), Arc::new(script), plan(4))).await;
    assert_eq!(
        brief(&events),
        [
            "slow starts",
            "fast starts",
            "fast f1",
            "fast f2",
            "fast ends Done",
            "slow s1",
            "slow s2",
            "slow ends Done"
        ]
    );
    let Some(Event::BranchEnded { elapsed_ms, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(*elapsed_ms, 60_000);
}

#[tokio::test(start_paused = true)]
async fn all_requests_leave_at_the_same_moment_and_the_rest_in_turn() {
    let names = ["a", "b", "c", "d", "e"];
    let script =
        names.iter().fold(Script::default(), |s, n| s.with(n, vec![(100, Ok(text("x"))), stop()]));
    let script = Arc::new(script);
    let begun = Instant::now();
    collect(start(work(&names), script.clone(), plan(4))).await;
    let asked: Vec<_> = script
        .asked
        .lock()
        .iter()
        .map(|(n, at)| (n.clone(), at.duration_since(begun).as_millis()))
        .collect();
    let expected =
        [("a", 0), ("b", 0), ("c", 0), ("d", 0), ("e", 100)].map(|(n, at)| (n.to_owned(), at));
    assert_eq!(asked, expected);
}

#[tokio::test(start_paused = true)]
async fn a_failure_and_a_panic_are_their_own_branchs() {
    let script = Script::default()
        .with("good", vec![(5, Ok(text("x"))), stop()])
        .with("bad", vec![error(FailureKind::Unauthorized, 401)])
        .with("cut", vec![(1, Ok(text("kept")))])
        .with("odd", vec![(1, Ok(text("panic")))]);
    let events =
        collect(start(work(&["good", "bad", "cut", "odd"]), Arc::new(script), plan(4))).await;
    let brief = brief(&events);
    let ends: Vec<_> = brief.iter().filter(|b| b.contains("ends")).cloned().collect();
    assert_eq!(ends.len(), 4);
    for end in ["good ends Done", "bad ends Failed", "cut ends CutOff", "odd ends Failed"] {
        assert!(ends.contains(&end.to_owned()), "{end} in {ends:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_sent_again_only_before_its_first_text() {
    let script = Script::default()
        .with("early", vec![error(FailureKind::Server, 503)])
        .with("early", vec![error(FailureKind::RateLimited, 429)])
        .with("early", vec![(0, Ok(text("x"))), stop()])
        .with("late", vec![(0, Ok(text("paid"))), error(FailureKind::Server, 503)]);
    let events = collect(start(work(&["early", "late"]), Arc::new(script), plan(4))).await;
    let brief = brief(&events);
    let early: Vec<_> = brief.iter().filter(|b| b.starts_with("early")).collect();
    assert_eq!(
        early,
        ["early starts", "early attempt 2", "early attempt 3", "early x", "early ends Done"]
    );
    let late: Vec<_> = brief.iter().filter(|b| b.starts_with("late")).collect();
    assert_eq!(late, ["late starts", "late paid", "late ends Failed"]);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_branch_ends_at_once_wherever_it_is() {
    let script = Script::default()
        .with("writing", vec![(1, Ok(text("w"))), (1_000_000, Ok(text("never"))), stop()])
        .with("silent", vec![(1_000_000, Ok(text("never"))), stop()])
        .with("waiting", vec![error(FailureKind::Server, 500)])
        .with("queued", vec![(0, Ok(text("never"))), stop()]);
    // A branch that waits for its next attempt does not hold up the others.
    let work = work(&["waiting", "writing", "silent", "queued"]);
    let tokens: Vec<_> = work.iter().map(|w| w.token.clone()).collect();
    let events = start(work, Arc::new(script), plan(2));
    let begun = Instant::now();
    tokio::spawn(async move {
        sleep(Duration::from_millis(100)).await;
        tokens.iter().for_each(CancellationToken::cancel);
    });
    let brief = brief(&collect(events).await);
    assert_eq!(begun.elapsed().as_millis(), 100);
    assert!(!brief.iter().any(|b| b.contains("never")), "{brief:?}");
    assert_eq!(brief.iter().filter(|b| b.ends_with("ends Cancelled")).count(), 4, "{brief:?}");
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_is_stopped_and_kept() {
    let script = Script::default().with("endless", vec![(1, Ok(text(&"x".repeat(60)))); 1000]);
    let events = collect(start(work(&["endless"]), Arc::new(script), plan(4))).await;
    let written: usize =
        events.iter().map(|e| if let Event::Delta { text, .. } = e { text.len() } else { 0 }).sum();
    assert_eq!(written, 120);
    let Some(Event::BranchEnded { outcome: Outcome::Length(failure), .. }) = events.last() else {
        panic!("{events:?}")
    };
    assert!(failure.message.contains("100 bytes"), "{}", failure.message);
}

#[tokio::test(start_paused = true)]
async fn nobody_listening_ends_everything() {
    let script = Arc::new(Script::default().with("a", vec![(1_000_000, Ok(text("x"))), stop()]));
    let events = start(work(&["a"]), script.clone(), plan(4));
    sleep(Duration::from_millis(1)).await;
    drop(events);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(Arc::strong_count(&script), 1, "a task still holds the provider");
}
