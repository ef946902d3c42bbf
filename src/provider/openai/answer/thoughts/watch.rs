//! Watches text for a closing tag without an opening one, which shows that the text was reasoning.

use super::{FINAL, TAGS, WHOLE, chars};

/// Length in bytes from which only the end of a line is kept.
const LINE: usize = 512;

/// What [`Watch::push`] found in a chunk of text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Nothing,
    /// An opening tag. The text only mentions it, so what follows is text, too.
    Mention,
    /// The closing tag `tag`. The `chars` characters before it were reasoning, and the tag ends at
    /// byte `end` of the chunk.
    Close {
        chars: u32,
        end: usize,
        tag: &'static str,
    },
}

/// Scanner that looks for a closing tag and counts the characters before it.
pub(crate) struct Watch {
    /// Number of characters so far.
    chars: u32,
    /// The current line; only its end if the line is long.
    line: String,
    /// Number of backticks in the part of the line that was not kept.
    ticks: usize,
    /// Whether the line is in a fenced code block.
    fenced: bool,
}

impl Watch {
    /// Starts watching after the text `before`.
    pub(crate) fn new(before: &str) -> Self {
        let mut line = String::with_capacity(2 * LINE);
        line.push_str(before.rsplit('\n').next().unwrap_or_default());
        Watch { chars: chars(before), line, ticks: 0, fenced: false }
    }

    /// Processes the next chunk of text, and returns what it contains.
    pub(crate) fn push(&mut self, text: &str) -> Seen {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            for piece in pieces(line) {
                let seen = self.add(piece, at);
                if seen != Seen::Nothing {
                    return seen;
                }
                at += piece.len();
                self.chars = self.chars.saturating_add(chars(piece));
            }
            if line.ends_with('\n') {
                self.end_line();
            }
        }
        Seen::Nothing
    }

    /// Processes a piece of the current line. It begins at byte `at` of the text passed to
    /// [`Watch::push`].
    fn add(&mut self, piece: &str, at: usize) -> Seen {
        self.shorten();
        let before = self.line.len();
        self.line.push_str(piece);
        // A tag can end in this piece only if the piece contains the last character of a tag.
        if !piece.contains(['>', ']', '▷', '\n']) {
            return Seen::Nothing;
        }
        let opened = TAGS.iter().filter_map(|(open, _)| self.find(open, before).next()).min();
        let closed = TAGS.iter().filter_map(|(_, close)| {
            // An answer about the format is more likely to name a part of it than the whole.
            let close = if *close == FINAL { WHOLE } else { close };
            let found = self.find(close, before).find(|found| self.is_end(*found))?;
            Some((found, close))
        });
        let closed = closed.min().filter(|(found, _)| opened.is_none_or(|opened| *found < opened));
        let Some((found, close)) = closed else {
            return if opened.is_some() { Seen::Mention } else { Seen::Nothing };
        };
        let thought = self.line.get(before..found).map_or(0, chars);
        // The start of the tag may have come before this piece.
        let early = self.line.get(found..before).map_or(0, chars);
        let chars = self.chars.saturating_add(thought).saturating_sub(early);
        Seen::Close { chars, end: at + found + close.len() - before, tag: close }
    }

    /// Returns where in the line this tag begins, for each occurrence that ends after byte `from`.
    fn find(&self, tag: &str, from: usize) -> impl Iterator<Item = usize> {
        let start = self.line.ceil_char_boundary((from + 1).saturating_sub(tag.len()));
        let found = self.line.get(start..).unwrap_or_default().match_indices(tag);
        found.map(move |(at, _)| start + at)
    }

    /// Returns `true` if the tag at this byte of the line ends reasoning and is not just mentioned.
    /// Only what precedes the tag counts, because what follows may not have come yet.
    fn is_end(&self, at: usize) -> bool {
        let before = self.line.get(..at).unwrap_or_default();
        if self.fenced || (self.ticks + before.matches('`').count()) % 2 == 1 {
            return false;
        }
        match before.chars().next_back() {
            _ if before.trim().is_empty() => true,
            // After whitespace, a quotation mark or a particle, the tag is a word of a sentence.
            Some(c) => !c.is_whitespace() && !"`\"'“‘「『(（<はがをにとでのもや".contains(c),
            None => true,
        }
    }

    fn end_line(&mut self) {
        let line = self.line.trim_start();
        self.fenced ^= line.starts_with("```") || line.starts_with("~~~");
        self.line.clear();
        self.ticks = 0;
    }

    /// Keeps only the end of a long line.
    fn shorten(&mut self) {
        if self.line.len() > LINE {
            let cut = self.line.floor_char_boundary(self.line.len() - LINE / 2);
            self.ticks += self.line.get(..cut).unwrap_or_default().matches('`').count();
            self.line.drain(..cut);
        }
    }
}

/// Splits a line into pieces that are not much longer than [`LINE`].
fn pieces(mut line: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = line.split_at(line.ceil_char_boundary(LINE).min(line.len()));
        line = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
