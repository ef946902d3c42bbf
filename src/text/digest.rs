//! A short digest of a text, stable across processes; a text cannot feasibly contain its own
//! digest.

use ring::digest::{Context, SHA256};
use std::fmt::Write;

/// Number of bytes of the hash that are used. Constructing a text that contains its own digest
/// would take about 2^64 tries.
const BYTES: usize = 8;

/// Returns the first 8 bytes of SHA-256 over a purpose and a text, as 16 hexadecimal digits.
pub fn digest(purpose: &str, text: &str) -> String {
    let mut hash = Context::new(&SHA256);
    hash.update(purpose.as_bytes());
    hash.update(&[0]);
    hash.update(text.as_bytes());
    let digest = hash.finish();
    digest.as_ref().iter().take(BYTES).fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_equal_only_for_equal_input() {
        assert_eq!(digest("a", "解像度"), digest("a", "解像度"));
        assert_eq!(digest("a", "").len(), 2 * BYTES);
        for (purpose, text) in [("b", "解像度"), ("a", "解像度 "), ("a解", "像度")] {
            assert_ne!(digest(purpose, text), digest("a", "解像度"));
        }
    }
}
