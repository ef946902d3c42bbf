//! The handlers of requests, commands and notifications. None waits for a model's answer, and of
//! those that answer a request, only `insert` waits for the client.

pub(crate) mod browse;
pub(crate) mod code_action;
pub(crate) mod code_lens;
pub(crate) mod command;
pub(crate) mod compare;
pub(crate) mod content;
pub(crate) mod error;
pub(crate) mod folds;
pub(crate) mod insert;
pub(crate) mod links;
pub(crate) mod models;
pub(crate) mod offer;
pub(crate) mod panel_action;
pub(crate) mod panel_copy;
pub(crate) mod passage;
pub(crate) mod reasoning;
pub(crate) mod reveal;
pub(crate) mod saved;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod source_error;
pub(crate) mod symbols;
pub(crate) mod sync;

use super::connection::Connection;
use crate::event::RunId;
use crate::session::Run;
use error::rejected;
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Returns a run of this server or of the journal.
async fn load_run(connection: &Connection, run: &RunId) -> jsonrpc::Result<Arc<Run>> {
    rejected(connection, connection.session.load_run(run).await)
}
