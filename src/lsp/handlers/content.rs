//! `workspace/textDocumentContent` (LSP 3.18) and `kaizodo/run/events`: the texts of this server's
//! documents, and the events of runs of this server and of the journal.

use super::error::rejected;
use super::{compare, load_run};
use crate::event::RunId;
use crate::lsp::connection::Connection;
use crate::lsp::params::{ContentParams, EventsParams};
use crate::lsp::uri;
use crate::panel::View;
use crate::session::SessionError;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

pub(crate) async fn text(
    connection: &Connection,
    params: &ContentParams,
) -> jsonrpc::Result<Value> {
    let preview = uri::preview_of(&params.uri).map(|id| (id, SessionError::NoPreview));
    let trust = || uri::trust_of(&params.uri).map(|id| (id, SessionError::NoTrustText));
    if let Some((id, error)) = preview.or_else(trust) {
        let text = connection.previews.text(id).await.ok_or(error);
        return Ok(json!({"text": &*rejected(connection, text)?}));
    }
    if let Some(id) = uri::compared_of(&params.uri) {
        return compare::text(connection, &id).await;
    }
    let id = uri::run_of(&params.uri).unwrap_or_else(|| RunId(params.uri.clone()));
    let run = load_run(connection, &id).await?;
    // The follower of a run of this server removes the client's copy from `panels` when the run is
    // discarded. A run of the journal has no follower, so its copy is removed here.
    connection.forget_panels();
    let (text, sections) = run.with_panel(|panel| {
        let sections: Vec<Value> = panel
            .headings()
            .map(|(branch, line)| json!({"branch": branch, "line": line}))
            .collect();
        let view = View::new(panel);
        let text = view.text().clone();
        // Called while the panel is locked: otherwise an edit to a later text could be made in
        // between, and this call would discard it.
        connection.panels.pulled(&id, view);
        (text, sections)
    });
    Ok(json!({"text": text.to_string(), "sections": sections}))
}

pub(crate) async fn events(
    connection: &Connection,
    params: EventsParams,
) -> jsonrpc::Result<Value> {
    let run = load_run(connection, &params.run).await?;
    Ok(json!({"events": run.events_from(params.from.max(1))}))
}
