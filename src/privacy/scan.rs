//! Small scanners shared by the rules that find secrets. Positions are byte offsets, and no scanner
//! reads further than its result.

use std::ops::Range;

/// Returns the longest prefix of `text` whose characters satisfy `is`.
pub(crate) fn start_of(text: Option<&str>, is: impl Fn(char) -> bool) -> &str {
    let text = text.unwrap_or_default();
    let start = text.find(|c| !is(c)).and_then(|end| text.get(..end)).unwrap_or(text);
    #[cfg(test)]
    READ.set(READ.get() + start.len());
    start
}

#[cfg(test)]
thread_local! {
    /// Number of bytes that [`start_of`] has read.
    pub(crate) static READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Returns up to `length` bytes of `text` starting at `at`.
pub(crate) fn piece_at(text: &str, at: usize, length: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    rest.get(..rest.floor_char_boundary(length))
}

/// Skips up to twenty spaces, tabs and ideographic spaces (U+3000) starting at `at`, and returns
/// the resulting offset. If there are more than twenty, returns `at`.
pub(crate) fn over_blanks(text: &str, at: usize) -> usize {
    let blanks = start_of(text.get(at..), |c| c == ' ' || c == '\t' || c == '\u{3000}');
    if blanks.chars().take(21).count() <= 20 { at + blanks.len() } else { at }
}

/// Returns the offset after the first string of `any` that `text` has at `at`; `None` if there is
/// no such string.
pub(crate) fn over_any(text: &str, at: usize, any: &[&str]) -> Option<usize> {
    let rest = text.get(at..)?;
    any.iter().find(|one| rest.starts_with(**one)).map(|one| at + one.len())
}

/// Quotation marks of strings; the escaped ones of nested strings come first.
pub(crate) const QUOTES: [&str; 5] = ["\\\"", "\\'", "\"", "'", "`"];

/// Maximum number of quotation marks inside a quoted value.
const MARKS_MAX: usize = 32;

/// Returns the range between the opening quote at `quote..open` and its closing quote; `None` if
/// the quote is not closed on the same line. A mark that is escaped or doubled is part of the
/// value, if another one closes it.
pub(crate) fn quoted(text: &str, quote: usize, open: usize) -> Option<Range<usize>> {
    let sign = text.get(quote..open)?;
    let mark = sign.chars().next_back()?;
    // If the opening quote is escaped, so is the closing one.
    let escapes = sign.len() - 1;
    let (mut at, mut first) = (open, None);
    for _ in 0..=MARKS_MAX {
        let part = start_of(text.get(at..), |c| c != mark && c != '\n' && c != '\r');
        let end = at + part.len();
        if !text.get(end..)?.starts_with(mark) {
            break;
        }
        let slashes = part.len() - part.trim_end_matches('\\').len();
        let close = (slashes >= escapes).then(|| open..end - escapes);
        first = first.or_else(|| close.clone());
        at = end + 1;
        let is_escaped = match escapes {
            0 => slashes % 2 == 1,
            escapes => slashes != escapes,
        };
        if is_escaped {
            continue;
        }
        match over_any(text, at, &[sign]).filter(|_| end > open) {
            Some(doubled) => at = doubled,
            None => return close,
        }
    }
    // Some languages have no escapes.
    first
}

/// Returns the part of a quoted value before the first escaped or doubled quotation mark. In
/// languages without either, that is the whole value.
pub(crate) fn before_mark(value: &str) -> &str {
    let mut marks = value.match_indices(['"', '\'', '`']);
    let end = marks.find_map(|(at, mark)| {
        let is_doubled = value.get(at + mark.len()..).is_some_and(|rest| rest.starts_with(mark));
        (is_doubled || value.get(..at)?.ends_with('\\')).then_some(at)
    });
    let front = end.and_then(|end| value.get(..end));
    front.map_or(value, |front| front.trim_end_matches('\\'))
}

/// Maximum number of bytes of an unquoted value that are read. Text without blanks may contain many
/// names, and each would otherwise be followed to the end of the text. What looks like a secret and
/// is at least this long is taken to its end by [`end_of_long`].
pub(crate) const VALUE_BYTES: usize = 1024;

/// Characters that end an unquoted value, besides whitespace and non-ASCII characters.
pub(crate) const ENDS: &str = "\"'`,;(){}[]<>|";

/// Returns the range of the unquoted value at `at`: a run of up to [`VALUE_BYTES`] visible ASCII
/// characters, none of which is in `without`. Any `.`, `:` and `\` at its end are excluded.
pub(crate) fn bare(text: &str, at: usize, without: &str) -> Range<usize> {
    let value =
        start_of(piece_at(text, at, VALUE_BYTES), |c| c.is_ascii_graphic() && !without.contains(c));
    let whole = value.len() < VALUE_BYTES;
    let value = if whole { value.trim_end_matches(['.', ':', '\\']) } else { value };
    at..at + value.len()
}

/// Returns the end of the value at `range`. If it is so long that [`bare`] read only a part, that is
/// the next whitespace, non-ASCII character or character in `without`.
pub(crate) fn end_of_long(text: &str, range: &Range<usize>, without: &str) -> usize {
    if range.len() < VALUE_BYTES {
        return range.end;
    }
    let is_value = |c: char| c.is_ascii_graphic() && !without.contains(c);
    range.end + start_of(text.get(range.end..), is_value).len()
}
