//! `textDocument/codeAction`: the runs that can be started about a selection. Only the first bytes
//! of the selection are read. The disk is not read here; if it was last read long ago, it is read
//! again in the background.

use super::settings::look_soon;
use super::{offer, panel_action};
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::params::CodeActionParams;
use crate::lsp::uri;
use crate::session::{Scope, SessionError};
use crate::text::{self, Document, Range};
use serde_json::{Value, json};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Number of characters of a selection that decide the language of the actions' titles.
const SAMPLE_CHARS: usize = 512;
/// Maximum bytes of one displayed character; emoji families have about thirty.
const CLUSTER_BYTES: usize = 128;

pub(crate) async fn actions(
    connection: &Arc<Connection>,
    mut params: CodeActionParams,
) -> Vec<Value> {
    let uri = &params.text_document.uri;
    if let Some(run) = connection.run_of_panel(uri) {
        let file = connection.session.document(uri);
        if file.is_some_and(|file| is_cursor(connection, &file, params.range)) {
            params.range.end = params.range.start;
        }
        return panel_action::actions(connection, &run, &params).await;
    }
    let only = params.context.only.as_deref();
    // Also for a document that is not to be sent: the user may have changed that.
    if connection.session.settings.is_old(uri) {
        look_soon(connection, uri);
    }
    // What would be refused is not offered, but a user who asks explicitly gets the reason.
    if let Err(refusal) = check_may_ask(connection, uri) {
        let asks = params.context.by_hand() && params.range.start != params.range.end;
        let target = json!({"uri": uri, "range": params.range});
        return asks
            .then(|| offer::refusal(connection, &refusal, &target, only))
            .flatten()
            .into_iter()
            .collect();
    }
    let Some(document) = connection.session.document(uri) else { return Vec::new() };
    let Some(range) = range(connection, &document, &params) else { return Vec::new() };
    connection.session.expect_run();
    let scope = connection.session.settings.scope(document.uri());
    let lang = language(connection, &scope, &document, range);
    let target = json!({"uri": document.uri(), "version": document.version(), "range": range});
    let mut offered = offer::runs(connection, &scope, lang, &target, only);
    // A client that applies an action because it is the only one would send text without showing a
    // menu, so a second action is offered.
    if connection.capabilities().applies_single
        && !offered.is_empty()
        && !params.context.names_ours()
    {
        offered.extend(offer::preview(connection, lang, &target, only));
    }
    offered
}

/// Checks that a document may be asked about. Returns an error with the reason if not.
fn check_may_ask(connection: &Connection, uri: &str) -> Result<(), SessionError> {
    match uri::is_ours(uri) {
        true => Err(SessionError::OwnDocument),
        false => connection.session.may_send(uri),
    }
}

/// Returns the range to ask about: the selection or, for a cursor, the paragraph around it, but
/// only if the user opened the menu.
fn range(connection: &Connection, document: &Document, params: &CodeActionParams) -> Option<Range> {
    let selected = params.range.start != params.range.end;
    if selected && !is_cursor(connection, document, params.range) {
        return Some(params.range);
    }
    params
        .context
        .by_hand()
        .then(|| document.paragraph_at(params.range.start, connection.capabilities().encoding))
        .flatten()
}

/// Returns `true` if a range is just the character under a block cursor.
fn is_cursor(connection: &Connection, document: &Document, range: Range) -> bool {
    let capabilities = connection.capabilities();
    capabilities.block_cursor && {
        let rope = document.snapshot();
        let bytes = text::to_bytes(&rope, range, capabilities.encoding).bytes();
        bytes.len() <= CLUSTER_BYTES
            && String::from(rope.byte_slice(bytes)).graphemes(true).count() == 1
    }
}

fn language(connection: &Connection, scope: &Scope, document: &Document, range: Range) -> Lang {
    let rope = document.snapshot();
    let bytes = text::to_bytes(&rope, range, connection.capabilities().encoding).bytes();
    let sample: String = rope.byte_slice(bytes).chars().take(SAMPLE_CHARS).collect();
    scope.answer_in(&sample)
}
