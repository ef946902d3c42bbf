//! Reads from the words of a refusal how many tokens the server allows. A pure function.
//!
//! Servers count prompt and answer together against the model's context window, or limit the answer
//! alone, and each says so in its own words. The words around a number tell what it means.

use crate::provider::transport::BOUNDS;

/// Minimum token limit: with fewer tokens, no section is useful.
pub(crate) const MIN_ANSWER_TOKENS: u32 = 256;
/// Number of tokens kept free, because chat templates and token counts differ slightly.
const SPARE: u32 = 16;

/// The token limit that a refusal reveals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// The size of the context window and the length of the prompt, in tokens.
    Window { window: u32, prompt: u32 },
    /// Only the size of the context window, because the server has not counted the whole prompt.
    Full { window: u32 },
    /// Maximum number of tokens for an answer, independent of the prompt.
    Cap(u32),
}

/// A model's context window, and the tokens and bytes of one prompt, from which the tokens of other
/// prompts are estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) tokens: u32,
    /// The tokens kept free for this prompt.
    pub(crate) prompt_tokens: u32,
    pub(crate) prompt_bytes: usize,
    /// The prompt's probable tokens. They differ from `prompt_tokens` if the server has not counted
    /// the prompt and the answer's share was reduced step by step.
    pub(crate) probable_tokens: u32,
}

impl Window {
    /// Returns the window of a server that has counted the tokens of a prompt of `bytes` bytes.
    pub(crate) fn counted(tokens: u32, prompt_tokens: u32, bytes: usize) -> Self {
        Self { tokens, prompt_tokens, prompt_bytes: bytes, probable_tokens: prompt_tokens }
    }

    /// Returns the number of tokens that a prompt of this many bytes leaves for the answer. For a
    /// prompt other than the counted one, this is an estimate of at least [`MIN_ANSWER_TOKENS`]: if fewer are
    /// left, the server refuses the request.
    pub(crate) fn leaves(self, bytes: usize) -> u32 {
        if bytes == self.prompt_bytes {
            let left = self.tokens.saturating_sub(self.prompt_tokens);
            return left - SPARE.min(left / 8);
        }
        let tokens = u128::from(self.probable_tokens) * bytes as u128;
        let tokens = tokens.div_ceil(self.prompt_bytes.max(1) as u128);
        // A margin, because other text may need more tokens per byte.
        let prompt = u32::try_from(tokens + tokens / 16 + 32).unwrap_or(u32::MAX);
        self.tokens.saturating_sub(prompt).saturating_sub(SPARE).max(MIN_ANSWER_TOKENS)
    }
}

/// Returns `true` if `left` tokens are enough for an answer when `asked` were requested: at least
/// [`MIN_ANSWER_TOKENS`], or half of `asked` if that is less.
pub(crate) fn enough(left: u32, asked: u32) -> bool {
    left >= MIN_ANSWER_TOKENS.min(asked / 2).max(1)
}

/// What a number in a refusal means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The model's window.
    Window,
    /// The window or a limit on the answer, depending on the other numbers.
    Bound,
    /// The tokens of the prompt.
    Prompt,
    /// The tokens of prompt and answer together.
    Total,
    /// A limit on the answer, which must stay below this number.
    Below,
}

/// How vLLM names the window if the token limit alone exceeds it. It has not looked at the prompt.
const TOTAL_LIMIT: &str = "max_total_tokens=";
/// Words after a number that counts characters. vLLM does not count the tokens of a prompt that has
/// too many characters.
const CHARACTERS: [&str; 2] = [" characters", " input characters"];

/// Words before a number, in lower case and without quotation marks.
const BEFORE: [(&str, Role); 41] = [
    // OpenAI, vLLM, llama-cpp-python, OpenRouter, xAI and others.
    ("context length is ", Role::Window),
    ("context length is only ", Role::Window),
    ("context length of ", Role::Window),
    ("context length of only ", Role::Window),
    ("context length (", Role::Window),
    ("context length: ", Role::Window),
    ("context window of ", Role::Window),
    ("context window is ", Role::Window),
    ("context window (", Role::Window),
    ("context size is ", Role::Window),
    ("context size of ", Role::Window),
    ("context size (", Role::Window),
    ("number of tokens allowed (", Role::Window),
    (TOTAL_LIMIT, Role::Window),
    // TGI and Together; Cerebras; Groq's tokens per minute; Anthropic.
    ("must be <= ", Role::Bound),
    ("while limit is ", Role::Bound),
    ("limit ", Role::Bound),
    (" > ", Role::Bound),
    ("prompt contains ", Role::Prompt),
    ("prompt contains at least ", Role::Prompt),
    ("request has ", Role::Prompt),
    ("request (", Role::Prompt),
    ("input token count (", Role::Prompt),
    ("input length (", Role::Prompt),
    ("context limit: ", Role::Prompt),
    ("you requested ", Role::Total),
    ("you requested about ", Role::Total),
    ("requested a total of ", Role::Total),
    ("current length is ", Role::Total),
    ("requested ", Role::Total),
    // OpenAI, Groq, Cohere, DeepSeek, Alibaba, Volcengine, Vertex.
    ("at most ", Role::Bound),
    ("less than or equal to ", Role::Bound),
    ("should be [1, ", Role::Bound),
    ("is [1, ", Role::Bound),
    ("in [1, ", Role::Bound),
    ("range [1, ", Role::Bound),
    ("value <= ", Role::Bound),
    ("can only afford ", Role::Bound),
    ("less than ", Role::Below),
    ("below ", Role::Below),
    ("(inclusive) to ", Role::Below),
];

/// Words that follow a number and tell what it means.
const AFTER: [(&str, Role); 12] = [
    (" input tokens", Role::Prompt),
    (" inputs tokens", Role::Prompt),
    (" prompt tokens", Role::Prompt),
    (" in the messages", Role::Prompt),
    (" in the prompt", Role::Prompt),
    (" tokens in the messages", Role::Prompt),
    (" tokens in the prompt", Role::Prompt),
    (" tokens from the input", Role::Prompt),
    (" of text input", Role::Prompt),
    (" of the text input", Role::Prompt),
    (" maximum context length", Role::Window),
    (" token context", Role::Window),
];

/// Names of the token limit.
const LIMIT: [&str; 9] = [
    "max_tokens",
    "max_completion_tokens",
    "max_new_tokens",
    "max_output_tokens",
    "maxoutputtokens",
    "max tokens",
    "completion tokens",
    "output tokens",
    "tokens per min",
];

/// Returns `true` if `words`, the text of a refusal, mentions the token limit.
pub(crate) fn names_limit(words: &str) -> bool {
    LIMIT.iter().any(|name| words.contains(name))
}

/// Finds the token limit in `words`, the text of a refusal in lower case. `asked` is the number of
/// tokens that the request asked for.
pub(crate) fn room(words: &str, asked: u32) -> Option<Room> {
    let words: String = words.chars().filter(|c| !"`'\"".contains(*c)).collect();
    let mut found: [Option<u32>; 5] = [None; 5];
    let mut uncounted = false;
    for (before, number, after) in numbers(&words) {
        if CHARACTERS.iter().any(|words| after.starts_with(words)) {
            uncounted = true;
            continue;
        }
        let Some(role) = role(before, after) else { continue };
        // A total or a prompt of exactly `asked` tokens only repeats the request, but a window may
        // be just as large.
        if number == asked && matches!(role, Role::Total | Role::Prompt) {
            continue;
        }
        uncounted |= before.ends_with(TOTAL_LIMIT)
            || role == Role::Prompt && BOUNDS.iter().any(|bound| before.ends_with(bound));
        if let Some(place) = found.get_mut(role as usize) {
            place.get_or_insert(number);
        }
    }
    let [window, bound, prompt, total, below] = found;
    let prompt = prompt.or_else(|| total?.checked_sub(asked));
    match (window.or(bound.filter(|_| prompt.is_some())), prompt) {
        (Some(window), _) if uncounted => Some(Room::Full { window }),
        (Some(window), Some(prompt)) if stopped_counting(window, prompt, asked) => {
            Some(Room::Full { window })
        }
        (Some(window), Some(prompt)) => Some(Room::Window { window, prompt }),
        _ if window.is_some() || !names_limit(&words) => None,
        _ => bound
            .or(below.and_then(|below| below.checked_sub(1)))
            .filter(|cap| *cap < asked)
            .map(Room::Cap),
    }
}

/// Returns `true` if the prompt is a single token too long. vLLM counts no further, and not every
/// version says `at least`.
fn stopped_counting(window: u32, prompt: u32, asked: u32) -> bool {
    window.checked_add(1).and_then(|over| over.checked_sub(asked)) == Some(prompt)
}

/// Returns what a number means by the words around it. Words after it take precedence over words
/// before it, and longer words over shorter ones: `you requested` over `requested`.
fn role(before: &str, after: &str) -> Option<Role> {
    let behind = AFTER.iter().find(|(words, _)| after.starts_with(words));
    let in_front = || {
        let fits = BEFORE.iter().filter(|(words, _)| before.ends_with(words));
        fits.max_by_key(|(words, _)| words.len())
    };
    behind.or_else(in_front).map(|(_, role)| *role)
}

/// Returns every number, including ones such as `32,768`, with the text before and after it.
fn numbers(words: &str) -> impl Iterator<Item = (&str, u32, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + words.get(at..)?.find(|c: char| c.is_ascii_digit())?;
        let rest = words.get(start..)?;
        let is_part = |(i, c): (usize, char)| {
            let thousands = c == ','
                && rest.get(i + 1..i + 4).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
            c.is_ascii_digit() || thousands
        };
        let end = rest.char_indices().find(|at| !is_part(*at)).map_or(rest.len(), |(i, _)| i);
        at = start + end;
        let (number, after) = rest.split_at_checked(end)?;
        // A number that is out of range is larger than any real limit.
        let number = number.replace(',', "").parse().unwrap_or(u32::MAX);
        Some((words.get(..start)?, number, after))
    })
}

#[cfg(test)]
mod tests;
