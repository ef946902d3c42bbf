//! Finds the passage of an answer that is at a place in a panel.

use crate::event::{BranchId, Passage, RunId};
use crate::lsp::connection::Connection;
use crate::lsp::uri;
use crate::panel::{ShownLines, View, block_at, raw_of_shown};
use crate::session::{Run, SessionError, Subject};
use crate::text::Range;
use std::ops;
use std::sync::Arc;

/// A range of lines in a section's answer.
pub(crate) struct Place {
    /// The section's branch.
    pub(crate) branch: BranchId,
    /// The lines, counted in the answer as the model wrote it; empty if the place is the section's
    /// status line.
    pub(crate) lines: ops::Range<usize>,
}

/// Returns the subject of a new run that asks about `passage`.
pub(crate) async fn subject(
    connection: &Connection,
    passage: &Passage,
) -> Result<Subject, SessionError> {
    let run = connection.session.load_run(&passage.run).await?;
    connection.session.passage(&run, &passage.branch, passage.lines()).await
}

/// Returns the subject of a new run that asks about the passage at `range` in the panel of `run`.
pub(crate) async fn subject_at(
    connection: &Connection,
    run: &RunId,
    uri: &str,
    range: Range,
) -> Result<Subject, SessionError> {
    let run = connection.session.load_run(run).await?;
    match place(connection, &run, uri, range)? {
        Some(Place { branch, lines }) if !lines.is_empty() => {
            connection.session.passage(&run, &branch, lines).await
        }
        _ => Err(SessionError::NoAnswerThere),
    }
}

/// Returns the lines of an answer that `range` selects in the client's copy of a run's panel. An
/// empty range selects the paragraph, list item or code block around it. Returns `None` if `range`
/// begins in the panel's head, or if a new answer has replaced the one in the copy.
///
/// # Errors
/// Fails if the text of the client's copy is unknown.
pub(crate) fn place(
    connection: &Connection,
    run: &Arc<Run>,
    uri: &str,
    range: Range,
) -> Result<Option<Place>, SessionError> {
    let Some(ShownLines { branch, lines }) = shown(connection, run, uri, range.lines())? else {
        return Ok(None);
    };
    let raw = run.text_of(&branch);
    let mut lines = raw_of_shown(&raw, &lines);
    if range.start == range.end && lines.len() == 1 {
        lines = block_at(&raw, lines.start);
    }
    Ok(Some(Place { branch, lines }))
}

fn shown(
    connection: &Connection,
    run: &Arc<Run>,
    uri: &str,
    lines: ops::Range<usize>,
) -> Result<Option<ShownLines>, SessionError> {
    let view = view_of(connection, run, uri).ok_or(SessionError::PanelOutdated)?;
    Ok(run.with_panel(|panel| view.shown_lines(panel, lines)))
}

/// Returns the client's copy of a run's panel in the document `uri`; `None` while the copy's text
/// is unknown, because line numbers could then be wrong.
pub(crate) fn view_of(connection: &Connection, run: &Arc<Run>, uri: &str) -> Option<View> {
    if uri::is_ours(uri) {
        return connection.panels.copy(run.id());
    }
    // A file holds an earlier version of the panel that was written to it, or the current one.
    let text = connection.session.document(uri)?.snapshot();
    let now = || Some(run.view()).filter(|view| *view.text() == text);
    connection.panels.written(run.id(), &text).or_else(now)
}
