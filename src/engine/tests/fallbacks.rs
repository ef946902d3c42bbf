//! Tests of falling back to other models if one cannot answer.

use super::*;
use crate::provider::Cause;

/// Returns a branch that may ask these models, in order.
fn of_models(names: &[&str]) -> Vec<Work> {
    let mut work = work(&["a"]);
    work[0].prompt.model = Some(names[0].into());
    work[0].prompt.fallbacks = names[1..].iter().map(|name| (*name).into()).collect();
    work
}

async fn told(names: &[&str], script: Script) -> Vec<String> {
    brief(&collect(start(of_models(names), Arc::new(script), plan(4))).await)
}

#[tokio::test(start_paused = true)]
async fn the_next_model_is_asked_where_one_cannot_answer() {
    let script = Script::default()
        .with("a", vec![error(FailureKind::NotFound, 404)])
        .with("a", vec![error(FailureKind::TooLarge, 400)])
        .with("a", vec![(1, Ok(text("答え"))), stop()]);
    let script = Arc::new(script);
    let events = collect(start(of_models(&["x", "y", "z"]), script.clone(), plan(4))).await;
    assert_eq!(
        brief(&events),
        [
            "a starts",
            "a notes \"x\" could not be used (not found, 404)",
            "a attempt 2 leaves for y",
            "a notes \"y\" could not be used (the text is too long for it, 400)",
            "a attempt 3 leaves for z",
            "a 答え",
            "a ends Done",
        ]
    );
    let names = script.names.lock();
    assert!(names[0] != names[1] && names[1] != names[2], "each model is asked another question");
}

#[tokio::test(start_paused = true)]
async fn a_busy_model_is_left_after_its_retries() {
    let busy = || vec![error(FailureKind::RateLimited, 429)];
    let script =
        [busy(), busy(), busy()].into_iter().fold(Script::default(), |s, b| s.with("a", b));
    let script = script.with("a", vec![error(FailureKind::Server, 503)]);
    let script = script.with("a", vec![(1, Ok(text("ok"))), stop()]);
    assert_eq!(
        told(&["x", "y"], script).await,
        [
            "a starts",
            "a attempt 2",
            "a attempt 3",
            "a notes \"x\" could not be used (rate-limited, 429)",
            "a attempt 4 leaves for y",
            "a attempt 5",
            "a ok",
            "a ends Done",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_or_may_be_billed_stays_where_it_is() {
    for first in [
        vec![(1, Ok(text("half"))), error(FailureKind::Server, 503)],
        vec![(1, Ok(thought(5))), error(FailureKind::Server, 503)],
        vec![error(FailureKind::Server, 504)],
        vec![(0, Err(ProviderError::new(FailureKind::Interrupted, None).because(Cause::Reset)))],
        vec![stop()],
    ] {
        let script = Script::default().with("a", first.clone()).with("a", vec![stop()]);
        let told = told(&["x", "y"], script).await;
        assert!(!told.iter().any(|line| line.contains("leaves")), "{told:?} of {first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_server_itself_goes_to_a_model_of_another() {
    let script = || {
        Script::default()
            .with("a", vec![error(FailureKind::Unauthorized, 401)])
            .with("a", vec![(1, Ok(text("ok"))), stop()])
    };
    assert_eq!(told(&["x", "y"], script()).await, ["a starts", "a ends Failed"]);
    let notes = told(&["x:cloud", "y:cloud", "z"], script()).await;
    assert_eq!(
        notes[1..3],
        ["a notes \"x:cloud\" could not be used (not authorized, 401)", "a attempt 2 leaves for z"]
    );
}

#[tokio::test(start_paused = true)]
async fn if_all_fail_the_last_one_says_why() {
    let script = Script::default()
        .with("a", vec![error(FailureKind::NotFound, 404)])
        .with("a", vec![error(FailureKind::Forbidden, 403)]);
    let events = collect(start(of_models(&["x", "y"]), Arc::new(script), plan(4))).await;
    let Some(Event::BranchEnded { outcome: Outcome::Failed(failure), .. }) = events.last() else {
        panic!("{events:?}");
    };
    assert!(failure.message.contains("\"y\""), "{}", failure.message);
}
