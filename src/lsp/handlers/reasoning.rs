//! `kaizodo.reasoning`: shows the model's reasoning for a section in a separate document.

use super::error::rejected;
use super::load_run;
use crate::event::BranchId;
use crate::lsp::connection::Connection;
use crate::lsp::outbox;
use crate::lsp::params::ReasoningArgument;
use crate::session::{Run, SessionError};
use serde_json::{Value, json};
use std::future::ready;
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Shows the model's reasoning for a section, in the same way as a preview.
pub(crate) async fn show(
    connection: &Arc<Connection>,
    ReasoningArgument { run, branch }: ReasoningArgument,
) -> jsonrpc::Result<Value> {
    let run = load_run(connection, &run).await?;
    let text = rejected(connection, document(&run, &branch))?;
    let title = run.with_panel(|panel| panel.lang().pick("推論", "Reasoning"));
    Ok(json!({"uri": outbox::show_text(connection, title, ready(text))}))
}

fn document(run: &Run, branch: &BranchId) -> Result<String, SessionError> {
    let (text, is_cut) = run.reasoning(branch)?;
    let document = run.with_panel(|panel| panel.reasoning_document(branch, &text, is_cut));
    document.ok_or_else(|| SessionError::UnknownBranch(branch.clone()))
}
