//! A run's log and panel, as its readers have them.

use super::Run;
use crate::event::{Seq, Stamped};
use crate::panel::{Panel, View};

impl Run {
    /// The events from this position on.
    pub fn events_from(&self, from: Seq) -> Vec<Stamped> {
        self.some_events_from(from, usize::MAX).0
    }

    /// At most `max` events from this position on, and whether these are all.
    pub(crate) fn some_events_from(&self, from: Seq, max: usize) -> (Vec<Stamped>, bool) {
        let state = self.current();
        // What a journal lacks leaves a gap.
        let at = state.log.partition_point(|stamped| stamped.seq < from);
        let rest = state.log.get(at..).unwrap_or_default();
        let some = rest.get(..max).unwrap_or(rest);
        (some.to_vec(), some.len() == rest.len())
    }

    /// Reads the panel under the lock: `read` must be short.
    pub fn with_panel<T>(&self, read: impl FnOnce(&Panel) -> T) -> T {
        read(&self.current().panel)
    }

    /// A view of the panel as it is now.
    pub fn view(&self) -> View {
        self.with_panel(View::new)
    }
}
