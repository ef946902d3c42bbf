//! `kaizodo/run/source` and `kaizodo/run/text`: where a run's source text is now, and the run's
//! answers as Markdown.

use super::error::rejected;
use super::load_run;
use crate::lsp::connection::Connection;
use crate::lsp::params::RunParams;
use crate::session::SessionError;
use crate::text::Document;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

pub(crate) async fn place(connection: &Connection, params: RunParams) -> jsonrpc::Result<Value> {
    let run = load_run(connection, &params.run).await?;
    let source = connection.session.source(&run).await;
    Ok(json!({
        "uri": source.uri,
        "range": source.range(connection.capabilities().encoding),
        "version": source.document.as_ref().map(Document::version),
        "state": source.state,
    }))
}

pub(crate) async fn text(connection: &Connection, params: RunParams) -> jsonrpc::Result<Value> {
    let run = load_run(connection, &params.run).await?;
    let text = match params.branch {
        branch if params.reasoning.unwrap_or_default() => run.reasoning_text(branch.as_ref()),
        None => Ok(run.with_panel(|panel| panel.export())),
        Some(branch) => match run.with_panel(|panel| panel.export_section(&branch)) {
            None => Err(SessionError::UnknownBranch(branch)),
            Some(text) if text.is_empty() => Err(SessionError::NoAnswer(run.title_of(&branch))),
            Some(text) => Ok(text),
        },
    };
    Ok(json!({"text": rejected(connection, text)?}))
}
