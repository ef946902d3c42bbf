//! The text around a selection, for runs that may send more than the selection itself.

mod definition;
mod heading;

use super::convert::line_end;
use ropey::Rope;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Maximum number of lines taken on each side of a selection.
const AROUND_LINES: usize = 40;
/// Maximum number of characters taken on each side.
const AROUND_CHARS: usize = 6_000;
/// Number of further lines on each side that are scanned for secrets that reach into the context:
/// more than a private key has.
const MARGIN_LINES: usize = 100;
const MARGIN_CHARS: usize = 16_000;
/// Maximum length of a heading or definition in characters. A longer one is skipped rather than
/// cut, because the cut could leave a part of a secret that is not recognized.
const LINE_CHARS: usize = 200;

/// How much of the surrounding text is sent with a selection. Variants are ordered from least to
/// most.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ContextMode {
    /// No surrounding text.
    #[default]
    None,
    /// Some lines before and after the selection.
    Around,
    /// The whole document, or as [`ContextMode::Around`] if it is too large.
    File,
}

impl ContextMode {
    /// All modes, from least to most.
    pub const ALL: [ContextMode; 3] = [ContextMode::None, ContextMode::Around, ContextMode::File];

    /// Returns the name used in settings.
    pub fn name(self) -> &'static str {
        match self {
            ContextMode::None => "none",
            ContextMode::Around => "around",
            ContextMode::File => "file",
        }
    }

    /// Returns `true` for [`ContextMode::None`].
    pub fn is_none(&self) -> bool {
        *self == ContextMode::None
    }
}

/// The text around a selection. `before`, the selection and `after` are contiguous in the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// How much of the document `before` and `after` cover; never [`ContextMode::None`].
    pub mode: ContextMode,
    /// The text of the document's first heading, or the document's file name if there is no
    /// heading.
    pub title: String,
    /// The line of the nearest heading above the selection, or of the definition that encloses the
    /// selection; empty if neither was found.
    pub within: String,
    /// The text directly before the selection.
    pub before: String,
    /// The text directly after the selection.
    pub after: String,
    /// Number of lines in `before` and in `after`.
    pub lines: (usize, usize),
    /// The text directly before `before`. Never sent, only scanned for secrets that reach into
    /// `before`.
    #[serde(skip)]
    pub lead: String,
    /// The text directly after `after`. Never sent, only scanned for secrets that reach into
    /// `after`.
    #[serde(skip)]
    pub tail: String,
    /// The document's size in bytes, if the whole document was requested but is too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub too_large: Option<usize>,
    /// The [`ContextMode::Around`] version of a whole-file context, for a run that may send only
    /// that much.
    #[serde(skip)]
    pub narrower: Option<Box<Context>>,
}

impl Context {
    /// Reduces the context to at most `max`. Returns `None` if no context is left.
    pub fn narrowed(self, max: ContextMode) -> Option<Context> {
        match max {
            ContextMode::None => None,
            // Only a run that asked for the whole document reports that it was too large.
            ContextMode::Around if self.mode == ContextMode::Around => {
                Some(Context { too_large: None, ..self })
            }
            ContextMode::Around => self.narrower.map(|narrower| *narrower),
            ContextMode::File => Some(Context { narrower: None, ..self }),
        }
    }
}

impl Context {
    /// Replaces the context's texts with the given redacted versions and drops everything that is
    /// not sent.
    pub fn redacted(self, title: String, within: String, before: String, after: String) -> Self {
        let (lead, tail) = Default::default();
        Context { title, within, before, after, lead, tail, narrower: None, ..self }
    }
}

/// A document's URI and language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) uri: &'a str,
    pub(crate) language_id: &'a str,
}

/// Returns the text around a byte range, as much as `mode` allows. For a document of more than
/// `limit` bytes, [`ContextMode::File`] falls back to [`ContextMode::Around`]. Returns `None` if
/// `mode` is [`ContextMode::None`] or only whitespace surrounds the range.
pub(crate) fn of(
    rope: &Rope,
    bytes: Range<usize>,
    about: About<'_>,
    mode: ContextMode,
    limit: usize,
) -> Option<Context> {
    let chosen = rope.byte_to_char(bytes.start)..rope.byte_to_char(bytes.end);
    if mode == ContextMode::None {
        return None;
    }
    let around = around(rope, &chosen, about);
    match (mode, rope.len_bytes()) {
        (ContextMode::File, size) if size > limit => {
            around.map(|around| Context { too_large: Some(size), ..around })
        }
        (ContextMode::File, _) => file(rope, &chosen, about, around),
        _ => around,
    }
}

fn around(rope: &Rope, chosen: &Range<usize>, about: About<'_>) -> Option<Context> {
    let (first, lines_before) = up(rope, chosen.start, AROUND_LINES, AROUND_CHARS);
    let (end, lines_after) = down(rope, chosen.end, AROUND_LINES, AROUND_CHARS);
    let (lead, _) = up(rope, first, MARGIN_LINES, MARGIN_CHARS);
    let (tail, _) = down(rope, end, MARGIN_LINES, MARGIN_CHARS);
    let text = |range: Range<usize>| rope.slice(range).to_string();
    let context = Context {
        mode: ContextMode::Around,
        before: text(first..chosen.start),
        after: text(chosen.end..end),
        lines: (lines_before, lines_after),
        lead: text(lead..first),
        tail: text(end..tail),
        ..Context::default()
    };
    context.named(rope, chosen, about)
}

fn file(
    rope: &Rope,
    chosen: &Range<usize>,
    about: About<'_>,
    around: Option<Context>,
) -> Option<Context> {
    let (_, lines_before) = up(rope, chosen.start, usize::MAX, usize::MAX);
    let (_, lines_after) = down(rope, chosen.end, usize::MAX, usize::MAX);
    let context = Context {
        mode: ContextMode::File,
        before: rope.slice(..chosen.start).to_string(),
        after: rope.slice(chosen.end..).to_string(),
        lines: (lines_before, lines_after),
        narrower: around.map(Box::new),
        ..Context::default()
    };
    context.named(rope, chosen, about)
}

impl Context {
    /// Adds `title` and `within`. `None` if only whitespace surrounds the selection.
    fn named(self, rope: &Rope, chosen: &Range<usize>, about: About<'_>) -> Option<Context> {
        if self.before.trim().is_empty() && self.after.trim().is_empty() {
            return None;
        }
        let line = rope.char_to_line(chosen.start);
        let (title, within) = match heading::are_in(about.language_id) {
            true => (heading::first(rope), heading::above(rope, line)),
            false => (None, definition::around(rope, chosen.clone())),
        };
        let title = title.unwrap_or_else(|| name_of(about.uri));
        Some(Context { title, within: within.unwrap_or_default(), ..self })
    }
}

/// Returns the start of the lines before `from` and their number. Only whole lines are taken; the
/// part of `from`'s own line before it counts as one.
fn up(rope: &Rope, from: usize, lines: usize, chars: usize) -> (usize, usize) {
    let (mut at, mut taken) = (from, 0);
    for line in (0..=rope.char_to_line(from)).rev() {
        let start = rope.line_to_char(line);
        if taken == lines || from - start > chars {
            break;
        }
        if start < at {
            (at, taken) = (start, taken + 1);
        }
    }
    (at, taken)
}

/// Returns the end of the lines after `from` and their number. Only whole lines are taken; the rest
/// of `from`'s own line counts as one.
fn down(rope: &Rope, from: usize, lines: usize, chars: usize) -> (usize, usize) {
    let (mut at, mut taken) = (from, 0);
    for line in rope.char_to_line(from)..rope.len_lines() {
        let end = rope.line_to_char(line + 1);
        if taken == lines || end - from > chars {
            break;
        }
        if end > at {
            (at, taken) = (end, taken + 1);
        }
    }
    (at, taken)
}

/// Returns a line without its terminator, or `None` if it is longer than [`LINE_CHARS`].
fn short_line(rope: &Rope, line: usize) -> Option<String> {
    let (start, end) = (rope.line_to_char(line), line_end(rope, line));
    (end - start <= LINE_CHARS).then(|| rope.slice(start..end).to_string())
}

/// Returns the file name of a URI, with control characters replaced by spaces.
fn name_of(uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    let one_line = name.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(LINE_CHARS).collect()
}

#[cfg(test)]
mod tests;
