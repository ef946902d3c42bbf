//! The error type of requests.

use super::{Cause, EndpointError, KeyPlace};
use crate::event::FailureKind;
use std::time::Duration;

/// A request's error, as data. [`failure`](super::sentence::failure) turns it into a message for
/// people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} from {} (status {status:?}, {cause:?}): {}", host.as_deref().unwrap_or("?"), detail.as_deref().unwrap_or(""))]
pub struct ProviderError {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The host that the request was sent to, with its port unless that is the scheme's default.
    pub host: Option<String>,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// How long the server asked us to wait before the next request.
    pub retry_after: Option<Duration>,
    /// A more specific cause than the kind and the status, if one is known.
    pub cause: Option<Cause>,
    /// The message of the server or the transport: one line of bounded length, without key or URL
    /// query.
    pub detail: Option<String>,
}

impl From<EndpointError> for ProviderError {
    fn from(error: EndpointError) -> Self {
        Self::new(FailureKind::Configuration, None).because(Cause::Endpoint(Box::new(error)))
    }
}

impl ProviderError {
    /// Creates an error from a kind and, if it is known, the host, with no further details.
    pub fn new(kind: FailureKind, host: Option<String>) -> Self {
        ProviderError { kind, host, status: None, retry_after: None, cause: None, detail: None }
    }

    /// Returns this error with its cause set to `cause`.
    pub fn because(self, cause: Cause) -> Self {
        ProviderError { cause: Some(cause), ..self }
    }

    /// Adapts this error to the key that the request carried. If no other cause is known, sets the
    /// cause to the missing key, if the server may require one, or to the rejected key.
    pub(crate) fn with_key_from(self, place: &KeyPlace) -> Self {
        match (self.kind, &self.cause, place) {
            (FailureKind::Unauthorized | FailureKind::Forbidden, None, KeyPlace::Nowhere) => {
                self.because(Cause::NoKey)
            }
            (FailureKind::Unauthorized, None, place) if *place != KeyPlace::Environment => {
                self.because(Cause::KeyRejected(place.clone()))
            }
            _ => self,
        }
    }
}
