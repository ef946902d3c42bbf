//! A short name for a text: the same in every process, and nothing that the text could hold.

use ring::digest::{Context, SHA256};
use std::fmt::Write;

/// Bytes of the digest that are used. A text that held its own would take 2^64 tries to find.
const BYTES: usize = 8;

/// The first bytes of SHA-256 over a purpose and a text, in hexadecimal.
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
    fn it_is_the_same_for_the_same_alone() {
        assert_eq!(digest("a", "解像度"), digest("a", "解像度"));
        assert_eq!(digest("a", "").len(), 2 * BYTES);
        for (purpose, text) in [("b", "解像度"), ("a", "解像度 "), ("a解", "像度")] {
            assert_ne!(digest(purpose, text), digest("a", "解像度"));
        }
    }
}
