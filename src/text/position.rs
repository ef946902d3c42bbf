//! Places in a text.

use serde::{Deserialize, Serialize};

/// What a client counts columns in, as it was agreed at `initialize`
/// (LSP 3.17, `PositionEncodingKind`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: LSP's default.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place as an editor names it; the unit of `character` is the connection's [`Encoding`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Units from the line's start, from 0.
    pub character: u32,
}

/// A half-open stretch between two places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    /// Where it starts.
    pub start: Position,
    /// Where it ends, itself outside.
    pub end: Position,
}

impl Range {
    /// The same stretch with its start first. Some editors send what was selected backwards as it
    /// was selected.
    pub fn forward(self) -> Range {
        if self.end < self.start { Range { start: self.end, end: self.start } } else { self }
    }
}

/// A [`Range`] that is known to count in UTF-16 units, whatever the client counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Range16(pub Range);
