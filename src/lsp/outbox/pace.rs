//! The clock of what is sent: at once where nobody should wait, else at most so often.

use crate::session::{Beat, Run};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The beats of a run, thinned.
pub(super) struct Pace {
    run: Weak<Run>,
    beats: watch::Receiver<Beat>,
    tick: Duration,
    last: Option<Instant>,
    urgent: u64,
    /// Something has happened that was not sent.
    pending: bool,
}

impl Pace {
    pub(super) fn new(run: Weak<Run>, beats: watch::Receiver<Beat>, tick: Duration) -> Self {
        Pace { run, beats, tick, last: None, urgent: 0, pending: false }
    }

    /// Waits until something has happened and it is time to send it; `None` when the run is
    /// forgotten. Something urgent is sent at once, anything else not before a tick has gone by
    /// since the last call.
    ///
    /// # Cancel safety
    /// What happened while a dropped call waited is told by the next one.
    pub(super) async fn next(&mut self) -> Option<(Arc<Run>, Beat)> {
        if !self.pending {
            self.beats.changed().await.ok()?;
            self.pending = true;
        }
        if let Some(last) = self.last {
            let due = last + self.tick;
            while self.beats.borrow_and_update().urgent <= self.urgent && Instant::now() < due {
                tokio::select! {
                    () = sleep_until(due) => break,
                    changed = self.beats.changed() => changed.ok()?,
                }
            }
        }
        let beat = *self.beats.borrow_and_update();
        self.last = Some(Instant::now());
        self.urgent = beat.urgent;
        self.pending = false;
        Some((self.run.upgrade()?, beat))
    }
}
