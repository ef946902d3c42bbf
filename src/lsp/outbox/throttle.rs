//! The clock of what is sent: at once where nobody should wait, else at most so often.

use crate::event::Seq;
use crate::session::{Run, RunProgress};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The beats of a run, thinned.
pub(crate) struct Throttle {
    run: Weak<Run>,
    progress: watch::Receiver<RunProgress>,
    urgent: watch::Receiver<Seq>,
    tick: Duration,
    last: Option<Instant>,
    /// Something has happened that was not sent.
    pending: bool,
}

impl Throttle {
    pub(crate) fn new(run: &Arc<Run>, tick: Duration) -> Self {
        Throttle {
            run: Arc::downgrade(run),
            progress: run.watch(),
            urgent: run.watch_urgent(),
            tick,
            last: None,
            pending: false,
        }
    }

    /// Waits until something has happened and it is time to send it; `None` when the run is
    /// forgotten. Something urgent is sent at once, anything else not before a tick has gone by
    /// since the last call.
    ///
    /// # Cancel safety
    /// What happened while a dropped call waited is told by the next one.
    pub(crate) async fn next(&mut self) -> Option<(Arc<Run>, RunProgress)> {
        if !self.pending {
            self.progress.changed().await.ok()?;
            self.pending = true;
        }
        let due = self.last.map(|last| last + self.tick).filter(|due| Instant::now() < *due);
        if let Some(due) = due {
            // Nothing wakes this task meanwhile but what nobody should wait for.
            tokio::select! {
                changed = self.urgent.changed() => changed.ok()?,
                () = sleep_until(due) => {}
            }
        }
        self.urgent.mark_unchanged();
        let progress = *self.progress.borrow_and_update();
        self.last = Some(counted_from(due, Instant::now(), self.tick));
        self.pending = false;
        Some((self.run.upgrade()?, progress))
    }
}

/// The moment from which the next tick is counted. A timer counts whole milliseconds and rings a
/// little late, which puts off this tick and not the next. Where it is much later, the client is
/// given a whole tick all the same.
fn counted_from(due: Option<Instant>, now: Instant, tick: Duration) -> Instant {
    due.filter(|due| (*due..*due + tick / 10).contains(&now)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_tick_does_not_put_off_the_next() {
        let (tick, due) = (Duration::from_millis(50), Instant::now());
        let at = |ms| due + Duration::from_millis(ms);
        let from = |due, now| counted_from(due, now, tick);
        assert_eq!(from(None, at(3)), at(3), "nothing was waited for");
        assert_eq!(from(Some(due), at(3)), due);
        assert_eq!(from(Some(at(9)), at(3)), at(3), "something urgent came first");
        assert_eq!(from(Some(due), at(6)), at(6), "the next does not follow too soon");
        assert_eq!(from(Some(due), at(70)), at(70), "what was missed is not made up for");
    }
}
