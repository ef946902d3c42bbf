//! The totals of a run: its requests, tokens, cost and time.

use super::{BranchId, Event, Usage, Usd, usage::is_zero};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Totals over all requests of a run, including retries and follow-ups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Total {
    /// Number of requests to a model.
    pub requests: u64,
    /// Token counts of these requests, as far as the provider reported them.
    #[serde(flatten)]
    pub usage: Usage,
    /// Cost of these requests, as far as known; `None` if no cost is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Whether `cost` is only a lower bound, because the cost of an answer that had begun is
    /// unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// Time during which at least one section was running, in milliseconds; 0 if unknown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub elapsed_ms: u64,
}

/// Running totals of a run's requests, tokens and cost, computed from its events.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    total: Total,
    /// Whether an answer that had begun has ended without a known cost.
    has_gap: bool,
    /// The branches that have started and not yet ended.
    alive: HashMap<BranchId, Alive>,
}

#[derive(Clone, Copy, Debug)]
struct Alive {
    attempt: u8,
    has_begun: bool,
}

impl Sum {
    /// Adds an event to the totals. Of an answer's [`Event::Delta`] and [`Event::Thinking`] events,
    /// only the first has an effect; callers may omit the others.
    pub fn add(&mut self, event: &Event) {
        match event {
            Event::BranchStarted { branch, model } if !model.is_empty() => {
                self.total.requests += 1;
                self.alive.insert(branch.clone(), Alive { attempt: 1, has_begun: false });
            }
            Event::BranchRetrying { branch, attempt, .. } => {
                let found = self.alive.get_mut(branch).filter(|alive| alive.attempt < *attempt);
                if let Some(alive) = found {
                    alive.attempt = *attempt;
                    self.total.requests += 1;
                }
            }
            Event::Delta { branch, .. } | Event::Thinking { branch, .. } => {
                if let Some(alive) = self.alive.get_mut(branch) {
                    alive.has_begun = true;
                }
            }
            Event::BranchEnded { branch, usage, cost, .. } => {
                let Some(alive) = self.alive.remove(branch) else { return };
                self.total.usage = self.total.usage.plus(usage.unwrap_or_default());
                match cost {
                    Some(cost) => {
                        self.total.cost = Some(cost.plus(self.total.cost.unwrap_or_default()));
                    }
                    None => self.has_gap |= alive.has_begun,
                }
            }
            _ => {}
        }
    }

    /// Returns the totals; `None` if no model was asked. `elapsed_ms` is passed in because only the
    /// caller has a clock.
    pub fn total(&self, elapsed_ms: u64) -> Option<Total> {
        let at_least = self.has_gap && self.total.cost.is_some();
        (self.total.requests > 0).then_some(Total { at_least, elapsed_ms, ..self.total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Failure, FailureKind, Outcome};

    fn id() -> BranchId {
        BranchId("深さ".into())
    }

    fn start() -> Event {
        Event::BranchStarted { branch: id(), model: "m".into() }
    }

    fn text() -> Event {
        Event::Delta { branch: id(), text: "答え".into() }
    }

    fn again(attempt: u8) -> Event {
        let kind = FailureKind::RateLimited;
        let message = String::new();
        let failure = Failure::new(kind, message);
        Event::BranchRetrying { branch: id(), attempt, after_ms: 1, failure, model: None }
    }

    fn end(tokens: Option<u64>, nanos: Option<u64>) -> Event {
        let usage = tokens.map(|n| Usage {
            prompt_tokens: n,
            cached_tokens: 2,
            completion_tokens: 3,
            reasoning_tokens: 1,
        });
        let (branch, outcome, cost) = (id(), Outcome::Done, nanos.map(Usd::from_nanos));
        Event::BranchEnded { branch, outcome, usage, cost, elapsed_ms: 0, note: None }
    }

    fn sum(events: &[Event]) -> Option<Total> {
        let mut sum = Sum::default();
        events.iter().for_each(|event| sum.add(event));
        sum.total(7)
    }

    #[test]
    fn every_attempt_counts() {
        let events = [
            start(),
            again(2),
            again(2),
            again(3),
            text(),
            end(Some(10), Some(5)),
            start(),
            text(),
            end(Some(20), Some(6)),
        ];
        let total = sum(&events).unwrap();
        assert_eq!(total.requests, 4);
        let usage = total.usage;
        assert_eq!((usage.prompt_tokens, usage.cached_tokens), (30, 4));
        assert_eq!((usage.completion_tokens, usage.reasoning_tokens), (6, 2));
        assert_eq!((total.cost, total.at_least), (Some(Usd::from_nanos(11)), false));
        assert_eq!(
            serde_json::to_string(&total).unwrap(),
            r#"{"requests":4,"prompt_tokens":30,"cached_tokens":4,"completion_tokens":6,"reasoning_tokens":2,"cost":1.1e-8,"elapsed_ms":7}"#
        );
    }

    #[test]
    fn an_answer_that_nobody_counted_makes_the_cost_a_lower_bound() {
        let counted = [start(), text(), end(Some(10), Some(5))];
        let refused = [start(), end(None, None)];
        let stopped = [start(), text(), end(None, None)];
        assert!(!sum(&[&counted[..], &refused].concat()).unwrap().at_least);
        assert!(sum(&[&counted[..], &stopped].concat()).unwrap().at_least);
        let total = sum(&stopped).unwrap();
        assert_eq!((total.cost, total.at_least), (None, false), "no price is known");
    }

    #[test]
    fn without_a_model_there_is_no_total() {
        let worksheet = Event::BranchStarted { branch: id(), model: String::new() };
        assert_eq!(sum(&[worksheet, text(), end(None, None)]), None);
    }
}
