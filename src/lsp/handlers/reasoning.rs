//! `kaizodo.reasoning`: shows the model's reasoning for a section in a separate document.

use super::error::rpc_error;
use super::source::found;
use crate::event::BranchId;
use crate::lsp::connection::Connection;
use crate::lsp::params::ReasoningArgument;
use crate::lsp::{outbox, uri};
use crate::session::{Run, SessionError};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Shows the model's reasoning for a section, in the same way as a preview.
pub(crate) async fn show(
    connection: &Arc<Connection>,
    ReasoningArgument { run, branch }: ReasoningArgument,
) -> jsonrpc::Result<Value> {
    let run = found(connection, run).await?;
    let branch = BranchId(branch.into());
    let text = document(&run, &branch).map_err(|error| rpc_error(connection, &error))?;
    let (id, sender) = connection.previews.begin();
    let uri = uri::of_preview(&id, run.with_panel(|panel| panel.lang().pick("推論", "Reasoning")));
    outbox::show_text(connection, uri.clone(), sender, text);
    Ok(json!({"uri": uri}))
}

fn document(run: &Run, branch: &BranchId) -> Result<String, SessionError> {
    let (text, is_cut) = run.reasoning(branch)?;
    let document = run.with_panel(|panel| panel.reasoning_document(branch, &text, is_cut));
    document.ok_or_else(|| SessionError::UnknownBranch(branch.clone()))
}
