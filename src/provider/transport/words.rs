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
                let keys = ["message", "msg", "error_description", "title"];
                let text = keys.iter().find_map(|key| fields.get(*key)?.as_str());
                complaint.message = text.map_or_else(|| value.to_string(), str::to_owned);
            }
            for key in ["code", "type", "status"] {
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
