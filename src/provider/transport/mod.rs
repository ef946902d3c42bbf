//! HTTP code that chat, lists of models and local servers share: the clients, and the conversion of
//! error responses and broken connections into errors.

mod api_error;
mod client;
mod fault;
mod meaning;
mod redactor;
mod refusal;
mod retry_after;
mod too_long;

pub(crate) use api_error::{ApiError, parse_error, parse_unnamed_error};
pub(crate) use client::{client, client_builder};
pub(crate) use fault::fault;
pub(crate) use redactor::Redactor;
pub(crate) use refusal::{ANOTHER_PATH, cause_in_stream, kind_in_stream, refusal, wait};
pub(crate) use too_long::BOUNDS;

use super::ProviderError;
use crate::event::FailureKind;
use reqwest::Response;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Creates an error that has no status and no cause.
pub(crate) fn error(kind: FailureKind, host: &str, detail: Option<String>) -> ProviderError {
    ProviderError { detail, ..ProviderError::new(kind, Some(host.to_owned())) }
}

/// Reads at most `limit` bytes of a response body for at most `wait`. If the connection breaks,
/// returns what was read so far.
pub(crate) async fn read_some(response: &mut Response, limit: usize, wait: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    let deadline = Instant::now() + wait;
    while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
        let room = limit - body.len();
        body.extend(chunk.iter().take(room));
        if chunk.len() >= room {
            break;
        }
    }
    body
}
