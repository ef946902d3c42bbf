//! Timeouts and size limits of one request, and what extends the timeouts while a server is busy.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Timeouts and size limits of one request. Every wait and every buffer is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Timeout for connecting (DNS, TCP and TLS), and for reading the body of an error response.
    pub connect: Duration,
    /// Timeout from sending the request to receiving the response headers. Until the first text or
    /// reasoning arrives, this timeout also replaces [`Self::idle`] if it is longer. A local server
    /// may take a minute to process a long prompt.
    pub first_byte: Duration,
    /// Time limit of the whole section. An answer that is not streamed may take this long, and so
    /// may loading a model file.
    pub whole: Duration,
    /// Maximum time without any data from the server.
    pub idle: Duration,
    /// Maximum time without text or reasoning, even if comments and empty events keep arriving.
    pub keep_alive: Duration,
    /// How long to wait after the finish reason for the token usage, which some servers send last.
    pub after_finish: Duration,
    /// How long to wait after `[DONE]` for the end of the body, so that the connection can be
    /// reused.
    pub drain: Duration,
    /// Idle timeout of pooled connections. Servers have similar ones: nginx 75 s, Node 5 s.
    pub unused: Duration,
    /// Maximum size in bytes of an event of the stream, and of an answer that is not streamed.
    pub event_bytes: usize,
    /// Maximum number of bytes read from the body of an error response.
    pub refusal_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            whole: Duration::from_secs(600),
            idle: Duration::from_secs(60),
            keep_alive: Duration::from_secs(300),
            after_finish: Duration::from_secs(1),
            drain: Duration::from_millis(250),
            unused: Duration::from_secs(60),
            event_bytes: 4 << 20,
            refusal_bytes: 16 << 10,
        }
    }
}

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
