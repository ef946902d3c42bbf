//! LSP positions and ranges.

use serde::{Deserialize, Serialize};

/// The unit in which positions count columns, negotiated at `initialize` (LSP 3.17,
/// `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 code units (bytes).
    Utf8,
    /// UTF-16 code units, the default of LSP.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A position in a document. The unit of `character` is the connection's [`Encoding`].
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
pub struct Position {
    /// Zero-based line.
    pub line: u32,
    /// Zero-based offset from the start of the line.
    pub character: u32,
}

/// A half-open range between two positions.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct Range {
    /// Start (inclusive).
    pub start: Position,
    /// End (exclusive).
    pub end: Position,
}

impl Range {
    /// Returns the range with its start first. Some editors send a backward selection reversed.
    pub fn forward(self) -> Range {
        if self.end < self.start { Range { start: self.end, end: self.start } } else { self }
    }

    /// Returns the lines that the range touches, counted from 0. A range that ends before the first
    /// character of a line, as a selection of whole lines does, does not touch that line.
    pub fn lines(self) -> std::ops::Range<usize> {
        let line = |line: u32| usize::try_from(line).unwrap_or(usize::MAX);
        let (start, end) = (line(self.start.line), line(self.end.line));
        let is_whole = self.end.character == 0 && end > start;
        start..if is_whole { end } else { end.saturating_add(1) }
    }
}

/// A [`Range`] in UTF-16 units, whatever the connection's [`Encoding`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Range16(pub Range);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_touches_no_line_before_whose_first_character_it_ends() {
        let lines = |start: (u32, u32), end: (u32, u32)| {
            let position = |(line, character)| Position { line, character };
            Range { start: position(start), end: position(end) }.lines()
        };
        assert_eq!(lines((2, 0), (2, 0)), 2..3, "a cursor");
        assert_eq!(lines((2, 4), (3, 1)), 2..4);
        assert_eq!(lines((2, 0), (4, 0)), 2..4, "whole lines");
        assert_eq!(lines((u32::MAX, 0), (u32::MAX, 1)).len(), 1, "the last line there can be");
    }
}
