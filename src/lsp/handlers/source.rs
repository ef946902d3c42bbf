//! `kaizodo/run/source` and `kaizodo/run/text`: where a run's source text is now, and the run's
//! answers as Markdown.

use super::error::rpc_error;
use crate::event::{BranchId, RunId};
use crate::lsp::connection::Connection;
use crate::lsp::params::RunParams;
use crate::session::{Run, SessionError};
use crate::text;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc;

pub(crate) async fn place(connection: &Connection, params: RunParams) -> jsonrpc::Result<Value> {
    let run = found(connection, params.run).await?;
    let source = connection.session.source(&run).await;
    let (document, encoding) = (source.document.as_ref(), connection.capabilities().encoding);
    let range = document
        .zip(source.bytes)
        .map(|(document, bytes)| text::to_range(&document.snapshot(), bytes, encoding));
    Ok(json!({
        "uri": source.uri,
        "range": range,
        "version": document.map(text::Document::version),
        "state": source.state,
    }))
}

pub(crate) async fn text(connection: &Connection, params: RunParams) -> jsonrpc::Result<Value> {
    let run = found(connection, params.run).await?;
    let branch = params.branch.map(|branch| BranchId(branch.into()));
    let text = match branch {
        branch if params.reasoning.unwrap_or_default() => run.reasoning_text(branch.as_ref()),
        None => Ok(run.with_panel(|panel| panel.export())),
        Some(branch) => match run.with_panel(|panel| panel.export_section(&branch)) {
            None => Err(SessionError::UnknownBranch(branch)),
            Some(text) if text.is_empty() => Err(SessionError::NoAnswer(run.title_of(&branch))),
            Some(text) => Ok(text),
        },
    };
    Ok(json!({"text": text.map_err(|error| rpc_error(connection, &error))?}))
}

/// Returns the run of this server or of the journal with the ID `run`.
pub(crate) async fn found(connection: &Connection, run: String) -> jsonrpc::Result<Arc<Run>> {
    let run = connection.session.reopen(&RunId(run)).await;
    run.map_err(|error| rpc_error(connection, &error))
}
