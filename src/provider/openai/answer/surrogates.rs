//! Joins surrogate pairs that were split between events.

use std::borrow::Cow;

/// Decodes WTF-8, which may hold a lone `\ud83d` from JSON. Halves of a surrogate pair are joined
/// across chunks, and a lone half becomes U+FFFD. Servers that split text between UTF-16 code units
/// send such chunks.
#[derive(Default)]
pub(crate) struct SurrogateDecoder {
    /// A high surrogate that waits for its low surrogate.
    high: Option<u16>,
}

impl SurrogateDecoder {
    /// Decodes a chunk, holding back any high surrogate at its end.
    pub(crate) fn push<'a>(&mut self, piece: &'a [u8]) -> Cow<'a, str> {
        if self.high.is_none()
            && let Ok(text) = std::str::from_utf8(piece)
        {
            return text.into();
        }
        let mut text = String::with_capacity(piece.len());
        let mut rest = piece;
        while !rest.is_empty() {
            let valid = match std::str::from_utf8(rest) {
                Ok(valid) => valid,
                Err(error) => {
                    let valid = rest.split_at(error.valid_up_to()).0;
                    std::str::from_utf8(valid).unwrap_or_default()
                }
            };
            if !valid.is_empty() {
                text.extend(self.finish());
                text.push_str(valid);
            }
            rest = match rest.split_at(valid.len()).1 {
                [0xed, b, c, tail @ ..] => {
                    let unit = 0xd000 | (u16::from(b & 0x3f) << 6) | u16::from(c & 0x3f);
                    text.extend(self.unit(unit));
                    tail
                }
                [_, tail @ ..] => {
                    text.extend(self.finish());
                    text.push(char::REPLACEMENT_CHARACTER);
                    tail
                }
                [] => &[],
            };
        }
        text.into()
    }

    fn unit(&mut self, unit: u16) -> Option<char> {
        if (0xd800..0xdc00).contains(&unit) {
            let alone = self.finish();
            self.high = Some(unit);
            return alone;
        }
        match self.high.take() {
            Some(high) => char::decode_utf16([high, unit]).next().and_then(Result::ok),
            None => Some(char::REPLACEMENT_CHARACTER),
        }
    }

    /// Ends the text: returns U+FFFD if a high surrogate is left.
    pub(crate) fn finish(&mut self) -> Option<char> {
        self.high.take().map(|_| char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH: &[u8] = b"\xed\xa0\xbd"; // U+D83D
    const LOW: &[u8] = b"\xed\xb9\x82"; // U+DE42

    fn join(pieces: &[&[u8]]) -> String {
        let mut halves = SurrogateDecoder::default();
        let mut text: String = pieces.iter().map(|piece| halves.push(piece)).collect();
        text.extend(halves.finish());
        text
    }

    #[test]
    fn joins_what_belongs_together() {
        assert_eq!(join(&[HIGH, LOW]), "🙂");
        assert_eq!(join(&[HIGH, b"", LOW, b"a"]), "🙂a");
        assert_eq!(join(&[&[HIGH, LOW].concat()]), "🙂");
        assert_eq!(
            join(&["深".as_bytes(), &[HIGH].concat(), &[LOW, "さ".as_bytes()].concat()]),
            "深🙂さ"
        );
    }

    #[test]
    fn marks_what_stays_alone() {
        assert_eq!(join(&[HIGH]), "\u{fffd}");
        assert_eq!(join(&[LOW]), "\u{fffd}");
        assert_eq!(join(&[HIGH, b"a", LOW]), "\u{fffd}a\u{fffd}");
        assert_eq!(join(&[HIGH, HIGH, LOW]), "\u{fffd}🙂");
        assert_eq!(join(&[b"a\xffb"]), "a\u{fffd}b");
    }
}
