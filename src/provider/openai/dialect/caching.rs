//! Decides which caching instructions a request contains, so that a cloud caches the prefix that a
//! run's prompts share. A pure policy.
//!
//! Most clouds cache that prefix by themselves. Some need to know where it ends, and one routes
//! requests by a key.

use crate::request::Prompt;
use crate::text::digest;
use serde::Serialize;

/// Number of tokens below which no cloud caches, so that no caching instructions are sent.
const MIN_CACHED_PREFIX: usize = 1024;

/// The caching instructions of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caching {
    /// OpenAI's `prompt_cache_key`: requests with the same key go to the same machine. The key is
    /// the same for the same selection, and reveals nothing that is not in the request.
    pub(crate) key: Option<String>,
    /// How the request marks the end of the prefix that the run's prompts share; `None` for no
    /// mark.
    pub(crate) mark: Option<CacheMark>,
}

/// How a request marks the end of the prefix that a run's prompts share, so that the server caches
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheMark {
    /// OpenAI's `prompt_cache_breakpoint`, from GPT-5.6 on: without it, these models cache only
    /// whole prompts, which no other section can use (OpenAI, "Prompt caching").
    Breakpoint,
    /// Anthropic's `cache_control`. OpenRouter accepts it for Anthropic's models and translates it
    /// for OpenAI's (OpenRouter, `AnthropicCacheControlDirective`).
    Control,
}

/// Returns the caching instructions for a request that sends `prompt` to `model` at `host`.
pub(crate) fn caching(host: &str, model: &str, prompt: &Prompt) -> Caching {
    let Some(last) =
        prompt.shared_turns().last().filter(|_| prompt.shared_tokens() >= MIN_CACHED_PREFIX)
    else {
        return Caching::default();
    };
    match host {
        "api.openai.com" => Caching {
            key: Some(format!("kaizodo-{}", digest("kaizodo cache", &last.text))),
            mark: has_breakpoints(model).then_some(CacheMark::Breakpoint),
        },
        "openrouter.ai" => {
            let own = model.strip_prefix("openai/").is_some_and(has_breakpoints);
            let mark = (own || model.starts_with("anthropic/")).then_some(CacheMark::Control);
            Caching { key: None, mark }
        }
        _ => Caching::default(),
    }
}

/// Returns `true` if an OpenAI model belongs to the GPT-5.6 family or a later one.
fn has_breakpoints(model: &str) -> bool {
    let Some(version) = model.strip_prefix("gpt-") else { return false };
    let number = |text: &str| -> u32 {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    };
    let minor = version.split_once('.').map(|(major, minor)| (number(major), major.len(), minor));
    match minor {
        // The point must directly follow the first number, unlike in `gpt-4o-2024.1`.
        Some((major, len, minor)) if major.to_string().len() == len => {
            (major, number(minor)) >= (5, 6)
        }
        _ => number(version) >= 6,
    }
}

/// The JSON members that put a [`CacheMark`] on a content part.
#[derive(Default, Serialize)]
pub(crate) struct CacheMarkMembers {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_breakpoint: Option<Breakpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Control>,
}

#[derive(Serialize)]
struct Breakpoint {
    mode: &'static str,
}

#[derive(Serialize)]
struct Control {
    r#type: &'static str,
}

impl From<CacheMark> for CacheMarkMembers {
    fn from(mark: CacheMark) -> Self {
        match mark {
            CacheMark::Breakpoint => {
                let prompt_cache_breakpoint = Some(Breakpoint { mode: "explicit" });
                CacheMarkMembers { prompt_cache_breakpoint, cache_control: None }
            }
            CacheMark::Control => {
                let cache_control = Some(Control { r#type: "ephemeral" });
                CacheMarkMembers { prompt_cache_breakpoint: None, cache_control }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::openai::request::tests::prompt;

    #[test]
    fn openai_is_told_a_key_and_from_5_6_on_a_mark() {
        let long = prompt(&"word ".repeat(2000));
        for (model, mark) in [
            ("gpt-5.6", true),
            ("gpt-5.6-sol", true),
            ("gpt-5.10-mini", true),
            ("gpt-6", true),
            ("gpt-6-mini-2027-01-01", true),
            ("gpt-10.1", true),
            ("gpt-5.5", false),
            ("gpt-5-mini", false),
            ("gpt-5", false),
            ("gpt-4o", false),
            ("gpt-4o-2024.11", false),
            ("gpt-", false),
            ("o4-mini", false),
        ] {
            let said = caching("api.openai.com", model, &long);
            assert_eq!(said.mark, mark.then_some(CacheMark::Breakpoint), "{model}");
            assert!(said.key.is_some(), "{model}");
        }
    }

    #[test]
    fn the_key_is_the_selections_and_the_same_in_all_sections() {
        let key = |text: &str| caching("api.openai.com", "m", &prompt(text)).key.unwrap();
        let (one, other) = ("word ".repeat(2000), "text ".repeat(2000));
        assert_eq!(key(&one), key(&one));
        assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn others_are_told_nothing_and_nobody_of_a_short_text() {
        let long = prompt(&"word ".repeat(2000));
        let mark = |host, model| caching(host, model, &long).mark;
        assert_eq!(mark("openrouter.ai", "anthropic/claude-x"), Some(CacheMark::Control));
        assert_eq!(mark("openrouter.ai", "openai/gpt-5.6"), Some(CacheMark::Control));
        assert_eq!(mark("openrouter.ai", "openai/gpt-5-mini"), None);
        assert_eq!(mark("openrouter.ai", "google/gemini"), None);
        for host in ["127.0.0.1:8080", "api.mistral.ai", "api.openai.com.evil.test"] {
            assert_eq!(caching(host, "gpt-5.6", &long), Caching::default(), "{host}");
        }
        assert_eq!(caching("api.openai.com", "gpt-5.6", &prompt("short")), Caching::default());
    }
}
