//! Read access to a run's log and panel.

use super::Run;
use crate::event::{Seq, Stamped};
use crate::panel::{Panel, View};

impl Run {
    /// Returns the run's events, starting at sequence number `from`.
    pub fn events_from(&self, from: Seq) -> Vec<Stamped> {
        self.some_events_from(from, usize::MAX).0
    }

    /// Returns at most `max` of the run's events, starting at sequence number `from`, and whether
    /// no more follow.
    pub(crate) fn some_events_from(&self, from: Seq, max: usize) -> (Vec<Stamped>, bool) {
        let state = self.current();
        // Events that a journal lacks leave gaps in the sequence numbers.
        let at = state.log.partition_point(|stamped| stamped.seq < from);
        let rest = state.log.get(at..).unwrap_or_default();
        let some = rest.get(..max).unwrap_or(rest);
        (some.to_vec(), some.len() == rest.len())
    }

    /// Calls `read` with the current panel while holding the run's lock, so `read` must be quick.
    pub fn with_panel<T>(&self, read: impl FnOnce(&Panel) -> T) -> T {
        read(&self.current().panel)
    }

    /// Returns a client's copy of the current panel, against which later changes are computed.
    pub fn view(&self) -> View {
        self.with_panel(View::new)
    }
}
