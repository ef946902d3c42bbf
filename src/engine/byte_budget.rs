//! Byte limit shared by the branches of a run.

use crate::event::Stamped;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

/// Size of an event without its text. It counts, because a model that streams single letters fills
/// memory with events rather than text.
const EVENT: usize = size_of::<Stamped>();

/// Counter of the bytes in a run's events, with a limit.
#[derive(Debug)]
pub(crate) struct ByteBudget {
    bytes: AtomicUsize,
    limit: usize,
    full: CancellationToken,
}

impl ByteBudget {
    pub(crate) fn new(limit: usize) -> Self {
        ByteBudget { bytes: AtomicUsize::new(0), limit, full: CancellationToken::new() }
    }

    /// Adds an event with `text` bytes of text to the count.
    pub(crate) fn add(&self, text: usize) {
        let more = EVENT + text;
        let before = self.bytes.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > self.limit {
            self.full.cancel();
        }
    }

    /// Waits until the limit is exceeded.
    pub(crate) async fn full(&self) {
        self.full.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_events_and_their_text() {
        let spent = ByteBudget::new(10 * EVENT + 100);
        for _ in 0..9 {
            spent.add(0);
        }
        spent.add(100);
        assert!(!spent.full.is_cancelled());
        spent.add(0);
        assert!(spent.full.is_cancelled());
    }
}
