//! Limits how many ended runs are kept in memory.

use super::Run;
use std::collections::VecDeque;
use std::sync::Arc;

/// Maximum number of ended runs in memory, which can be shown and retried.
const RUNS_MAX: usize = 100;
/// Maximum total size of the ended runs in memory, in bytes.
const BYTES_MAX: usize = 256 << 20;

/// Drops ended runs from memory, oldest first, until there is room for another.
pub(crate) fn forget(runs: &mut VecDeque<Arc<Run>>) {
    forget_down_to(runs, RUNS_MAX - 1, BYTES_MAX);
}

fn forget_down_to(runs: &mut VecDeque<Arc<Run>>, max_runs: usize, max_bytes: usize) {
    let ended = || runs.iter().filter(|run| run.is_over());
    let (mut kept, mut bytes) = (ended().count(), ended().map(|run| run.bytes()).sum::<usize>());
    runs.retain(|run| {
        let goes = run.is_over() && (kept > max_runs || bytes > max_bytes);
        if goes {
            kept -= 1;
            bytes = bytes.saturating_sub(run.bytes());
        }
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event, Outcome, RunId};
    use crate::perspective::Perspective;
    use crate::request::Request;

    /// Creates a run with this much text, which has ended if `over` is `true`.
    fn run(name: &str, text: usize, over: bool) -> Arc<Run> {
        let request = Request {
            perspectives: vec![Arc::new(Perspective {
                name: "a".into(),
                ..Perspective::default()
            })],
            ..Request::default()
        };
        let run = Run::new(RunId(name.into()), String::new(), request);
        let branch = BranchId("a".into());
        run.record(Event::Delta { branch: branch.clone(), text: "x".repeat(text) });
        if over {
            let (outcome, usage, note) = (Outcome::Done, None, None);
            run.record(Event::BranchEnded {
                branch,
                outcome,
                usage,
                cost: None,
                elapsed_ms: 0,
                note,
            });
        }
        Arc::new(run)
    }

    #[test]
    fn the_oldest_go_until_there_is_room() {
        let runs = || -> VecDeque<_> {
            let all = [("1", 9_000, true), ("2", 0, false), ("3", 9_000, true), ("4", 0, true)];
            all.into_iter().map(|(name, text, over)| run(name, text, over)).collect()
        };
        let kept = |max_runs, bytes| {
            let mut runs = runs();
            forget_down_to(&mut runs, max_runs, bytes);
            runs.iter().map(|run| run.id().0.clone()).collect::<String>()
        };
        assert_eq!(kept(3, 1 << 20), "1234");
        assert_eq!(kept(2, 1 << 20), "234");
        assert_eq!(kept(3, 15_000), "234");
        assert_eq!(kept(3, 0), "2", "one that is alive stays");
        assert_eq!(kept(0, 1 << 20), "2");
    }
}
