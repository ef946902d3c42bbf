//! A frame's body as a JSON-RPC message.

use super::repair;
use serde_json::{Map, Value};
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

/// What a body holds.
#[derive(Debug)]
pub(super) enum Message {
    /// A request or a notification of the client.
    Request(Request),
    /// The client's answer to a request of ours.
    Response(Response),
    /// Neither. It is answered so.
    Unreadable(Response),
}

/// Reads a body.
///
/// What is no JSON gets -32700, what is JSON but no message gets -32600 (JSON-RPC 2.0, section 5.1;
/// LSP has no batches). The answer names the request where it can be seen which one it was.
pub(super) fn read(body: &[u8]) -> Message {
    match parse(body) {
        Some(Value::Object(members)) => classify(members),
        Some(_) => Message::Unreadable(Response::from_error(Id::Null, Error::invalid_request())),
        None => Message::Unreadable(Response::from_error(Id::Null, Error::parse_error())),
    }
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
        // An answer that cannot be read is an answer still: its waiter must not wait on.
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
    fn what_is_no_message_is_answered() {
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
    fn half_a_character_does_not_cost_the_message() {
        check(
            br#"{"jsonrpc":"2.0","method":"a","params":{"text":"x\ud83dy"}}"#,
            "request {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"text\":\"x\u{fffd}y\"}}",
        );
    }
}
