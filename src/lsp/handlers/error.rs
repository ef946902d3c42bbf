//! The error responses to requests that cannot be carried out.

use crate::lang::Message;
use crate::lsp::connection::Connection;
use crate::lsp::plain::plain;
use crate::session::SessionError;
use serde_json::json;
use tower_lsp::jsonrpc::{self, Error, ErrorCode};

/// `ContentModified` (LSP 3.17): the client may retry with the current content.
const CONTENT_MODIFIED: i64 = -32801;
/// `RequestFailed` (LSP 3.17): the request was valid but failed.
const REQUEST_FAILED: i64 = -32803;

/// Converts a refusal of the session into an LSP error, with the message in the session's language.
pub(crate) fn rejected<T>(
    connection: &Connection,
    found: Result<T, SessionError>,
) -> jsonrpc::Result<T> {
    found.map_err(|refusal| rejection(connection, &refusal))
}

fn rejection(connection: &Connection, refusal: &SessionError) -> Error {
    let code = match refusal {
        SessionError::StaleVersion { .. } => CONTENT_MODIFIED,
        _ => REQUEST_FAILED,
    };
    let data = refusal.setting().map(|setting| json!({"setting": setting}));
    let message = refusal.message(connection.session.lang());
    Error { data, ..error(ErrorCode::ServerError(code), &message) }
}

/// Creates the LSP error for a request that is valid but failed.
pub(crate) fn failed(connection: &Connection, what: &impl Message) -> Error {
    let message = what.message(connection.session.lang());
    error(ErrorCode::ServerError(REQUEST_FAILED), &message)
}

/// Creates an LSP error whose message is sanitized by [`plain`].
pub(crate) fn error(code: ErrorCode, message: &str) -> Error {
    Error { code, message: plain(message).into(), data: None }
}
