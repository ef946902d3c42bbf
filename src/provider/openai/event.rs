//! Parses the JSON of one event. Malformed members are ignored and never end the answer.

use super::object::{Lenient, object};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Maximum nesting of content parts; Mistral's reasoning has two levels.
const DEPTH: u8 = 4;
/// Maximum number of choices (`n` in OpenAI's API is 128 at most).
const CHOICES: u8 = 128;

/// The parsed JSON of one event.
pub(crate) enum Event<'a> {
    /// The usual case: text or reasoning, with all members of the expected types. Read in one pass
    /// without allocation.
    Usual(UsualChoice<'a>),
    /// All other events, parsed once per nesting level.
    Any(Box<Any<'a>>),
}

#[derive(Deserialize)]
struct Usual<'a> {
    #[serde(borrow)]
    choices: [UsualChoice<'a>; 1],
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    timings: Option<IgnoredAny>,
    x_groq: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(crate) struct UsualChoice<'a> {
    #[serde(borrow)]
    pub(crate) index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) delta: Delta<'a>,
    message: Option<IgnoredAny>,
    finish_reason: Option<IgnoredAny>,
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

object! {
    /// A chunk of a streamed answer, or a whole answer.
    Any<'a> {
        choices: Lenient<Vec<Lenient<Choice<'a>>>>,
        usage: Lenient<Tokens>,
        error: Option<&'a RawValue>,
        /// Sent by llama.cpp.
        timings: Lenient<Timings>,
        /// Groq puts a stream's usage here, and why it stopped early.
        x_groq: Lenient<Groq<'a>>,
    }
}

impl<'a> Event<'a> {
    /// Parses an event.
    ///
    /// # Errors
    /// Fails if `json` is not a valid JSON object.
    pub(crate) fn read(json: &'a str) -> serde_json::Result<Self> {
        match serde_json::from_str(json) {
            Ok(Usual {
                choices: [choice],
                usage: None,
                error: None,
                timings: None,
                x_groq: None,
            }) if choice.is_plain() => Ok(Event::Usual(choice)),
            _ => serde_json::from_str(json).map(Event::Any),
        }
    }

    /// Returns `true` if the event has neither a choice nor any other known member.
    pub(crate) fn is_bare(&self) -> bool {
        let Event::Any(any) = self else { return false };
        any.choices.0.as_ref().is_none_or(Vec::is_empty)
            && any.usage.0.is_none()
            && any.error.is_none()
            && any.timings.0.is_none()
            && any.x_groq.0.is_none()
    }

    /// Returns `true` if the index of every choice is plausible: no answer has a choice -1 or
    /// 4294967296.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Event::Usual(choice) => is_sound_index(choice.index),
            Event::Any(any) => {
                let mut choices = any.choices.0.iter().flatten().filter_map(|c| c.0.as_ref());
                choices.all(|choice| is_sound_index(choice.index))
            }
        }
    }
}

impl UsualChoice<'_> {
    fn is_plain(&self) -> bool {
        self.message.is_none()
            && self.finish_reason.is_none()
            && self.usage.is_none()
            && self.error.is_none()
    }
}

fn is_sound_index(index: Option<&RawValue>) -> bool {
    let index = index.map(|raw| raw.get().trim_matches('"').parse::<u8>());
    index.is_none_or(|index| index.is_ok_and(|index| index < CHOICES))
}

object! {
    Choice<'a> {
        index: Option<&'a RawValue>,
        delta: Lenient<Delta<'a>>,
        /// Present in whole answers, and in chunks from servers that confuse the two.
        message: Lenient<Delta<'a>>,
        finish_reason: Lenient<String>,
        /// Sent by Moonshot.
        usage: Lenient<Tokens>,
        error: Option<&'a RawValue>,
    }
}

object! {
    Delta<'a> {
        content: Option<&'a RawValue>,
        refusal: Option<&'a RawValue>,
        /// Sent by DeepSeek, llama.cpp and LiteLLM.
        reasoning_content: Option<&'a RawValue>,
        /// Sent by Ollama, vLLM and OpenRouter.
        reasoning: Option<&'a RawValue>,
    }
}

object! {
    /// Token counts, named `prompt_tokens` and `completion_tokens` or `input_tokens` and
    /// `output_tokens`. Gateways may send both pairs at once, with 0 in one of them.
    Tokens {
        prompt_tokens: Lenient<f64>,
        input_tokens: Lenient<f64>,
        completion_tokens: Lenient<f64>,
        output_tokens: Lenient<f64>,
        /// Tokens of the prompt and the answer together.
        total_tokens: Lenient<f64>,
        prompt_tokens_details: Lenient<PromptTokens>,
        input_tokens_details: Lenient<PromptTokens>,
        completion_tokens_details: Lenient<CompletionTokens>,
        output_tokens_details: Lenient<CompletionTokens>,
        /// Sent by Perplexity.
        reasoning_tokens: Lenient<f64>,
        /// Sent by DeepSeek.
        prompt_cache_hit_tokens: Lenient<f64>,
        /// Anthropic's name, passed on by gateways.
        cache_read_input_tokens: Lenient<f64>,
        cache_creation_input_tokens: Lenient<f64>,
    }
}

object! {
    PromptTokens {
        cached_tokens: Lenient<f64>,
    }
}

object! {
    CompletionTokens {
        reasoning_tokens: Lenient<f64>,
    }
}

object! {
    Timings {
        cache_n: Lenient<f64>,
        prompt_n: Lenient<f64>,
        predicted_n: Lenient<f64>,
    }
}

object! {
    Groq<'a> {
        usage: Lenient<Tokens>,
        error: Option<&'a RawValue>,
    }
}

/// Text and reasoning of one event in WTF-8, which may contain lone surrogates.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) text: Vec<u8>,
    pub(crate) thinking: Vec<u8>,
}

impl Content {
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.thinking.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.thinking.clear();
    }
}

impl Delta<'_> {
    /// Appends the delta's text and reasoning to `all`.
    pub(crate) fn read(&self, all: &mut Content) {
        for raw in [&self.content, &self.refusal].into_iter().flatten() {
            collect(raw, false, DEPTH, all);
        }
        // Only the first of the two, because some servers send the same text in both.
        if let Some(raw) = [&self.reasoning_content, &self.reasoning].into_iter().flatten().next() {
            collect(raw, true, DEPTH, all);
        }
    }
}

object! {
    Part<'a> {
        kind as "type": Lenient<String>,
        text: Option<&'a RawValue>,
        thinking: Option<&'a RawValue>,
    }
}

/// Appends the text of a string, an array of parts, or a part to `all`.
fn collect(raw: &RawValue, thinking: bool, depth: u8, all: &mut Content) {
    let json = raw.get();
    match (json.as_bytes().first(), depth.checked_sub(1)) {
        (Some(b'"'), _) => {
            let out = if thinking { &mut all.thinking } else { &mut all.text };
            match json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) {
                Some(plain) if !plain.contains('\\') => out.extend_from_slice(plain.as_bytes()),
                // Cannot fail, because `raw` is known to be a valid JSON string.
                _ => drop(Wtf8(out).deserialize(&mut serde_json::Deserializer::from_str(json))),
            }
        }
        (Some(b'['), Some(depth)) => {
            let parts = serde_json::from_str::<Vec<&RawValue>>(json).unwrap_or_default();
            parts.into_iter().for_each(|part| collect(part, thinking, depth, all));
        }
        (Some(b'{'), Some(depth)) => {
            let part = serde_json::from_str::<Part>(json).unwrap_or_default();
            let kind = part.kind.0.unwrap_or_default();
            let thinks = thinking || kind.contains("think") || kind.contains("reason");
            if let Some(text) = part.text {
                collect(text, thinks, depth, all);
            }
            if let Some(text) = part.thinking {
                collect(text, true, depth, all);
            }
        }
        _ => {}
    }
}

/// Appends a JSON string to a buffer as bytes, the only form in which serde_json accepts a lone
/// surrogate.
struct Wtf8<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Wtf8<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Wtf8<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<(), E> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Content {
        let mut content = Content::default();
        serde_json::from_str::<Delta<'_>>(json).unwrap().read(&mut content);
        content
    }

    fn content(json: &str) -> (String, String) {
        let Content { text, thinking } = read(json);
        let show = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (show(text), show(thinking))
    }

    #[test]
    fn reads_content_of_every_shape() {
        for (json, text, thinking) in [
            (r#"{"content":"a"}"#, "a", ""),
            (r#"{"content":null,"role":null,"tool_calls":null}"#, "", ""),
            (r#"{"content":5}"#, "", ""),
            (r#"{"refusal":"no"}"#, "no", ""),
            (r#"{"content":"","reasoning_content":"t"}"#, "", "t"),
            (r#"{"reasoning":"t"}"#, "", "t"),
            (r#"{"reasoning":"t","reasoning_content":"t"}"#, "", "t"),
            (r#"{"content":[{"type":"text","text":"a"},"b"]}"#, "ab", ""),
            (
                r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]}]}"#,
                "",
                "t",
            ),
            (r#"{"content":[[[[[[["deep"]]]]]]]}"#, "", ""),
        ] {
            assert_eq!(content(json), (text.to_owned(), thinking.to_owned()), "{json}");
        }
    }

    #[test]
    fn keeps_lone_halves() {
        assert_eq!(read(r#"{"content":"a\ud83d"}"#).text, b"a\xed\xa0\xbd");
    }

    #[test]
    fn refuses_choices_that_no_answer_has() {
        for (index, sound) in [
            ("0", true),
            ("127", true),
            ("null", true),
            (r#""0""#, true),
            ("128", false),
            ("-1", false),
            ("0.5", false),
            ("4294967296", false),
            ("{}", false),
            (r#""__proto__""#, false),
        ] {
            let json = format!(r#"{{"choices":[{{"index":{index},"delta":{{"content":"x"}}}}]}}"#);
            assert_eq!(Event::read(&json).unwrap().is_sound(), sound, "{index}");
        }
    }

    #[test]
    fn survives_odd_types() {
        for json in [
            r#"{"choices":5,"usage":"x","timings":[],"x_groq":1}"#,
            r#"{"choices":[1,null,{"delta":3,"message":[],"finish_reason":{}}]}"#,
            r#"{"usage":{"prompt_tokens":"many","prompt_tokens_details":null}}"#,
            r#"{"id":"\ud83d","x":"\udc00"}"#,
        ] {
            assert!(Event::read(json).is_ok(), "{json}");
        }
    }
}
