//! Why a branch did not give a complete answer.

use serde::{Deserialize, Serialize};

/// One reason, as data for programs and as a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened, where, and what to do next: one plain sentence or two, in the run's language.
    pub message: String,
    /// The host that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the server asked us to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The kinds of failure that a reader may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The server wants a key, or refuses this one (401).
    Unauthorized,
    /// The server does not let this account do this: its region, this model, a firewall in front
    /// of it (403).
    Forbidden,
    /// The account has no money or quota left, or too little (402, `insufficient_quota`).
    Quota,
    /// The model or the path is not there (404).
    NotFound,
    /// The request is larger than the server or the model takes (413, context length).
    TooLarge,
    /// The server refuses the request for another reason (other 4xx, a redirect).
    BadRequest,
    /// Too many requests (429).
    RateLimited,
    /// The server has a fault of its own (5xx).
    Server,
    /// The host could not be reached: refused, DNS, TLS, proxy.
    Unreachable,
    /// Nothing came for too long.
    Timeout,
    /// The answer is not an event stream, or not one that can be read.
    BadResponse,
    /// The connection broke off, or the stream ended without an end.
    Interrupted,
    /// The provider reported an error inside the stream.
    Provider,
    /// The token limit was reached.
    Length,
    /// The content filter stopped the answer, or refused the request.
    Filtered,
    /// Fewer than two views wrote anything that could be put together.
    TooFewViews,
    /// A bound of kaizodo's own was reached.
    Limit,
    /// The settings cannot be used.
    Configuration,
    /// A fault of kaizodo's own.
    Internal,
}
