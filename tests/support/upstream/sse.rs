//! The bytes of an OpenAI event stream.

use super::Reply;
use serde_json::{Value, json};

/// The event that ends a stream.
pub(crate) const SSE_DONE: &str = "data: [DONE]\n\n";

/// Returns one event.
pub(crate) fn sse(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn choice(delta: &Value, finish: Option<&str>) -> String {
    sse(&json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    }))
}

/// Returns an event with a piece of the answer's text.
pub(crate) fn sse_text(text: &str) -> String {
    choice(&json!({ "content": text }), None)
}

/// Returns an event with a piece of reasoning.
pub(crate) fn sse_thinking(text: &str) -> String {
    choice(&json!({ "reasoning_content": text }), None)
}

/// Returns the event that says why the model stopped, such as `stop` or `length`.
pub(crate) fn sse_finish(reason: &str) -> String {
    choice(&json!({}), Some(reason))
}

/// Returns the event with the token usage.
pub(crate) fn sse_usage(prompt: u64, cached: u64, completion: u64) -> String {
    sse(&json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [],
        "usage": {
            "prompt_tokens": prompt, "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": cached },
        },
    }))
}

/// Returns a whole answer of a well-behaved server: the texts, `stop`, usage, `[DONE]`.
pub(crate) fn answer<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Reply {
    let texts = texts.into_iter().map(|text| sse_text(text.as_ref()));
    let tail = [sse_finish("stop"), sse_usage(10, 4, 3), SSE_DONE.to_owned()];
    Reply::stream(texts.chain(tail))
}
