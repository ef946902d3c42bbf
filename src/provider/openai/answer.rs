//! An answer as the sum of its events: a pure fold.

use super::event::{Choice, Content, Delta, Event, Lenient, Timings, Tokens};
use super::halves::Halves;
use crate::event::Usage;
use crate::provider::transport::{Complaint, complaint};
use crate::provider::{Chunk, Finish};
use serde_json::value::RawValue;

/// What has been read of an answer.
#[derive(Default)]
pub(super) struct Answer {
    text: Halves,
    thinking: Halves,
    /// The `index` of the choice that is read: the first that came. One was asked for.
    choice: Option<String>,
    finish: Option<Finish>,
    usage: Option<Usage>,
    cached: Option<u64>,
}

impl Answer {
    /// Reads one event, and adds what it holds to `chunks`.
    ///
    /// # Errors
    /// What the provider says is wrong.
    pub(super) fn take(
        &mut self,
        event: Event<'_>,
        chunks: &mut Vec<Chunk>,
    ) -> Result<(), Complaint> {
        let none = |json: &str| matches!(json, "null" | "false" | "\"\"" | "{}");
        let error = event.error.filter(|raw| !none(raw.get()));
        self.count(event.usage.0.or(event.x_groq.0.and_then(|groq| groq.usage.0)));
        self.time(event.timings.0);
        let mut end = Ok(());
        for choice in event.choices.0.into_iter().flatten().filter_map(|choice| choice.0) {
            end = end.and(self.choose(choice, chunks));
        }
        error.map_or(end, |error| Err(complaint(error.get())))
    }

    /// Whether the model has said that it is finished.
    pub(super) fn finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Half a character that waited for its other half.
    pub(super) fn rest(&mut self) -> Option<Chunk> {
        self.text.finish().map(|c| Chunk::Text(c.into()))
    }

    /// The end of an answer that is complete.
    pub(super) fn end(&self) -> Chunk {
        let cached = self.cached.unwrap_or_default();
        let usage = self.usage.map(|usage| Usage {
            // Only a part of the prompt can come from the cache.
            cached_tokens: usage.cached_tokens.max(cached).min(usage.prompt_tokens),
            ..usage
        });
        Chunk::Finish { reason: self.finish.unwrap_or(Finish::Stop), usage, note: None }
    }

    fn choose(&mut self, choice: Choice<'_>, chunks: &mut Vec<Chunk>) -> Result<(), Complaint> {
        let index = choice.index.map(RawValue::get).unwrap_or_default();
        if *self.choice.get_or_insert_with(|| index.to_owned()) != index && !index.is_empty() {
            return Ok(());
        }
        let content = |delta: &Lenient<Delta<'_>>| delta.0.as_ref().map(Delta::content);
        let mut piece = content(&choice.delta).unwrap_or_default();
        if piece == Content::default() {
            piece = content(&choice.message).unwrap_or_default();
        }
        let thought = self.thinking.push(piece.thinking).chars().count();
        if thought > 0 {
            chunks.push(Chunk::Thinking(u32::try_from(thought).unwrap_or(u32::MAX)));
        }
        let text = self.text.push(piece.text);
        if !text.is_empty() {
            chunks.push(Chunk::Text(text));
        }
        match finish(choice.finish_reason.0.as_deref().unwrap_or_default()) {
            Ok(reason) => self.finish = reason.or(self.finish),
            Err(message) => return Err(Complaint { message, ..Complaint::default() }),
        }
        Ok(())
    }

    fn count(&mut self, tokens: Option<Tokens>) {
        let Some(tokens) = tokens else { return };
        let (prompt, completion) = (count(&tokens.prompt_tokens), count(&tokens.completion_tokens));
        if prompt.is_none() && completion.is_none() {
            return;
        }
        let details = tokens.prompt_tokens_details.0.and_then(|d| count(&d.cached_tokens));
        let cached = details.or(count(&tokens.prompt_cache_hit_tokens));
        self.usage = Some(Usage {
            prompt_tokens: prompt.unwrap_or_default(),
            cached_tokens: cached.unwrap_or_default(),
            completion_tokens: completion.unwrap_or_default(),
        });
    }

    /// llama.cpp's own count, for what its usage does not say.
    fn time(&mut self, timings: Option<Timings>) {
        let Some(timings) = timings else { return };
        let cached = count(&timings.cache_n);
        self.cached = cached.or(self.cached);
        if let (None, Some(read), Some(written)) =
            (self.usage, count(&timings.prompt_n), count(&timings.predicted_n))
        {
            let prompt_tokens = read + cached.unwrap_or_default();
            self.usage =
                Some(Usage { prompt_tokens, cached_tokens: 0, completion_tokens: written });
        }
    }
}

/// A number of tokens; a fraction or a negative one is none.
fn count(number: &Lenient<f64>) -> Option<u64> {
    const MOST: f64 = 1e15;
    let number = number.0.filter(|n| (0.0..MOST).contains(n))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    Some(number as u64)
}

/// What a `finish_reason` means; an empty one is none.
fn finish(reason: &str) -> Result<Option<Finish>, String> {
    Ok(Some(match reason.to_ascii_lowercase().as_str() {
        "" | "null" => return Ok(None),
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "content_filter" | "safety" | "recitation" => Finish::Filtered,
        "error" => return Err("finish_reason: error".to_owned()),
        "tool_calls" | "function_call" => Finish::Tool,
        // `stop`, `end_turn`, `eos_token`, and what is yet to be thought of.
        _ => Finish::Stop,
    }))
}

#[cfg(test)]
mod tests;
