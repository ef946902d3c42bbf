//! The JSON of a request, and how it bends to servers that do not take all of it.

use crate::perspective::Prompt;
use http::HeaderValue;
use serde::Serialize;

/// Which of the parameters that servers differ in are sent, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    stream_options: bool,
    max_completion_tokens: bool,
    temperature: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { stream_options: true, max_completion_tokens: false, temperature: true }
    }
}

impl Shape {
    /// The shape to try next after a refusal that names one of the parameters. Each can be given
    /// up once, so that there is an end to it.
    pub(super) fn adapted(self, status: Option<u16>, body: &str, prompt: &Prompt) -> Option<Self> {
        if !matches!(status, Some(400 | 422)) {
            return None;
        }
        if self.stream_options && body.contains("stream_options") {
            return Some(Self { stream_options: false, ..self });
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
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Body<'a> {
    /// One system message and one user message: some chat templates take no more than that, and
    /// what all branches share must come first.
    pub(super) fn new(prompt: &'a Prompt, model: Option<&'a str>, shape: Shape) -> Self {
        let user = format!("{}\n\n{}", prompt.shared, prompt.instruction);
        let (old, new) = match shape.max_completion_tokens {
            false => (Some(prompt.max_tokens), None),
            true => (None, Some(prompt.max_tokens)),
        };
        Self {
            model,
            messages: [
                Message { role: "system", content: (&*prompt.system).into() },
                Message { role: "user", content: user.into() },
            ],
            stream: true,
            stream_options: shape.stream_options.then_some(StreamOptions { include_usage: true }),
            max_tokens: old,
            max_completion_tokens: new,
            temperature: prompt.temperature.filter(|_| shape.temperature),
        }
    }
}
