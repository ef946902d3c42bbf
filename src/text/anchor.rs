//! Tracks selected text while its document is edited, and finds it again.

use super::{Encoding, Range, digest, to_bytes};
use ropey::Rope;
use std::ops;

/// Maximum number of pieces into which edits split the selected text. Beyond it, text that is
/// inserted inside a piece counts as selected.
const PIECES_MAX: usize = 64;

/// Maximum number of places that are compared by their digest in one search, because a text can be
/// crafted so that its cheap hash matches everywhere.
const COMPARED_MAX: usize = 64;

/// An edit in bytes: the replaced range, and the length of the replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) bytes: ops::Range<usize>,
    pub(crate) inserted: usize,
}

impl Edit {
    /// Creates the edit that replaces `range`, or the whole text if `range` is `None`. A
    /// replacement of the whole text is reduced to what lies between the common prefix and the
    /// common suffix.
    pub(crate) fn of(rope: &Rope, range: Option<Range>, text: &str, encoding: Encoding) -> Self {
        let all = 0..rope.len_bytes();
        let bytes = range.map_or(all.clone(), |r| to_bytes(rope, r, encoding).bytes());
        match bytes == all {
            true => Edit::between(rope, text),
            false => Edit { bytes, inserted: text.len() },
        }
    }

    fn between(before: &Rope, after: &str) -> Self {
        let shorter = before.len_bytes().min(after.len());
        let same = |(a, b): &(u8, u8)| a == b;
        let mut start = before.bytes().zip(after.bytes()).take_while(same).count();
        while !after.is_char_boundary(start) {
            start -= 1;
        }
        let backward = before.bytes_at(before.len_bytes()).reversed();
        let mut end = backward.zip(after.bytes().rev()).take_while(same).count();
        end = end.min(shorter - start);
        while !after.is_char_boundary(after.len() - end) {
            end -= 1;
        }
        Edit { bytes: start..before.len_bytes() - end, inserted: after.len() - start - end }
    }
}

/// The position of selected text, kept up to date while its document is edited.
///
/// Text that is inserted strictly inside the selection belongs to it; text that is inserted at its
/// edges does not. Once none of the selected text is left, only a position remains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    bytes: ops::Range<usize>,
    /// The parts of the selected text that survive, in order. None of them is empty.
    pieces: Vec<ops::Range<usize>>,
}

impl Anchor {
    /// Creates the anchor of a range that was just selected.
    pub(crate) fn new(bytes: ops::Range<usize>) -> Self {
        let pieces = Some(bytes.clone()).filter(|bytes| !bytes.is_empty()).into_iter().collect();
        Anchor { bytes, pieces }
    }

    /// Returns the current byte range of the selected text.
    pub fn bytes(&self) -> ops::Range<usize> {
        self.bytes.clone()
    }

    /// Returns `true` if none of the selected text is left.
    pub fn is_gone(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Updates the anchor after an edit of the document.
    pub(crate) fn apply(&mut self, edit: &Edit) {
        let was_gone = self.is_gone();
        self.cut(edit);
        let Edit { bytes: ops::Range { start, end }, inserted } = *edit;
        let ops::Range { start: first, end: last } = self.bytes;
        let moved = |at: usize| at - (end - start) + inserted;
        self.bytes = if was_gone {
            // The position stays before text that is inserted there, so that an undo restores the
            // selected text at this position.
            let at = if end < first || (end == first && start < end) {
                moved(first)
            } else {
                first.min(start)
            };
            at..at
        } else if end <= first {
            moved(first)..moved(last)
        } else if last <= start {
            first..last
        } else if start <= first && last <= end {
            start..start
        } else if start <= first {
            start + inserted..moved(last)
        } else if last <= end {
            first..start
        } else {
            first..moved(last)
        };
        if self.is_gone() {
            self.bytes.end = self.bytes.start;
        }
    }

    /// Updates the pieces after an edit.
    fn cut(&mut self, edit: &Edit) {
        let Edit { bytes: ops::Range { start, end }, inserted } = *edit;
        let moved = |at: usize| at - (end - start) + inserted;
        let is_full = self.pieces.len() >= PIECES_MAX;
        let follow = |piece: ops::Range<usize>| {
            let (first, last) = (piece.start, piece.end);
            if is_full && first < start && end < last {
                return [first..moved(last), 0..0];
            }
            [first..last.min(start), moved(first.max(end))..moved(last.max(end))]
        };
        let pieces = std::mem::take(&mut self.pieces);
        self.pieces = pieces.into_iter().flat_map(follow).filter(|p| !p.is_empty()).collect();
    }
}

/// A digest by which a text can be recognized. The text cannot be recovered from the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextDigest {
    bytes: usize,
    hash: u64,
    digest: String,
}

impl TextDigest {
    /// Computes the digest of a text.
    pub fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0, add);
        TextDigest { bytes: text.len(), hash, digest: digest("kaizodo anchor", text) }
    }

    /// Returns `true` if the document contains exactly the digested text at `bytes`.
    pub fn is_at(&self, rope: &Rope, bytes: ops::Range<usize>) -> bool {
        let text = (bytes.len() == self.bytes).then(|| rope.get_byte_slice(bytes)).flatten();
        text.is_some_and(|text| *self == TextDigest::of(&String::from(text)))
    }

    /// Returns the byte range of the digested text if the text begins at `start` in the document.
    pub fn starts_at(&self, rope: &Rope, start: usize) -> Option<ops::Range<usize>> {
        let bytes = start..start.checked_add(self.bytes)?;
        self.is_at(rope, bytes.clone()).then_some(bytes)
    }

    /// Returns the byte range of the digested text if the document contains the text exactly once.
    /// Returns `None` early if the text's hash matches too many places.
    pub fn find(&self, rope: &Rope) -> Option<ops::Range<usize>> {
        let mut found = None;
        for (start, count) in self.candidates(rope).zip(0..) {
            if count == COMPARED_MAX {
                return None;
            }
            let Some(bytes) = self.starts_at(rope, start) else { continue };
            if found.replace(bytes).is_some() {
                return None;
            }
        }
        found
    }

    /// Returns the start of each range whose hash equals that of the text (Rabin–Karp).
    fn candidates<'a>(&'a self, rope: &'a Rope) -> impl Iterator<Item = usize> + 'a {
        let leaving = (1..self.bytes).fold(BASE, |power, _| power.wrapping_mul(BASE));
        let mut behind = rope.bytes();
        let mut hash = 0;
        rope.bytes().zip(1..).filter_map(move |(byte, end)| {
            hash = add(hash, byte);
            if end > self.bytes
                && let Some(old) = behind.next()
            {
                hash = hash.wrapping_sub(leaving.wrapping_mul(u64::from(old) + 1));
            }
            (self.bytes > 0 && end >= self.bytes && hash == self.hash).then(|| end - self.bytes)
        })
    }
}

const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

fn add(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
}

#[cfg(test)]
mod tests;
