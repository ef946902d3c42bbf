//! Any answer, in any pieces: the panel is always the same, and nothing in it is live.

use super::bytes::Bytes;
use super::inert::judge;
use super::run::{DONE, SECTIONS, answered};

/// Reads an answer from the bytes. The first byte sets the size of the pieces.
pub(crate) fn check(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let size = 1 + bytes.choose(16);
    let text = String::from_utf8_lossy(bytes.0).into_owned();
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let at = (size..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(at);
        pieces.push(piece);
        rest = behind;
    }
    let other = &["- B1 said\n"];
    let whole = answered([&[&text], other, &[]]);
    assert_eq!(answered([&pieces, other, &[]]), whole, "{text:?} in pieces of {size}");
    judge(&whole, &SECTIONS, DONE);
}
