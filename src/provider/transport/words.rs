//! What a server says is wrong, in any of the shapes that servers have.

use serde_json::Value;

/// A server's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct Complaint {
    /// The sentence.
    pub(in crate::provider) message: String,
    /// A code that is a number (OpenRouter, vLLM, llama.cpp).
    pub(in crate::provider) number: Option<u16>,
    /// Codes and types that are words: `insufficient_quota`.
    pub(in crate::provider) codes: Vec<String>,
}

/// Reads the body of a refusal: JSON of any shape, a web page, or plain text.
pub(in crate::provider) fn complaint(body: &str) -> Complaint {
    match serde_json::from_str::<Value>(body) {
        Ok(value) => from_json(&value),
        Err(_) if body.trim_start().starts_with('<') => plain(&without_tags(body)),
        Err(_) => plain(body),
    }
}

/// A complaint that came as an event of a stream and is not named as one: an event that holds
/// neither an answer nor usage, and has a member that only complaints have.
pub(in crate::provider) fn unasked(event: &str) -> Option<Complaint> {
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
    is_one.then(|| from_json(&Value::Object(fields)))
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

fn plain(message: &str) -> Complaint {
    Complaint { message: message.trim().to_owned(), ..Complaint::default() }
}

fn from_json(value: &Value) -> Complaint {
    match value {
        Value::String(text) => plain(text),
        // Gemini wraps it in an array.
        Value::Array(items) => items.first().map(from_json).unwrap_or_default(),
        Value::Object(fields) => {
            let inner = ["error", "detail", "errors"].iter().find_map(|key| fields.get(*key));
            let mut complaint = match inner {
                Some(inner) if !inner.is_null() => from_json(inner),
                _ => Complaint::default(),
            };
            if complaint.message.is_empty() {
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
                let text = keys.iter().find_map(|key| fields.get(*key)?.as_str());
                complaint.message = text.map_or_else(|| value.to_string(), str::to_owned);
            }
            for key in ["code", "error_code", "type", "error_type", "status"] {
                match fields.get(key) {
                    Some(Value::String(word)) => match word.parse() {
                        Ok(number) => complaint.number = Some(number),
                        Err(_) => complaint.codes.push(word.clone()),
                    },
                    Some(Value::Number(n)) => {
                        complaint.number = n.as_u64().and_then(|n| u16::try_from(n).ok());
                    }
                    _ => {}
                }
            }
            complaint
        }
        other => plain(&other.to_string()),
    }
}

/// The text of a web page, roughly: its title where it has one.
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

#[cfg(test)]
mod tests {
    use super::*;

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
            let got = complaint(body);
            let codes_got = got.codes.join(" ");
            assert_eq!(
                (got.message.trim(), got.number, codes_got.as_str()),
                (message, number, codes),
                "{body}"
            );
        }
    }
}
