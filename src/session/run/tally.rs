//! A run's time and cost so far, including what its requests in progress may still cost.

use super::Run;
use crate::event::{BranchId, Event, Sum, Total, Usd};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// A run's time and cost so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sum: Sum,
    spent: Usd,
    /// The maximum cost of each request in progress.
    reserved: HashMap<BranchId, Reserved>,
    /// How long sections were running, up to the last end of the run; unknown if a process was
    /// killed.
    elapsed: Elapsed,
    /// Start of the current period in which sections are running; `None` if none is running.
    alive_since: Option<Instant>,
}

/// A duration; `None` if unknown.
#[derive(Debug)]
struct Elapsed(Option<Duration>);

impl Default for Elapsed {
    fn default() -> Self {
        Elapsed(Some(Duration::ZERO))
    }
}

#[derive(Debug)]
struct Reserved {
    bound: Usd,
    /// Whether the answer to the request has begun. From then on, the request is billed, even if
    /// the cost is not reported.
    has_begun: bool,
}

impl Tally {
    /// Updates the tally with an event, whether new or from the journal.
    pub(super) fn note(&mut self, event: &Event) {
        self.sum.add(event);
        match event {
            Event::RunStarted { .. }
            | Event::SectionAdded { .. }
            | Event::BranchQueued { .. }
            | Event::BranchStarted { .. } => {
                self.alive_since.get_or_insert_with(Instant::now);
            }
            Event::Delta { branch, .. } | Event::Thinking { branch, .. } => {
                if let Some(reserved) = self.reserved.get_mut(branch) {
                    reserved.has_begun = true;
                }
            }
            Event::BranchEnded { branch, cost, .. } => {
                let begun = self.reserved.remove(branch).filter(|reserved| reserved.has_begun);
                let cost = cost.or(begun.map(|reserved| reserved.bound)).unwrap_or_default();
                self.spent = self.spent.plus(cost);
            }
            Event::RunEnded { total, .. } => {
                let ms = total.as_ref().map_or(0, |total| total.elapsed_ms);
                self.elapsed = match ms {
                    0 => Elapsed(None),
                    ms => Elapsed(Some(Duration::from_millis(ms))),
                };
                self.alive_since = None;
            }
            Event::BranchNoted { .. }
            | Event::Reasoning { .. }
            | Event::Marked { .. }
            | Event::Retracted { .. }
            | Event::BranchRetrying { .. } => {}
        }
    }

    /// Stops the clock at the end of the run, and returns the run's totals.
    pub(super) fn stop(&mut self) -> Option<Total> {
        let more = self.alive_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        self.elapsed = Elapsed(self.elapsed.0.map(|before| before + more));
        let ms = self.elapsed.0.unwrap_or_default().as_millis();
        self.sum.total(ms.try_into().unwrap_or(u64::MAX))
    }

    /// Reserves the maximum cost of these requests. If the run could then cost more than `limit`,
    /// reserves nothing and returns that cost as the error.
    fn reserve(&mut self, limit: Usd, asked: &[(BranchId, Usd)]) -> Result<(), Usd> {
        let alive = self.reserved.values().map(|reserved| reserved.bound);
        let all: Usd = alive.chain(asked.iter().map(|(_, bound)| *bound)).sum();
        let all = all.plus(self.spent);
        if all > limit {
            return Err(all);
        }
        let reserved = |(branch, bound): &(BranchId, Usd)| {
            (branch.clone(), Reserved { bound: *bound, has_begun: false })
        };
        self.reserved.extend(asked.iter().map(reserved));
        Ok(())
    }
}

impl Run {
    /// For each branch in `asked`, reserves the maximum cost of its request until the branch ends.
    ///
    /// # Errors
    /// If the run could then cost more than `limit`, reserves nothing and returns that potential
    /// cost as the error.
    pub(crate) fn reserve(&self, limit: Usd, asked: &[(BranchId, Usd)]) -> Result<(), Usd> {
        self.state.lock().tally.reserve(limit, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Outcome;

    fn id(name: &str) -> BranchId {
        BranchId(name.into())
    }

    fn asked(name: &str, nanos: u64) -> [(BranchId, Usd); 1] {
        [(id(name), Usd::from_nanos(nanos))]
    }

    fn ended(name: &str, cost: Option<u64>) -> Event {
        let cost = cost.map(Usd::from_nanos);
        let (branch, outcome) = (id(name), Outcome::Done);
        Event::BranchEnded { branch, outcome, usage: None, cost, elapsed_ms: 0, note: None }
    }

    #[test]
    fn what_is_spent_and_what_is_alive_count_together() {
        let (mut tally, limit) = (Tally::default(), Usd::from_nanos(100));
        tally.reserve(limit, &asked("a", 60)).unwrap();
        assert_eq!(tally.reserve(limit, &asked("b", 41)), Err(Usd::from_nanos(101)));
        tally.reserve(limit, &asked("b", 40)).unwrap();
        tally.note(&ended("a", Some(10)));
        assert_eq!(tally.reserve(limit, &asked("c", 51)), Err(Usd::from_nanos(101)));
        tally.reserve(limit, &asked("c", 50)).unwrap();
    }

    #[test]
    fn an_answer_of_unknown_cost_counts_in_full_once_it_has_begun() {
        let (mut tally, limit) = (Tally::default(), Usd::from_nanos(100));
        tally.reserve(limit, &asked("a", 60)).unwrap();
        tally.note(&ended("a", None));
        tally.reserve(limit, &asked("a", 100)).expect("a refused request costs nothing");
        tally.note(&Event::Delta { branch: id("a"), text: "答え".into() });
        tally.note(&ended("a", None));
        assert_eq!(tally.reserve(limit, &asked("a", 1)), Err(Usd::from_nanos(101)));
    }

    #[tokio::test(start_paused = true)]
    async fn time_is_counted_while_sections_are_alive() {
        let mut tally = Tally::default();
        let started = || Event::BranchStarted { branch: id("a"), model: "m".into() };
        tally.note(&started());
        tokio::time::advance(Duration::from_millis(1500)).await;
        assert_eq!(tally.stop().unwrap().elapsed_ms, 1500);
        tokio::time::advance(Duration::from_secs(60)).await;
        tally.note(&started());
        tally.note(&started());
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(tally.stop().unwrap().elapsed_ms, 2000);
    }
}
