//! The JSON of one event, read as leniently as servers write it: a field that is missing, `null` or
//! of another type is no field, and never the end of the answer.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Deepest nesting of content parts that is followed; Mistral's reasoning has two.
const DEPTH: u8 = 4;
/// As many choices as any server offers (`n` in OpenAI's API is 128 at most).
const CHOICES: u8 = 128;

/// A chunk of a streamed answer, or a whole one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub(super) choices: Lenient<Vec<Lenient<Choice<'a>>>>,
    pub(super) usage: Lenient<Tokens>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    /// llama.cpp.
    pub(super) timings: Lenient<Timings>,
    /// Groq puts the usage of a stream in here.
    pub(super) x_groq: Lenient<Groq>,
}

/// A chunk as nearly all are: text, and nothing that is of another type than it should be. It is
/// read in one go, where [`Event`] goes over what it holds once for each level.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Usual<'a> {
    #[serde(borrow)]
    choices: Vec<UsualChoice<'a>>,
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    timings: Option<IgnoredAny>,
    x_groq: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsualChoice<'a> {
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    delta: Delta<'a>,
    message: Option<IgnoredAny>,
    finish_reason: Option<IgnoredAny>,
}

impl<'a> From<UsualChoice<'a>> for Lenient<Choice<'a>> {
    fn from(UsualChoice { index, delta, .. }: UsualChoice<'a>) -> Self {
        Lenient(Some(Choice { index, delta: Lenient(Some(delta)), ..Choice::default() }))
    }
}

impl<'a> Event<'a> {
    /// Reads an event.
    ///
    /// # Errors
    /// No sound JSON, or a member that comes twice.
    pub(super) fn read(json: &'a str) -> serde_json::Result<Self> {
        match serde_json::from_str(json) {
            Ok(Usual { choices, usage: None, error: None, timings: None, x_groq: None })
                if choices.iter().all(|c| c.message.is_none() && c.finish_reason.is_none()) =>
            {
                let choices = Lenient(Some(choices.into_iter().map(Lenient::from).collect()));
                Ok(Event { choices, ..Event::default() })
            }
            _ => serde_json::from_str(json),
        }
    }
}

impl Event<'_> {
    /// Whether it can be read: an answer has no choice -1, and none of four thousand million.
    pub(super) fn is_sound(&self) -> bool {
        let mut choices = self.choices.0.iter().flatten().filter_map(|choice| choice.0.as_ref());
        choices.all(Choice::has_sound_index)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    #[serde(borrow)]
    pub(super) index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) delta: Lenient<Delta<'a>>,
    /// In an answer that is whole, and from servers that mistake a chunk for one.
    #[serde(borrow)]
    pub(super) message: Lenient<Delta<'a>>,
    pub(super) finish_reason: Lenient<String>,
}

impl Choice<'_> {
    fn has_sound_index(&self) -> bool {
        let index = self.index.as_ref().map(|raw| raw.get().trim_matches('"').parse::<u8>());
        index.is_none_or(|index| index.is_ok_and(|index| index < CHOICES))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) refusal: Option<&'a RawValue>,
    /// DeepSeek, llama.cpp, LiteLLM.
    #[serde(borrow)]
    pub(super) reasoning_content: Option<&'a RawValue>,
    /// Ollama, vLLM, OpenRouter.
    #[serde(borrow)]
    pub(super) reasoning: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    #[serde(alias = "input_tokens")]
    pub(super) prompt_tokens: Lenient<f64>,
    #[serde(alias = "output_tokens")]
    pub(super) completion_tokens: Lenient<f64>,
    pub(super) prompt_tokens_details: Lenient<PromptTokens>,
    /// DeepSeek.
    pub(super) prompt_cache_hit_tokens: Lenient<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PromptTokens {
    pub(super) cached_tokens: Lenient<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub(super) cache_n: Lenient<f64>,
    pub(super) prompt_n: Lenient<f64>,
    pub(super) predicted_n: Lenient<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Groq {
    pub(super) usage: Lenient<Tokens>,
}

/// A value, where it is one of its type.
#[derive(Debug)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).ok()))
    }
}

/// Text and reasoning of one piece, in WTF-8: surrogate halves may stand alone in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) text: Vec<u8>,
    pub(super) thinking: Vec<u8>,
}

impl Delta<'_> {
    /// All that the delta holds.
    pub(super) fn content(&self) -> Content {
        let mut all = Content::default();
        for raw in [&self.content, &self.refusal].into_iter().flatten() {
            collect(raw, false, DEPTH, &mut all);
        }
        // One of the two: some servers send the same text in both.
        if let Some(raw) = [&self.reasoning_content, &self.reasoning].into_iter().flatten().next() {
            collect(raw, true, DEPTH, &mut all);
        }
        all
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    r#type: Lenient<String>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
}

/// Collects a string, an array of parts, or a part.
fn collect(raw: &RawValue, thinking: bool, depth: u8, all: &mut Content) {
    let json = raw.get();
    match (json.as_bytes().first(), depth.checked_sub(1)) {
        (Some(b'"'), _) => {
            let out = if thinking { &mut all.thinking } else { &mut all.text };
            match json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) {
                Some(plain) if !plain.contains('\\') => out.extend_from_slice(plain.as_bytes()),
                _ => {
                    out.extend(serde_json::from_str::<Wtf8>(json).map(|t| t.0).unwrap_or_default())
                }
            }
        }
        (Some(b'['), Some(depth)) => {
            let parts = serde_json::from_str::<Vec<&RawValue>>(json).unwrap_or_default();
            parts.into_iter().for_each(|part| collect(part, thinking, depth, all));
        }
        (Some(b'{'), Some(depth)) => {
            let part = serde_json::from_str::<Part>(json).unwrap_or_default();
            let kind = part.r#type.0.unwrap_or_default();
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

/// A JSON string as bytes, the only form in which serde_json takes a lone surrogate.
struct Wtf8(Vec<u8>);

impl<'de> Deserialize<'de> for Wtf8 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Wtf8;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Wtf8, E> {
                Ok(Wtf8(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(json: &str) -> (String, String) {
        let delta: Delta<'_> = serde_json::from_str(json).unwrap();
        let Content { text, thinking } = delta.content();
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
        let delta: Delta<'_> = serde_json::from_str(r#"{"content":"a\ud83d"}"#).unwrap();
        assert_eq!(delta.content().text, b"a\xed\xa0\xbd");
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
            let event: Event<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!(event.is_sound(), sound, "{index}");
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
            assert!(serde_json::from_str::<Event<'_>>(json).is_ok(), "{json}");
        }
    }
}
