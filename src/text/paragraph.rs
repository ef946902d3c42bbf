//! Finds the paragraph at the cursor, for a code action without a selection.

use super::convert::line_end;
use super::{Encoding, Position, Range, to_position};
use ropey::Rope;

/// Maximum number of lines taken in each direction. Editors ask for code actions on every move of
/// the cursor, so the work must not grow with the file.
const REACH: usize = 1_000;

/// Returns the lines around a position up to the nearest blank ones, or [`REACH`] lines in each
/// direction; `None` on a blank line.
pub(crate) fn at(rope: &Rope, position: Position, encoding: Encoding) -> Option<Range> {
    let line = usize::try_from(position.line).ok()?;
    let last = rope.len_lines().saturating_sub(1);
    if line > last || is_blank(rope, line) {
        return None;
    }
    let full = |l: &usize| !is_blank(rope, *l);
    let first = (line.saturating_sub(REACH)..line).rev().take_while(full).last().unwrap_or(line);
    let end = (line + 1..=last.min(line + REACH)).take_while(full).last().unwrap_or(line);
    let byte = |char| rope.char_to_byte(char);
    Some(Range {
        start: to_position(rope, byte(rope.line_to_char(first)), encoding),
        end: to_position(rope, byte(line_end(rope, end)), encoding),
    })
}

fn is_blank(rope: &Rope, line: usize) -> bool {
    rope.line(line).chars().all(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// The cursor is at the `|`.
    fn check(text: &str, want: Option<&str>) {
        let line = text.split('\n').position(|l| l.starts_with('|')).unwrap();
        let text = text.replacen('|', "", 1);
        let position = Position { line: u32::try_from(line).unwrap(), character: 0 };
        let got = at(&Rope::from_str(&text), position, Encoding::Utf16);
        assert_eq!(got.map(|range| fixture::mark(&text, range)).as_deref(), want);
    }

    #[test]
    fn paragraphs_end_at_blank_lines() {
        check("a\n\nb\n|c\nd\n \ne", Some("a\n\n⟦b\nc\nd⟧\n \ne"));
        check("|a\nb", Some("⟦a\nb⟧"));
        check("a\n|b\n", Some("⟦a\nb⟧\n"));
        check("a\r\n|b\r\n\r\nc", Some("⟦a\r\nb⟧\r\n\r\nc"));
        check("文\n|😀\n　\n次", Some("⟦文\n😀⟧\n　\n次"));
    }

    #[test]
    fn a_blank_line_has_no_paragraph() {
        check("a\n|\nb", None);
        check("a\n| \t\nb", None);
        check("a\n|", None);
        check("|", None);
        let past = Position { line: 7, character: 0 };
        assert_eq!(at(&Rope::from_str("a\nb"), past, Encoding::Utf16), None);
    }

    #[test]
    fn a_file_without_blank_lines_is_not_read_whole() {
        let rope = Rope::from_str(&"x\n".repeat(5_000));
        let got = at(&rope, Position { line: 2_500, character: 0 }, Encoding::Utf8).unwrap();
        assert_eq!((got.start.line, got.end.line), (1_500, 3_500));
    }
}
