//! `textDocument/didOpen`, `didChange`, `didClose`: for the user's documents, and for the client's
//! copies of panels, whose texts these notifications confirm.

use super::settings::look_soon;
use crate::lsp::connection::Connection;
use crate::lsp::params::{ChangeParams, DocumentParams};
use crate::lsp::{outbox, uri};
use crate::text::Document;
use std::sync::Arc;

pub(crate) fn open(connection: &Arc<Connection>, params: DocumentParams) {
    let item = params.text_document;
    let document = Document::open(
        item.uri.as_str(),
        item.language_id,
        item.version.unwrap_or_default(),
        &item.text,
    );
    match uri::run_of(&item.uri) {
        Some(run) => {
            if connection.panels.opened(&run, document) {
                outbox::readopt_panel(connection, run);
            }
        }
        None if uri::is_ours(&item.uri) => {}
        None => {
            connection.session.documents.lock().open(document);
            connection.lenses.notify_changed();
            look_soon(connection, &item.uri);
        }
    }
}

pub(crate) fn change(connection: &Connection, params: ChangeParams) {
    let encoding = connection.capabilities().encoding;
    let uri = params.text_document.uri;
    let version = params.text_document.version.unwrap_or_default();
    let changes = params.content_changes;
    match uri::run_of(&uri) {
        Some(run) => connection.panels.changed(&run, version, &changes, encoding),
        None => {
            connection.session.documents.lock().change(&uri, version, &changes, encoding);
            connection.lenses.notify_changed();
        }
    }
}

pub(crate) fn close(connection: &Connection, params: DocumentParams) {
    let uri = params.text_document.uri;
    if let Some(run) = connection.run_of_panel(&uri) {
        connection.lenses.forget(&run);
    }
    match uri::run_of(&uri) {
        Some(run) => connection.panels.closed(&run),
        None => {
            connection.session.documents.lock().close(&uri);
            connection.lenses.notify_changed();
        }
    }
}
