//! A run's panel in the version that the client has, which may be older than the current one.

use super::passage;
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::plain::plain;
use crate::panel::{OutlineSection, View};
use crate::session::Run;
use crate::text::{self, Encoding, Range};
use std::ops;
use std::sync::Arc;

/// The client's copy of a run's panel, which may be older than the current panel.
pub(crate) struct PanelCopy {
    pub(crate) run: Arc<Run>,
    pub(crate) view: View,
    pub(crate) outline: Vec<OutlineSection>,
    pub(crate) lang: Lang,
    pub(crate) encoding: Encoding,
}

impl PanelCopy {
    /// Returns the client's copy of the panel that is the document `uri`. Returns `None` for any
    /// other document, and while the copy's text is unknown, because line numbers could then be
    /// wrong.
    ///
    /// Does not wait for a run of this session, so that the copy is the one at the time of the
    /// request.
    pub(crate) async fn of(connection: &Connection, uri: &str) -> Option<Self> {
        let id = connection.run_of_panel(uri)?;
        let run = connection.session.load_run(&id).await.ok()?;
        let view = passage::view_of(connection, &run, uri)?;
        let (outline, lang) = run.with_panel(|panel| (view.outline(panel), panel.lang()));
        let encoding = connection.capabilities().encoding;
        Some(PanelCopy { run, view, outline, lang, encoding })
    }

    /// Converts whole lines of the copy to an LSP range, without the line break at the end.
    pub(crate) fn range(&self, lines: ops::Range<usize>) -> Range {
        range(&self.view, lines, self.encoding)
    }

    /// Converts a byte range of the copy's text to an LSP range.
    pub(crate) fn range_of_bytes(&self, bytes: ops::Range<usize>) -> Range {
        text::to_range(self.view.text(), bytes, self.encoding)
    }
}

/// Converts whole lines of `view` to an LSP range, without the line break at the end.
pub(crate) fn range(view: &View, lines: ops::Range<usize>, encoding: Encoding) -> Range {
    let text = view.text();
    let at = |line: usize| text.line_to_byte(line.min(text.len_lines()));
    let (start, mut end) = (at(lines.start), at(lines.end));
    while end > start && matches!(text.get_byte(end - 1), Some(b'\n' | b'\r')) {
        end -= 1;
    }
    text::to_range(text, start..end, encoding)
}

/// Returns the name of a section for lists in editors: its title or, if the title is blank, the ID
/// of its branch, because editors reject empty names.
pub(crate) fn name(section: &OutlineSection) -> String {
    let name = plain(&section.title);
    if name.trim().is_empty() { plain(&section.branch.0) } else { name }
}
