//! One request, as seen by the readers of its answer: its host, limits and state.

use crate::event::FailureKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::limits::Limits;
use crate::provider::transport::{Redactor, error};
use crate::provider::{Cause, ProviderError, TimeoutExtension};
use parking_lot::Mutex;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// One request.
pub(crate) struct Call {
    pub(crate) host: String,
    pub(crate) detail: Redactor,
    pub(crate) limits: Limits,
    /// Whether it carries nothing that could be a key.
    is_keyless: bool,
    pub(crate) extension: TimeoutExtension,
    pub(crate) state: Mutex<CallState>,
}

/// The state of the request.
#[derive(Default)]
pub(crate) struct CallState {
    /// `[DONE]`, or a whole answer that was not a stream.
    pub(crate) done: bool,
    /// Events that could not be read.
    pub(crate) holes: u32,
    /// Why reading ended before its end.
    pub(crate) failure: Option<ProviderError>,
    /// Whether the body has ended: what comes now is a truncated event.
    pub(crate) ended: bool,
    /// Whether any event has come.
    pub(crate) began: bool,
    /// Whether any text or reasoning has come.
    pub(crate) speaking: bool,
    /// Bytes since the last event.
    pub(crate) bytes: usize,
}

impl Call {
    /// Creates a request. `whole` says that its answer comes in one piece, so that only the total
    /// limit applies.
    pub(crate) fn new(endpoint: &Endpoint, extension: TimeoutExtension, whole: bool) -> Self {
        let mut limits = endpoint.limits;
        if whole {
            // The section's own time ends first, though it is lengthened while the server answers others.
            limits.first_byte = limits.first_byte.max(limits.whole.saturating_mul(2));
            limits.keep_alive = limits.keep_alive.max(limits.whole.saturating_mul(2));
        }
        Self {
            host: endpoint.host(),
            detail: Redactor::new(endpoint.secrets()),
            limits,
            is_keyless: endpoint.is_keyless(),
            extension,
            state: Mutex::default(),
        }
    }

    /// Waits for the server's first response until `deadline`. If the server is busy with another
    /// request that it may have received earlier, waits for `wait` after that one.
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

    /// An error of this host, with the server's own words.
    pub(crate) fn error(&self, kind: FailureKind, cause: Cause, words: &str) -> ProviderError {
        error(kind, &self.host, self.detail.clean(words)).because(cause)
    }

    /// A server's refusal as an error; a missing key changes what it means.
    pub(crate) fn told(&self, error: ProviderError) -> ProviderError {
        if self.is_keyless { error.without_key() } else { error }
    }

    /// Text from the server, cleaned for display.
    pub(crate) fn quoted(&self, text: &str) -> String {
        self.detail.clean(text).unwrap_or_default()
    }

    /// Records why reading ended. The first reason is kept.
    pub(crate) fn fail(&self, error: ProviderError) {
        self.state.lock().failure.get_or_insert(error);
    }
}
