//! Learns from the text of a refusal which request features a server accepts. A pure function.
//!
//! Servers share neither error codes nor messages. A parameter counts as rejected if its name is
//! close to a word of refusal; names that occur in no other context are enough by themselves.

use super::known_servers::Limit;
use super::token_limit::{MIN_ANSWER_TOKENS, Room, Window, enough, names_limit, room};
use super::{Dialect, Feature};
use crate::perspective::Effort;
use crate::provider::{Cause, ReducedTokenLimit, TokenLimitReason};

/// The parameters of a refused request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentParameters {
    pub(crate) dialect: Dialect,
    pub(crate) limit: Limit,
    /// The token limit that was sent.
    pub(crate) tokens: u32,
    /// Size of the prompt in bytes.
    pub(crate) bytes: usize,
    /// Our estimate of the prompt's tokens.
    pub(crate) estimate: u32,
    pub(crate) temperature: bool,
    pub(crate) effort: Option<Effort>,
}

/// What to do after a server has refused a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lesson {
    /// Send the request again in this dialect.
    Again(Dialect),
    /// Give up, because there is no other way to ask. Holds the cause, if it is known.
    Stays(Option<Cause>),
}

/// Words that express a refusal.
const NO: [&str; 22] = [
    "not support",
    "unsupported",
    "n't support",
    "support only",
    "not allow",
    "not permit",
    "not enabled",
    "not available",
    "not implemented",
    "not recognized",
    "unrecognized",
    "unknown",
    "unexpected",
    "invalid",
    "forbidden",
    "deprecated",
    "disabled",
    "only the default",
    "must be verified",
    "input should be",
    "extra inputs",
    "cannot be",
];

/// Maximum distance in bytes between a name and a word of refusal.
const NEAR: usize = 60;

/// Names of the role `system`.
const SYSTEM: [&str; 11] = [
    "system role",
    "system message",
    "system prompt",
    "system instruction",
    "developer instruction",
    "role 'system'",
    "role: system",
    "role `system`",
    "role \"system\"",
    "'system'",
    "`system`",
];

/// Phrases from chat templates that have no role `system`.
const TWO_ROLES: [&str; 4] = [
    "roles must alternate user/assistant",
    "only user and assistant roles",
    "only 'user' and 'assistant' roles",
    "must start with a user message",
];

/// Names of streaming. `stream_options` is not one of them.
const STREAM: [&str; 9] = [
    "streaming",
    "to stream",
    "'stream'",
    "`stream`",
    "\"stream\"]",
    "stream is",
    "stream=true",
    "stream mode",
    "support stream",
];

/// Names of the reasoning effort.
const EFFORT: [&str; 7] = [
    "reasoning_effort",
    "reasoning.effort",
    "reasoningeffort",
    "reasoning effort",
    "reasoning value",
    "think",
    "'reasoning'",
];

/// Decides what to do after a refusal with this status and body. `sent` holds the parameters of the
/// refused request.
pub(crate) fn learn(status: Option<u16>, body: &str, sent: &SentParameters) -> Lesson {
    let (Some(status), words) = (status, plain(body)) else { return Lesson::Stays(None) };
    // With 400 and 422, the server blames the request. Some servers refuse a role or streaming with
    // another status, such as 500 or 501.
    let is_ours = matches!(status, 400 | 422);
    let may_be_ours = is_ours || matches!(status, 403..=405 | 500 | 501);
    let counts = is_ours || matches!(status, 402 | 413 | 416 | 500) || too_large(status, &words);
    if is_ours && let Some(next) = named(&words, sent) {
        return Lesson::Again(next);
    }
    if counts && let Some(lesson) = limited(status, &words, sent) {
        return lesson;
    }
    let spoken = || is_ours.then(|| limit_name(&words, sent).or_else(|| effort(&words, sent)))?;
    match spoken().or_else(|| may_be_ours.then(|| roles(&words, sent))?) {
        Some(next) => Lesson::Again(next),
        None if is_ours && refuses_limit(&words) => {
            Lesson::Stays(Some(Cause::TokenLimitRejected(sent.tokens)))
        }
        None => Lesson::Stays(None),
    }
}

/// Returns `true` if the words say that the token limit is too high, but not by how much.
fn refuses_limit(words: &str) -> bool {
    const TOO_HIGH: [&str; 5] = ["too large", "too high", "exceed", "greater than", "out of range"];
    names_limit(words) && !words.contains("context") && TOO_HIGH.iter().any(|w| words.contains(w))
}

/// Leaves out a part whose name alone shows that it was refused.
fn named(words: &str, sent: &SentParameters) -> Option<Dialect> {
    const NAMES: [(&str, Feature); 5] = [
        ("stream_options", Feature::StreamOptions),
        ("prompt_cache_breakpoint", Feature::CacheMark),
        ("cache_control", Feature::CacheMark),
        ("prompt_cache_key", Feature::CacheKey),
        ("chat_template_kwargs", Feature::TemplateSwitch),
    ];
    let dialect = sent.dialect;
    let mut refused = NAMES.iter().filter(|(name, part)| {
        // Without streaming, the stream's options are not sent.
        let sends = dialect.takes(*part)
            && (*part != Feature::StreamOptions || dialect.takes(Feature::Stream))
            && (*part != Feature::TemplateSwitch || sent.effort.is_some());
        sends && words.contains(name)
    });
    refused.next().map(|(_, part)| dialect.without(*part))
}

/// Learns from a refusal of a token limit that is too high. Returns `None` if the words teach
/// nothing about it.
fn limited(status: u16, words: &str, sent: &SentParameters) -> Option<Lesson> {
    let room = room(words, sent.tokens)?;
    match account_limit(status, words) {
        Some(reason) => limited_by_account(room, reason, sent),
        None => limited_by_model(room, sent),
    }
}

/// Returns what limits the account, if the account and not the model is the reason for a refusal.
fn account_limit(status: u16, words: &str) -> Option<TokenLimitReason> {
    let per_minute = || ["tokens per min", "(tpm)"].iter().any(|rate| words.contains(rate));
    match status {
        402 => Some(TokenLimitReason::Balance),
        _ => per_minute().then_some(TokenLimitReason::MinuteTokens),
    }
}

/// Asks for what the account allows this question. If that is too little, the refusal itself tells
/// the reason best.
fn limited_by_account(
    room: Room,
    reason: TokenLimitReason,
    sent: &SentParameters,
) -> Option<Lesson> {
    let tokens = match room {
        Room::Window { window, prompt } => {
            Window::counted(window, prompt, sent.bytes).leaves(sent.bytes)
        }
        Room::Cap(cap) => cap,
        Room::Full { .. } => return None,
    };
    let account = ReducedTokenLimit { tokens, reason };
    (enough(tokens, sent.tokens) && tokens < sent.tokens)
        .then(|| Lesson::Again(sent.dialect.with_account_limit(account)))
}

fn limited_by_model(room: Room, sent: &SentParameters) -> Option<Lesson> {
    let (asked, dialect) = (sent.tokens, sent.dialect);
    let again = |window: Window| {
        let next = dialect.with_window(window);
        (next.tokens(asked, sent.bytes).0 < asked).then_some(Lesson::Again(next))
    };
    match room {
        Room::Window { window: tokens, prompt } => {
            let left = tokens.checked_sub(prompt)?;
            if enough(left, asked) && left < asked {
                return again(Window::counted(tokens, prompt, sent.bytes));
            }
            let cause = Cause::WindowFull { window: tokens, prompt, left };
            (left > 0 && left < asked).then_some(Lesson::Stays(Some(cause)))
        }
        Room::Full { window: tokens } => again(assumed(tokens, sent)?),
        Room::Cap(cap) if enough(cap, asked) => Some(Lesson::Again(dialect.with_cap(cap))),
        Room::Cap(_) => Some(Lesson::Stays(Some(Cause::TokenLimitRejected(asked)))),
    }
}

/// Returns a window of this many tokens of which the server has not counted the prompt's share, or
/// `None` if nothing is left for an answer. Our own estimate may be too low, so the requested tokens
/// are at least halved each time.
fn assumed(tokens: u32, sent: &SentParameters) -> Option<Window> {
    let asked = sent.tokens;
    let probable = sent.estimate.saturating_add(sent.estimate / 4);
    let half = tokens.saturating_sub(asked / 2);
    // If the requested tokens alone exceed the window, the server has not looked at the prompt. It
    // is asked for little, so that it tells whether the prompt is too long.
    let most = if asked > tokens { tokens.saturating_sub(2 * MIN_ANSWER_TOKENS) } else { u32::MAX };
    let prompt_tokens = probable.max(half).min(most);
    (prompt_tokens < tokens && asked > MIN_ANSWER_TOKENS).then_some(Window {
        tokens,
        prompt_tokens,
        prompt_bytes: sent.bytes,
        probable_tokens: probable,
    })
}

/// Returns `true` if a rate limit refuses a request because it is too large, not because it came
/// too soon.
fn too_large(status: u16, words: &str) -> bool {
    status == 429 && words.contains("request too large")
}

/// Switches to the other name of the token limit, at most once.
fn limit_name(words: &str, sent: &SentParameters) -> Option<Dialect> {
    if sent.dialect.limit().is_some() || !names_limit(words) {
        return None;
    }
    match sent.limit {
        Limit::MaxTokens if words.contains("max_completion_tokens") => {
            Some(sent.dialect.with_limit(Limit::MaxCompletionTokens))
        }
        Limit::MaxTokens => rejects(words, &["'max_tokens'", "`max_tokens`", ": max_tokens"])
            .then(|| sent.dialect.with_limit(Limit::MaxCompletionTokens)),
        Limit::MaxCompletionTokens => rejects(words, &["max_completion_tokens"])
            .then(|| sent.dialect.with_limit(Limit::MaxTokens)),
    }
}

/// Restricts the effort to those that the server names, or leaves it out if there are none.
/// Otherwise, leaves out the temperature if that was refused.
fn effort(words: &str, sent: &SentParameters) -> Option<Dialect> {
    let dialect = sent.dialect;
    let sends = dialect.takes(Feature::Effort) && rejects(words, &EFFORT);
    if let Some(effort) = sent.effort.filter(|_| sends) {
        let mut others = efforts(words);
        others.retain(|other| *other != effort);
        // A single match may be an ordinary word of the sentence, as in "too high".
        return Some(match others.len() < 2 || dialect.knows_efforts() {
            true => dialect.without(Feature::Effort),
            false => dialect.with_efforts(others),
        });
    }
    let sends = sent.temperature && dialect.takes(Feature::Temperature);
    (sends && rejects(words, &["temperature"])).then(|| dialect.without(Feature::Temperature))
}

/// Returns the efforts that the words name.
fn efforts(words: &str) -> Vec<Effort> {
    // A bare `none` does not count: Python writes `None` for a missing member.
    const NONE: [&str; 7] =
        ["'none'", "\"none\"", "`none`", "|none", "none|", "or none", "none or"];
    let named = |effort: &Effort| match effort {
        Effort::None => NONE.iter().any(|none| words.contains(none)),
        other => words.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == other.name()),
    };
    Effort::ALL.into_iter().filter(named).collect()
}

/// Leaves out the role `system` or streaming if the model does not support it.
fn roles(words: &str, sent: &SentParameters) -> Option<Dialect> {
    let dialect = sent.dialect;
    let says = |all: &[&str]| all.iter().any(|phrase| words.contains(phrase));
    // The name `system` alone is not enough, because it also occurs in requests that a server
    // quotes.
    let no_system = || {
        let param = member(words, "param", "messages[0].role") && words.contains("system");
        param || rejects(words, &SYSTEM) || says(&TWO_ROLES)
    };
    if dialect.takes(Feature::System) && no_system() {
        return Some(dialect.without(Feature::System));
    }
    let no_stream = || member(words, "param", "stream") || rejects(words, &STREAM);
    (dialect.takes(Feature::Stream) && no_stream()).then(|| dialect.without(Feature::Stream))
}

/// Returns `true` if one of these names is close to a word of refusal.
fn rejects(words: &str, names: &[&str]) -> bool {
    let near = |at: usize, name: &str| {
        let start = at.saturating_sub(NEAR);
        let bytes = words.as_bytes().get(start..words.len().min(at + name.len() + NEAR));
        let around = String::from_utf8_lossy(bytes.unwrap_or_default());
        NO.iter().any(|no| around.contains(no))
    };
    names.iter().any(|name| words.match_indices(name).any(|(at, _)| near(at, name)))
}

/// Returns `true` if JSON in the words has a member `name` with the value `text`.
fn member(words: &str, name: &str, text: &str) -> bool {
    [": ", ":"].iter().any(|colon| words.contains(&format!("\"{name}\"{colon}\"{text}\"")))
}

/// Returns the words in lower case, on one line, and without JSON escapes, even nested ones.
fn plain(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.extend(c.to_lowercase());
            continue;
        }
        match rest.next() {
            Some('n' | 'r' | 't') => out.push(' '),
            Some('u') => {
                let digits: String = rest.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(c) => {
                        out.extend(c.to_lowercase());
                        rest = skipped(rest);
                    }
                    None => out.push('u'),
                }
            }
            // An escaped backslash: what follows was escaped once more.
            Some('\\') | None => {}
            Some(c) => out.extend(c.to_lowercase()),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn skipped(mut rest: std::str::Chars<'_>) -> std::str::Chars<'_> {
    rest.nth(3);
    rest
}

#[cfg(test)]
mod tests;
