//! The reasoning of a run's models: kept in memory up to a limit, and in the log if it is saved.

use super::super::SessionError;
use super::{Run, RunState};
use crate::event::{Answer, BranchId, Event};
use std::collections::{HashMap, HashSet};

/// Maximum number of bytes of reasoning that are kept for one answer.
const REASONING_BYTES: usize = 256 << 10;

/// The reasoning of a run's branches.
#[derive(Debug, Default)]
pub(super) struct Reasoning {
    of: HashMap<BranchId, Thoughts>,
    /// Whether the reasoning is saved with the run's events.
    is_recorded: bool,
}

/// One branch's reasoning for its current answer.
#[derive(Debug, Default)]
struct Thoughts {
    text: String,
    /// Whether text beyond the limit was dropped.
    is_cut: bool,
    /// Number of bytes of `text` that are already in the log.
    recorded: usize,
    /// Whether a new attempt has begun, but neither text nor reasoning has arrived.
    is_anew: bool,
}

impl Thoughts {
    /// Appends text up to the limit, and returns the number of bytes appended.
    fn push(&mut self, text: &str) -> usize {
        if self.is_anew {
            *self = Thoughts::default();
        }
        let room = REASONING_BYTES - self.text.len();
        let end = text.floor_char_boundary(room.min(text.len()));
        self.is_cut |= end < text.len();
        self.text.push_str(text.get(..end).unwrap_or_default());
        end
    }
}

impl Reasoning {
    /// Returns the total size of the reasoning in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.of.values().map(|thoughts| thoughts.text.len()).sum()
    }

    /// Updates the reasoning with an event. `answer` is the branch's answer so far; it is reasoning
    /// if the event retracts it.
    fn note(&mut self, event: &Event, answer: &str) {
        match event {
            Event::BranchStarted { branch, .. } => {
                if let Some(thoughts) = self.of.get_mut(branch) {
                    thoughts.is_anew = true;
                }
            }
            // The new answer has no reasoning, so that of the answer that it replaces is dropped.
            Event::Delta { branch, .. }
                if self.of.get(branch).is_some_and(|thoughts| thoughts.is_anew) =>
            {
                self.of.remove(branch);
            }
            Event::Reasoning { branch, text } => {
                self.of.entry(branch.clone()).or_default().push(text);
            }
            // The log already has this text, as the answer that was retracted.
            Event::Retracted { branch, .. } => {
                let thoughts = self.of.entry(branch.clone()).or_default();
                thoughts.recorded += thoughts.push(answer);
            }
            _ => {}
        }
    }

    /// Returns the reasoning that is not in the log yet, as events; empty if reasoning is not
    /// saved.
    fn unrecorded(&mut self) -> Vec<Event> {
        if !self.is_recorded {
            return Vec::new();
        }
        let new = self.of.iter_mut().filter_map(|(branch, thoughts)| {
            let text = thoughts.text.get(thoughts.recorded..)?.to_owned();
            thoughts.recorded = thoughts.text.len();
            (!text.is_empty()).then(|| Event::Reasoning { branch: branch.clone(), text })
        });
        new.collect()
    }
}

impl RunState {
    /// Updates the run's reasoning with an event, whether new or from the journal.
    pub(super) fn think(&mut self, event: &Event) {
        let answer = match event {
            Event::Retracted { branch, .. } => Answer::of(branch, &self.log).text,
            _ => String::new(),
        };
        self.reasoning.note(event, &answer);
    }

    /// Updates the run's reasoning with an event that is already in the log.
    pub(super) fn think_again(&mut self, event: &Event) {
        self.think(event);
        if let Event::Reasoning { branch, .. } = event
            && let Some(thoughts) = self.reasoning.of.get_mut(branch)
        {
            thoughts.recorded = thoughts.text.len();
        }
    }

    /// Appends new reasoning to the log, if reasoning is saved.
    pub(super) fn place_reasoning(&mut self) {
        self.reasoning.unrecorded().into_iter().for_each(|event| self.push(event));
    }
}

impl Run {
    /// Sets whether reasoning is saved with the run's events from now on.
    pub(crate) fn record_reasoning(&self, is_recorded: bool) {
        self.state.lock().reasoning.is_recorded = is_recorded;
    }

    /// Returns all branches that have reasoning for their current answers.
    pub(crate) fn with_reasoning(&self) -> HashSet<BranchId> {
        let state = self.state.lock();
        let has_some = |(_, thoughts): &(&BranchId, &Thoughts)| !thoughts.text.trim().is_empty();
        state.reasoning.of.iter().filter(has_some).map(|(branch, _)| branch.clone()).collect()
    }

    /// Returns `true` if there is reasoning for the branch's current answer.
    pub(crate) fn has_reasoning(&self, branch: &BranchId) -> bool {
        self.state.lock().reasoning.of.get(branch).is_some_and(|t| !t.text.trim().is_empty())
    }

    /// Returns the reasoning of all sections that have some, each under its heading; empty if there
    /// is none.
    pub fn all_reasoning(&self) -> String {
        let known = |branch: &BranchId| Some((branch.clone(), self.reasoning(branch).ok()?));
        let sections = self.sections_in_order();
        let known: Vec<_> = sections.iter().filter_map(known).collect();
        self.with_panel(|panel| {
            let section = |(branch, (text, is_cut)): &(BranchId, (String, bool))| {
                panel.reasoning_section(branch, text, *is_cut)
            };
            known.iter().filter_map(section).collect()
        })
    }

    /// Returns the reasoning of a branch's section or, if `branch` is `None`, of all sections that
    /// have some, formatted for display.
    ///
    /// # Errors
    /// Same as [`Run::reasoning`].
    pub fn reasoning_text(&self, branch: Option<&BranchId>) -> Result<String, SessionError> {
        let Some(branch) = branch else { return Ok(self.all_reasoning()) };
        let (text, is_cut) = self.reasoning(branch)?;
        Ok(self.with_panel(|panel| panel.reasoning(&text, is_cut)))
    }

    /// Returns the branches in the order in which the panel shows them.
    fn sections_in_order(&self) -> Vec<BranchId> {
        self.with_panel(|panel| panel.states().map(|(branch, ..)| branch.clone()).collect())
    }

    /// Returns a branch's reasoning for its current answer, as the model wrote it, and whether its
    /// end was cut off at the size limit.
    ///
    /// # Errors
    /// Fails if the run does not have the branch, or if no reasoning is known for it.
    pub fn reasoning(&self, branch: &BranchId) -> Result<(String, bool), SessionError> {
        let state = self.state.lock();
        match state.reasoning.of.get(branch).filter(|thoughts| !thoughts.text.trim().is_empty()) {
            Some(thoughts) => Ok((thoughts.text.clone(), thoughts.is_cut)),
            None if state.branches.contains_key(branch) => {
                Err(SessionError::NoReasoning(state.title(branch)))
            }
            None => Err(SessionError::UnknownBranch(branch.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::event::{Outcome, Stamped};

    fn id() -> BranchId {
        BranchId("depth".into())
    }

    fn start() -> Event {
        Event::BranchStarted { branch: id(), model: "m".into() }
    }

    fn thought(text: &str) -> Event {
        Event::Reasoning { branch: id(), text: text.into() }
    }

    fn text(text: &str) -> Event {
        Event::Delta { branch: id(), text: text.into() }
    }

    fn end() -> Event {
        let outcome = Outcome::Done;
        Event::ended(id(), outcome)
    }

    fn is_reasoning(stamped: &Stamped) -> bool {
        matches!(stamped.event, Event::Reasoning { .. })
    }

    #[test]
    fn it_is_that_of_the_answer_that_stands_there() {
        let run = run();
        assert!(!run.has_reasoning(&id()));
        [start(), thought("なぜ"), thought("会議が"), text("答え"), end()]
            .into_iter()
            .for_each(|e| run.record(e));
        assert_eq!(run.reasoning(&id()).unwrap(), ("なぜ会議が".to_owned(), false));
        [start(), end()].into_iter().for_each(|e| run.record(e));
        assert!(run.has_reasoning(&id()), "the earlier answer stands");
        [start(), thought("もう一度"), text("別の答え"), end()]
            .into_iter()
            .for_each(|e| run.record(e));
        assert_eq!(run.reasoning(&id()).unwrap().0, "もう一度");
        [start(), text("考えずに"), end()].into_iter().for_each(|e| run.record(e));
        let refused = run.reasoning(&id()).unwrap_err();
        assert!(matches!(refused, SessionError::NoReasoning(_)), "{refused:?}");
    }

    #[test]
    fn an_answer_that_is_taken_back_was_reasoning() {
        let run = run();
        let retracted = Event::Retracted { branch: id(), chars: 4 };
        [start(), text("考え"), text("ごと"), retracted, text("答え")]
            .into_iter()
            .for_each(|e| run.record(e));
        assert_eq!(run.reasoning(&id()).unwrap().0, "考えごと");
    }

    #[test]
    fn it_is_in_the_log_only_where_it_is_to_be_written_down() {
        for is_recorded in [false, true] {
            let run = run();
            run.record_reasoning(is_recorded);
            let retracted = Event::Retracted { branch: id(), chars: 1 };
            [start(), thought("一"), thought("二")].into_iter().for_each(|e| run.record(e));
            run.events_from(1);
            [thought("三"), text("四"), retracted, text("答え"), end()]
                .into_iter()
                .for_each(|e| run.record(e));
            let events = run.events_from(1);
            assert_eq!(
                events.iter().filter(|e| is_reasoning(e)).count(),
                if is_recorded { 2 } else { 0 }
            );
            assert!(events.iter().zip(1..).all(|(stamped, seq)| stamped.seq == seq));
            let again = Run::of_journal(run.id().clone(), "");
            events.into_iter().for_each(|stamped| again.replay(stamped));
            if is_recorded {
                assert_eq!(again.reasoning(&id()).unwrap(), run.reasoning(&id()).unwrap());
                assert_eq!(run.reasoning(&id()).unwrap().0, "一二三四");
            }
        }
    }

    #[test]
    fn it_has_a_bound() {
        let run = run();
        run.record(start());
        (0..3).for_each(|_| run.record(thought(&"考".repeat(50_000))));
        let (text, is_cut) = run.reasoning(&id()).unwrap();
        assert!(is_cut && text.len() <= REASONING_BYTES && text.len() > REASONING_BYTES - 3);
    }
}
