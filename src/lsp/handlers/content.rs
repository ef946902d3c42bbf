//! `workspace/textDocumentContent` (LSP 3.18) and `kaizodo/run/events`: what a run holds now.

use super::command::refused;
use crate::event::RunId;
use crate::lsp::connection::Connection;
use crate::lsp::params::{ContentParams, EventsParams};
use crate::lsp::uri;
use crate::session::Refusal;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

pub(in crate::lsp) fn text(
    connection: &Connection,
    params: &ContentParams,
) -> jsonrpc::Result<Value> {
    let id = uri::run_of(&params.uri).unwrap_or_else(|| RunId(params.uri.clone()));
    let run = connection.session.run(&id).map_err(|r| refused(connection, &r))?;
    let view = run.view();
    let text = view.text().to_string();
    connection.panels.pulled(&id, view);
    Ok(json!({"text": text}))
}

pub(in crate::lsp) fn events(
    connection: &Connection,
    params: EventsParams,
) -> jsonrpc::Result<Value> {
    let run =
        connection.session.run(&RunId(params.run)).map_err(|r: Refusal| refused(connection, &r))?;
    Ok(json!({"events": run.events_from(params.from.max(1))}))
}
