//! What one reader of a panel was last given, and the edits from there to now.

use super::{Panel, Part};
use crate::text::{self, Encoding, Range};
use ropey::Rope;
use std::ops;

/// A change to a panel's text, in places of the text that the reader had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub range: Range,
    /// What stands there now.
    pub text: String,
}

/// One reader's copy of a panel.
#[derive(Clone, Debug)]
pub struct View {
    text: Rope,
    marks: Vec<Mark>,
}

/// How much of a part the reader has.
#[derive(Clone, Debug)]
struct Mark {
    generation: u32,
    stable: usize,
    tail: String,
}

impl Mark {
    fn of(part: &Part<'_>) -> Self {
        Mark { generation: part.generation, stable: part.stable.len(), tail: part.tail.to_owned() }
    }

    fn len(&self) -> usize {
        self.stable + self.tail.len()
    }

    /// From what the reader has of this part to `part`: kept bytes at the start, dropped bytes
    /// behind them, and the text in their place. `None` where nothing changed.
    fn change<'a>(&self, part: &Part<'a>) -> Option<(usize, usize, String)> {
        let grown = match part.stable.get(self.stable..) {
            Some(grown) if self.generation == part.generation => grown,
            // The heading stays, and with it what an editor has attached to it.
            _ => {
                let text = part.text().get(part.heading..).unwrap_or_default().to_owned();
                return Some((part.heading, self.len() - part.heading, text));
            }
        };
        if grown.is_empty() && self.tail == part.tail {
            return None;
        }
        let new = [grown, part.tail].concat();
        let kept_end = common_suffix(&self.tail, &new);
        let kept_start = common_prefix(&self.tail, &new, kept_end);
        let inserted = new.get(kept_start..new.len() - kept_end).unwrap_or_default().to_owned();
        Some((self.stable + kept_start, self.tail.len() - kept_end - kept_start, inserted))
    }
}

impl View {
    /// A reader who is given the whole text now.
    pub fn new(panel: &Panel) -> Self {
        let parts: Vec<Part<'_>> = panel.parts().collect();
        let mut text = ropey::RopeBuilder::new();
        for part in &parts {
            text.append(part.stable);
            text.append(part.tail);
        }
        View { text: text.finish(), marks: parts.iter().map(Mark::of).collect() }
    }

    /// The text that the reader has.
    pub fn text(&self) -> &Rope {
        &self.text
    }

    /// The edits from the reader's text to the panel of now, in the order of their places and
    /// without overlap; the reader is taken to apply them all at once.
    pub fn catch_up(&mut self, panel: &Panel, encoding: Encoding) -> Vec<Edit> {
        let parts: Vec<Part<'_>> = panel.parts().collect();
        let changes = self.changes(&parts);
        let edits = changes
            .iter()
            .map(|(bytes, text)| Edit {
                range: text::to_range(&self.text, bytes.clone(), encoding),
                text: text.clone(),
            })
            .collect();
        for (bytes, text) in changes.iter().rev() {
            let start = self.text.byte_to_char(bytes.start);
            let end = self.text.byte_to_char(bytes.end);
            self.text.remove(start..end);
            self.text.insert(start, text);
        }
        self.marks = parts.iter().map(Mark::of).collect();
        edits
    }

    /// Whether the panel of now holds more, or something else, than the reader was given.
    pub fn is_behind(&self, panel: &Panel) -> bool {
        let parts: Vec<Part<'_>> = panel.parts().collect();
        !self.changes(&parts).is_empty()
    }

    /// What changed, as bytes of the reader's text and what stands there now.
    fn changes(&self, parts: &[Part<'_>]) -> Vec<(ops::Range<usize>, String)> {
        let mut changes: Vec<(ops::Range<usize>, String)> = Vec::new();
        let mut at = 0;
        for (index, part) in parts.iter().enumerate() {
            let (bytes, text) = match self.marks.get(index) {
                None => (at..at, part.text()),
                Some(mark) => {
                    let start = at;
                    at += mark.len();
                    match mark.change(part) {
                        None => continue,
                        Some((kept, dropped, text)) => (start + kept..start + kept + dropped, text),
                    }
                }
            };
            // What only moved from a tail into what stays is no change of the text.
            if bytes.is_empty() && text.is_empty() {
                continue;
            }
            match changes.last_mut() {
                // Clients disagree on the order of two edits that touch: one is clear to all.
                Some((last, before)) if last.end == bytes.start => {
                    last.end = bytes.end;
                    before.push_str(&text);
                }
                _ => changes.push((bytes, text)),
            }
        }
        changes
    }
}

/// The bytes that two texts share at their ends, cut to whole characters.
fn common_suffix(a: &str, b: &str) -> usize {
    a.chars()
        .rev()
        .zip(b.chars().rev())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len_utf8())
        .sum()
}

/// The bytes that two texts share at their starts, outside what they share at their ends.
fn common_prefix(a: &str, b: &str, suffix: usize) -> usize {
    let a = a.get(..a.len() - suffix).unwrap_or_default();
    let b = b.get(..b.len() - suffix).unwrap_or_default();
    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum()
}
