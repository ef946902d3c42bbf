//! Builds the JSON of a request in the server's dialect.

use super::dialect::{
    CacheMark, CacheMarkMembers, Caching, Dialect, Feature, Limit, SentParameters, caching, limit,
    reasoning,
};
use crate::provider::{Endpoint, RequestNote};
use crate::request::{Prompt, Speaker};
use http::HeaderValue;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A prompt to be sent to one server and model, in one dialect.
pub(crate) struct ChatRequest<'a> {
    prompt: &'a Prompt,
    endpoint: &'a Endpoint,
    model: Option<&'a str>,
    dialect: Dialect,
}

impl<'a> ChatRequest<'a> {
    pub(crate) fn new(
        prompt: &'a Prompt,
        endpoint: &'a Endpoint,
        model: Option<&'a str>,
        dialect: Dialect,
    ) -> Self {
        Self { prompt, endpoint, model, dialect }
    }

    /// Returns the name and the value of the token limit.
    fn limit(&self) -> (Limit, u32) {
        let expected = || limit(&self.endpoint.host(), self.model.unwrap_or_default());
        let limit = self.dialect.limit().unwrap_or_else(expected);
        (limit, self.dialect.tokens(self.prompt.max_tokens, self.prompt.bytes()).0)
    }

    /// Returns `true` if the answer is requested as a stream.
    pub(crate) fn streams(&self) -> bool {
        self.dialect.takes(Feature::Stream)
    }

    /// Returns the question's parameters, which are needed to interpret a refusal.
    pub(crate) fn sent(&self) -> SentParameters {
        let (limit, tokens) = self.limit();
        SentParameters {
            dialect: self.dialect,
            limit,
            tokens,
            bytes: self.prompt.bytes(),
            estimate: self.prompt.tokens().try_into().unwrap_or(u32::MAX),
            temperature: self.prompt.temperature.is_some(),
            effort: self.prompt.effort.and_then(|wanted| self.dialect.effort(wanted)),
        }
    }

    /// Returns the note for the user that is shown before the request is sent.
    pub(crate) fn note_before(&self) -> Option<RequestNote> {
        (!self.streams()).then_some(RequestNote::NotStreamed)
    }

    /// Returns the notes for the user that are shown once the answer has begun.
    pub(crate) fn notes(&self) -> impl Iterator<Item = RequestNote> {
        let fewer = self.dialect.tokens(self.prompt.max_tokens, self.prompt.bytes()).1;
        let other = self.prompt.effort.and_then(|wanted| {
            let sent = self.dialect.effort(wanted);
            (sent != Some(wanted)).then_some(RequestNote::Effort { wanted, sent })
        });
        fewer.map(RequestNote::ReducedTokenLimit).into_iter().chain(other)
    }

    /// Returns the request's idempotency key; `None` if the prompt has none. Different bodies have
    /// different keys.
    pub(crate) fn name(&self) -> Option<HeaderValue> {
        let name = self.dialect.name(self.limit().1);
        HeaderValue::try_from(format!("{}-{name}", self.prompt.idempotency_key.as_deref()?)).ok()
    }

    /// Builds the request body, and merges the members from the user's settings into it.
    pub(crate) fn body(&self) -> Map<String, Value> {
        let caching = caching(&self.endpoint.host(), self.model.unwrap_or_default(), self.prompt);
        let body = Body::new(self, caching);
        // Serialization cannot fail, because a body consists only of text and numbers.
        let Ok(Value::Object(mut body)) = serde_json::to_value(&body) else { return Map::new() };
        self.endpoint.extra_body.merge_into(&mut body);
        if !self.streams() {
            body.remove("stream_options");
        }
        body
    }
}

/// JSON body of a chat completion request.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    messages: Vec<Message<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<String>,
    #[serde(flatten)]
    reasoning: Map<String, Value>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

/// Plain text, which every server accepts, or parts if one of them needs a cache mark.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<TextPart<'a>>),
}

#[derive(Serialize)]
struct TextPart<'a> {
    r#type: &'static str,
    text: Cow<'a, str>,
    #[serde(flatten)]
    marks: Option<CacheMarkMembers>,
}

impl<'a> TextPart<'a> {
    fn new(text: Cow<'a, str>, marks: Option<CacheMarkMembers>) -> Self {
        Self { r#type: "text", text, marks }
    }
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> Body<'a> {
    fn new(question: &ChatRequest<'a>, caching: Caching) -> Self {
        let ChatRequest { prompt, endpoint, model, dialect } = *question;
        let mark = caching.mark.filter(|_| dialect.takes(Feature::CacheMark));
        let (old, new) = match question.limit() {
            (Limit::MaxTokens, tokens) => (Some(tokens), None),
            (Limit::MaxCompletionTokens, tokens) => (None, Some(tokens)),
        };
        let reasoning = prompt.effort.and_then(|wanted| {
            let how = reasoning(&endpoint.host(), endpoint.serving.kind);
            let sent = dialect.effort(wanted)?;
            Some(how.members(wanted, sent, dialect.takes(Feature::TemplateSwitch)))
        });
        let temperature = prompt.temperature.filter(|_| dialect.takes(Feature::Temperature));
        let stream = dialect.takes(Feature::Stream);
        let options = stream && dialect.takes(Feature::StreamOptions);
        Self {
            model,
            messages: messages(prompt, dialect, mark),
            stream,
            stream_options: options.then_some(StreamOptions { include_usage: true }),
            max_tokens: old,
            max_completion_tokens: new,
            temperature: temperature.and_then(decimal),
            prompt_cache_key: caching.key.filter(|_| dialect.takes(Feature::CacheKey)),
            reasoning: reasoning.unwrap_or_default(),
        }
    }
}

/// Converts a prompt's turns to messages. Consecutive turns of one speaker become one message,
/// because some chat templates accept only one system message and one user message after it. If the
/// model has no role `system`, the system text is put in front of the user's. `mark` is set at the
/// end of the part that all branches share.
fn messages<'a>(prompt: &'a Prompt, dialect: Dialect, mark: Option<CacheMark>) -> Vec<Message<'a>> {
    let role_of = |speaker: Speaker| match speaker {
        Speaker::System if !dialect.takes(Feature::System) => Speaker::User.role(),
        speaker => speaker.role(),
    };
    let mut all: Vec<(&'static str, Vec<TextPart<'a>>)> = vec![];
    for (turn, number) in prompt.turns.iter().zip(1..).filter(|(turn, _)| !turn.text.is_empty()) {
        let (role, text) = (role_of(turn.speaker), &*turn.text);
        let marks = mark.filter(|_| number == prompt.shared).map(CacheMarkMembers::from);
        match all.last_mut().filter(|(last, _)| *last == role) {
            None => all.push((role, vec![TextPart::new(text.into(), marks)])),
            Some((_, parts)) => match parts.last_mut().filter(|part| part.marks.is_none()) {
                Some(part) => {
                    let before = part.text.to_mut();
                    before.push_str("\n\n");
                    before.push_str(text);
                    part.marks = marks;
                }
                None => parts.push(TextPart::new(format!("\n\n{text}").into(), marks)),
            },
        }
    }
    let message = |(role, parts): (_, Vec<TextPart<'a>>)| {
        let content = match <[TextPart<'a>; 1]>::try_from(parts) {
            Ok([TextPart { text, marks: None, .. }]) => Content::Text(text),
            Ok([part]) => Content::Parts(vec![part]),
            Err(parts) => Content::Parts(parts),
        };
        Message { role, content }
    };
    all.into_iter().map(message).collect()
}

/// Converts a number so that its digits stay as written: 0.2, not 0.200000003.
fn decimal(number: f32) -> Option<f64> {
    number.to_string().parse().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::perspective::Effort;
    use crate::provider::ExtraBody;
    use crate::request::{FIRST_SHARED, Turn};
    use serde_json::json;

    pub(crate) fn prompt(shared: &str) -> Prompt {
        Prompt {
            turns: Prompt::first("system", shared, "why?"),
            shared: FIRST_SHARED,
            max_tokens: 9,
            ..Prompt::default()
        }
    }

    fn endpoint(base: &str) -> Endpoint {
        Endpoint::new(base).unwrap()
    }

    /// Returns the body for a local server with these caching instructions.
    fn said(dialect: Dialect, caching: &Caching) -> Value {
        let (prompt, endpoint) = (prompt("text"), endpoint("http://127.0.0.1:9"));
        let question = ChatRequest::new(&prompt, &endpoint, Some("m"), dialect);
        serde_json::to_value(Body::new(&question, caching.clone())).unwrap()
    }

    #[test]
    fn the_end_of_the_shared_part_is_marked_as_the_cloud_wants_it() {
        let all = Dialect::default();
        let caching = |mark| Caching { key: Some("k".into()), mark: Some(mark) };
        let body = said(all, &caching(CacheMark::Breakpoint));
        assert_eq!(body["prompt_cache_key"], "k");
        let parts = json!([
            {"type": "text", "text": "text", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "text", "text": "\n\nwhy?"},
        ]);
        assert_eq!(body["messages"][1]["content"], parts);
        let body = said(all, &caching(CacheMark::Control));
        let part = &body["messages"][1]["content"][0];
        assert_eq!(part["cache_control"], json!({"type": "ephemeral"}));
        let body = said(all, &Caching::default());
        assert_eq!(body["messages"][1]["content"], "text\n\nwhy?");
        assert!(body.get("prompt_cache_key").is_none());
        let less = all.without(Feature::CacheMark).without(Feature::CacheKey);
        assert_eq!(said(less, &caching(CacheMark::Control)), said(all, &Caching::default()));
    }

    #[test]
    fn an_empty_system_message_is_left_out() {
        let (prompt, endpoint) = (
            Prompt { turns: Prompt::first("", "text", "why?"), ..prompt("text") },
            endpoint("http://127.0.0.1:9"),
        );
        for dialect in [Dialect::default(), Dialect::default().without(Feature::System)] {
            let question = ChatRequest::new(&prompt, &endpoint, Some("m"), dialect);
            let body = serde_json::to_value(Body::new(&question, Caching::default())).unwrap();
            assert_eq!(body["messages"], json!([{"role": "user", "content": "text\n\nwhy?"}]));
        }
    }

    #[test]
    fn turns_that_follow_an_answer_are_messages_of_their_own() {
        let (mut prompt, endpoint) = (prompt("text"), endpoint("http://127.0.0.1:9"));
        let turn = |speaker, text: &str| Turn { speaker, text: text.into() };
        prompt.turns.extend([turn(Speaker::Assistant, "so"), turn(Speaker::User, "and?")]);
        let question = ChatRequest::new(&prompt, &endpoint, Some("m"), Dialect::default());
        let mark = Caching { key: None, mark: Some(CacheMark::Control) };
        let body = serde_json::to_value(Body::new(&question, mark)).unwrap();
        let parts = json!([
            {"type": "text", "text": "text", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "\n\nwhy?"},
        ]);
        let messages = json!([
            {"role": "system", "content": "system"},
            {"role": "user", "content": parts},
            {"role": "assistant", "content": "so"},
            {"role": "user", "content": "and?"},
        ]);
        assert_eq!(body["messages"], messages);
    }

    #[test]
    fn without_a_system_role_its_text_stands_in_front_and_what_is_shared_stays_first() {
        let bare = Dialect::default().without(Feature::System);
        let user = |content: Value| json!([{"role": "user", "content": content}]);
        let body = said(bare, &Caching::default());
        assert_eq!(body["messages"], user(json!("system\n\ntext\n\nwhy?")));
        let body = said(bare, &Caching { key: None, mark: Some(CacheMark::Control) });
        let parts = json!([
            {"type": "text", "text": "system\n\ntext", "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "\n\nwhy?"},
        ]);
        assert_eq!(body["messages"], user(parts));
    }

    #[test]
    fn the_limit_and_the_effort_are_called_as_the_server_calls_them() {
        let body = |base: &str, model: &str, dialect: Dialect| {
            let prompt = Prompt { effort: Some(Effort::Low), ..prompt("text") };
            let endpoint = endpoint(base);
            Value::Object(ChatRequest::new(&prompt, &endpoint, Some(model), dialect).body())
        };
        let all = Dialect::default();
        let openai = body("https://api.openai.com/v1", "gpt-5-mini", all);
        assert_eq!(openai["max_completion_tokens"], 9);
        assert!(openai.get("max_tokens").is_none(), "{openai}");
        assert_eq!(openai["reasoning_effort"], "low");
        let router = body("https://openrouter.ai/api/v1", "openai/gpt-5", all);
        assert_eq!(
            (&router["max_tokens"], &router["reasoning"]["effort"]),
            (&json!(9), &json!("low"))
        );
        let other = all.with_limit(Limit::MaxTokens).without(Feature::Effort);
        let old = body("https://api.openai.com/v1", "gpt-5-mini", other);
        assert_eq!(old["max_tokens"], 9);
        assert!(
            old.get("reasoning_effort").is_none() && old.get("max_completion_tokens").is_none()
        );
    }

    #[test]
    fn the_user_s_own_members_are_merged_last() {
        let mut endpoint = endpoint("http://127.0.0.1:9");
        let extra = json!({"top_k": 20, "temperature": 1, "stream_options": {"x": 1},
            "chat_template_kwargs": {"thinking": true, "y": 2}});
        endpoint.extra_body = ExtraBody::try_from(extra).unwrap();
        let effort = Some(Effort::None);
        let prompt = Prompt { temperature: Some(0.5), effort, ..prompt("text") };
        let body =
            |dialect| Value::Object(ChatRequest::new(&prompt, &endpoint, None, dialect).body());
        let whole = body(Dialect::default());
        assert_eq!((&whole["top_k"], &whole["temperature"]), (&json!(20), &json!(1)));
        assert_eq!(whole["stream_options"], json!({"include_usage": true, "x": 1}));
        let switches = json!({"enable_thinking": false, "thinking": true, "y": 2});
        assert_eq!(whole["chat_template_kwargs"], switches);
        let piece = body(Dialect::default().without(Feature::Stream));
        assert_eq!(piece["stream"], false);
        assert!(piece.get("stream_options").is_none(), "{piece}");
    }

    #[test]
    fn what_was_not_asked_for_as_wanted_is_noted() {
        let endpoint = endpoint("http://127.0.0.1:9");
        let prompt = Prompt { effort: Some(Effort::None), max_tokens: 4096, ..prompt("text") };
        let notes = |dialect| {
            let question = ChatRequest::new(&prompt, &endpoint, None, dialect);
            question.note_before().into_iter().chain(question.notes()).collect::<Vec<_>>()
        };
        let all = Dialect::default();
        assert_eq!(notes(all), []);
        let low = all.with_efforts([Effort::Low, Effort::High]).without(Feature::Stream);
        let effort = |sent| RequestNote::Effort { wanted: Effort::None, sent };
        assert_eq!(notes(low), [RequestNote::NotStreamed, effort(Some(Effort::Low))]);
        let fewer = notes(all.with_cap(1000).without(Feature::Effort));
        assert!(
            matches!(fewer[..], [RequestNote::ReducedTokenLimit(f), n] if f.tokens == 1000 && n == effort(None))
        );
    }
}
