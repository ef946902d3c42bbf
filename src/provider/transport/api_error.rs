//! Parses error messages of servers, in any of their formats.

use serde_json::{Map, Value};
use std::time::Duration;

/// Maximum nesting depth of an error: a gateway quotes a gateway that quotes a server.
const DEPTH: u8 = 6;

/// An error from a server's response, as far as it could be parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The error message.
    pub(crate) message: String,
    /// The error code, if it is a number (OpenRouter, vLLM, llama.cpp, Zhipu).
    pub(crate) number: Option<u16>,
    /// Error codes, types and reasons that are words, such as `insufficient_quota`.
    pub(crate) codes: Vec<String>,
    /// How long to wait before the next request, if the error says so (Gemini).
    pub(crate) retry_after: Option<Duration>,
    /// Whether the body was a web page. This suggests that it came from a firewall rather than from
    /// the API.
    pub(crate) page: bool,
}

/// Parses the body of an error response: JSON of any shape, a web page, or plain text.
pub(crate) fn parse_error(body: &str) -> ApiError {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => {
            let mut api_error = from_json(&value, DEPTH);
            if api_error.message.is_empty() {
                api_error.message = innermost(&value).to_string();
            }
            api_error
        }
        Err(_) if body.trim_start().starts_with('<') => {
            ApiError { page: true, ..plain(&without_tags(body)) }
        }
        Err(_) => plain(body),
    }
}

fn plain(message: &str) -> ApiError {
    ApiError { message: message.trim().to_owned(), ..ApiError::default() }
}

/// Returns the innermost value, following the members that contain an error and the first items of
/// arrays.
fn innermost(value: &Value) -> &Value {
    std::iter::successors(Some(value), |value| match value {
        Value::Object(fields) => inner(fields),
        Value::Array(items) => items.first(),
        _ => None,
    })
    .last()
    .unwrap_or(value)
}

fn inner(fields: &Map<String, Value>) -> Option<&Value> {
    let inner = ["error", "detail", "errors"].iter().find_map(|key| fields.get(*key));
    inner.filter(|inner| !inner.is_null())
}

/// Parses a JSON value as an error. The message is empty if none was found.
fn from_json(value: &Value, depth: u8) -> ApiError {
    let Some(depth) = depth.checked_sub(1) else { return ApiError::default() };
    match value {
        Value::String(text) => quoting(text, depth),
        // Gemini wraps the error in an array.
        Value::Array(items) => items.first().map(|item| from_json(item, depth)).unwrap_or_default(),
        Value::Object(fields) => from_object(fields, depth),
        other => plain(&other.to_string()),
    }
}

fn from_object(fields: &Map<String, Value>, depth: u8) -> ApiError {
    let mut api_error = inner(fields).map(|inner| from_json(inner, depth)).unwrap_or_default();
    if api_error.message.is_empty() {
        let keys = [
            "message",
            "msg",
            "error_description",
            "error_message",
            "error_msg",
            "errmsg",
            "err_msg",
            "title",
            "text",
        ];
        if let Some(text) = keys.iter().find_map(|key| fields.get(*key)?.as_str()) {
            api_error.absorb(quoting(text, depth));
        }
    }
    api_error.take_codes(fields);
    if let Some(Value::Object(metadata)) = fields.get("metadata") {
        api_error.take_upstream(metadata, depth);
    }
    // Azure.
    if let Some(Value::Object(inner)) = fields.get("innererror") {
        api_error.absorb(from_object(inner, depth));
    }
    // Google.
    if let Some(Value::Array(details)) = fields.get("details") {
        details.iter().for_each(|detail| api_error.take_details(detail));
    }
    api_error
}

impl ApiError {
    /// Returns `true` if the error has one of these codes, or its message contains one: gateways
    /// quote whole errors in their messages.
    pub(crate) fn says(&self, codes: &[&str]) -> bool {
        let is = |code: &&&str| self.codes.iter().any(|given| given.eq_ignore_ascii_case(code));
        codes.iter().any(|code| is(&code) || self.message.contains(code))
    }

    /// Adds the details of another description of the same error. The message, the number and the
    /// wait are kept if they are known already.
    fn absorb(&mut self, other: ApiError) {
        if self.message.is_empty() {
            self.message = other.message;
        }
        self.number = self.number.or(other.number);
        self.retry_after = self.retry_after.or(other.retry_after);
        self.codes.extend(other.codes);
    }

    fn take_codes(&mut self, fields: &Map<String, Value>) {
        for key in ["code", "error_code", "type", "error_type", "status", "reason"] {
            match fields.get(key) {
                Some(Value::String(word)) => match word.parse() {
                    Ok(number) => self.number = Some(number),
                    Err(_) => self.codes.push(word.clone()),
                },
                Some(Value::Number(n)) => {
                    self.number = n.as_u64().and_then(|n| u16::try_from(n).ok());
                }
                _ => {}
            }
        }
    }

    /// Takes the upstream error from OpenRouter's metadata. OpenRouter's own message only says that
    /// a provider returned an error; the metadata has the provider's name and its error, as text or
    /// as JSON.
    fn take_upstream(&mut self, metadata: &Map<String, Value>, depth: u8) {
        let raw = metadata.get("raw").map(|raw| from_json(raw, depth)).unwrap_or_default();
        if raw.message.is_empty() {
            return;
        }
        self.message = match metadata.get("provider_name").and_then(Value::as_str) {
            Some(name) => format!("{name}: {}", raw.message),
            None => raw.message.clone(),
        };
        self.absorb(raw);
    }

    /// Takes the reasons, the names of quotas and the wait from Google's details.
    fn take_details(&mut self, detail: &Value) {
        let delay = detail.get("retryDelay").and_then(Value::as_str);
        self.retry_after = self.retry_after.or(delay.and_then(duration));
        let violations = detail.get("violations").and_then(Value::as_array).into_iter().flatten();
        let quotas = violations.filter_map(|violation| violation.get("quotaId"));
        let words = detail.get("reason").into_iter().chain(quotas).filter_map(Value::as_str);
        self.codes.extend(words.map(str::to_owned));
    }
}

/// Parses a duration in the JSON of protocol buffers: decimal seconds, as in `39.5s`.
fn duration(text: &str) -> Option<Duration> {
    let seconds = decimal(text.strip_suffix('s')?)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Parses a message that may contain the JSON of another error, alone or after a gateway's own
/// words: `litellm.BadRequestError: OpenAIException - {"error":{"message":"no"}}`.
fn quoting(text: &str, depth: u8) -> ApiError {
    if text.starts_with('"')
        && let Ok(value @ Value::String(_)) = serde_json::from_str(text)
    {
        return from_json(&value, depth);
    }
    let json = text.find('{').and_then(|start| text.get(start..)).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => {
            let inner = from_json(&value, depth);
            if inner.message.is_empty() { plain(text) } else { inner }
        }
        _ => plain(text),
    }
}

/// Returns the title of a web page or, if it has none, its approximate text.
fn without_tags(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let end = lower.find("</title>")?;
        page.get(start + "<title>".len()..end)
    });
    if let Some(title) = title.filter(|t| !t.trim().is_empty()) {
        return title.to_owned();
    }
    let mut text = String::new();
    let mut inside = false;
    for c in page.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

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

/// Parses a plain decimal number: no `inf`, no `nan`, and no exponent.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, message: &str, number: Option<u16>, codes: &str) {
        let got = parse_error(body);
        assert_eq!(
            (got.message.trim(), got.number, &*got.codes.join(" ")),
            (message, number, codes),
            "{body}"
        );
    }

    #[test]
    fn reads_every_shape() {
        for (body, message, number, codes) in [
            (
                r#"{"error":{"message":"no","type":"invalid","code":"model_not_found"}}"#,
                "no",
                None,
                "model_not_found invalid",
            ),
            (r#"{"error":{"message":"no","code":401}}"#, "no", Some(401), ""),
            (r#"{"error":{"message":"no","code":"429"}}"#, "no", Some(429), ""),
            (
                r#"[{"error":{"message":"no","code":400,"status":"INVALID"}}]"#,
                "no",
                Some(400),
                "INVALID",
            ),
            (r#"{"detail":"Not Found"}"#, "Not Found", None, ""),
            (
                r#"{"detail":[{"msg":"field required","type":"missing"}]}"#,
                "field required",
                None,
                "missing",
            ),
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found", None, ""),
            (r#"{"message":"no","type":"t"}"#, "no", None, "t"),
            (r#"{"error":null,"message":"no"}"#, "no", None, ""),
            (r#"{"a":1}"#, r#"{"a":1}"#, None, ""),
            ("<html><head><TITLE>404 Not Found</TITLE></head>", "404 Not Found", None, ""),
            ("<p>no</p>", "no", None, ""),
            ("plain\n", "plain", None, ""),
            ("", "", None, ""),
        ] {
            check(body, message, number, codes);
        }
        assert!(parse_error(" <p>no</p>").page && !parse_error("no").page);
    }

    #[test]
    fn reads_what_gateways_quote() {
        for (body, message, number, codes) in [
            (
                r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"at most 1 image\",\"code\":\"bad_image\"}}","provider_name":"Crucible"}}}"#,
                "Crucible: at most 1 image",
                Some(400),
                "bad_image",
            ),
            (
                r#"{"message":"Provider returned error","code":429,"metadata":{"raw":"rate-limited upstream","provider_name":"BaseTen"}}"#,
                "BaseTen: rate-limited upstream",
                Some(429),
                "",
            ),
            (
                r#"{"error":{"message":"Error from provider: Provider returned error","metadata":{"raw":{"error":{"message":"no","code":404}},"provider_name":null}}}"#,
                "no",
                Some(404),
                "",
            ),
            (
                r#"{"error":{"message":"Provider returned error","metadata":{"raw":"\"{\\\"detail\\\":\\\"twice\\\"}\""}}}"#,
                "twice",
                None,
                "",
            ),
            (
                r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"","provider_name":"X"}}}"#,
                "Provider returned error",
                Some(502),
                "",
            ),
            (
                r#"{"error":{"message":"flagged","code":403,"metadata":{"flagged_input":"mine","provider_name":"X"}}}"#,
                "flagged",
                Some(403),
                "",
            ),
            (
                r#"{"error":{"message":"litellm.BadRequestError: OpenAIException - {\"error\":{\"message\":\"no\",\"code\":\"c\"}}. Received Model Group=m","type":null,"code":"400"}}"#,
                "no",
                Some(400),
                "c",
            ),
            (
                r#"{"error":{"message":"Error code: 400 - {'error': {'message': 'no'}}","code":"400"}}"#,
                "Error code: 400 - {'error': {'message': 'no'}}",
                Some(400),
                "",
            ),
            (
                r#"{"error":{"message":"{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"exhausted\"}}","code":429}}"#,
                "exhausted",
                Some(429),
                "",
            ),
            (r#"{"message":"not {\"a\":1} ours"}"#, r#"not {"a":1} ours"#, None, ""),
            (
                r#"{"error":{"message":"no","code":"content_filter","innererror":{"code":"Policy"}}}"#,
                "no",
                None,
                "content_filter Policy",
            ),
            (
                r#"{"error":{"code":429,"message":"no","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"PerDay"}]},{"reason":"R"},5]}}"#,
                "no",
                Some(429),
                "RESOURCE_EXHAUSTED PerDay R",
            ),
            (r#"{"error":{"a":1}}"#, r#"{"a":1}"#, None, ""),
            (r#"{"error":[]}"#, "[]", None, ""),
        ] {
            check(body, message, number, codes);
        }
    }

    #[test]
    fn reads_how_long_google_asks_to_wait() {
        for (delay, ms) in [
            (r#""39s""#, Some(39_000)),
            (r#""0.25s""#, Some(250)),
            (r#""39""#, None),
            (r#""-1s""#, None),
            (r#""infs""#, None),
            ("39", None),
        ] {
            let error = format!(
                r#"{{"error":{{"code":429,"message":"no","details":[{{"@type":"QuotaFailure"}},{{"retryDelay":{delay}}}]}}}}"#
            );
            let quoted = serde_json::json!({ "error": { "message": error } }).to_string();
            for body in [format!("[{error}]"), quoted, error] {
                let got = parse_error(&body).retry_after.map(|wait| wait.as_millis());
                assert_eq!(got, ms, "{body}");
            }
        }
    }

    #[test]
    fn ends_however_deep_it_is_wrapped() {
        let mut body = r#"{"message":"deep"}"#.to_owned();
        for _ in 0..12 {
            body = serde_json::json!({ "error": { "message": body } }).to_string();
        }
        assert!(!parse_error(&body).message.is_empty());
    }
}
