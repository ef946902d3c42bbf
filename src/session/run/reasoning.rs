//! What the models of a run reasoned: kept in memory within bounds, and in the log where it is to be
//! written down.

use super::super::SessionError;
use super::{Run, RunState};
use crate::event::{Answer, BranchId, Event};
use std::collections::{HashMap, HashSet};

/// Maximum number of bytes of one answer's reasoning that are kept.
const REASONING_BYTES: usize = 256 << 10;

/// The reasoning of a run's branches.
#[derive(Debug, Default)]
pub(super) struct Reasoning {
    of: HashMap<BranchId, Thoughts>,
    /// It is written down with the run's events.
    is_recorded: bool,
}

/// What one branch reasoned for the answer that stands there.
#[derive(Debug, Default)]
struct Thoughts {
    text: String,
    /// There was more.
    is_cut: bool,
    /// Bytes that are in the log.
    recorded: usize,
    /// A new attempt has begun, and nothing of it has come.
    is_anew: bool,
}

impl Thoughts {
    /// Adds text within the bound, and returns how much of it was added in bytes.
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
    /// Its size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.of.values().map(|thoughts| thoughts.text.len()).sum()
    }

    /// Follows an event; `answer` is what stood in a branch whose answer turns out to be reasoning.
    fn note(&mut self, event: &Event, answer: &str) {
        match event {
            Event::BranchStarted { branch, .. } => {
                if let Some(thoughts) = self.of.get_mut(branch) {
                    thoughts.is_anew = true;
                }
            }
            // An answer without reasoning takes the place of one with.
            Event::Delta { branch, .. }
                if self.of.get(branch).is_some_and(|thoughts| thoughts.is_anew) =>
            {
                self.of.remove(branch);
            }
            Event::Reasoning { branch, text } => {
                self.of.entry(branch.clone()).or_default().push(text);
            }
            // The log has it as the answer that was taken back.
            Event::Retracted { branch, .. } => {
                let thoughts = self.of.entry(branch.clone()).or_default();
                thoughts.recorded += thoughts.push(answer);
            }
            _ => {}
        }
    }

    /// What is not in the log yet, as events, where it is to be there.
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
    /// Follows an event that is recorded now or was before.
    pub(super) fn think(&mut self, event: &Event) {
        let answer = match event {
            Event::Retracted { branch, .. } => Answer::of(branch, &self.log).text,
            _ => String::new(),
        };
        self.reasoning.note(event, &answer);
    }

    /// Follows an event that is in the log already.
    pub(super) fn think_again(&mut self, event: &Event) {
        self.think(event);
        if let Event::Reasoning { branch, .. } = event
            && let Some(thoughts) = self.reasoning.of.get_mut(branch)
        {
            thoughts.recorded = thoughts.text.len();
        }
    }

    /// Puts the reasoning that has come into the log, where it is to be there.
    pub(super) fn place_reasoning(&mut self) {
        self.reasoning.unrecorded().into_iter().for_each(|event| self.push(event));
    }
}

impl Run {
    /// Whether reasoning is written down with the run's events from now on.
    pub(crate) fn record_reasoning(&self, is_recorded: bool) {
        self.state.lock().reasoning.is_recorded = is_recorded;
    }

    /// The branches with reasoning for their answers.
    pub(crate) fn with_reasoning(&self) -> HashSet<BranchId> {
        let state = self.state.lock();
        let has_some = |(_, thoughts): &(&BranchId, &Thoughts)| !thoughts.text.trim().is_empty();
        state.reasoning.of.iter().filter(has_some).map(|(branch, _)| branch.clone()).collect()
    }

    /// Whether there is reasoning for the answer of a branch.
    pub(crate) fn has_reasoning(&self, branch: &BranchId) -> bool {
        self.state.lock().reasoning.of.get(branch).is_some_and(|t| !t.text.trim().is_empty())
    }

    /// The reasoning of all sections that have some, each below its heading; empty if there is none.
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

    /// The reasoning of one section, or of all that have some, as text to be read.
    ///
    /// # Errors
    /// As [`Run::reasoning`].
    pub fn reasoning_text(&self, branch: Option<&BranchId>) -> Result<String, SessionError> {
        let Some(branch) = branch else { return Ok(self.all_reasoning()) };
        let (text, is_cut) = self.reasoning(branch)?;
        Ok(self.with_panel(|panel| panel.reasoning(&text, is_cut)))
    }

    /// The branches in the order in which the panel shows them.
    fn sections_in_order(&self) -> Vec<BranchId> {
        self.with_panel(|panel| panel.states().map(|(branch, ..)| branch.clone()).collect())
    }

    /// What a branch reasoned for the answer that stands there, as the model wrote it, and whether
    /// there was more.
    ///
    /// # Errors
    /// A branch that the run does not have, or of which no reasoning is known.
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
        Event::BranchEnded {
            branch: id(),
            outcome,
            usage: None,
            cost: None,
            elapsed_ms: 0,
            note: None,
        }
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
