//! Extends timeouts while a server is busy with other requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Extends a request's timeouts while the server is busy with other requests. The default value
/// extends nothing.
#[derive(Clone, Default)]
pub struct TimeoutExtension(Option<Arc<BusyUntil>>);

type BusyUntil = dyn Fn() -> Option<Instant> + Send + Sync;

impl TimeoutExtension {
    /// Creates an extension for one request. `busy_until` returns the last moment at which the
    /// server was answering another request that it may have received before this one.
    pub fn new(busy_until: impl Fn() -> Option<Instant> + Send + Sync + 'static) -> Self {
        TimeoutExtension(Some(Arc::new(busy_until)))
    }

    /// Returns the extended deadline, which is `wait` after the server was last busy with another
    /// request; `None` if that deadline has passed or the server was not busy.
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
