//! Folds a response's events into an answer. Pure: no I/O and no clock.

mod coalescer;
mod finish;
mod surrogates;
mod thoughts;

use super::event::{Any, Choice, Content, Delta, Event, Timings, Tokens};
use super::object::Lenient;
use crate::event::Usage;
use crate::provider::transport::{ApiError, parse_error};
use crate::provider::{Chunk, Finish};
pub(crate) use coalescer::{Coalescer, Item};
pub(crate) use finish::{ParsedFinish, parse_finish};
use serde_json::value::RawValue;
use surrogates::SurrogateDecoder;
use thoughts::Thoughts;

/// The part of an answer that has been read so far.
#[derive(Default)]
pub(crate) struct Answer {
    text: SurrogateDecoder,
    thinking: SurrogateDecoder,
    thoughts: Thoughts,
    /// The `index` of the choice whose text is read: the first that brings any. Only one choice
    /// was requested.
    choice: Option<String>,
    /// Whether a `delta` has brought text. A `message` then only repeats it.
    is_streamed: bool,
    /// The `index` of the first other choice that brought text.
    other: Option<String>,
    finish: Option<ParsedFinish>,
    /// Whether a finish reason may turn out not to be final: one came before or with the first text, or content
    /// followed one.
    reasons_are_unreliable: bool,
    /// Whether a finish reason was false: it came with reasoning, or content followed it.
    had_false_finish: bool,
    /// Whether [`Self::finish`] is probably false: it came with content, like an earlier false one.
    is_finish_suspect: bool,
    /// Whether any text has come.
    written: bool,
    /// Whether an event before the first text could not be read.
    has_unreadable_start: bool,
    usage: Option<Usage>,
    cached: Option<u64>,
    /// Buffer for the content of one event.
    content: Content,
}

/// The kind of content in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Took {
    Nothing,
    Thinking,
    Text,
}

impl Answer {
    /// Applies one event, appends its content to `ready`, and returns the kind of that content.
    ///
    /// # Errors
    /// Returns the error that the provider reports in the event.
    pub(crate) fn take(
        &mut self,
        event: Event<'_>,
        ready: &mut Coalescer,
    ) -> Result<Took, ApiError> {
        match event {
            Event::Usual(choice) => Ok(self.add(choice.index, Some(&choice.delta), None, ready)),
            Event::Any(any) => self.take_any(*any, ready),
        }
    }

    fn take_any(&mut self, event: Any<'_>, ready: &mut Coalescer) -> Result<Took, ApiError> {
        let groq = event.x_groq.0.unwrap_or_default();
        let error = [event.error, groq.error].into_iter().flatten().find(|raw| !is_none(raw));
        self.count(event.usage.0.or(groq.usage.0));
        self.time(event.timings.0);
        let mut took = Ok(Took::Nothing);
        for choice in event.choices.0.into_iter().flatten().filter_map(|choice| choice.0) {
            let more = self.choose(&choice, ready);
            self.count(choice.usage.0);
            took = took.and_then(|took| Ok(took.max(more?)));
        }
        error.map_or(took, |error| Err(parse_error(error.get())))
    }

    /// Returns `true` if the server has sent a finish reason and no content after it.
    pub(crate) fn finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Returns `true` if [`Self::finished`], and the finish reason is not just one that the server
    /// sends with every chunk.
    pub(crate) fn ends_here(&self) -> bool {
        self.finished() && !self.is_finish_suspect
    }

    /// Flushes to `ready` what was held back in case it continued: half a character, or the
    /// possible start of a tag.
    pub(crate) fn flush(&mut self, ready: &mut Coalescer) {
        self.thoughts.finish(ready);
        if self.text.finish().is_some() {
            ready.text("\u{fffd}");
        }
    }

    /// Records an unreadable event. If it comes before any text, the text will begin with a marker
    /// (U+FFFD).
    pub(crate) fn record_unreadable_event(&mut self) {
        self.has_unreadable_start = !self.written;
    }

    /// Returns `true` if the server's finish reasons are unreliable: some servers send one with
    /// every chunk.
    pub(crate) fn reasons_are_unreliable(&self) -> bool {
        self.reasons_are_unreliable
    }

    /// Returns the last chunk of a complete answer.
    ///
    /// # Errors
    /// Returns the server's finish reason if it is unknown or does not mean a complete answer.
    pub(crate) fn end(&self) -> Result<Chunk, &str> {
        let cached = self.cached.unwrap_or_default();
        let usage = self.usage.map(|usage| Usage {
            // No more than the prompt can come from the cache.
            cached_tokens: usage.cached_tokens.max(cached).min(usage.prompt_tokens),
            ..usage
        });
        let reason = match &self.finish {
            Some(ParsedFinish::Incomplete(word)) => return Err(word),
            Some(ParsedFinish::Known(reason)) => *reason,
            Some(ParsedFinish::Error) | None => Finish::Stop,
        };
        Ok(Chunk::Finish { reason, usage })
    }

    fn choose(&mut self, choice: &Choice<'_>, ready: &mut Coalescer) -> Result<Took, ApiError> {
        let is_first = !self.written;
        let (delta, message) = (choice.delta.0.as_ref(), choice.message.0.as_ref());
        let took = self.add(choice.index, delta, message, ready);
        if let Some(error) = choice.error.filter(|raw| !is_none(raw)) {
            return Err(parse_error(error.get()));
        }
        match parse_finish(choice.finish_reason.0.as_deref().unwrap_or_default()) {
            None => {}
            Some(ParsedFinish::Error) => {
                let message = "finish_reason: error".to_owned();
                return Err(ApiError { message, ..ApiError::default() });
            }
            // The end of another choice is not that of the text: a real one writes text of its own.
            Some(_)
                if self.is_other(choice.index)
                    && (self.finish.is_some() || self.is_ignored(choice.index)) => {}
            Some(end) => {
                self.reasons_are_unreliable |= is_first && choice.message.0.is_none();
                // Reasoning may use up all tokens, but it does not complete an answer.
                self.had_false_finish |=
                    is_first && took == Took::Thinking && end == ParsedFinish::Known(Finish::Stop);
                self.is_finish_suspect = self.had_false_finish && took > Took::Nothing;
                self.finish = Some(end);
            }
        }
        Ok(took)
    }

    /// Returns `true` if the text that is read is that of another choice than the one with this
    /// index.
    fn is_other(&self, index: Option<&RawValue>) -> bool {
        self.choice.as_ref().zip(index).is_some_and(|(choice, index)| choice != index.get())
    }

    /// Returns `true` if the choice with this index has brought text that was ignored.
    fn is_ignored(&self, index: Option<&RawValue>) -> bool {
        self.other.as_ref().zip(index).is_some_and(|(other, index)| other == index.get())
    }

    /// Appends the content of `delta` or, if it has none, that of `message`, unless the text comes
    /// in deltas: some servers repeat the whole answer in a `message` at its end.
    ///
    /// Some gateways number the parts of one answer as if they were choices: reasoning, text and
    /// end come under different indexes. So only the text of another choice is ignored.
    fn add(
        &mut self,
        index: Option<&RawValue>,
        delta: Option<&Delta<'_>>,
        message: Option<&Delta<'_>>,
        ready: &mut Coalescer,
    ) -> Took {
        self.content.clear();
        if let Some(delta) = delta {
            delta.read(&mut self.content);
        }
        self.is_streamed |= !self.content.text.is_empty();
        if let Some(message) = message.filter(|_| self.content.is_empty() && !self.is_streamed) {
            message.read(&mut self.content);
        }
        if self.is_other(index) {
            if !self.content.text.is_empty() && self.other.is_none() {
                self.other = index.map(|index| index.get().to_owned());
            }
            self.content.text.clear();
        } else if !self.content.text.is_empty() && self.choice.is_none() {
            self.choice = index.map(|index| index.get().to_owned());
        }
        let mut took = Took::Nothing;
        let thought = self.thinking.push(&self.content.thinking);
        if !thought.is_empty() {
            took = Took::Thinking;
            self.thoughts.set_separate();
            ready.thinking(&thought);
        }
        let text = self.text.push(&self.content.text);
        if !text.is_empty() {
            took = Took::Text;
            if std::mem::take(&mut self.has_unreadable_start) {
                ready.text("\u{fffd}");
            }
            self.thoughts.push(&text, ready);
        }
        let says = took == Took::Thinking || !text.trim().is_empty();
        self.written |= took == Took::Text;
        // Content after a finish reason, except whitespace, revokes the finish reason.
        if says && self.finish.take().is_some() {
            (self.reasons_are_unreliable, self.had_false_finish) = (true, true);
        }
        took
    }

    fn count(&mut self, tokens: Option<Tokens>) {
        let Some(tokens) = tokens else { return };
        let larger = |one, other| count(one).max(count(other));
        let read = count(&tokens.cache_read_input_tokens);
        let beside = read.unwrap_or_default()
            + count(&tokens.cache_creation_input_tokens).unwrap_or_default();
        // Anthropic counts tokens written to its cache and read from it separately from the prompt.
        // A count that includes them cannot be lower than their sum.
        let is_part = |prompt: u64| count(&tokens.prompt_tokens).is_none() || prompt < beside;
        let prompt = larger(&tokens.prompt_tokens, &tokens.input_tokens)
            .map(|prompt| if is_part(prompt) { prompt + beside } else { prompt });
        let completion = larger(&tokens.completion_tokens, &tokens.output_tokens);
        if prompt.is_none() && completion.is_none() {
            return;
        }
        let details = [tokens.prompt_tokens_details, tokens.input_tokens_details];
        let details = details.into_iter().find_map(|d| count(&d.0?.cached_tokens));
        let cached = details.or(count(&tokens.prompt_cache_hit_tokens)).or(read);
        let (prompt, completion) = (prompt.unwrap_or_default(), completion.unwrap_or_default());
        let details = [tokens.completion_tokens_details, tokens.output_tokens_details];
        let details = details.into_iter().find_map(|d| count(&d.0?.reasoning_tokens));
        let reasoning = details.or(count(&tokens.reasoning_tokens)).unwrap_or_default();
        // xAI and Gemini leave reasoning out of the answer's count, but include it in the total.
        let total = count(&tokens.total_tokens).unwrap_or_default();
        let left_out = total.saturating_sub(prompt + completion);
        // Some servers count cached tokens separately from the prompt.
        let cached = cached.unwrap_or_default();
        let beside = if left_out == cached || cached > prompt { cached } else { 0 };
        let (prompt, left_out) = (prompt + beside, left_out.saturating_sub(beside));
        let completion_tokens = completion + left_out;
        self.usage = Some(Usage {
            prompt_tokens: prompt,
            cached_tokens: cached,
            completion_tokens,
            reasoning_tokens: reasoning.max(left_out).min(completion_tokens),
        });
    }

    /// Takes the counts that llama.cpp's usage lacks from its timings.
    fn time(&mut self, timings: Option<Timings>) {
        let Some(timings) = timings else { return };
        let cached = count(&timings.cache_n);
        self.cached = cached.or(self.cached);
        if let (None, Some(read), Some(written)) =
            (self.usage, count(&timings.prompt_n), count(&timings.predicted_n))
        {
            let prompt_tokens = read + cached.unwrap_or_default();
            self.usage =
                Some(Usage { prompt_tokens, completion_tokens: written, ..Usage::default() });
        }
    }
}

/// Returns `true` if an `error` member says that there is no error.
fn is_none(error: &RawValue) -> bool {
    matches!(error.get(), "null" | "false" | "\"\"" | "{}")
}

/// Converts a number of tokens. Returns `None` if it is missing, negative or huge.
fn count(number: &Lenient<f64>) -> Option<u64> {
    const COUNT_MAX: f64 = 1e15;
    let number = number.0.filter(|n| (0.0..COUNT_MAX).contains(n))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    Some(number as u64)
}

#[cfg(test)]
mod tests;
