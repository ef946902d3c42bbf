//! Splits the body of a response into events of one JSON object each, whatever the server sent.
//! async-openai's own reader panics on a byte order mark, loses events that end in a lone CR or
//! without a blank line, and takes quadratic time for a line that arrives in pieces.

use super::call::Call;
use super::response_body::{BodyKind, ResponseBody, SAMPLE, Sample};
use crate::event::FailureKind;
use crate::provider::Cause;
use crate::provider::transport::parse_error;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use sse_stream::{Sse, SseByteStream};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::time::timeout;

/// The data of one event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EventData {
    /// Text that begins like a JSON object; whether it is one is checked when it is parsed.
    Json(String),
    /// Anything else.
    Unreadable,
}

/// A piece of an event, as it came.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Data(EventData),
    /// `[DONE]`.
    Done,
}

/// Returns the events in a response body, without its `[DONE]`.
pub(crate) fn events(
    source: ResponseBody,
    kind: BodyKind,
    call: Arc<Call>,
) -> BoxStream<'static, EventData> {
    match kind {
        BodyKind::Events => reading(source, call).boxed(),
        BodyKind::Json | BodyKind::Page => {
            stream::once(whole(source, kind, call)).flat_map(stream::iter).boxed()
        }
    }
}

struct Reader<S> {
    events: S,
    call: Arc<Call>,
    content_type: String,
    ready: VecDeque<EventData>,
    ended: bool,
}

fn reading(source: ResponseBody, call: Arc<Call>) -> impl Stream<Item = EventData> {
    let sample = source.sample();
    let content_type = source.content_type();
    let events = SseByteStream::new(source.into_text()).boxed();
    let reader = Reader { events, call, content_type, ready: VecDeque::new(), ended: false };
    // Boxed, since it is moved with each item.
    stream::unfold(Box::new((reader, sample)), |mut state| async move {
        let (reader, sample) = &mut *state;
        let data = reader.next(sample).await?;
        Some((data, state))
    })
}

impl<S: Stream<Item = Result<Sse, sse_stream::Error>> + Unpin> Reader<S> {
    async fn next(&mut self, sample: &Sample) -> Option<EventData> {
        loop {
            if let Some(data) = self.ready.pop_front() {
                return Some(data);
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
                let mut state = self.call.state.lock();
                if !state.began && state.failure.is_none() {
                    state.failure = Some(self.call.error(FailureKind::BadResponse, cause, &text));
                }
                continue;
            };
            self.take(event);
            if self.ended {
                // Reads the body to its end, so that the connection can be reused.
                let rest = self.events.by_ref().for_each(|_| std::future::ready(()));
                timeout(self.call.limits.drain, rest).await.ok();
            }
        }
    }

    fn take(&mut self, event: Sse) {
        let mut state = self.call.state.lock();
        state.bytes = 0;
        each(event, |piece| {
            state.began = true;
            match piece {
                _ if self.ended => {}
                Piece::Data(data) => self.ready.push_back(data),
                Piece::Done => {
                    state.done = true;
                    self.ended = true;
                }
            }
        });
    }
}

/// Reads a body that is not a stream. A whole answer or an error becomes one event; any other body
/// is recorded as a failure.
async fn whole(source: ResponseBody, kind: BodyKind, call: Arc<Call>) -> Vec<EventData> {
    let content_type = source.content_type();
    let Some(body) = source.read_all().await else { return vec![] };
    let text = String::from_utf8_lossy(&body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let known = is_object(text)
        && serde_json::from_str::<AnswerOrErrorMembers>(text)
            .is_ok_and(|k| k.choices.is_some() || k.error.is_some());
    if known {
        call.state.lock().done = true;
        return vec![EventData::Json(text.to_owned())];
    }
    let said = parse_error(text).message;
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(SAMPLE).collect();
    let cause = match kind {
        BodyKind::Page => Cause::Page(content_type),
        BodyKind::Events | BodyKind::Json => Cause::NotAStream(content_type),
    };
    call.fail(call.error(FailureKind::BadResponse, cause, &said));
    vec![]
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct AnswerOrErrorMembers {
    choices: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

/// Splits an event into pieces.
fn each(event: Sse, mut take: impl FnMut(Piece)) {
    let name = event.event.unwrap_or_default();
    let whole = event.data.unwrap_or_default();
    let data = whole.trim();
    match (name.as_str(), data) {
        (_, "") => {}
        (_, "[DONE]") => take(Piece::Done),
        ("error", _) => take(json(error_event(data))),
        ("ping" | "keepalive" | "keep-alive" | "heartbeat", _) => {}
        // The usual event, passed on unchanged.
        ("", _) if whole.starts_with('{') && !data.contains('\n') => take(json(whole)),
        _ if is_object(data) => take(json(data.to_owned())),
        _ if data.starts_with('[') => match serde_json::from_str::<Vec<&RawValue>>(data) {
            Ok(items) => items.iter().map(|item| piece(item.get())).for_each(take),
            Err(_) => take(Piece::Data(EventData::Unreadable)),
        },
        // The server ended its events with one line terminator instead of two.
        _ => data.lines().filter(|line| !line.trim().is_empty()).map(piece).for_each(take),
    }
}

fn piece(text: &str) -> Piece {
    match text.trim() {
        "[DONE]" => Piece::Done,
        text if text.starts_with('{') => json(text.to_owned()),
        _ => Piece::Data(EventData::Unreadable),
    }
}

fn json(text: String) -> Piece {
    Piece::Data(EventData::Json(text))
}

/// Returns `true` if the text is one valid JSON object, not several on separate lines.
fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Wraps the data of an `event: error` in an object with an `error` member.
fn error_event(data: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(data).is_ok() {
        return format!(r#"{{"error":{data}}}"#);
    }
    serde_json::json!({ "error": data }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, data: &str) -> String {
        let mut pieces = Vec::new();
        each(Sse::default().event(name).data(data), |piece| pieces.push(piece));
        let show = |piece: &Piece| match piece {
            Piece::Data(EventData::Json(json)) => json.clone(),
            Piece::Data(other) => format!("{other:?}"),
            Piece::Done => "Done".to_owned(),
        };
        pieces.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn takes_events_apart() {
        for (name, data, pieces) in [
            ("", r#"{"a":1}"#, r#"{"a":1}"#),
            ("", "{\n\"a\":\n\n1}", "{\n\"a\":\n\n1}"),
            ("", "", ""),
            ("", " ", ""),
            ("", "[DONE]", "Done"),
            ("", "[DONE] ", "Done"),
            ("", "[DONE]x", "Unreadable"),
            ("", "{\"a\":", "{\"a\":"),
            ("", "hello", "Unreadable"),
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
