//! Errors of requests.

use super::{Cause, EndpointError};
use crate::event::FailureKind;
use std::time::Duration;

/// An error between us and the model, as data. [`failure`](super::sentence::failure) makes the
/// sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} from {} (status {status:?}, {cause:?}): {}", host.as_deref().unwrap_or("?"), detail.as_deref().unwrap_or(""))]
pub struct ProviderError {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// The host that was asked; with its port if that is not the scheme's default.
    pub host: Option<String>,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// How long the server asked us to wait.
    pub retry_after: Option<Duration>,
    /// What kaizodo itself observed, if no status says it.
    pub cause: Option<Cause>,
    /// The server's own words, or the transport's: one line, bounded, without key or URL query.
    pub detail: Option<String>,
}

impl From<EndpointError> for ProviderError {
    fn from(error: EndpointError) -> Self {
        Self::new(FailureKind::Configuration, None).because(Cause::Endpoint(Box::new(error)))
    }
}

impl ProviderError {
    /// Creates an error with only a kind.
    pub fn new(kind: FailureKind, host: Option<String>) -> Self {
        ProviderError { kind, host, status: None, retry_after: None, cause: None, detail: None }
    }

    /// Returns this error with a cause.
    pub fn because(self, cause: Cause) -> Self {
        ProviderError { cause: Some(cause), ..self }
    }

    /// The same error for a request without a key: if the server may want one, the missing key is
    /// the cause.
    pub(crate) fn without_key(self) -> Self {
        let may_want_one = matches!(self.kind, FailureKind::Unauthorized | FailureKind::Forbidden);
        match self.cause {
            None if may_want_one => self.because(Cause::NoKey),
            _ => self,
        }
    }
}
