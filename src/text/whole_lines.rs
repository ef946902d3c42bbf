//! Computes where to insert whole lines above or below a range of a document.

use ropey::Rope;
use serde::{Deserialize, Serialize};
use std::ops;

/// The side of a range on which lines are inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Before the range's first line.
    Above,
    /// After the range's last line.
    Below,
}

/// Returns the indentation of the first line with text in a range; empty if no line has text.
pub fn indentation(rope: &Rope, bytes: ops::Range<usize>) -> String {
    let (first, last) = lines(rope, bytes);
    let lines = (first..=last).filter_map(|line| rope.get_line(line));
    let text = lines.map(String::from).find(|line| !line.trim().is_empty()).unwrap_or_default();
    text.chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}

/// Returns the byte offset at which to insert a block of lines, and the text to insert there, with
/// the document's line terminators. If `is_apart`, blank lines separate the block from the text on
/// both sides.
///
/// The block is never inserted inside the range, even if the range ends with a line terminator.
pub fn insertion(
    rope: &Rope,
    bytes: ops::Range<usize>,
    side: Side,
    block: &str,
    is_apart: bool,
) -> (usize, String) {
    let (first, last) = lines(rope, bytes);
    let end = line_end_of(rope);
    let block = block.replace('\n', end);
    let below = match side {
        Side::Above => first,
        Side::Below => last + 1,
    };
    let is_text = |line: usize| {
        rope.get_line(line).is_some_and(|line| !line.chars().all(char::is_whitespace))
    };
    let gap = |line: Option<usize>| if is_apart && line.is_some_and(is_text) { end } else { "" };
    let (before, after) = (gap(below.checked_sub(1)), gap(Some(below)));
    match rope.try_line_to_byte(below).ok().filter(|_| below < rope.len_lines()) {
        Some(at) => (at, format!("{before}{block}{end}{after}")),
        None => (rope.len_bytes(), format!("{end}{before}{block}")),
    }
}

/// Returns the first and the last line of a range. A range that ends at the start of a line does
/// not include that line.
fn lines(rope: &Rope, bytes: ops::Range<usize>) -> (usize, usize) {
    let line = |at: usize| rope.try_byte_to_line(at).unwrap_or_default();
    (line(bytes.start), line(bytes.end.saturating_sub(1).max(bytes.start)))
}

/// Returns the terminator of the document's first line; `\n` if that line has none.
fn line_end_of(rope: &Rope) -> &'static str {
    let first = rope.get_line(0).map(String::from).unwrap_or_default();
    ["\r\n", "\n", "\r"].into_iter().find(|end| first.ends_with(end)).unwrap_or("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Encoding, fixture, to_bytes};

    fn insert(marked: &str, side: Side, block: &str, is_apart: bool) -> String {
        let (mut text, range) = fixture::parse(marked);
        let rope = Rope::from_str(&text);
        let bytes = to_bytes(&rope, range, Encoding::Utf16).bytes();
        let (at, new) = insertion(&rope, bytes.clone(), side, block, is_apart);
        assert!(at <= bytes.start || at >= bytes.end, "it is not inside");
        text.insert_str(at, &new);
        text
    }

    #[test]
    fn whole_lines_are_inserted_around_the_lines_of_a_range() {
        let above = |text| insert(text, Side::Above, "x\ny", false);
        let below = |text| insert(text, Side::Below, "x\ny", false);
        assert_eq!(above("a\nb⟦c\nd⟧e\nf"), "a\nx\ny\nbc\nde\nf");
        assert_eq!(below("a\nb⟦c\nd⟧e\nf"), "a\nbc\nde\nx\ny\nf");
        assert_eq!(above("⟦解\r\n⟧像\r\n"), "x\r\ny\r\n解\r\n像\r\n");
        assert_eq!(below("⟦解\r\n⟧像\r\n"), "解\r\nx\r\ny\r\n像\r\n");
        assert_eq!(below("⟦a⟧"), "a\nx\ny", "the last line has no end");
        assert_eq!(below("a\r⟦b⟧"), "a\rb\rx\ry");
        assert_eq!(below("a\n⟦b\n⟧"), "a\nb\nx\ny\n");
    }

    #[test]
    fn prose_has_blank_lines_around_it() {
        let above = |text| insert(text, Side::Above, "x", true);
        let below = |text| insert(text, Side::Below, "x", true);
        assert_eq!(above("a\n⟦b⟧\nc\n"), "a\n\nx\n\nb\nc\n");
        assert_eq!(below("a\n⟦b⟧\nc\n"), "a\nb\n\nx\n\nc\n");
        assert_eq!(below("⟦b\n⟧\nc\n"), "b\n\nx\n\nc\n");
        assert_eq!(above("⟦b⟧"), "x\n\nb");
        assert_eq!(below("⟦b⟧"), "b\n\nx");
        assert_eq!(below("⟦b\n⟧"), "b\n\nx\n");
    }

    #[test]
    fn the_indentation_is_that_of_the_first_line_with_text() {
        let of = |marked: &str| {
            let (text, range) = fixture::parse(marked);
            let rope = Rope::from_str(&text);
            indentation(&rope, to_bytes(&rope, range, Encoding::Utf16).bytes())
        };
        assert_eq!(of("a\n\t  b⟦c\n    d⟧"), "\t  ");
        assert_eq!(of("⟦\n  \n    d⟧"), "    ");
        assert_eq!(of("⟦\n⟧  d"), "");
    }
}
