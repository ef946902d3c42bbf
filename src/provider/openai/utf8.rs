//! UTF-8 that comes in pieces and may be broken.

use bytes::Bytes;

/// Passes valid UTF-8 on, joins characters that were split between pieces, and puts U+FFFD where
/// bytes are no character, as the WHATWG decoder does.
#[derive(Default)]
pub(crate) struct Utf8Decoder {
    /// The start of a character whose rest is still to come: three bytes at most.
    open: Vec<u8>,
}

impl Utf8Decoder {
    /// The text that is certain now.
    pub(crate) fn push(&mut self, piece: Bytes) -> Bytes {
        let piece = if self.open.is_empty() {
            piece
        } else {
            let mut joined = std::mem::take(&mut self.open);
            joined.extend_from_slice(&piece);
            joined.into()
        };
        let Err(first) = std::str::from_utf8(&piece) else { return piece };
        if first.error_len().is_none() {
            self.open = piece.slice(first.valid_up_to()..).to_vec();
            return piece.slice(..first.valid_up_to());
        }
        let mut text = String::with_capacity(piece.len() + 3);
        let mut chunks = piece.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let bad = chunk.invalid();
            let unfinished = || std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none());
            if bad.is_empty() {
            } else if chunks.peek().is_none() && unfinished() {
                self.open = bad.to_vec();
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text.into()
    }

    /// What is left at the end.
    pub(crate) fn finish(&mut self) -> &'static str {
        if std::mem::take(&mut self.open).is_empty() { "" } else { "\u{fffd}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> String {
        let mut utf8 = Utf8Decoder::default();
        let mut all = Vec::new();
        for piece in pieces {
            all.extend_from_slice(&utf8.push(Bytes::copy_from_slice(piece)));
        }
        all.extend_from_slice(utf8.finish().as_bytes());
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn joins_and_replaces() {
        assert_eq!(decode(&[b"\xe6\xb7", b"\xb1", b"\xe3\x81\x95"]), "深さ");
        assert_eq!(decode(&[b"a\xffb"]), "a\u{fffd}b");
        assert_eq!(decode(&[b"a\xff\xe6", b"\xb7\xb1"]), "a\u{fffd}深");
        assert_eq!(decode(&[b"a\xe6\xb7"]), "a\u{fffd}");
        assert_eq!(decode(&[b"\xf0\x9f", b"a"]), "\u{fffd}a");
    }

    proptest! {
        /// However the bytes are cut, the text is that of the whole.
        #[test]
        fn does_not_depend_on_the_cuts(pieces: Vec<Vec<u8>>) {
            let cut: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let whole = pieces.concat();
            prop_assert_eq!(decode(&cut), String::from_utf8_lossy(&whole));
        }

        #[test]
        fn passes_text_through(text: String, at: usize) {
            let (a, b) = text.as_bytes().split_at(at % (text.len() + 1));
            prop_assert_eq!(decode(&[a, b]), text);
        }
    }
}
