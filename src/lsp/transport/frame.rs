//! Encodes and decodes frames: a message with its header (LSP 3.17, *Base Protocol*).
//!
//! Header fields may come in any order and case, unknown ones are ignored, and lines may end in a
//! bare `\n`. After an invalid header, the decoder searches for the next `Content-Length: <digits>`
//! line. A skipped message cannot contain such a line, because JSON has neither raw line breaks in
//! strings nor bare words outside them.

use bytes::{Bytes, BytesMut};

/// Maximum size of a message in bytes.
pub(crate) const MAX_BODY: usize = 256 * 1024 * 1024;

/// Maximum size of a header in bytes.
const MAX_HEADER: usize = 8 * 1024;

/// Maximum size in bytes of a message whose buffer is reused for the next one.
const KEPT: usize = 1024 * 1024;

const LENGTH: &[u8] = b"content-length:";

/// Maximum length in bytes of a valid `Content-Length` line.
const LENGTH_LINE: usize = 64;

/// Why a message was lost. The decoder recovers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// The header has no `Content-Length`.
    #[error("the header has no Content-Length")]
    NoLength,
    /// The length is not a number, or two lengths differ.
    #[error("the header's Content-Length cannot be read")]
    BadLength,
    /// The message would exceed [`MAX_BODY`]. No memory was allocated for it.
    #[error("the message is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// The header exceeds its maximum size.
    #[error("the header does not end")]
    EndlessHeader,
}

/// Splits a byte stream into messages.
///
/// It buffers the current message and the last pushed bytes only; an announced length alone
/// allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    buffer: BytesMut,
    state: DecoderState,
}

#[derive(Clone, Copy, Debug, Default)]
enum DecoderState {
    #[default]
    Header,
    Body(usize),
    Lost,
}

impl Decoder {
    /// Appends received bytes to the buffer.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the body of the next message, or the reason why a message was lost; `None` if more
    /// bytes are needed.
    pub(crate) fn next_frame(&mut self) -> Option<Result<Bytes, FrameError>> {
        loop {
            match self.state {
                DecoderState::Lost => {
                    if !self.find_header() {
                        return None;
                    }
                    self.state = DecoderState::Header;
                }
                DecoderState::Header => match read_header(&self.buffer) {
                    None => return None,
                    Some(Ok((header, body))) => {
                        let _ = self.buffer.split_to(header);
                        self.state = DecoderState::Body(body);
                    }
                    Some(Err(error)) => {
                        self.lose_header();
                        return Some(Err(error));
                    }
                },
                DecoderState::Body(length) => {
                    if self.buffer.len() < length {
                        return None;
                    }
                    self.state = DecoderState::Header;
                    let body = self.buffer.split_to(length).freeze();
                    if length > KEPT {
                        // The rest would keep the whole buffer alive.
                        self.buffer = BytesMut::from(&*self.buffer);
                    }
                    return Some(Ok(body));
                }
            }
        }
    }

    /// Skips one byte of an invalid header, so that the search does not find it again.
    fn lose_header(&mut self) {
        let _ = self.buffer.split_to(1.min(self.buffer.len()));
        self.state = DecoderState::Lost;
    }

    /// Drops bytes up to the next valid `Content-Length` line. Returns `false` if there is none
    /// yet.
    fn find_header(&mut self) -> bool {
        loop {
            let found =
                self.buffer.windows(LENGTH.len()).position(|w| w.eq_ignore_ascii_case(LENGTH));
            let Some(at) = found else {
                // The rest may be the start of the field name.
                let keep = self.buffer.len().min(LENGTH.len() - 1);
                let _ = self.buffer.split_to(self.buffer.len() - keep);
                return false;
            };
            let _ = self.buffer.split_to(at);
            let line = self.buffer.iter().take(LENGTH_LINE).position(|b| *b == b'\n');
            match line.and_then(|end| self.buffer.get(LENGTH.len()..end)) {
                Some(value) if length(value).is_ok() => return true,
                None if self.buffer.len() < LENGTH_LINE => return false,
                _ => {
                    let _ = self.buffer.split_to(1);
                }
            }
        }
    }
}

/// Returns the sizes of a header and of its body; `None` if the header is incomplete.
fn read_header(bytes: &[u8]) -> Option<Result<(usize, usize), FrameError>> {
    let mut announced = None;
    let mut size = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        size += line.len();
        if size > MAX_HEADER {
            return Some(Err(FrameError::EndlessHeader));
        }
        let line = line.strip_suffix(b"\n")?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Some(announced.unwrap_or(Err(FrameError::NoLength)).map(|body| (size, body)));
        }
        if let Some((name, value)) = line.split_at_checked(LENGTH.len())
            && name.eq_ignore_ascii_case(LENGTH)
        {
            let body = length(value);
            announced = match announced {
                Some(before) if before != body => Some(Err(FrameError::BadLength)),
                _ => Some(body),
            };
        }
    }
    None
}

/// Parses the value of a `Content-Length` field.
fn length(value: &[u8]) -> Result<usize, FrameError> {
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(FrameError::BadLength);
    }
    // Only digits: overflow means that it is too large.
    let length = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
    length.filter(|length| *length <= MAX_BODY).ok_or(FrameError::TooLarge)
}

/// Encodes a message's body as a frame, by prepending the header.
pub(crate) fn encode(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<Bytes, FrameError>> {
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        for piece in pieces {
            decoder.push(piece);
            got.extend(std::iter::from_fn(|| decoder.next_frame()));
        }
        got
    }

    /// Checks the input as a whole and at every split in two. `|` stands for `\r\n`.
    fn check(input: &str, want: &[Result<&str, FrameError>]) {
        let input = input.replace('|', "\r\n");
        let want: Vec<_> =
            want.iter().map(|f| f.map(|b| Bytes::copy_from_slice(b.as_bytes()))).collect();
        assert_eq!(decode([input.as_bytes()]), want, "{input:?}");
        assert_eq!(decode(input.as_bytes().chunks(1)), want, "byte by byte: {input:?}");
        for at in 0..input.len() {
            let (a, b) = input.as_bytes().split_at(at);
            assert_eq!(decode([a, b]), want, "split at {at}: {input:?}");
        }
    }

    #[test]
    fn headers_in_any_form_are_accepted() {
        check("Content-Length: 2||{}", &[Ok("{}")]);
        check("content-length:2||{}CONTENT-LENGTH:  3 ||[1]", &[Ok("{}"), Ok("[1]")]);
        check("Content-Type: a; charset=utf-8|Content-Length: 2||{}", &[Ok("{}")]);
        check("X-A: 1|Content-Length: 2|Content-Type: b|no colon||{}", &[Ok("{}")]);
        check("Content-Length: 2\n\n{}", &[Ok("{}")]);
        check("Content-Length: 2|content-length: 2||{}", &[Ok("{}")]);
        check("Content-Length: 0||Content-Length: 6||\"解\"x", &[Ok(""), Ok("\"解\"x")]);
        check("Content-Length: 9||{}", &[]);
    }

    #[test]
    fn after_a_bad_header_the_next_message_is_found() {
        let next = "Content-Type: x|content-length: 4||null";
        let found = Ok("null");
        for (bad, error) in [
            ("Content-Type: a||{}", FrameError::NoLength),
            ("||", FrameError::NoLength),
            ("Content-Length: NaN||{}", FrameError::BadLength),
            ("Content-Length: -5||{}", FrameError::BadLength),
            ("Content-Length: ||{}", FrameError::BadLength),
            ("Content-Length: 1000000000000000000||{}", FrameError::TooLarge),
            ("Content-Length: 99999999999999999999999||{}", FrameError::TooLarge),
            (
                "Content-Length: 268435457||{\"a\":\"Content-Length: 3\\r\\n\\r\\n\"}",
                FrameError::TooLarge,
            ),
        ] {
            check(&format!("{bad}{next}"), &[Err(error), found]);
        }
        check(
            &format!("Content-Length: 1|Content-Length: 2||{{}}{next}"),
            &[Err(FrameError::BadLength), Ok("{}"), found],
        );
        check("rubbishContent-Length: 4||null", &[Err(FrameError::NoLength), found]);
    }

    #[test]
    fn endless_garbage_is_reported_once_and_not_buffered() {
        let mut decoder = Decoder::default();
        let mut errors = Vec::new();
        for _ in 0..64 {
            decoder.push(&[b'x'; 4096]);
            errors.extend(std::iter::from_fn(|| decoder.next_frame()));
            assert!(decoder.buffer.len() <= MAX_HEADER + 4096);
        }
        assert_eq!(errors, [Err(FrameError::EndlessHeader)]);
        decoder.push(b"\r\nContent-Length: 1\r\n\r\n7");
        assert_eq!(decoder.next_frame(), Some(Ok(Bytes::from_static(b"7"))));
    }

    #[test]
    fn a_huge_content_length_allocates_nothing() {
        let mut decoder = Decoder::default();
        decoder.push(b"Content-Length: 1000000000000000000\r\n\r\n");
        assert_eq!(decoder.next_frame(), Some(Err(FrameError::TooLarge)));
        decoder.push(format!("Content-Length: {MAX_BODY}\r\n\r\n{{").as_bytes());
        assert_eq!(decoder.next_frame(), None);
        assert!(decoder.buffer.capacity() < 4096);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn any_split_gives_the_same_messages(
            bodies in prop::collection::vec(".{0,40}", 1..6),
            cuts in prop::collection::vec(1usize..64, 1..40),
        ) {
            let bytes: Vec<u8> = bodies.iter().flat_map(|b| encode(b.as_bytes())).collect();
            let mut rest = bytes.as_slice();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            pieces.push(rest);
            let want: Vec<_> =
                bodies.iter().map(|b| Ok(Bytes::copy_from_slice(b.as_bytes()))).collect();
            prop_assert_eq!(decode(pieces), want);
        }

        #[test]
        fn no_input_stops_the_decoder(noise in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut decoder = Decoder::default();
            decoder.push(&noise);
            while decoder.next_frame().is_some() {}
            prop_assert!(decoder.buffer.len() <= noise.len());
        }
    }
}
