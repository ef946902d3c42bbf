//! Converts LSP positions (line and column) to byte offsets in a rope, and back.
//!
//! Every conversion is total and costs O(log n). A position outside the text is clamped to the
//! nearest valid one before it, as vscode-languageserver-textdocument does, and the result says so.

use super::{Encoding, Position, Range};
use ropey::Rope;
use std::ops;

/// How well a [`Position`] fits the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// A valid position. This includes a column past the end of its line, which LSP defines as the
    /// line's end (LSP 3.17, `Position`), and the start of the line after the last, by which many
    /// editors mean the end of the text.
    Exact,
    /// A position inside a character: between two surrogates, or inside a UTF-8 sequence.
    Split,
    /// A position whose line is past the end of the text.
    Beyond,
}

/// The byte offset that a [`Position`] was converted to. It is always on a character boundary and
/// never between `\r` and `\n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapped {
    /// Bytes from the start of the text.
    pub byte: usize,
    /// How well the position fitted the text.
    pub fit: Fit,
}

/// The byte range that a [`Range`] was converted to, with the fit of both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnappedRange {
    /// Start of the range (inclusive).
    pub start: Snapped,
    /// End of the range (exclusive); never before the start.
    pub end: Snapped,
}

impl SnappedRange {
    /// Returns the range in bytes.
    pub fn bytes(self) -> ops::Range<usize> {
        self.start.byte..self.end.byte
    }

    /// Returns `true` if both ends fitted exactly.
    pub fn is_exact(self) -> bool {
        self.start.fit == Fit::Exact && self.end.fit == Fit::Exact
    }
}

/// Converts a position to a byte offset.
///
/// A column past the end of its line is clamped to the line's end, before the line terminator; a
/// line past the end of the text, to the end of the text; a column inside a character, to the
/// character's start.
fn to_byte(rope: &Rope, position: Position, encoding: Encoding) -> Snapped {
    let line = usize::try_from(position.line).unwrap_or(usize::MAX);
    let column = usize::try_from(position.character).unwrap_or(usize::MAX);
    let lines = rope.len_lines();
    if line >= lines {
        let fit = if line == lines && column == 0 { Fit::Exact } else { Fit::Beyond };
        return Snapped { byte: rope.len_bytes(), fit };
    }
    let start = rope.line_to_char(line);
    let end = line_end(rope, line);
    let (char, split) = match encoding {
        Encoding::Utf32 => (start.saturating_add(column).min(end), false),
        Encoding::Utf16 => {
            let unit = rope.char_to_utf16_cu(start).saturating_add(column);
            let unit = unit.min(rope.char_to_utf16_cu(end));
            let char = rope.utf16_cu_to_char(unit);
            (char, rope.char_to_utf16_cu(char) != unit)
        }
        Encoding::Utf8 => {
            let byte = rope.char_to_byte(start).saturating_add(column);
            let byte = byte.min(rope.char_to_byte(end));
            let char = rope.byte_to_char(byte);
            (char, rope.char_to_byte(char) != byte)
        }
    };
    let fit = if split { Fit::Split } else { Fit::Exact };
    Snapped { byte: rope.char_to_byte(char), fit }
}

/// Converts a range to byte offsets. A range whose end precedes its start is reversed first.
pub fn to_bytes(rope: &Rope, range: Range, encoding: Encoding) -> SnappedRange {
    let range = range.forward();
    SnappedRange {
        start: to_byte(rope, range.start, encoding),
        end: to_byte(rope, range.end, encoding),
    }
}

/// Converts a byte offset to a position.
///
/// An offset inside a character, or between `\r` and `\n`, is moved back to a valid position. An
/// offset beyond the end of the text is clamped to the end.
pub fn to_position(rope: &Rope, byte: usize, encoding: Encoding) -> Position {
    let byte = byte.min(rope.len_bytes());
    let char = rope.byte_to_char(byte);
    let line = rope.char_to_line(char);
    let start = rope.line_to_char(line);
    let char = char.min(line_end(rope, line));
    let column = match encoding {
        Encoding::Utf32 => char - start,
        Encoding::Utf16 => rope.char_to_utf16_cu(char) - rope.char_to_utf16_cu(start),
        Encoding::Utf8 => rope.char_to_byte(char) - rope.char_to_byte(start),
    };
    Position { line: narrow(line), character: narrow(column) }
}

/// Converts a byte range to a range of positions.
pub fn to_range(rope: &Rope, bytes: ops::Range<usize>, encoding: Encoding) -> Range {
    Range {
        start: to_position(rope, bytes.start, encoding),
        end: to_position(rope, bytes.end, encoding),
    }
}

/// Returns the character index of a line's end, before its terminator. The line must exist.
pub(crate) fn line_end(rope: &Rope, line: usize) -> usize {
    let start = rope.line_to_char(line);
    if line + 1 >= rope.len_lines() {
        return rope.len_chars();
    }
    let next = rope.line_to_char(line + 1);
    let before = |at: usize, c: char| at > start && rope.char(at - 1) == c;
    if before(next, '\r') {
        next - 1
    } else if before(next, '\n') {
        if before(next - 1, '\r') { next - 2 } else { next - 1 }
    } else {
        next
    }
}

/// Converts to `u32`, the type of LSP's lines and columns; saturates.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    fn check(text: &str, (line, character): (u32, u32), encoding: Encoding, want: (usize, Fit)) {
        let got = to_byte(&Rope::from_str(text), Position { line, character }, encoding);
        assert_eq!((got.byte, got.fit), want, "{text:?} {line}:{character} {encoding:?}");
    }

    #[test]
    fn positions_convert_as_in_vscode_languageserver_textdocument() {
        use Encoding::*;
        check("a😀b", (0, 2), Utf16, (1, Fit::Split));
        check("a😀b", (0, 3), Utf16, (5, Fit::Exact));
        check("a😀b", (0, 3), Utf8, (1, Fit::Split));
        check("a😀b", (0, 2), Utf32, (5, Fit::Exact));
        check("ab\rcd", (1, 0), Utf16, (3, Fit::Exact));
        for other in ["\u{2028}", "\u{b}", "\u{c}", "\u{85}"] {
            let text = format!("ab{other}cd");
            check(&text, (0, 99), Utf16, (text.len(), Fit::Exact));
            check(&text, (1, 0), Utf16, (text.len(), Fit::Exact));
            check(&text, (1, 1), Utf16, (text.len(), Fit::Beyond));
        }
        check("ab\ncd", (0, 99), Utf16, (2, Fit::Exact));
        check("ab\ncd", (9, 0), Utf16, (5, Fit::Beyond));
        check("ab\r\ncd", (0, 3), Utf16, (2, Fit::Exact));
        check("ab\r\ncd", (0, 3), Utf8, (2, Fit::Exact));
        check("", (0, 0), Utf16, (0, Fit::Exact));
        check("a\n", (1, 5), Utf16, (2, Fit::Exact));
        check("a", (0, u32::MAX), Utf8, (1, Fit::Exact));
        check("\r\r\n\n", (2, 0), Utf16, (3, Fit::Exact));
    }

    #[test]
    fn a_backward_range_is_turned_round() {
        let rope = Rope::from_str("one\ntwo");
        let start = Position { line: 1, character: 2 };
        let end = Position { line: 0, character: 1 };
        let got = to_bytes(&rope, Range { start, end }, Encoding::Utf16);
        assert_eq!(got.bytes(), 1..6);
        assert!(got.is_exact());
    }

    #[test]
    fn characters_of_every_length_keep_their_places() {
        let all: String = ('\0'..=char::MAX).step_by(97).filter(|c| !"\r\n".contains(*c)).collect();
        let rope = Rope::from_str(&all);
        let (mut utf16, mut utf32) = (0, 0);
        for (byte, c) in all.char_indices() {
            for (encoding, character) in [
                (Encoding::Utf8, u32::try_from(byte).unwrap()),
                (Encoding::Utf16, utf16),
                (Encoding::Utf32, utf32),
            ] {
                let position = Position { line: 0, character };
                assert_eq!(to_position(&rope, byte, encoding), position, "{c:?}");
                let want = Snapped { byte, fit: Fit::Exact };
                assert_eq!(to_byte(&rope, position, encoding), want, "{c:?}");
            }
            utf16 += u32::try_from(c.len_utf16()).unwrap();
            utf32 += 1;
        }
    }

    /// Generates arbitrary Unicode in which difficult cases are frequent.
    fn text() -> impl Strategy<Value = String> {
        let hard = prop::sample::select(vec![
            "\n",
            "\r",
            "\r\n",
            "\u{2028}",
            "\u{85}",
            "\u{b}",
            "\u{c}",
            "😀",
            "👩‍👩‍👧‍👦",
            "が",
            "か\u{3099}",
            "é",
            "a",
            "\u{feff}",
            "\0",
        ]);
        let piece = prop_oneof![3 => hard.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
        prop::collection::vec(piece, 0..600).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn bytes_and_positions_round_trip(text in text()) {
            let rope = Rope::from_str(&text);
            for byte in (0..=text.len()).filter(|b| text.is_char_boundary(*b)) {
                let inside_crlf = text[..byte].ends_with('\r') && text[byte..].starts_with('\n');
                for encoding in ENCODINGS {
                    let position = to_position(&rope, byte, encoding);
                    let back = to_byte(&rope, position, encoding);
                    prop_assert_eq!(back.fit, Fit::Exact);
                    prop_assert_eq!(back.byte, if inside_crlf { byte - 1 } else { byte });
                }
            }
        }

        #[test]
        fn any_position_gives_a_place_of_the_text(
            text in text(), line in 0u32..400, character in 0u32..40,
        ) {
            let rope = Rope::from_str(&text);
            for encoding in ENCODINGS {
                let got = to_byte(&rope, Position { line, character }, encoding);
                prop_assert!(text.is_char_boundary(got.byte));
                let again = to_position(&rope, got.byte, encoding);
                prop_assert_eq!(to_byte(&rope, again, encoding).byte, got.byte);
            }
        }
    }
}
