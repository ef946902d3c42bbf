//! The host, limits and state of one request, for the code that reads its answer.

use crate::event::FailureKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::limits::Limits;
use crate::provider::transport::{Redactor, error};
use crate::provider::{Cause, KeyPlace, ProviderError, TimeoutExtension};
use parking_lot::Mutex;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A request's host, limits and state, shared by the code that reads its answer.
pub(crate) struct Call {
    pub(crate) host: String,
    pub(crate) redactor: Redactor,
    pub(crate) limits: Limits,
    /// The place that the request's key comes from.
    key_place: KeyPlace,
    pub(crate) extension: TimeoutExtension,
    pub(crate) state: Mutex<CallState>,
}

/// How far the answer to a request has been read.
#[derive(Default)]
pub(crate) struct CallState {
    /// Whether `[DONE]` has arrived, or a whole answer that was not a stream.
    pub(crate) done: bool,
    /// Number of events that could not be read.
    pub(crate) unreadable_events: u32,
    /// Why reading the answer failed; `None` if it has not failed.
    pub(crate) failure: Option<ProviderError>,
    /// Whether the body has ended: an event that cannot be parsed after this point was truncated.
    pub(crate) ended: bool,
    /// Whether any event has arrived.
    pub(crate) began: bool,
    /// Whether any text or reasoning has arrived.
    pub(crate) speaking: bool,
    /// Number of bytes received since the last event.
    pub(crate) bytes: usize,
}

impl Call {
    /// Creates a call for a request to `endpoint`. If `whole` is `true`, the answer is not
    /// streamed, and only the section's time limit applies.
    pub(crate) fn new(endpoint: &Endpoint, extension: TimeoutExtension, whole: bool) -> Self {
        let mut limits = endpoint.limits;
        if whole {
            // The section's own time limit expires first, even if it is extended while the server
            // answers other requests.
            limits.first_byte = limits.first_byte.max(limits.whole.saturating_mul(2));
            limits.keep_alive = limits.keep_alive.max(limits.whole.saturating_mul(2));
        }
        Self {
            host: endpoint.host(),
            redactor: Redactor::new(endpoint.secrets()),
            limits,
            key_place: endpoint.key_place(),
            extension,
            state: Mutex::default(),
        }
    }

    /// Waits until `deadline` for `sign`, the next sign of life from the server. If the server is
    /// busy with another request that it may have received earlier, waits until `wait` after that
    /// request instead. Returns `None` on timeout.
    pub(crate) async fn wait<T>(
        &self,
        mut deadline: Instant,
        wait: Duration,
        sign: impl Future<Output = T>,
    ) -> Option<T> {
        let mut sign = pin!(sign);
        loop {
            match timeout_at(deadline, &mut sign).await {
                Ok(sign) => return Some(sign),
                Err(_) => deadline = self.extension.extend(wait)?,
            }
        }
    }

    /// Creates an error that names the request's host. `words` is the server's own message, in
    /// which secrets are redacted.
    pub(crate) fn error(&self, kind: FailureKind, cause: Cause, words: &str) -> ProviderError {
        error(kind, &self.host, self.redactor.clean(words)).because(cause)
    }

    /// Adds the missing or rejected key as the cause of a server's refusal, if no other cause is
    /// known.
    pub(crate) fn with_key_cause(&self, error: ProviderError) -> ProviderError {
        error.with_key_from(&self.key_place)
    }

    /// Returns text from the server with its secrets redacted, for display.
    pub(crate) fn quoted(&self, text: &str) -> String {
        self.redactor.clean(text).unwrap_or_default()
    }

    /// Records why reading the answer failed. If an error is already recorded, `error` is ignored.
    pub(crate) fn fail(&self, error: ProviderError) {
        self.state.lock().failure.get_or_insert(error);
    }
}
