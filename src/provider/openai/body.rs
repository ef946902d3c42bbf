//! The body of a response as clean events: one line of JSON each, whole, in one piece, whatever
//! the server sent. The crate's own reader panics on a byte order mark, loses events that end in a
//! lone CR or in no blank line, and takes time that grows with the square of a split line.

use super::call::Call;
use super::sniff::Kind;
use super::source::{SAMPLE, Sample, Source};
use crate::event::FailureKind;
use crate::provider::Cause;
use crate::provider::transport::complaint;
use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use sse_stream::{Sse, SseByteStream};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::timeout;

/// Stands where an event was that could not be read, so that the reader sees the place.
const HOLE: &str = r#"{"kaizodo.hole":true}"#;

/// One event as it is handed on.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Json(String),
    Done,
    /// Data that is neither.
    Hole,
}

/// The events of a body of this kind.
pub(super) fn events(
    source: Source,
    kind: Kind,
    call: Arc<Call>,
) -> BoxStream<'static, Result<Bytes, Infallible>> {
    match kind {
        Kind::Events => reading(source, call).boxed(),
        Kind::Json | Kind::Page => {
            stream::once(whole(source, kind, call)).flat_map(stream::iter).boxed()
        }
    }
}

struct Reader<S> {
    events: S,
    call: Arc<Call>,
    content_type: String,
    ready: VecDeque<String>,
    ended: bool,
}

fn reading(source: Source, call: Arc<Call>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let sample = source.sample();
    let content_type = source.content_type();
    let events = SseByteStream::new(source.into_text()).boxed();
    let reader = Reader { events, call, content_type, ready: VecDeque::new(), ended: false };
    stream::unfold((reader, sample), |(mut reader, sample)| async move {
        let json = reader.next(&sample).await?;
        reader.call.take_room().await;
        Some((Ok(framed(&json)), (reader, sample)))
    })
}

impl<S: Stream<Item = Result<Sse, sse_stream::Error>> + Unpin> Reader<S> {
    async fn next(&mut self, sample: &Sample) -> Option<String> {
        loop {
            if let Some(json) = self.ready.pop_front() {
                return Some(json);
            }
            if self.ended {
                return None;
            }
            let Some(Ok(event)) = self.events.next().await else {
                self.ended = true;
                let text = sample.text();
                let cause = match text.trim() {
                    "" => Cause::Empty,
                    _ => Cause::NotAStream(self.content_type.clone()),
                };
                let mut state = self.call.state();
                if !state.began && state.failure.is_none() {
                    state.failure = Some(self.call.error(FailureKind::BadResponse, cause, &text));
                }
                continue;
            };
            self.call.state().bytes = 0;
            for piece in pieces(event) {
                let mut state = self.call.state();
                state.began = true;
                match piece {
                    Piece::Json(json) => self.ready.push_back(json),
                    // Half an event at the end is no hole: the answer broke off there.
                    Piece::Hole if state.ended => {}
                    Piece::Hole => self.ready.push_back(HOLE.to_owned()),
                    Piece::Done => {
                        state.done = true;
                        self.ended = true;
                        break;
                    }
                }
            }
            if self.ended {
                // Read to the body's end, so that the connection can be used again.
                let rest = self.events.by_ref().for_each(|_| std::future::ready(()));
                timeout(self.call.limits.drain, rest).await.ok();
            }
        }
    }
}

/// A body that is not a stream: a whole answer or an error, as one event.
async fn whole(source: Source, kind: Kind, call: Arc<Call>) -> Vec<Result<Bytes, Infallible>> {
    let content_type = source.content_type();
    let Some(body) = source.read_all().await else { return vec![] };
    let text = String::from_utf8_lossy(&body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let known = is_object(text)
        && serde_json::from_str::<Known>(text)
            .is_ok_and(|k| k.choices.is_some() || k.error.is_some());
    if known {
        call.state().done = true;
        call.take_room().await;
        return vec![Ok(framed(&on_one_line(text)))];
    }
    let said = complaint(text).message;
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(SAMPLE).collect();
    let cause = match kind {
        Kind::Page => Cause::Page(content_type),
        Kind::Events | Kind::Json => Cause::NotAStream(content_type),
    };
    call.fail(call.error(FailureKind::BadResponse, cause, &said));
    vec![]
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Known {
    choices: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

fn framed(json: &str) -> Bytes {
    format!("data: {json}\n\n").into()
}

fn pieces(event: Sse) -> Vec<Piece> {
    let name = event.event.unwrap_or_default();
    let data = event.data.unwrap_or_default();
    let data = data.trim();
    match (name.as_str(), data) {
        (_, "") => vec![],
        (_, "[DONE]") => vec![Piece::Done],
        ("error", _) => vec![Piece::Json(error_event(data))],
        ("ping" | "keepalive" | "keep-alive" | "heartbeat", _) => vec![],
        _ if is_object(data) => vec![Piece::Json(on_one_line(data))],
        _ if data.starts_with('[') => match serde_json::from_str::<Vec<&RawValue>>(data) {
            Ok(items) => items.iter().map(|item| piece(item.get())).collect(),
            Err(_) => vec![Piece::Hole],
        },
        // A server that ends its events with one line end where two are due.
        _ => data.lines().filter(|line| !line.trim().is_empty()).map(piece).collect(),
    }
}

fn piece(text: &str) -> Piece {
    match text.trim() {
        "[DONE]" => Piece::Done,
        json if is_object(json) => Piece::Json(on_one_line(json)),
        _ => Piece::Hole,
    }
}

/// Whether it is sound JSON: then the crate, which logs what it cannot read, can read it.
fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Line ends in sound JSON stand between tokens only.
fn on_one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}

/// The data of an `event: error`, as an object that says so.
fn error_event(data: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(data).is_ok() {
        return format!(r#"{{"error":{}}}"#, on_one_line(data));
    }
    serde_json::json!({ "error": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, data: &str) -> String {
        let pieces = pieces(Sse::default().event(name).data(data));
        let show = |piece: &Piece| match piece {
            Piece::Json(json) => json.clone(),
            other => format!("{other:?}"),
        };
        pieces.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn takes_events_apart() {
        for (name, data, pieces) in [
            ("", r#"{"a":1}"#, r#"{"a":1}"#),
            ("", "{\n\"a\":\n\n1}", r#"{ "a":  1}"#),
            ("", "", ""),
            ("", " ", ""),
            ("", "[DONE]", "Done"),
            ("", "[DONE] ", "Done"),
            ("", "[DONE]x", "Hole"),
            ("", "{\"a\":", "Hole"),
            ("", "hello", "Hole"),
            ("", "{\"a\":1}\n{\"a\":2}\n[DONE]", r#"{"a":1} {"a":2} Done"#),
            ("", r#"[{"error":1}]"#, r#"{"error":1}"#),
            ("", r#"{"a":"\ud83d"}"#, r#"{"a":"\ud83d"}"#),
            ("ping", "x", ""),
            ("keepalive", "{}", ""),
            ("error", r#"{"message":"m"}"#, r#"{"error":{"message":"m"}}"#),
            ("error", "out of \"memory\"", r#"{"error":"out of \"memory\""}"#),
            ("message", r#"{"a":1}"#, r#"{"a":1}"#),
        ] {
            assert_eq!(read(name, data), pieces, "{name} {data}");
        }
    }
}
