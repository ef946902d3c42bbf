//! Profiles: how the synthetic model answers a perspective.

use serde::{Deserialize, Serialize};

/// Length of a mark in bytes: `L003C00017`.
pub(crate) const MARK: usize = 10;
/// Length in bytes of a piece with a mark: the mark and a blank or line break.
pub(crate) const MARKED: usize = MARK + 1;

/// The answer for one perspective: `chunks` pieces of text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) chunks: usize,
    /// Size of each piece in bytes; 0 for a mark with its lane and position.
    pub(crate) size: usize,
    /// Delay from the request to the first piece in milliseconds.
    pub(crate) first_ms: u64,
    /// Delay between two writes in milliseconds; 0 for full speed.
    pub(crate) delay_ms: u64,
    /// Number of pieces per write.
    pub(crate) batch: usize,
    /// HTTP status to reject the request with.
    pub(crate) refuse: Option<u16>,
}

impl Profile {
    /// Creates a profile with marked pieces, one every `delay_ms`.
    pub(crate) fn paced(chunks: usize, first_ms: u64, delay_ms: u64) -> Self {
        Profile { chunks, size: 0, first_ms, delay_ms, batch: 1, refuse: None }
    }

    /// Creates a profile with pieces of four bytes at full speed.
    pub(crate) fn flood(chunks: usize, batch: usize) -> Self {
        Profile { chunks, size: 4, first_ms: 0, delay_ms: 0, batch, refuse: None }
    }

    /// Returns the length of a piece in bytes.
    pub(crate) fn piece_len(&self) -> usize {
        if self.size == 0 { MARKED } else { self.size }
    }

    /// Returns a piece, escaped for a JSON string. Lines have about 80 characters.
    pub(crate) fn piece(&self, lane: usize, at: usize) -> String {
        let line = 80 / self.piece_len();
        let end = if at % line == line - 1 { "\\n" } else { " " };
        match self.size {
            0 => format!("{}{end}", mark(lane, at)),
            size => format!("{}{end}", "a".repeat(size - 1)),
        }
    }
}

pub(crate) fn mark(lane: usize, at: usize) -> String {
    format!("L{lane:03}C{at:05}")
}

/// Text before the lane's number in a prompt, by which the upstream identifies the lane.
pub(crate) const LANE: &str = "as lane-";

/// Returns the marks in a text, as lane and position.
pub(crate) fn marks(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices('L').filter_map(|(at, _)| {
        let mark = text.get(at..at + MARK)?;
        let (lane, place) = mark.strip_prefix('L')?.split_once('C')?;
        Some((lane.parse().ok()?, place.parse().ok()?))
    })
}
