//! Tests of the limits of branches and runs, and that no answer is paid for twice.

use super::*;
use crate::event::Usage;

fn budget(plan: Plan, change: impl FnOnce(&mut Budget)) -> Plan {
    let mut plan = plan;
    change(&mut plan.budget);
    plan
}

fn written(events: &[Event], name: &str) -> usize {
    let text = |event: &Event| match event {
        Event::Delta { branch, text } if &*branch.0 == name => text.len(),
        _ => 0,
    };
    events.iter().map(text).sum()
}

/// Returns how a branch ended, and the failure's message.
fn end(events: &[Event], name: &str) -> (String, String) {
    let ended = |event: &Event| match event {
        Event::BranchEnded { branch, outcome, .. } if &*branch.0 == name => Some(outcome.clone()),
        _ => None,
    };
    let outcome = events.iter().find_map(ended).expect("an end");
    let why = outcome.failure().map(|f| f.message.clone()).unwrap_or_default();
    (format!("{outcome:?}").split('(').next().unwrap().to_owned(), why)
}

async fn one(steps: Vec<Step>, plan: Plan) -> Vec<Event> {
    collect(start(work(&["a"]), Arc::new(Script::default().with("a", steps)), plan)).await
}

#[tokio::test(start_paused = true)]
async fn reasoning_is_paid_for_as_well() {
    let steps = vec![(0, Ok(thought(5))), error(FailureKind::RateLimited, 429)];
    let script = Arc::new(Script::default().with("a", steps));
    let events = collect(start(work(&["a"]), script.clone(), plan(4))).await;
    assert_eq!(brief(&events), ["a starts", "a thinks 5", "a ends Failed"]);
    assert_eq!(script.asked.lock().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn all_attempts_at_a_question_have_one_name_and_a_retry_has_another() {
    let busy = || vec![error(FailureKind::Server, 503)];
    let script = Script::default().with("a", busy()).with("a", busy()).with("a", busy());
    let script = Arc::new(script);
    collect(start(work(&["a"]), script.clone(), plan(4))).await;
    collect(start(work(&["a"]), script.clone(), plan(4))).await;
    let names = script.names.lock().clone();
    assert_eq!(names.len(), 6);
    assert!(names[..3].iter().all(|name| *name == names[0]), "{names:?}");
    assert!(names[3..].iter().all(|name| *name == names[3] && *name != names[0]), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_section_has_its_time_whatever_it_does_with_it() {
    let plan = budget(plan(4), |b| {
        b.total = Duration::from_secs(10);
        b.retries.attempts = u8::MAX;
    });
    let drip: Vec<Step> = vec![(1_000, Ok(text("x"))); 100];
    for (steps, outcome, bytes) in [
        (drip, "CutOff", 9),
        (vec![(1_000_000, Ok(text("never")))], "Failed", 0),
        (vec![error(FailureKind::Server, 503)], "Failed", 0),
    ] {
        let begun = Instant::now();
        let events = one(steps, plan.clone()).await;
        let (how, why) = end(&events, "a");
        assert_eq!((how.as_str(), written(&events, "a")), (outcome, bytes), "{why}");
        assert!(why.contains("script.test had not finished after 10 s"), "{why}");
        assert_eq!(begun.elapsed().as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_full_stops_all_and_keeps_what_came() {
    let steps = |every: u64| vec![(every, Ok(text("0123456789"))); 1_000];
    let script = Script::default()
        .with("busy", steps(1))
        .with("slow", steps(50))
        .with("silent", vec![(1_000_000, Ok(text("never")))])
        .with("queued", steps(1));
    let plan = budget(plan(3), |b| {
        (b.branch_bytes, b.run_bytes, b.total) = (1 << 20, 100_000, Duration::from_secs(3600));
    });
    let mut work = work(&["busy", "slow", "silent", "queued"]);
    work.iter_mut().for_each(|work| work.prompt.max_tokens = 1_000);
    let events = collect(start(work, Arc::new(script), plan)).await;
    assert!(written(&events, "busy") > 1_000 && written(&events, "slow") > 0);
    for name in ["busy", "slow", "silent", "queued"] {
        let (how, why) = end(&events, name);
        assert_eq!(how, "Length", "{name}: {why}");
        assert!(why.contains("together exceeded the limit of 100000 bytes"), "{name}: {why}");
    }
    assert_eq!(written(&events, "queued"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_the_token_limit_is_stopped() {
    // Nine tokens may be written.
    let plan = budget(plan(4), |b| b.branch_bytes = 1 << 20);
    for (piece, text_bytes) in [(text(&"x".repeat(50)), 150), (thought(50), 0)] {
        let events = one(vec![(1, Ok(piece)); 1_000], plan.clone()).await;
        let (how, why) = end(&events, "a");
        assert_eq!((how.as_str(), written(&events, "a")), ("Length", text_bytes));
        assert!(why.contains("far past max_tokens (9), which script.test"), "{why}");
    }
    let enough = vec![(1, Ok(text(&"x".repeat(144)))), stop()];
    assert_eq!(end(&one(enough, plan).await, "a").0, "Done");
}

#[tokio::test(start_paused = true)]
async fn an_end_without_an_answer_is_no_good_end() {
    let usage = Some(Usage { completion_tokens: 7, ..Usage::default() });
    let ends = |reason| (0, Ok(Chunk::Finish { reason, usage }));
    let says = || (0, Ok(text("x")));
    for (steps, outcome, word) in [
        (vec![ends(Finish::Stop)], "Failed", "without writing anything"),
        (vec![(0, Ok(text(" \n"))), ends(Finish::Stop)], "Failed", "without writing anything"),
        (vec![(0, Ok(thought(9))), ends(Finish::Stop)], "Failed", "without writing anything"),
        (vec![ends(Finish::Tool)], "Failed", "call a tool"),
        (vec![says(), ends(Finish::Tool)], "CutOff", "call a tool"),
        (vec![says(), ends(Finish::Length)], "Length", "token limit"),
        (vec![says(), ends(Finish::Filtered)], "Filtered", "content filter"),
        (vec![says()], "CutOff", "without an end marker"),
        (vec![], "Failed", "ended before"),
    ] {
        let has_end = matches!(steps.last(), Some((_, Ok(Chunk::Finish { .. }))));
        let events = one(steps, plan(4)).await;
        let (how, why) = end(&events, "a");
        assert!(how == outcome && why.contains(word), "{how}: {why}");
        let Some(Event::BranchEnded { usage: told, .. }) = events.last() else { panic!() };
        assert_eq!(told.is_some(), has_end, "what it cost is told: {why}");
    }
}
