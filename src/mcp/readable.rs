//! Input in which every JSON string can be read.
//!
//! A client may cut a text in the middle of a character: JavaScript leaves half a surrogate pair
//! (`\ud83d`), other programs half of a character's bytes. The SDK ignores a message with either, so
//! the client would wait for an answer forever. Here, such a piece becomes U+FFFD.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Number of bytes that are read at a time.
const CHUNK: usize = 8 * 1024;
/// Length of an escape such as `\ud83d` in bytes.
const ESCAPE: usize = 6;
/// The escape of U+FFFD.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// A stream of JSON messages, with half characters replaced.
pub(crate) struct Readable<R> {
    input: R,
    /// The last bytes that were read, as long as the next ones decide about them.
    held: Vec<u8>,
    /// Bytes that have not been handed on, from `at` on.
    out: Vec<u8>,
    at: usize,
}

impl<R> Readable<R> {
    /// Reads messages from `input`.
    pub(crate) fn new(input: R) -> Self {
        Readable { input, held: Vec::new(), out: Vec::new(), at: 0 }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Readable<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let rest = this.out.get(this.at..).unwrap_or_default();
            if !rest.is_empty() {
                let taken = rest.len().min(buf.remaining());
                buf.put_slice(rest.get(..taken).unwrap_or_default());
                this.at += taken;
                return Poll::Ready(Ok(()));
            }
            (this.out, this.at) = (Vec::new(), 0);
            let mut bytes = [0; CHUNK];
            let mut chunk = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.input).poll_read(cx, &mut chunk))?;
            if chunk.filled().is_empty() {
                // A message ends with a line break, so what is held is no message.
                return Poll::Ready(Ok(()));
            }
            this.held.extend_from_slice(chunk.filled());
            let read = readable(&this.held, &mut this.out);
            this.held.drain(..read);
        }
    }
}

/// Appends `bytes` to `out`, with half characters replaced. Returns how many bytes were read: all,
/// unless the meaning of the last ones depends on the bytes after them.
fn readable(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.iter().position(|byte| *byte == b'\\').unwrap_or(rest.len());
        let (read, is_open) = match plain {
            0 => escape(rest, out),
            _ => text(rest, plain, out),
        };
        at += read;
        if is_open {
            break;
        }
    }
    at
}

/// Reads the text before the backslash at `plain`, or before the end. Returns how many bytes were
/// read, and whether the others depend on what follows.
fn text(rest: &[u8], plain: usize, out: &mut Vec<u8>) -> (usize, bool) {
    let is_last = plain == rest.len();
    let mut read = 0;
    for chunk in rest.get(..plain).unwrap_or_default().utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        read += chunk.valid().len();
        let broken = chunk.invalid();
        if broken.is_empty() {
            continue;
        }
        let is_cut = str::from_utf8(broken).is_err_and(|error| error.error_len().is_none());
        if is_last && is_cut && read + broken.len() == plain {
            return (read, true);
        }
        out.extend_from_slice("\u{fffd}".as_bytes());
        read += broken.len();
    }
    (read, false)
}

/// Reads the escape at the beginning of `rest`. Returns how many bytes were read, and whether the
/// others depend on what follows.
fn escape(rest: &[u8], out: &mut Vec<u8>) -> (usize, bool) {
    let mut hand_on = |bytes: &[u8], read| {
        out.extend_from_slice(bytes);
        (read, false)
    };
    match (unit(rest), rest.get(ESCAPE..).unwrap_or_default()) {
        (None, _) if may_become_unit(rest) => (0, true),
        // The byte after the backslash belongs to it: another backslash begins no escape.
        (None, _) if rest.starts_with(b"\\\\") => hand_on(b"\\\\", 2),
        (None, _) => hand_on(b"\\", 1),
        (Some(0xd800..=0xdbff), next) => match unit(next) {
            Some(0xdc00..=0xdfff) => {
                hand_on(rest.get(..2 * ESCAPE).unwrap_or_default(), 2 * ESCAPE)
            }
            None if may_become_unit(next) => (0, true),
            _ => hand_on(REPLACEMENT, ESCAPE),
        },
        (Some(0xdc00..=0xdfff), _) => hand_on(REPLACEMENT, ESCAPE),
        (Some(_), _) => hand_on(rest.get(..ESCAPE).unwrap_or_default(), ESCAPE),
    }
}

/// Returns the UTF-16 code unit that an escape such as `\ud83d` at the beginning of `bytes` stands
/// for.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digits = str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_hexdigit));
    u16::from_str_radix(digits?, 16).ok()
}

/// Returns `true` if more bytes could make `bytes` begin with an escape such as `\ud83d`.
fn may_become_unit(bytes: &[u8]) -> bool {
    let is_fit = |(place, byte): (usize, &u8)| match place {
        0 => *byte == b'\\',
        1 => *byte == b'u',
        _ => byte.is_ascii_hexdigit(),
    };
    bytes.len() < ESCAPE && bytes.iter().enumerate().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Reads `input` in pieces of `size` bytes.
    async fn read(input: &[u8], size: usize) -> Vec<u8> {
        let (mut to, from) = tokio::io::duplex(size);
        let mut out = Vec::new();
        let writing = async {
            to.write_all(input).await.unwrap();
            drop(to);
        };
        let reading = async { Readable::new(from).read_to_end(&mut out).await.unwrap() };
        futures::join!(writing, reading);
        out
    }

    #[tokio::test]
    async fn half_characters_are_replaced_and_whole_ones_stay() {
        for (input, expected) in [
            (&br#"{"a":"\ud83d"}"#[..], r#"{"a":"\ufffd"}"#),
            (br#""\ud83d\ud83d\ude00\ude00x""#, r#""\ufffd\ud83d\ude00\ufffdx""#),
            (
                br#""\uD83D\uDE00 \ud83d\n \ud83d\\ude00""#,
                r#""\uD83D\uDE00 \ufffd\n \ufffd\\ude00""#,
            ),
            (br#""\\ud83d \\\ud83d \\\\ud83d""#, r#""\\ud83d \\\ufffd \\\\ud83d""#),
            (br#""\u3042\"\u+123\u12g""#, r#""\u3042\"\u+123\u12g""#),
            (b"\"\xff\xfe\xe4\xbc\x9a\xe4\xbc\"", "\"\u{fffd}\u{fffd}会\u{fffd}\""),
            (b"\"\xe4\xbc\\n\xf0\x9f\x98\\\xff\"", "\"\u{fffd}\\n\u{fffd}\\\u{fffd}\""),
        ] {
            let input = [input, b"\n"].concat();
            for size in [1, 2, 3, 5, 99] {
                let out = read(&input, size).await;
                assert_eq!(String::from_utf8_lossy(&out), format!("{expected}\n"), "{size}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_message_that_can_be_read_stays_as_it_is(text: String, size in 1_usize..9) {
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let message = format!("{}\"{escaped}\"\n", serde_json::json!([text]));
            let out = futures::executor::block_on(read(message.as_bytes(), size));
            prop_assert_eq!(String::from_utf8(out).unwrap(), message);
        }

        #[test]
        fn any_text_becomes_utf8_however_it_arrives(mut bytes: Vec<u8>, size in 1_usize..9) {
            bytes.extend(b"\"\n");
            let whole = futures::executor::block_on(read(&bytes, bytes.len()));
            let pieces = futures::executor::block_on(read(&bytes, size));
            prop_assert!(whole == pieces && String::from_utf8(whole).is_ok());
        }
    }
}
