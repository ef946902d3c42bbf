//! What the synthetic model does for one perspective.

use serde::{Deserialize, Serialize};

/// Bytes of a mark: `L003C00017`.
pub(crate) const MARK: usize = 10;
/// Bytes of one piece that is a mark: the mark and a blank or a line's end.
pub(crate) const MARKED: usize = MARK + 1;

/// One perspective's answer: `chunks` pieces of text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) chunks: usize,
    /// Bytes of each; 0: a mark that tells where it belongs.
    pub(crate) size: usize,
    /// Milliseconds from the request to the first piece.
    pub(crate) first_ms: u64,
    /// Milliseconds between two writes; 0: as fast as they are taken.
    pub(crate) delay_ms: u64,
    /// Pieces in one write.
    pub(crate) batch: usize,
    /// The request is refused with this status.
    pub(crate) refuse: Option<u16>,
}

impl Profile {
    /// Text that tells where each piece belongs, one piece each `delay_ms`.
    pub(crate) fn paced(chunks: usize, first_ms: u64, delay_ms: u64) -> Self {
        Profile { chunks, size: 0, first_ms, delay_ms, batch: 1, refuse: None }
    }

    /// Pieces of four bytes, as fast as they are taken.
    pub(crate) fn flood(chunks: usize, batch: usize) -> Self {
        Profile { chunks, size: 4, first_ms: 0, delay_ms: 0, batch, refuse: None }
    }

    /// Bytes of one piece.
    pub(crate) fn piece_len(&self) -> usize {
        if self.size == 0 { MARKED } else { self.size }
    }

    /// One piece, as it stands in a JSON string: a line has about eighty characters.
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

/// What a prompt says before its lane's number, so that the upstream knows whose it is.
pub(crate) const LANE: &str = "as lane-";

/// Every mark in a text, as lane and place.
pub(crate) fn marks(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices('L').filter_map(|(at, _)| {
        let mark = text.get(at..at + MARK)?;
        let (lane, place) = mark.strip_prefix('L')?.split_once('C')?;
        Some((lane.parse().ok()?, place.parse().ok()?))
    })
}
