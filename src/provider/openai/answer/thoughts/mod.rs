//! Separates an answer from reasoning by the tags that models write around their reasoning.
//!
//! Servers that know a model's template send its reasoning separately. Others leave
//! `<think>…</think>` in the content. If the template has written the opening tag, only the closing
//! one comes, after text that looked like the answer.

mod watch;

use super::coalescer::Coalescer;
use watch::{Seen, Watch};

/// Opening and closing tags of models: DeepSeek R1, Qwen3 and most others; variants of these;
/// Seed-OSS; Magistral; Command A; Kimi; Gemma 4; gpt-oss (Harmony).
const TAGS: [(&str, &str); 10] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
    ("<|channel>thought\n", "<channel|>"),
    ("<|channel|>analysis<|message|>", FINAL),
];
/// What gpt-oss writes before its answer.
const FINAL: &str = "<|channel|>final<|message|>";
/// What gpt-oss writes between reasoning and [`FINAL`]. Some servers leave it out.
const BETWEEN: &str = "<|end|><|start|>assistant";
/// [`BETWEEN`] and [`FINAL`].
const WHOLE: &str = "<|end|><|start|>assistant<|channel|>final<|message|>";
/// What gpt-oss may write after its answer.
const RETURN: &str = "<|return|>";
/// Maximum number of bytes held back at the start: whitespace, and what may be a tag.
const HELD: usize = 256;

/// Parser that separates an answer's content into reasoning and text.
#[derive(Default)]
pub(crate) struct Thoughts {
    state: ThoughtsState,
    /// Whether reasoning has come, inside or outside of the content. A closing tag after it is
    /// text.
    has_thought: bool,
}

enum ThoughtsState {
    /// Only whitespace has come, or what may be the start of a tag.
    Start(String),
    /// After an opening tag. `held` is what may be the start of the closing tag.
    Inside { close: &'static str, held: String },
    /// Text that a closing tag may still show to have been reasoning.
    Watching(Watch),
    /// The answer of gpt-oss. The string is what may be its end, [`RETURN`].
    Final(String),
    /// The answer.
    Answer,
}

impl Default for ThoughtsState {
    fn default() -> Self {
        ThoughtsState::Start(String::new())
    }
}

impl ThoughtsState {
    /// Returns the state after a closing tag.
    fn after(close: &str) -> Self {
        match close.ends_with(FINAL) {
            true => ThoughtsState::Final(String::new()),
            false => ThoughtsState::default(),
        }
    }
}

impl Thoughts {
    /// Records that the server sends reasoning separately.
    pub(crate) fn set_separate(&mut self) {
        self.has_thought = true;
        if let ThoughtsState::Watching(_) = self.state {
            self.state = ThoughtsState::Answer;
        }
    }

    /// Adds content, and appends the reasoning and the text in it to `ready`.
    pub(crate) fn push(&mut self, mut text: &str, ready: &mut Coalescer) {
        while !text.is_empty() {
            let taken = match &mut self.state {
                ThoughtsState::Answer => return ready.text(text),
                ThoughtsState::Start(_) => self.start(text, ready),
                ThoughtsState::Inside { .. } => self.inside(text, ready),
                ThoughtsState::Final(held) => return last(held, text, ready),
                ThoughtsState::Watching(watch) => match watch.push(text) {
                    Seen::Nothing => return ready.text(text),
                    Seen::Mention => {
                        self.state = ThoughtsState::Answer;
                        return ready.text(text);
                    }
                    Seen::Close { chars, end, tag } => {
                        ready.retract(chars);
                        self.has_thought = true;
                        self.state = ThoughtsState::after(tag);
                        end
                    }
                },
            };
            text = text.get(taken..).unwrap_or_default();
        }
    }

    /// Ends the answer, and flushes what was held back, because it was not a tag.
    pub(crate) fn finish(&mut self, ready: &mut Coalescer) {
        match std::mem::replace(&mut self.state, ThoughtsState::Answer) {
            ThoughtsState::Start(held) if !self.has_thought || !held.trim().is_empty() => {
                ready.text(&held)
            }
            ThoughtsState::Inside { held, .. } => ready.thinking(&held),
            ThoughtsState::Final(held) if held != RETURN => ready.text(&held),
            ThoughtsState::Start(_)
            | ThoughtsState::Watching(_)
            | ThoughtsState::Final(_)
            | ThoughtsState::Answer => {}
        }
    }

    /// Consumes the part of `text` that belongs to the start of the content, and returns its length
    /// in bytes.
    fn start(&mut self, text: &str, ready: &mut Coalescer) -> usize {
        let ThoughtsState::Start(held) = &mut self.state else { return 0 };
        let before = held.len();
        held.push_str(text.get(..text.floor_char_boundary(HELD)).unwrap_or_default());
        let begins = held.trim_start();
        if let Some((open, close)) = TAGS.iter().find(|(open, _)| begins.starts_with(open)) {
            let taken = held.len() - begins.len() + open.len() - before;
            self.has_thought = true;
            self.state = ThoughtsState::Inside { close, held: String::new() };
            return taken;
        }
        if begins.starts_with(FINAL) {
            let taken = held.len() - begins.len() + FINAL.len() - before;
            self.state = ThoughtsState::Final(String::new());
            return taken;
        }
        let mut opens = TAGS.iter().map(|(open, _)| *open).chain([FINAL]);
        if held.len() <= HELD && opens.any(|open| open.starts_with(begins)) {
            return text.len();
        }
        let earlier = held.get(..before).unwrap_or_default();
        let skipped = match self.has_thought && earlier.trim().is_empty() {
            // Whitespace after reasoning does not begin the answer.
            true => text.len() - text.trim_start().len(),
            false => {
                ready.text(if self.has_thought { earlier.trim_start() } else { earlier });
                0
            }
        };
        self.state = match self.has_thought {
            true => ThoughtsState::Answer,
            false => ThoughtsState::Watching(Watch::new(earlier)),
        };
        skipped
    }

    fn inside(&mut self, text: &str, ready: &mut Coalescer) -> usize {
        let ThoughtsState::Inside { close, held } = &mut self.state else { return 0 };
        let before = held.len();
        held.push_str(text);
        if let Some(at) = held.find(*close) {
            let thought = held.get(..at).unwrap_or_default();
            ready.thinking(thought.strip_suffix(BETWEEN).unwrap_or(thought));
            let taken = at + close.len() - before;
            self.state = ThoughtsState::after(close);
            return taken;
        }
        let between = if *close == FINAL { partial(held, WHOLE) } else { 0 };
        let kept = held.len() - partial(held, close).max(between);
        ready.thinking(held.get(..kept).unwrap_or_default());
        held.drain(..kept);
        text.len()
    }
}

/// Adds text of gpt-oss's answer, and holds back in `held` what may be its end.
fn last(held: &mut String, text: &str, ready: &mut Coalescer) {
    held.push_str(text);
    let end = if held.ends_with(RETURN) { RETURN.len() } else { partial(held, RETURN) };
    let kept = held.len() - end;
    ready.text(held.get(..kept).unwrap_or_default());
    held.drain(..kept);
}

/// Returns how many bytes at the end of `text` are the start of `tag`.
fn partial(text: &str, tag: &str) -> usize {
    (1..tag.len())
        .rev()
        .find(|len| tag.get(..*len).is_some_and(|start| text.ends_with(start)))
        .unwrap_or_default()
}

fn chars(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
