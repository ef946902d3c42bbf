//! The JSON of a request, and how it bends to servers that do not take all of it.

use super::caching::{Caching, Marks};
use crate::perspective::Prompt;
use http::HeaderValue;
use serde::Serialize;
use std::borrow::Cow;

/// Which of the parameters that servers differ in are sent, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    stream_options: bool,
    max_completion_tokens: bool,
    temperature: bool,
    cache_key: bool,
    cache_mark: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            stream_options: true,
            max_completion_tokens: false,
            temperature: true,
            cache_key: true,
            cache_mark: true,
        }
    }
}

impl Shape {
    /// The shape to try next after a refusal that names one of the parameters. Each can be given
    /// up once, so that there is an end to it.
    pub(super) fn adapted(self, status: Option<u16>, body: &str, prompt: &Prompt) -> Option<Self> {
        if !matches!(status, Some(400 | 422)) {
            return None;
        }
        let says = |name: &&str| body.contains(*name);
        if self.stream_options && says(&"stream_options") {
            return Some(Self { stream_options: false, ..self });
        }
        if self.cache_mark && ["prompt_cache_breakpoint", "cache_control"].iter().any(says) {
            return Some(Self { cache_mark: false, ..self });
        }
        if self.cache_key && says(&"prompt_cache_key") {
            return Some(Self { cache_key: false, ..self });
        }
        if !self.max_completion_tokens && body.contains("max_completion_tokens") {
            return Some(Self { max_completion_tokens: true, ..self });
        }
        let sent = self.temperature && prompt.temperature.is_some();
        let refused = ["nsupported", "not support", "deprecated", "nly the default"];
        if sent && body.contains("temperature") && refused.iter().any(|word| body.contains(word)) {
            return Some(Self { temperature: false, ..self });
        }
        None
    }
}

impl Shape {
    /// What a question is called in this shape: the name of another body must be another.
    pub(super) fn name(self, prompt: &Prompt) -> Option<HeaderValue> {
        let given = [self.stream_options, self.max_completion_tokens, self.temperature];
        let shape: String = given.iter().map(|given| if *given { '1' } else { '0' }).collect();
        HeaderValue::try_from(format!("{}-{shape}", prompt.question.as_deref()?)).ok()
    }
}

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: [Message<'a>; 2],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<String>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

/// Plain text, which every server takes, unless a part of it must be marked.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts([Part<'a>; 2]),
}

#[derive(Serialize)]
struct Part<'a> {
    r#type: &'static str,
    text: Cow<'a, str>,
    #[serde(flatten)]
    marks: Marks,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Body<'a> {
    /// One system message and one user message: some chat templates take no more than that, and
    /// what all branches share must come first.
    pub(super) fn new(
        prompt: &'a Prompt,
        model: Option<&'a str>,
        shape: Shape,
        caching: Caching,
    ) -> Self {
        let part = |text, marks| Part { r#type: "text", text, marks };
        let user = match caching.mark.filter(|_| shape.cache_mark) {
            None => Content::Text(format!("{}\n\n{}", prompt.shared, prompt.instruction).into()),
            Some(mark) => Content::Parts([
                part((&*prompt.shared).into(), mark.into()),
                part(format!("\n\n{}", prompt.instruction).into(), Marks::default()),
            ]),
        };
        let (old, new) = match shape.max_completion_tokens {
            false => (Some(prompt.max_tokens), None),
            true => (None, Some(prompt.max_tokens)),
        };
        Self {
            model,
            messages: [
                Message { role: "system", content: Content::Text((&*prompt.system).into()) },
                Message { role: "user", content: user },
            ],
            stream: true,
            stream_options: shape.stream_options.then_some(StreamOptions { include_usage: true }),
            max_tokens: old,
            max_completion_tokens: new,
            temperature: prompt.temperature.filter(|_| shape.temperature),
            prompt_cache_key: caching.key.filter(|_| shape.cache_key),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::caching::Mark;
    use super::*;
    use crate::lang::Lang;

    pub(in crate::provider::openai) fn prompt(shared: &str) -> Prompt {
        Prompt {
            system: "system".into(),
            shared: shared.into(),
            instruction: "why?".into(),
            perspective: Default::default(),
            selection: Default::default(),
            lang: Lang::En,
            model: None,
            temperature: None,
            max_tokens: 9,
            question: None,
        }
    }

    fn json(shape: Shape, caching: &Caching) -> serde_json::Value {
        let prompt = prompt("text");
        serde_json::to_value(Body::new(&prompt, Some("m"), shape, caching.clone())).unwrap()
    }

    #[test]
    fn the_end_of_the_shared_part_is_marked_as_the_cloud_wants_it() {
        let shape = Shape::default();
        let said = |mark| Caching { key: Some("k".into()), mark: Some(mark) };
        let body = json(shape, &said(Mark::Breakpoint));
        assert_eq!(body["prompt_cache_key"], "k");
        let parts = serde_json::json!([
            {"type": "text", "text": "text", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "text", "text": "\n\nwhy?"},
        ]);
        assert_eq!(body["messages"][1]["content"], parts);
        let body = json(shape, &said(Mark::Control));
        let part = &body["messages"][1]["content"][0];
        assert_eq!(part["cache_control"], serde_json::json!({"type": "ephemeral"}));
        let body = json(shape, &Caching::default());
        assert_eq!(body["messages"][1]["content"], "text\n\nwhy?");
        assert!(body.get("prompt_cache_key").is_none());
    }

    #[test]
    fn what_a_server_does_not_take_is_given_up_once() {
        let (prompt, all) = (prompt("text"), Shape::default());
        let said = Caching { key: Some("k".into()), mark: Some(Mark::Breakpoint) };
        let adapted = |shape: Shape, body| shape.adapted(Some(400), body, &prompt);
        let unmarked = adapted(all, "Unknown parameter: 'prompt_cache_breakpoint'.").unwrap();
        let body = json(unmarked, &said);
        assert_eq!(body["messages"][1]["content"], "text\n\nwhy?");
        assert_eq!(body["prompt_cache_key"], "k");
        let plain = adapted(unmarked, "Unrecognized request argument: prompt_cache_key").unwrap();
        assert!(json(plain, &said).get("prompt_cache_key").is_none());
        assert_eq!(adapted(plain, "prompt_cache_key, prompt_cache_breakpoint"), None);
        assert_eq!(all.adapted(Some(500), "prompt_cache_key", &prompt), None);
    }
}
