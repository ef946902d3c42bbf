//! Parses the body of a frame as a JSON-RPC message.

use super::repair;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

/// Size in bytes above which a body is examined before it is parsed: a `Value` takes about 40
/// bytes, and an object hundreds, however short its JSON.
const LARGE: usize = 1 << 20;
/// Maximum number of values in a large body.
const VALUES_MAX: usize = 200_000;
/// Methods whose parameters are deserialized directly from the text, since documents and the number
/// of changes are unbounded. Their handlers take [`Unparsed`].
///
/// [`Unparsed`]: crate::lsp::params::Unparsed
const FROM_TEXT: [&str; 3] =
    ["textDocument/didOpen", "textDocument/didChange", "textDocument/codeAction"];

/// A message, parsed from a frame's body.
#[derive(Debug)]
pub(crate) enum Message {
    /// A request or notification from the client.
    Request(Request),
    /// The client's response to a request of the server.
    Response(Response),
    /// An invalid message, with the error response to send.
    Unreadable(Response),
}

/// Parses a frame's body as a message.
///
/// Invalid JSON is answered with -32700, any other value that is not a message with -32600
/// (JSON-RPC 2.0, section 5.1; LSP has no batches). The error response has the request's ID if the
/// ID can be read.
pub(crate) fn read(body: &[u8]) -> Message {
    if body.len() > LARGE
        && let Some(message) = read_large(body)
    {
        return message;
    }
    match parse(body) {
        Some(Value::Object(members)) => classify(members),
        Some(_) => Message::Unreadable(Response::from_error(Id::Null, Error::invalid_request())),
        None => Message::Unreadable(Response::from_error(Id::Null, Error::parse_error())),
    }
}

/// The members of a message, with unparsed values.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// Reads a large body using memory of a small multiple of its size: the parameters of the
/// [`FROM_TEXT`] methods stay text, and a body with too many values is rejected. Returns `None` if
/// the body can be parsed like a small one.
fn read_large(body: &[u8]) -> Option<Message> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    let id = envelope.id.and_then(|id| serde_json::from_str::<Id>(id.get()).ok());
    let method = envelope.method.as_deref().unwrap_or_default();
    if FROM_TEXT.contains(&method)
        && envelope.jsonrpc == "2.0"
        && let Some(params) = envelope.params
    {
        let mut params = params.get().as_bytes().to_vec();
        repair::lone_surrogates(&mut params);
        let params = String::from_utf8(params).ok()?;
        let request = Request::build(method.to_owned()).params(params);
        let request = id.into_iter().fold(request, |request, id| request.id(id));
        return Some(Message::Request(request.finish()));
    }
    if values(body) <= VALUES_MAX {
        return None;
    }
    tracing::warn!(bytes = body.len(), "a message with too many values was refused");
    Some(match (envelope.method, id) {
        // A response: the request that waits for it must not wait forever.
        (None, Some(id)) => Message::Response(Response::from_error(id, Error::internal_error())),
        (_, id) => Message::Unreadable(Response::from_error(
            id.unwrap_or_default(),
            Error::invalid_request(),
        )),
    })
}

/// Estimates the number of values in a body by counting commas, arrays and objects.
fn values(json: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b',' | b'[' | b'{' if !in_text => count += 1,
            _ => {}
        }
    }
    count
}

fn parse(body: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let mut repaired = body.to_vec();
    if repair::lone_surrogates(&mut repaired) == 0 {
        return None;
    }
    tracing::warn!("a message held half a character; it was replaced");
    serde_json::from_slice(&repaired).ok()
}

fn classify(members: Map<String, Value>) -> Message {
    let id = members.get("id").and_then(|id| serde_json::from_value::<Id>(id.clone()).ok());
    if members.contains_key("method") {
        return match serde_json::from_value(Value::Object(members)) {
            Ok(request) => Message::Request(request),
            Err(_) => {
                let id = id.unwrap_or_default();
                Message::Unreadable(Response::from_error(id, Error::invalid_request()))
            }
        };
    }
    let is_answer = members.contains_key("result") || members.contains_key("error");
    match id {
        // An invalid response still ends the request that waits for it.
        Some(id) if is_answer => Message::Response(
            serde_json::from_value(Value::Object(members))
                .unwrap_or_else(|_| Response::from_error(id, Error::internal_error())),
        ),
        _ => Message::Unreadable(Response::from_error(
            id.unwrap_or_default(),
            Error::invalid_request(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &[u8], want: &str) {
        let got = match read(body) {
            Message::Request(request) => format!("request {request}"),
            Message::Response(response) => {
                format!("response {}", serde_json::to_string(&response).unwrap())
            }
            Message::Unreadable(response) => {
                format!("{} for {}", response.error().unwrap().code, response.id())
            }
        };
        assert_eq!(got, want, "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn messages_are_told_apart() {
        check(
            br#"{"jsonrpc":"2.0","method":"a","id":"x"}"#,
            r#"request {"jsonrpc":"2.0","method":"a","id":"x"}"#,
        );
        check(br#"{"jsonrpc":"2.0","method":"b"}"#, r#"request {"jsonrpc":"2.0","method":"b"}"#);
        check(
            br#"{"jsonrpc":"2.0","id":4,"result":null}"#,
            r#"response {"jsonrpc":"2.0","result":null,"id":4}"#,
        );
        check(
            br#"{"id":4,"error":{"odd":true}}"#,
            r#"response {"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":4}"#,
        );
    }

    #[test]
    fn invalid_messages_get_an_error_response() {
        check(b"{\"jsonrpc\":\"2.0\",\"met", "-32700 for null");
        check(b"", "-32700 for null");
        check(b"{\"method\":\"\xff\xfe\"}", "-32700 for null");
        check("[".repeat(100_000).as_bytes(), "-32700 for null");
        check(br#"[{"jsonrpc":"2.0","method":"a","id":1}]"#, "-32600 for null");
        check(b"7", "-32600 for null");
        check(b"null", "-32600 for null");
        check(br#"{"jsonrpc":"2.0","id":5}"#, "-32600 for 5");
        check(br#"{"jsonrpc":"1.0","id":6,"method":"a"}"#, "-32600 for 6");
        check(br#"{"jsonrpc":"2.0","id":[],"method":"a"}"#, "-32600 for null");
    }

    #[test]
    fn a_large_message_is_read_from_its_text_or_bounded() {
        let padding = "x".repeat(LARGE);
        let text = format!(r#"{{"text":"{padding}\ud83d"}}"#);
        let Message::Request(request) = read(
            format!(
                r#"{{"jsonrpc":"2.0","id":7,"method":"textDocument/didOpen","params":{text}}}"#
            )
            .as_bytes(),
        ) else {
            panic!("no request")
        };
        assert_eq!(request.id(), Some(&Id::Number(7)));
        let params = request.params().and_then(Value::as_str).unwrap();
        assert!(params.starts_with(r#"{"text":"xx"#) && params.ends_with(r#"x\ufffd"}"#));
        // A body with few values is parsed as usual; one with many is rejected with its ID.
        let few = format!(r#"{{"jsonrpc":"2.0","id":8,"method":"m","params":{text}}}"#);
        assert!(
            matches!(read(few.as_bytes()), Message::Request(r) if r.params().unwrap().is_object())
        );
        let many = "1,".repeat(LARGE);
        for body in [
            format!(r#"{{"jsonrpc":"2.0","id":9,"method":"m","params":[{many}1]}}"#),
            format!(r#"{{"jsonrpc":"2.0","id":9,"result":[{many}1]}}"#),
        ] {
            let id = match read(body.as_bytes()) {
                Message::Unreadable(response) | Message::Response(response) => {
                    response.id().clone()
                }
                Message::Request(_) => panic!("a request"),
            };
            assert_eq!(id, Id::Number(9));
        }
        assert_eq!(values(br#"[1, "a,[{\",", {"b": [2]}]"#), 5);
    }

    #[test]
    fn a_lone_surrogate_does_not_lose_the_message() {
        check(
            br#"{"jsonrpc":"2.0","method":"a","params":{"text":"x\ud83dy"}}"#,
            "request {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"text\":\"x\u{fffd}y\"}}",
        );
    }
}
