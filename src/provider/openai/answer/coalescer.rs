//! Queues an answer's parsed chunks until they are read, and joins chunks that arrive together.

use crate::provider::{Chunk, ProviderError};
use std::collections::VecDeque;

/// Size in bytes from which no more text is added to a chunk. A reader that is slower than the
/// server gets many chunks joined into one; no reader waits for a chunk to fill up.
const JOINED: usize = 4096;

pub(crate) type Item = Result<Chunk, ProviderError>;

/// Queue of an answer's chunks. New text or reasoning is appended to the last chunk if that is of
/// the same kind.
#[derive(Default)]
pub(crate) struct Coalescer(VecDeque<Item>);

impl Coalescer {
    /// Adds text. Allocates only if there is no pending text to append to.
    pub(crate) fn text(&mut self, more: &str) {
        match self.0.back_mut() {
            Some(Ok(Chunk::Text(text))) => text.push_str(more),
            _ if more.is_empty() => {}
            _ => self.push(Ok(Chunk::Text(more.to_owned()))),
        }
    }

    /// Adds reasoning.
    pub(crate) fn thinking(&mut self, more: &str) {
        match self.0.back_mut() {
            Some(Ok(Chunk::Thinking(text))) => text.push_str(more),
            _ if more.is_empty() => {}
            _ => self.push(Ok(Chunk::Thinking(more.to_owned()))),
        }
    }

    /// Retracts all text so far, because it turned out to be reasoning. `chars` is its length in
    /// characters.
    pub(crate) fn retract(&mut self, chars: u32) {
        self.push(Ok(Chunk::Retract(chars)));
    }

    /// Queues the report that the answer has begun, in front of all other items.
    pub(crate) fn begin(&mut self) {
        self.0.push_front(Ok(Chunk::Begun));
    }

    /// Adds an item without joining it with the last one.
    pub(crate) fn push(&mut self, item: Item) {
        self.0.push_back(item);
    }

    /// Removes and returns the oldest item.
    pub(crate) fn pop(&mut self) -> Option<Item> {
        self.0.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if the next chunk may still be joined with a queued one.
    pub(crate) fn may_grow(&self) -> bool {
        self.0.len() < 2
            && self.0.iter().all(|item| match item {
                Ok(Chunk::Text(text) | Chunk::Thinking(text)) => text.len() < JOINED,
                Ok(Chunk::Begun) => true,
                Ok(Chunk::Retract(_) | Chunk::Note(_) | Chunk::Finish { .. }) | Err(_) => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_is_of_one_kind() {
        let mut ready = Coalescer::default();
        ready.text("");
        ready.thinking("");
        assert!(ready.is_empty(), "nothing is no piece");
        for more in ["深", "さ"] {
            ready.text(more);
        }
        assert!(ready.may_grow());
        ready.thinking("な");
        ready.thinking("ぜ");
        assert!(!ready.may_grow(), "what is here is to be taken first");
        ready.text("b");
        let all: Vec<_> = std::iter::from_fn(|| ready.pop()).map(Result::unwrap).collect();
        let text = |text: &str| Chunk::Text(text.to_owned());
        assert_eq!(all, [text("深さ"), Chunk::Thinking("なぜ".to_owned()), text("b")]);
    }

    #[test]
    fn grows_to_a_bound() {
        let mut ready = Coalescer::default();
        ready.text(&"a".repeat(JOINED - 1));
        assert!(ready.may_grow());
        ready.text("b");
        assert!(!ready.may_grow());
    }
}
