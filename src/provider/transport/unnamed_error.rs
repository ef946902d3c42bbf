//! Parses errors in a stream that are sent neither as an `error` event nor in an `error` member.

use super::api_error::{ApiError, parse_error};
use serde_json::Value;

/// Parses an event as an error, if it has members that only errors have. To be called only if the
/// event has neither an answer nor usage.
pub(crate) fn parse_unnamed_error(event: &str) -> Option<ApiError> {
    let Value::Object(fields) = serde_json::from_str(event).ok()? else { return None };
    let says = |name: &str| fields.get(name).is_some_and(says_something);
    const NAMED: [&str; 9] = [
        "errors",
        "error_code",
        "error_msg",
        "error_message",
        "error_type",
        "err_code",
        "err_msg",
        "errcode",
        "errmsg",
    ];
    let words = || ["message", "msg", "detail"].into_iter().any(says);
    let code = || {
        let code = fields.get("code").or(fields.get("status_code"));
        code.is_some_and(|code| says_something(code) && !is_success(code))
    };
    let typed = || fields.get("type").and_then(Value::as_str).is_some_and(|t| t.contains("error"));
    let is_one = NAMED.into_iter().any(says) || (words() && (code() || typed() || says("detail")));
    is_one.then(|| parse_error(event))
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty() && text != "0",
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) => true,
    }
}

fn is_success(code: &Value) -> bool {
    let word = code.as_str().map_or_else(|| code.to_string(), str::to_ascii_lowercase);
    ["200", "ok", "success"].contains(&word.as_str())
}
