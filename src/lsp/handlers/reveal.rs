//! `kaizodo.reveal` and `kaizodo.run {run}`: finds the current place of the text that a run asked
//! about.

use super::error::failed;
use super::load_run;
use super::source_error::{SourceError, SourceOperation};
use crate::event::Source;
use crate::lsp::connection::Connection;
use crate::lsp::params::RunIdArgument;
use crate::session::{Run, RunSource, SourceState};
use crate::text::{Encoding, Position, Range};
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Shows the document of the text that a run asked about, with the text selected. Does not wait for
/// the client.
pub(crate) async fn reveal(
    connection: &Arc<Connection>,
    argument: RunIdArgument,
) -> jsonrpc::Result<Value> {
    let run = load_run(connection, &argument.run).await?;
    let Some(asked) = run.source().filter(Source::is_document) else {
        return Err(failed(connection, &SourceError::NoDocument));
    };
    let source = connection.session.source(&run).await;
    let selection = selection(&source, &asked, connection.capabilities().encoding);
    if !connection.capabilities().show_document {
        return Err(failed(connection, &SourceError::CannotShow(asked.uri)));
    }
    let shown = Arc::clone(connection);
    let uri = source.uri.clone();
    connection.spawn(async move { shown.show_selection(&uri, selection).await });
    Ok(json!({"uri": source.uri, "range": selection}))
}

/// Returns the range to select: the text where it is now, or the start of the line where it was if
/// the document is not open. Returns `None` if the text is gone or was not found.
fn selection(source: &RunSource, asked: &Source, encoding: Encoding) -> Option<Range> {
    // Without the text, a column cannot be converted to the client's units.
    let line = || Position { line: asked.range.0.start.line, character: 0 };
    let closed = (source.state == SourceState::Closed).then(line);
    source.range(encoding).or(closed.map(|start| Range { start, end: start }))
}

/// Returns the document's URI, the document's version and the current range of the text that a run
/// asked about, so that the text can be asked about again.
pub(crate) async fn range_of(
    connection: &Connection,
    run: &Arc<Run>,
) -> jsonrpc::Result<(String, i32, Range)> {
    let source = connection.session.source(run).await;
    let is_document = run.source().is_some_and(|source| source.is_document());
    let range = source.range(connection.capabilities().encoding);
    let RunSource { uri, state, document, .. } = source;
    match document.zip(range) {
        Some((document, range)) => Ok((uri, document.version(), range)),
        None if !is_document => Err(failed(connection, &SourceError::NoDocument)),
        None => Err(failed(connection, &SourceError::lost(uri, state, SourceOperation::Run))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Document, Range16};

    fn source(state: SourceState, bytes: Option<std::ops::Range<usize>>) -> RunSource {
        let document =
            Document::open("file:///w/a.md", "markdown".to_owned(), 3, "前置き\n一😀二\n");
        let document = (state != SourceState::Closed).then_some(document);
        RunSource { uri: "file:///w/a.md".into(), state, document, bytes }
    }

    #[test]
    fn the_text_is_selected_where_it_is_and_the_line_where_a_closed_one_was() {
        let at = |line, character| Position { line, character };
        let asked = Range { start: at(7, 2), end: at(9, 0) };
        let asked = Source { uri: "file:///w/a.md".into(), range: Range16(asked) };
        let of = |source: RunSource, encoding| selection(&source, &asked, encoding);
        let there = source(SourceState::Changed, Some(10..20));
        let range = Range { start: at(1, 0), end: at(1, 4) };
        assert_eq!(of(there.clone(), Encoding::Utf16), Some(range));
        let range = Range { start: at(1, 0), end: at(1, 10) };
        assert_eq!(of(there, Encoding::Utf8), Some(range));
        let line = Range { start: at(7, 0), end: at(7, 0) };
        assert_eq!(of(source(SourceState::Closed, None), Encoding::Utf8), Some(line));
        for state in [SourceState::Gone, SourceState::Unknown] {
            assert_eq!(of(source(state, None), Encoding::Utf8), None, "{state:?}");
        }
    }
}
