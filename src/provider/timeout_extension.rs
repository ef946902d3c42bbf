//! Extends timeouts while a server is busy with other requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long to wait for a request's answer beyond its limits. By default, no longer.
#[derive(Clone, Default)]
pub struct TimeoutExtension(Option<Arc<BusyUntil>>);

type BusyUntil = dyn Fn() -> Option<Instant> + Send + Sync;

impl TimeoutExtension {
    /// `busy_until` returns when the server last answered a request that it may have had before this
    /// one: the current time while it still does.
    pub fn new(busy_until: impl Fn() -> Option<Instant> + Send + Sync + 'static) -> Self {
        TimeoutExtension(Some(Arc::new(busy_until)))
    }

    /// Returns the extended deadline, `wait` after the server was last busy with another request;
    /// `None` if that has passed.
    pub(crate) fn extend(&self, wait: Duration) -> Option<Instant> {
        let deadline = self.0.as_ref()?()? + wait;
        (deadline > Instant::now()).then_some(deadline)
    }
}

impl fmt::Debug for TimeoutExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TimeoutExtension").field(&self.0.is_some()).finish()
    }
}
