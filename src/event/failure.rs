//! Reasons why a branch has no complete answer.

use serde::{Deserialize, Serialize};

/// Why a branch has no complete answer, as data for programs and as a message for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// What happened, where, and what to do next, in the run's language.
    pub message: String,
    /// The host that the request was sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// HTTP status code of the server's error response, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The delay before a retry that the server asked for, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Failure {
    /// Creates a failure that is not about a server's response.
    pub fn new(kind: FailureKind, message: String) -> Self {
        Failure { kind, message, host: None, status: None, retry_after_ms: None }
    }
}

/// The kinds of failure that clients can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The server requires an API key, or rejected the given one (401).
    Unauthorized,
    /// The server denies access, for example because of a region, a model or a firewall (403).
    Forbidden,
    /// The account's credit or quota is insufficient (402, `insufficient_quota`).
    Quota,
    /// The model or the path does not exist (404).
    NotFound,
    /// The request exceeds a limit of the server or the model's context length (413).
    TooLarge,
    /// The server rejected the request for another reason (other 4xx, a redirect).
    BadRequest,
    /// Too many requests (429).
    RateLimited,
    /// The server reported an internal error (5xx).
    Server,
    /// The host could not be reached, for example because of DNS, TLS, a proxy or a refused
    /// connection.
    Unreachable,
    /// A timeout expired.
    Timeout,
    /// The response is not an event stream, or cannot be parsed.
    BadResponse,
    /// The connection broke, the stream ended without a finish reason, or kaizodo stopped.
    Interrupted,
    /// The provider reported an error inside the stream.
    Provider,
    /// The answer reached the token limit.
    Length,
    /// A content filter stopped the answer or rejected the request.
    Filtered,
    /// Fewer than two views wrote anything that the focus could combine.
    TooFewViews,
    /// One of kaizodo's own limits was reached, for example on the size of an answer or the cost of
    /// a run.
    Limit,
    /// The settings are invalid.
    Configuration,
    /// A bug in kaizodo.
    Internal,
}
