//! Reads the bytes of a response: detects what they hold, whatever the headers say; bounds every
//! wait and every size; and decodes them into valid UTF-8.

use super::call::Call;
use crate::event::FailureKind;
use crate::provider::Cause;
use crate::provider::transport::fault;
use bytes::Bytes;
use futures::stream::{self, Stream};
use parking_lot::Mutex;
use reqwest::Response;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Maximum number of characters quoted from a body of an unexpected kind.
pub(crate) const SAMPLE: usize = 200;

/// A response body that is being read.
pub(crate) struct ResponseBody {
    response: Response,
    call: Arc<Call>,
    /// Bytes that were read ahead to detect what the body holds.
    start: Vec<u8>,
    sample: Sample,
}

/// The start of a response body, kept to be quoted in an error message.
#[derive(Clone, Default)]
pub(crate) struct Sample(Arc<Mutex<Vec<u8>>>);

impl Sample {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock();
        String::from_utf8_lossy(&bytes).chars().take(SAMPLE).collect()
    }

    fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock();
        let room = (4 * SAMPLE).saturating_sub(kept.len());
        kept.extend(bytes.iter().take(room));
    }
}

impl ResponseBody {
    pub(crate) fn new(response: Response, call: Arc<Call>) -> Self {
        Self { response, call, start: vec![], sample: Sample::default() }
    }

    pub(crate) fn sample(&self) -> Sample {
        self.sample.clone()
    }

    /// Returns the content type that the server declares, without parameters.
    pub(crate) fn content_type(&self) -> String {
        let value = self.response.headers().get(http::header::CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.call.quoted(value.split(';').next().unwrap_or_default())
    }

    /// Reads ahead until `detect` returns a value for the start of the body, and returns that value.
    /// Returns `None` if the body ends first, or if 4 KiB are not enough.
    pub(crate) async fn peek<T>(&mut self, detect: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        const ENOUGH: usize = 4096;
        loop {
            let found = detect(&self.start);
            if found.is_some() || self.start.len() > ENOUGH {
                return found;
            }
            let bytes = self.read().await?;
            self.start.extend_from_slice(&bytes);
        }
    }

    /// Reads the whole body. If reading fails or the body is too large, records a failure in the
    /// [`Call`] and returns `None`.
    pub(crate) async fn read_all(mut self) -> Option<Vec<u8>> {
        while let Some(bytes) = self.read().await {
            self.start.extend_from_slice(&bytes);
        }
        let failed = self.call.state.lock().failure.is_some();
        (!failed).then_some(self.start)
    }

    /// Returns the body as valid UTF-8, followed by a blank line that terminates the last event.
    pub(crate) fn into_text(mut self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        let start = Bytes::from(std::mem::take(&mut self.start));
        let first = (!start.is_empty()).then_some(start);
        stream::unfold(
            // Boxed, since it is moved with each item.
            (Some(Box::new(self)), first, Utf8Decoder::default()),
            |(source, first, mut utf8)| async move {
                let mut source = source?;
                let piece = match first {
                    Some(first) => Some(first),
                    None => source.read().await,
                };
                match piece {
                    Some(piece) => Some((Ok(utf8.push(piece)), (Some(source), None, utf8))),
                    None => {
                        source.call.state.lock().ended = true;
                        let end = format!("{}\n\n", utf8.finish());
                        Some((Ok(end.into()), (None, None, utf8)))
                    }
                }
            },
        )
    }

    /// Reads the next bytes. Returns `None` at the end of the body, or after recording a failure in
    /// the call.
    async fn read(&mut self) -> Option<Bytes> {
        let limits = self.call.limits;
        let (start, mut wait) = (Instant::now(), limits.idle);
        let mut next = timeout_at(start + wait, self.response.chunk()).await.ok();
        // Some servers send an empty first event at once and then stay silent for a long time,
        // because the model is reasoning or because they are answering another request of ours.
        if next.is_none() && !self.call.state.lock().speaking {
            wait = wait.max(limits.first_byte);
            next = self.call.wait(start + wait, wait, self.response.chunk()).await;
        }
        match next {
            Some(Ok(Some(bytes))) => {
                self.sample.add(&bytes);
                let mut state = self.call.state.lock();
                state.bytes += bytes.len();
                if state.bytes <= limits.event_bytes {
                    return Some(bytes);
                }
                drop(state);
                let cause = Cause::EventTooLong(limits.event_bytes);
                self.call.fail(self.call.error(FailureKind::BadResponse, cause, ""));
            }
            Some(Ok(None)) => {}
            Some(Err(cause)) => self.call.fail(fault(cause, &self.call.host, &self.call.redactor)),
            None => {
                let cause = Cause::Silence(wait);
                self.call.fail(self.call.error(FailureKind::Timeout, cause, ""));
            }
        }
        None
    }
}

/// The kind of content in the body of a successful response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// An event stream.
    Events,
    /// JSON: an answer from a server that does not stream, or an error in a response with a success
    /// status.
    Json,
    /// A web page: a captive portal, a proxy, or a wrong URL.
    Page,
}

/// Detects the kind of a body from its start and not from the headers, because servers mislabel all
/// three kinds. No line of an event stream begins like JSON or a web page. Returns `None` if more
/// bytes are needed.
pub(crate) fn kind(start: &[u8]) -> Option<BodyKind> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    let start = start.strip_prefix(BOM).unwrap_or(start);
    if BOM.starts_with(start) {
        return None;
    }
    match start.iter().find(|b| !b.is_ascii_whitespace())? {
        b'{' | b'[' => Some(BodyKind::Json),
        b'<' => Some(BodyKind::Page),
        _ => Some(BodyKind::Events),
    }
}

/// Returns the first token of a `Content-Encoding` that names a compression format (IANA's
/// registry). Other tokens (`identity`, `none`, `utf-8`) come from servers that do not compress.
pub(crate) fn coding(encoding: &str) -> Option<&str> {
    const CODINGS: [&str; 10] =
        ["gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz", "exi"];
    let is_one = |word: &&str| CODINGS.iter().any(|coding| word.eq_ignore_ascii_case(coding));
    encoding.split(',').map(str::trim).find(is_one)
}

/// Returns `Some(true)` if a body that is declared as compressed is actually uncompressed, judging
/// by its start: a proxy that decompresses a body may leave the header in place. Returns `None` if
/// more bytes are needed.
pub(crate) fn is_plain(start: &[u8]) -> Option<bool> {
    const STARTS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b": "];
    if start.len() < 6 {
        return None;
    }
    let json = matches!(start, [b'{' | b'[', rest @ ..] if rest.iter().all(u8::is_ascii));
    Some(json || STARTS.iter().any(|plain| start.starts_with(plain)))
}

/// Incremental UTF-8 decoder: joins characters that were split between chunks, and replaces invalid
/// bytes with U+FFFD, as the WHATWG decoder does.
#[derive(Default)]
pub(crate) struct Utf8Decoder {
    /// The start of a character whose other bytes have not arrived yet: at most three bytes.
    open: Vec<u8>,
}

impl Utf8Decoder {
    /// Decodes a chunk of UTF-8, holding back any incomplete character at its end.
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

    /// Ends decoding. Returns U+FFFD if the last character is incomplete, otherwise an empty
    /// string.
    pub(crate) fn finish(&mut self) -> &'static str {
        if std::mem::take(&mut self.open).is_empty() { "" } else { "\u{fffd}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn goes_by_the_start() {
        for (start, expected) in [
            ("data: {", Some(BodyKind::Events)),
            (": ping", Some(BodyKind::Events)),
            ("event: error", Some(BodyKind::Events)),
            ("\u{feff} \n{", Some(BodyKind::Json)),
            ("[", Some(BodyKind::Json)),
            ("<!DOCTYPE", Some(BodyKind::Page)),
            (" \r\n", None),
            ("", None),
        ] {
            assert_eq!(kind(start.as_bytes()), expected, "{start}");
        }
        assert_eq!(kind(b"\xef\xbb"), None);
    }

    #[test]
    fn only_what_compresses_is_a_coding() {
        for (encoding, found) in [
            ("gzip", Some("gzip")),
            ("identity, GZIP", Some("GZIP")),
            ("br", Some("br")),
            ("", None),
            ("none", None),
            ("identity", None),
            ("utf-8", None),
            ("chunked, binary", None),
        ] {
            assert_eq!(coding(encoding), found, "{encoding}");
        }
        assert_eq!(is_plain(b"data: {"), Some(true));
        assert_eq!(is_plain(br#"{"choices":[]}"#), Some(true));
        assert_eq!(is_plain(b"\x1f\x8b\x08\0\0\0"), Some(false));
        assert_eq!(is_plain(b"{\xff\xff\xff\xff\xff"), Some(false));
        assert_eq!(is_plain(b"dat"), None);
    }

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
        /// However the bytes are cut, the text is the same.
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
