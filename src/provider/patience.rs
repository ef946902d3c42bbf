//! Patience with a server that is at other requests, so that waiting behind them is no timeout.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a request's answer is waited for beyond its limits. By default, no longer.
#[derive(Clone, Default)]
pub struct Patience(Option<Arc<BusyUntil>>);

type BusyUntil = dyn Fn() -> Option<Instant> + Send + Sync;

impl Patience {
    /// Patience by the other requests at the server: `busy_until` says when it was last answering
    /// one that it may have had before this one, which is now while it still is. While it works on
    /// one at a time and this one waits there, it is not silent.
    pub fn new(busy_until: impl Fn() -> Option<Instant> + Send + Sync + 'static) -> Self {
        Patience(Some(Arc::new(busy_until)))
    }

    /// When a wait that ends now may end instead: as long after the server was last busy with
    /// another request.
    pub(crate) fn extend(&self, wait: Duration) -> Option<Instant> {
        let deadline = self.0.as_ref()?()? + wait;
        (deadline > Instant::now()).then_some(deadline)
    }
}

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patience").field(&self.0.is_some()).finish()
    }
}
