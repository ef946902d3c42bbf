//! Tests of which events a replay shows, and when.

use super::*;
use crate::event::{Outcome, RunOutcome};
use crate::journal::lines::tests::{any_event, delta, ended, stamped, started};
use crate::lang::Lang;
use crate::panel::Panel;
use proptest::prelude::*;

fn start(branch: &str) -> Event {
    Event::BranchStarted { branch: BranchId(branch.into()), model: "m".into() }
}

fn end_after(name: &str, elapsed_ms: u64) -> Event {
    let branch = BranchId(name.into());
    Event::BranchEnded {
        branch,
        outcome: Outcome::Done,
        usage: None,
        cost: None,
        elapsed_ms,
        note: None,
    }
}

/// Builds a panel as it is printed: what comes later is below.
fn panel<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Panel {
    let mut panel = Panel::new("", Lang::En).with_focus_last();
    panel.apply_all(events);
    panel
}

#[test]
fn ends_tell_the_time_and_the_rest_is_spread() {
    let over = Event::RunEnded { outcome: RunOutcome::Done, total: None };
    let events = stamped([
        started(Lang::En, &["a", "b"]),
        start("a"),
        delta("a", "x"),
        delta("a", "y"),
        end_after("a", 400),
        start("b"),
        end_after("b", 1000),
        over,
    ]);
    let times: Vec<u128> = replay(events).iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 100, 200, 300, 400, 900, 1400, 1400]);
}

#[test]
fn a_run_without_ends_has_a_pace_of_its_own() {
    let events = stamped([started(Lang::En, &["a"]), start("a"), delta("a", "x")]);
    let times: Vec<u128> = replay(events).iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 20, 40]);
}

#[test]
fn only_the_last_attempt_with_an_answer_is_shown() {
    let over = || Event::RunEnded { outcome: RunOutcome::Done, total: None };
    let life = |text: &str| vec![start("a"), delta("a", text), ended("a", Outcome::Done), over()];
    let none = vec![start("a"), ended("a", Outcome::Cancelled), over()];
    let events = [vec![started(Lang::En, &["a"])], life("one"), life("two"), none.clone(), none];
    let events = stamped(events.concat());
    let shown: Vec<u64> = replay(events).iter().map(|(_, stamped)| stamped.seq).collect();
    assert_eq!(shown, [1, 6, 7, 13, 14, 15]);
}

/// Keeps only the events that a run can produce: a branch has none before it starts and none after
/// it ends.
fn lawful(events: Vec<Event>) -> Vec<Stamped> {
    let (mut alive, mut added) = (HashMap::new(), Vec::new());
    let lawful = events.into_iter().filter(|event| match event {
        Event::SectionAdded { section, .. } => {
            added.push(section.branch.clone());
            true
        }
        event if event.branch().is_some_and(|b| &*b.0 == "unknown" && !added.contains(b)) => false,
        Event::Marked { .. } => true,
        Event::BranchStarted { branch, .. } => alive.insert(branch.clone(), true) != Some(true),
        Event::BranchEnded { branch, .. } => alive.insert(branch.clone(), false) == Some(true),
        Event::BranchQueued { branch, .. }
        | Event::BranchNoted { branch, .. }
        | Event::Delta { branch, .. }
        | Event::Retracted { branch, .. }
        | Event::Thinking { branch, .. }
        | Event::Reasoning { branch, .. }
        | Event::BranchRetrying { branch, .. } => alive.get(branch) == Some(&true),
        Event::RunEnded { .. } => !alive.values().any(|alive| *alive),
        Event::RunStarted { .. } => false,
    });
    let lawful: Vec<Event> = lawful.collect();
    stamped(std::iter::once(started(Lang::Ja, &["a", "b"])).chain(lawful))
}

proptest! {
    #[test]
    fn the_panel_of_the_end_is_the_same_and_nothing_is_taken_back(
        events in proptest::collection::vec(any_event(), 0..60),
    ) {
        let mut events = lawful(events);
        crate::journal::end(&mut events, false);
        let whole = panel(&events);
        let shown = replay(events);
        prop_assert!(shown.is_sorted_by_key(|(at, _)| *at));
        let mut growing = panel(&[]);
        let (mut settled, mut printed) = (String::new(), crate::panel::Printed::default());
        for (_, stamped) in &shown {
            growing.apply(&stamped.event);
            settled += &growing.settled(&mut printed);
        }
        prop_assert_eq!(growing.text(), whole.text());
        prop_assert!(whole.text().starts_with(&settled), "{} / {}", settled, whole.text());
    }
}
