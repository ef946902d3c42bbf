//! Ends a run whose process stopped before it could write the end.

use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, RunOutcome, Stamped, Sum};
use crate::lang::Lang;

/// Appends the missing end of a run whose process exited early to the run's `events`, so that no
/// section waits forever. Must not be called for a run that is still being written. `is_asked_kept`
/// says whether the journal also holds the run's request, so that a section can be retried.
pub fn end(events: &mut Vec<Stamped>, is_asked_kept: bool) {
    let (mut lang, mut retry) = (Lang::En, Retry::No);
    let mut branches: Vec<(BranchId, Option<Outcome>)> = Vec::new();
    let mut over = false;
    for Stamped { event, .. } in &*events {
        match event {
            Event::RunStarted { sections, lang: own, source, selection, .. } => {
                lang = *own;
                retry = match (is_asked_kept, selection.is_some() && source.is_document()) {
                    (true, _) => Retry::Always,
                    (false, true) => Retry::WithDocument,
                    (false, false) => Retry::No,
                };
                branches.extend(sections.iter().map(|section| (section.branch.clone(), None)));
            }
            Event::SectionAdded { section, .. } => {
                over = false;
                if branches.iter().all(|(branch, _)| *branch != section.branch) {
                    branches.push((section.branch.clone(), None));
                }
            }
            Event::BranchQueued { branch, .. } | Event::BranchStarted { branch, .. } => {
                over = false;
                set(&mut branches, branch, None);
            }
            Event::BranchEnded { branch, outcome, .. } => {
                set(&mut branches, branch, Some(outcome.clone()));
            }
            Event::RunEnded { .. } => over = true,
            Event::BranchNoted { .. }
            | Event::Thinking { .. }
            | Event::Reasoning { .. }
            | Event::Delta { .. }
            | Event::Retracted { .. }
            | Event::Marked { .. }
            | Event::BranchRetrying { .. } => {}
        }
    }
    if over || branches.is_empty() {
        return;
    }
    let mut seq = events.last().map_or(0, |last| last.seq);
    let mut push = |event| {
        seq = seq.saturating_add(1);
        events.push(Stamped { seq, event });
    };
    for (branch, outcome) in branches.iter_mut().filter(|(_, outcome)| outcome.is_none()) {
        let cut = outcome.insert(Outcome::CutOff(interrupted(lang, retry))).clone();
        let branch = branch.clone();
        push(Event::ended(branch, cut));
    }
    let outcome = RunOutcome::of(branches.iter().filter_map(|(_, outcome)| outcome.as_ref()));
    let mut sum = Sum::default();
    events.iter().for_each(|stamped| sum.add(&stamped.event));
    // How long the run took is unknown.
    let end = Event::RunEnded { outcome, total: sum.total(0) };
    events.push(Stamped { seq: seq.saturating_add(1), event: end });
}

fn set(branches: &mut [(BranchId, Option<Outcome>)], branch: &BranchId, outcome: Option<Outcome>) {
    if let Some(found) = branches.iter_mut().find(|(id, _)| id == branch) {
        found.1 = outcome;
    }
}

/// Whether a section that was cut off can be retried, and what that requires.
#[derive(Clone, Copy)]
enum Retry {
    Always,
    WithDocument,
    No,
}

fn interrupted(lang: Lang, retry: Retry) -> Failure {
    let message = match retry {
        Retry::Always => lang.pick(
            "この答えが終わる前に kaizodo が終了しました。届いた分は残っています。この節だけをやり直せます。",
            "kaizodo stopped before this answer was complete. The text received so far is kept. You can retry this section.",
        ),
        Retry::WithDocument => lang.pick(
            "この答えが終わる前に kaizodo が終了しました。届いた分は残っています。元の文書を開いていて、その文章が変わっていなければ、この節だけをやり直せます。",
            "kaizodo stopped before this answer was complete. The text received so far is kept. If the document is open and its text unchanged, you can retry this section.",
        ),
        Retry::No => lang.pick(
            "この答えが終わる前に kaizodo が終了しました。届いた分は残っています。続きが要るときは、元の文章でもう一度実行してください。",
            "kaizodo stopped before this answer was complete. The text received so far is kept; to get the rest, run the action on the text again.",
        ),
    };
    Failure::new(FailureKind::Interrupted, message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_over(event: &Event, as_what: RunOutcome) -> bool {
        matches!(event, Event::RunEnded { outcome, .. } if *outcome == as_what)
    }
    use crate::event::{Role, SectionTitle};
    use crate::journal::lines::tests::{ended, stamped, started};

    #[test]
    fn what_is_open_is_cut_off_and_what_has_ended_stays() {
        let mut events = stamped([started(Lang::Ja, &["a", "b"]), ended("b", Outcome::Done)]);
        end(&mut events, false);
        let [_, _, cut, over] = &events[..] else { panic!("{events:?}") };
        let Event::BranchEnded { branch, outcome: Outcome::CutOff(why), .. } = &cut.event else {
            panic!("{cut:?}")
        };
        assert_eq!((&*branch.0, why.kind), ("a", FailureKind::Interrupted));
        assert!(why.message.contains("途中") || why.message.contains("終わる前"));
        assert!(is_over(&over.event, RunOutcome::Partial));
        assert_eq!((cut.seq, over.seq), (3, 4));

        let whole = events.clone();
        end(&mut events, false);
        assert_eq!(events, whole, "what has ended is left as it is");
    }

    #[test]
    fn a_section_that_was_added_is_cut_off_as_any_other() {
        let over = Event::RunEnded { outcome: RunOutcome::Done, total: None };
        let section = SectionTitle { role: Role::FollowUp, ..SectionTitle::view("b", "b") };
        let added = Event::SectionAdded { section, after: None, question: String::new() };
        let mut events =
            stamped([started(Lang::En, &["a"]), ended("a", Outcome::Done), over, added]);
        end(&mut events, false);
        let Event::BranchEnded { branch, outcome, .. } = &events[4].event else { panic!() };
        assert!(&*branch.0 == "b" && matches!(outcome, Outcome::CutOff(_)));
        assert!(is_over(&events[5].event, RunOutcome::Partial));
    }

    #[test]
    fn only_the_last_line_may_be_missing() {
        let mut events = stamped([started(Lang::En, &["a"]), ended("a", Outcome::Done)]);
        end(&mut events, false);
        assert!(is_over(&events[2].event, RunOutcome::Done));
        let mut nothing = Vec::new();
        end(&mut nothing, false);
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_retry_is_offered_where_it_can_be_done() {
        let told = |digest: Option<&str>, uri: &str, is_asked_kept| {
            let mut start = started(Lang::En, &["a"]);
            if let Event::RunStarted { selection, source, .. } = &mut start {
                *selection = digest.map(str::to_owned);
                source.uri = uri.to_owned();
            }
            let mut events = stamped([start]);
            end(&mut events, is_asked_kept);
            let Event::BranchEnded { outcome, .. } = &events[1].event else { panic!("{events:?}") };
            outcome.failure().unwrap().message.clone()
        };
        let offers = |digest, uri| told(digest, uri, false).contains("can retry");
        for uri in ["file:///a.md", "kaizodo:/stdin"] {
            let always = told(Some("0a"), uri, true);
            assert!(always.contains("can retry") && !always.contains("open"), "{always}");
        }
        assert!(offers(Some("0a"), "file:///a.md") && offers(Some("0a"), "untitled:1"));
        assert!(!offers(None, "file:///a.md"), "an earlier version's");
        assert!(!offers(Some("0a"), "kaizodo:/stdin"), "no document");
    }

    #[test]
    fn a_retry_that_was_under_way_is_cut_off() {
        let again = Event::BranchStarted { branch: BranchId("a".into()), model: "m".into() };
        let over = Event::RunEnded { outcome: RunOutcome::Done, total: None };
        let mut events =
            stamped([started(Lang::En, &["a"]), ended("a", Outcome::Done), over, again]);
        end(&mut events, false);
        assert_eq!(events.len(), 6);
        assert!(is_over(&events[5].event, RunOutcome::Partial));
    }
}
