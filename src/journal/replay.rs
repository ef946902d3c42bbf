//! Replays a run: which events are shown, and when.

use crate::event::{Answer, BranchId, Event, Stamped, answers};
use std::collections::HashMap;
use std::time::Duration;

/// Interval between events if no times are known.
const PACE: Duration = Duration::from_millis(20);

/// Returns the events to show in a replay of a run that has ended ([`super::end`]), each with its
/// time since the start of the run. Each branch is shown as if its last attempt with an answer had
/// been its only one, so that no text has to be retracted; the final panel is the same. Only the
/// ends of branches have recorded times; the events between two ends are spread evenly.
pub fn replay(events: Vec<Stamped>) -> Vec<(Duration, Stamped)> {
    let answers = answers(events.iter().map(|stamped| &stamped.event));
    let events = events.into_iter().filter(|e| !matches!(e.event, Event::Marked { .. })).collect();
    let events = with_marks(only_attempts(events), answers);
    let times = times(&events);
    times.into_iter().zip(events).collect()
}

/// The indexes of the events at which a branch's attempts begin.
#[derive(Default)]
struct Attempts {
    /// Number of the last attempt with text; 0 if none has text.
    shown: usize,
    /// Number of the last attempt.
    last: usize,
}

/// Inserts the marks of each answer before the end of its branch, because what is printed then is
/// not taken back.
fn with_marks(events: Vec<Stamped>, mut answers: HashMap<BranchId, Answer>) -> Vec<Stamped> {
    let mut all = Vec::with_capacity(events.len());
    for stamped in events {
        if let Event::BranchEnded { branch, .. } = &stamped.event
            && let Some(answer) = answers.remove(branch)
        {
            all.extend(answer.marks.iter().map(|(item, mark)| {
                let (branch, item, mark) = (branch.clone(), item.clone(), Some(mark.clone()));
                Stamped { seq: stamped.seq, event: Event::Marked { branch, item, mark } }
            }));
        }
        all.push(stamped);
    }
    all
}

fn only_attempts(events: Vec<Stamped>) -> Vec<Stamped> {
    let mut attempts: HashMap<BranchId, Attempts> = HashMap::new();
    let mut run_end = 0;
    for (at, Stamped { event, .. }) in events.iter().enumerate() {
        match event {
            Event::BranchStarted { branch, .. } => {
                attempts.entry(branch.clone()).or_default().last = at;
            }
            Event::Delta { branch, .. } => {
                let branch = attempts.entry(branch.clone()).or_default();
                branch.shown = branch.last;
            }
            Event::RunEnded { .. } => run_end = at,
            _ => {}
        }
    }
    let is_shown = |at: usize, event: &Event| {
        let (branch, ends) = match event {
            Event::RunStarted { .. } | Event::SectionAdded { .. } => return true,
            Event::RunEnded { .. } => return at == run_end,
            Event::BranchEnded { branch, .. } => (branch, true),
            Event::BranchQueued { branch, .. }
            | Event::BranchNoted { branch, .. }
            | Event::BranchStarted { branch, .. }
            | Event::Thinking { branch, .. }
            | Event::Reasoning { branch, .. }
            | Event::Delta { branch, .. }
            | Event::Retracted { branch, .. }
            | Event::Marked { branch, .. }
            | Event::BranchRetrying { branch, .. } => (branch, false),
        };
        let Some(Attempts { shown, last }) = attempts.get(branch) else { return true };
        // Attempts that began after `shown` have no text.
        let is_delta = matches!(event, Event::Delta { .. } | Event::Retracted { .. });
        at >= *last || at >= *shown && !ends && (is_delta || at == *shown)
    };
    let shown = events.into_iter().enumerate().filter(|(at, e)| is_shown(*at, &e.event));
    shown.map(|(_, stamped)| stamped).collect()
}

fn times(events: &[Stamped]) -> Vec<Duration> {
    // The indexes of the events whose time is known, with the time.
    let mut known = vec![(0, Duration::ZERO)];
    let mut started: HashMap<&BranchId, Duration> = HashMap::new();
    let mut now = Duration::ZERO;
    for (at, Stamped { event, .. }) in events.iter().enumerate() {
        match event {
            Event::BranchStarted { branch, .. } => {
                started.insert(branch, now);
            }
            Event::BranchEnded { branch, elapsed_ms, .. } => {
                let from = started.get(branch).copied().unwrap_or_default();
                now = now.max(from.saturating_add(Duration::from_millis(*elapsed_ms)));
                known.push((at, now));
            }
            _ => {}
        }
    }
    if now.is_zero() {
        return (0..).map(|n: u32| PACE * n).take(events.len()).collect();
    }
    let mut times = Vec::with_capacity(events.len());
    for two in known.windows(2) {
        let [(from, start), (to, end)] = two else { continue };
        let step = u32::try_from(to - from).ok().and_then(|n| (*end - *start).checked_div(n));
        let step = step.unwrap_or_default();
        times.extend((0..).map(|n: u32| *start + step * n).take(to - from));
    }
    times.resize(events.len(), now);
    times
}

#[cfg(test)]
mod tests;
