//! Frames: a message's bytes with its header before them (LSP 3.17, *Base Protocol*).
//!
//! Headers may come in any order and case, with others among them, and lines may end in a bare
//! `\n`. After a header that cannot be used, the decoder looks for the next
//! `Content-Length: <digits>` line. Such a line cannot stand in a message that was skipped, because
//! JSON has no raw line ends in its strings and no bare words outside them.

use bytes::{Bytes, BytesMut};

/// The largest message that is taken, in bytes.
pub(crate) const MAX_BODY: usize = 256 * 1024 * 1024;

/// The largest header block that is taken, in bytes.
const MAX_HEADER: usize = 8 * 1024;

/// The largest message, in bytes, whose memory is used again for the next one.
const KEPT: usize = 1024 * 1024;

const LENGTH: &[u8] = b"content-length:";

/// Bytes within which a line with a usable length ends: its name, a length and some white space.
const LENGTH_LINE: usize = 64;

/// Why no message could be taken from the bytes that came. The decoder goes on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// The header says no length.
    #[error("the header has no Content-Length")]
    NoLength,
    /// The length is no number, or two lengths contradict each other.
    #[error("the header's Content-Length cannot be read")]
    BadLength,
    /// The message would be larger than [`MAX_BODY`]. Nothing was set aside for it.
    #[error("the message is larger than {MAX_BODY} bytes")]
    TooLarge,
    /// The header does not end.
    #[error("the header does not end")]
    EndlessHeader,
}

/// Takes bytes as they come and gives whole messages.
///
/// It holds the message that is under way and what was last pushed, never more; memory grows only
/// with bytes that did come.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    buffer: BytesMut,
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Header,
    Body(usize),
    Lost,
}

impl Decoder {
    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next message's body, or why one was lost; nothing until more bytes come.
    pub(crate) fn next_frame(&mut self) -> Option<Result<Bytes, FrameError>> {
        loop {
            match self.state {
                State::Lost => {
                    if !self.find_header() {
                        return None;
                    }
                    self.state = State::Header;
                }
                State::Header => match read_header(&self.buffer) {
                    None => return None,
                    Some(Ok((header, body))) => {
                        let _ = self.buffer.split_to(header);
                        self.state = State::Body(body);
                    }
                    Some(Err(error)) => {
                        self.lose_header();
                        return Some(Err(error));
                    }
                },
                State::Body(length) => {
                    if self.buffer.len() < length {
                        return None;
                    }
                    self.state = State::Header;
                    let body = self.buffer.split_to(length).freeze();
                    if length > KEPT {
                        // What is left would keep the memory of the whole.
                        self.buffer = BytesMut::from(&*self.buffer);
                    }
                    return Some(Ok(body));
                }
            }
        }
    }

    /// Gives one byte of a bad header up, so that the search cannot find the same again.
    fn lose_header(&mut self) {
        let _ = self.buffer.split_to(1.min(self.buffer.len()));
        self.state = State::Lost;
    }

    /// Drops bytes up to the next line with a usable length, if it has come.
    fn find_header(&mut self) -> bool {
        loop {
            let found =
                self.buffer.windows(LENGTH.len()).position(|w| w.eq_ignore_ascii_case(LENGTH));
            let Some(at) = found else {
                // What is left may be the first part of a name.
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

/// The size of the header block and of the body that it announces; nothing while it is under way.
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

/// The number in a length's line.
fn length(value: &[u8]) -> Result<usize, FrameError> {
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(FrameError::BadLength);
    }
    // All digits: what does not fit a number is too large, too.
    let length = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
    length.filter(|length| *length <= MAX_BODY).ok_or(FrameError::TooLarge)
}

/// A message with its header before it.
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

    /// `|` stands for `\r\n`. The input is given whole and at every split in two.
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
    fn headers_of_every_manner() {
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
    fn endless_rubbish_is_said_once_and_not_kept() {
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
    fn an_absurd_length_sets_nothing_aside() {
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
        fn no_bytes_can_stop_it(noise in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut decoder = Decoder::default();
            decoder.push(&noise);
            while decoder.next_frame().is_some() {}
            prop_assert!(decoder.buffer.len() <= noise.len());
        }
    }
}
