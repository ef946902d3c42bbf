//! `textDocument/codeLens` on a panel: commands for the run and for each section.

use super::panel_copy::PanelCopy;
use crate::lsp::connection::Connection;
use crate::lsp::lenses::{self, Lens};
use crate::lsp::params::DocumentParams;
use serde_json::{Value, json};

pub(crate) async fn answer(connection: &Connection, params: DocumentParams) -> Option<Value> {
    // Before any other await, so that the copy is the one at the time of the request.
    let copy = PanelCopy::of(connection, &params.text_document.uri).await?;
    let shows = connection.capabilities().show_document;
    let lenses = lenses::of_run(&connection.session, &copy.run, shows).await;
    connection.lenses.give(copy.run.id(), lenses.clone());
    Some(lenses.iter().filter_map(|lens| placed(&copy, lens)).collect())
}

/// Places a lens in the client's copy of the panel. Returns `None` if the copy does not have the
/// lens's section.
fn placed(copy: &PanelCopy, Lens { section, command }: &Lens) -> Option<Value> {
    let line = match section {
        None => 0,
        Some(branch) => copy.outline.iter().find(|section| section.branch == *branch)?.lines.start,
    };
    Some(json!({"range": copy.range(line..line + 1), "command": command}))
}
