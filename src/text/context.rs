//! What stands around a selection in its document, for runs that may send more than was chosen.

mod definition;
mod heading;

use super::convert::line_end;
use ropey::Rope;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Most lines of each side that stand around a selection.
const AROUND_LINES: usize = 40;
/// Most characters of each side.
const AROUND_CHARS: usize = 6_000;
/// Lines beyond those that are looked at for secrets that reach in from there: more than a private
/// key has.
const MARGIN_LINES: usize = 100;
const MARGIN_CHARS: usize = 16_000;
/// Most characters of a heading or a definition. A longer one is not taken: a part of it could hold
/// a part of a secret.
const LINE_CHARS: usize = 200;

/// How much of what stands around a selection is sent with it, the least first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ContextMode {
    /// Nothing.
    #[default]
    None,
    /// Some lines before and after.
    Around,
    /// The whole document, where it is not too large; else as [`ContextMode::Around`].
    File,
}

impl ContextMode {
    /// All of them, the least first.
    pub const ALL: [ContextMode; 3] = [ContextMode::None, ContextMode::Around, ContextMode::File];

    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            ContextMode::None => "none",
            ContextMode::Around => "around",
            ContextMode::File => "file",
        }
    }

    /// Whether nothing is sent with a selection.
    pub fn is_none(&self) -> bool {
        *self == ContextMode::None
    }
}

/// What stands around a selection. `before`, the selection and `after` are one stretch of the
/// document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// How much it is; never [`ContextMode::None`].
    pub mode: ContextMode,
    /// The document's first heading, else its file's name.
    pub title: String,
    /// The line of the heading that the selection stands below, or of the definition that it stands
    /// in; empty where none was found.
    pub within: String,
    /// What stands before the selection, up to its first character.
    pub before: String,
    /// What stands behind it.
    pub after: String,
    /// Lines of `before` and of `after`.
    pub lines: (usize, usize),
    /// What stands before `before`. It is never sent, and looked at for secrets that reach in.
    pub lead: String,
    /// What stands behind `after`, likewise.
    pub tail: String,
    /// The document's bytes, where all of it was wanted and it is too large.
    pub too_large: Option<usize>,
    /// Less of it, for a run that wants less.
    pub narrower: Option<Box<Context>>,
}

impl Context {
    /// No more than this.
    pub fn narrowed(self, most: ContextMode) -> Option<Context> {
        match most {
            ContextMode::None => None,
            // One that stands for the whole document says so to those who wanted that alone.
            ContextMode::Around if self.mode == ContextMode::Around => {
                Some(Context { too_large: None, ..self })
            }
            ContextMode::Around => self.narrower.map(|narrower| *narrower),
            ContextMode::File => Some(Context { narrower: None, ..self }),
        }
    }
}

impl Context {
    /// The same with its texts as they are to leave, and nothing that does not.
    pub fn leaving_as(self, title: String, within: String, before: String, after: String) -> Self {
        let (lead, tail) = Default::default();
        Context { title, within, before, after, lead, tail, narrower: None, ..self }
    }
}

/// What a document says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) uri: &'a str,
    pub(crate) language_id: &'a str,
}

/// What stands around a stretch of bytes; a document of more than `limit` bytes is never taken
/// whole. There is nothing where only white space stands around.
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
    /// With its title and what it stands in, unless there is nothing to name.
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

/// Where the lines before a place begin, and how many they are: whole ones, the piece of the
/// place's own line among them.
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

/// Where the lines behind a place end, likewise.
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

/// A line without its end, if it is not too long to be taken.
fn short_line(rope: &Rope, line: usize) -> Option<String> {
    let (start, end) = (rope.line_to_char(line), line_end(rope, line));
    (end - start <= LINE_CHARS).then(|| rope.slice(start..end).to_string())
}

/// A file's name without its path, in one line.
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
