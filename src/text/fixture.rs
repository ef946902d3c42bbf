//! Test texts with a marked range: `one ⟦two⟧ three`.

use super::{Encoding, Range, to_range};
use ropey::Rope;

/// Returns the text without its marks, and the marked range in UTF-16 units.
pub(crate) fn parse(marked: &str) -> (String, Range) {
    let start = marked.find('⟦').expect("⟦ marks the start");
    let rest = marked.replacen('⟦', "", 1);
    let end = rest.find('⟧').expect("⟧ marks the end");
    let text = rest.replacen('⟧', "", 1);
    let range = to_range(&Rope::from_str(&text), start..end, Encoding::Utf16);
    (text, range)
}

/// Returns `text` with `⟦` and `⟧` inserted around `range`, which is in UTF-16 units.
pub(crate) fn mark(text: &str, range: Range) -> String {
    let bytes = super::to_bytes(&Rope::from_str(text), range, Encoding::Utf16).bytes();
    let (before, middle, after) = (&text[..bytes.start], &text[bytes.clone()], &text[bytes.end..]);
    format!("{before}⟦{middle}⟧{after}")
}
