//! A client's copy of a panel, and the edits that bring it up to date.

use super::{Panel, Part};
use crate::text::{self, Encoding, Range};
use ropey::Rope;
use std::ops;

/// An edit of a client's copy of a panel. The ranges of all edits from one call of
/// [`View::catch_up`] refer to the text before these edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The replaced range; empty for an insertion.
    pub range: Range,
    /// The replacement text.
    pub text: String,
}

/// A client's copy of a panel's text.
#[derive(Clone, Debug)]
pub struct View {
    text: Rope,
    parts: Vec<PartCopy>,
}

/// One part of a panel, as the client's copy contains it.
#[derive(Clone, Debug)]
pub(super) struct PartCopy {
    pub(super) number: usize,
    pub(super) generation: u32,
    pub(super) stable: usize,
    tail: String,
}

impl PartCopy {
    fn of(part: &Part<'_>) -> Self {
        PartCopy {
            number: part.number,
            generation: part.generation,
            stable: part.stable.len(),
            tail: part.tail.to_owned(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.stable + self.tail.len()
    }

    /// Returns the change to `part`: how many bytes are kept at the start, how many after them are
    /// removed, and their replacement. `None` if nothing changed.
    fn change<'a>(&self, part: &Part<'a>) -> Option<(usize, usize, String)> {
        let grown = match part.stable.get(self.stable..) {
            Some(grown) if self.generation == part.generation => grown,
            // Keeps the heading, and with it whatever an editor attached to its line.
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
    /// Creates a copy of the panel's whole current text.
    pub fn new(panel: &Panel) -> Self {
        let parts: Vec<Part<'_>> = panel.parts().collect();
        let mut text = ropey::RopeBuilder::new();
        for part in &parts {
            text.append(part.stable);
            text.append(part.tail);
        }
        View { text: text.finish(), parts: parts.iter().map(PartCopy::of).collect() }
    }

    /// Returns the parts of the client's copy of the panel, in order.
    pub(super) fn parts(&self) -> &[PartCopy] {
        &self.parts
    }

    /// Returns the text of the client's copy of the panel.
    pub fn text(&self) -> &Rope {
        &self.text
    }

    /// Updates the client's copy of the panel to the current text and returns the edits that the
    /// client must apply. The edits are in order, do not overlap, and must be applied as one
    /// change.
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
        self.parts = parts.iter().map(PartCopy::of).collect();
        edits
    }

    /// Returns `true` if the panel has changed since the client's copy of it was last updated.
    pub fn is_behind(&self, panel: &Panel) -> bool {
        let parts: Vec<Part<'_>> = panel.parts().collect();
        !self.changes(&parts).is_empty()
    }

    /// Returns the changes that bring the client's copy up to date, as byte ranges of the copy and
    /// their replacements.
    fn changes(&self, parts: &[Part<'_>]) -> Vec<(ops::Range<usize>, String)> {
        let mut changes: Vec<(ops::Range<usize>, String)> = Vec::new();
        let mut at = 0;
        // Parts are never removed or reordered, so a part that the copy lacks is an insertion.
        let mut copies = self.parts.iter().peekable();
        for part in parts {
            let (bytes, text) = match copies.next_if(|copy| copy.number == part.number) {
                None => (at..at, part.text()),
                Some(copy) => {
                    let start = at;
                    at += copy.len();
                    match copy.change(part) {
                        None => continue,
                        Some((kept, dropped, text)) => (start + kept..start + kept + dropped, text),
                    }
                }
            };
            // Text that only moved from the tail to the stable part has not changed.
            if bytes.is_empty() && text.is_empty() {
                continue;
            }
            match changes.last_mut() {
                // Clients disagree on the order of two adjacent edits, so they are merged.
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

/// Returns the length in bytes of the common suffix of two texts.
fn common_suffix(a: &str, b: &str) -> usize {
    a.chars()
        .rev()
        .zip(b.chars().rev())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len_utf8())
        .sum()
}

/// Returns the length in bytes of the common prefix of two texts, not counting their common suffix.
fn common_prefix(a: &str, b: &str, suffix: usize) -> usize {
    let a = a.get(..a.len() - suffix).unwrap_or_default();
    let b = b.get(..b.len() - suffix).unwrap_or_default();
    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum()
}
