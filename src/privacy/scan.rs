//! Small steps over a text, for those who look for secrets in it. Each takes a place in bytes, and
//! none looks further than its answer.

use std::ops::Range;

/// The part of a text from its start on that is made of these.
pub(crate) fn start_of(text: Option<&str>, is: impl Fn(char) -> bool) -> &str {
    let text = text.unwrap_or_default();
    text.find(|c| !is(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Goes over blanks within a line, wide ones too, twenty at most.
pub(crate) fn over_blanks(text: &str, at: usize) -> usize {
    let blanks = start_of(text.get(at..), |c| c == ' ' || c == '\t' || c == '\u{3000}');
    if blanks.chars().take(21).count() <= 20 { at + blanks.len() } else { at }
}

/// Goes over one of these, if one is there.
pub(crate) fn over_any(text: &str, at: usize, any: &[&str]) -> Option<usize> {
    let rest = text.get(at..)?;
    any.iter().find(|one| rest.starts_with(**one)).map(|one| at + one.len())
}

/// What opens and closes a string, a string within a string first.
pub(crate) const QUOTES: [&str; 5] = ["\\\"", "\\'", "\"", "'", "`"];

/// What stands between a quote, from `quote` to `open`, and the next of its sort in the same line.
pub(crate) fn quoted(text: &str, quote: usize, open: usize) -> Option<Range<usize>> {
    let sign = text.get(quote..open)?;
    let mark = sign.chars().next_back()?;
    let value = start_of(text.get(open..), |c| c != mark && c != '\n' && c != '\r');
    let end = open + value.len();
    // The backslash belongs to the closing quote where the opening one has one.
    let end = if sign.len() > 1 && value.ends_with('\\') { end - 1 } else { end };
    text.get(end..)?.starts_with(sign).then_some(open..end)
}

/// What stands at a place without quotes, up to a blank or one of these.
pub(crate) fn bare(text: &str, at: usize, without: &str) -> Range<usize> {
    let value = start_of(text.get(at..), |c| c.is_ascii_graphic() && !without.contains(c));
    at..at + value.trim_end_matches(['.', ':', '\\']).len()
}
