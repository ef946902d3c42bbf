//! Makes an answer inert as Markdown, piece by piece, while it streams.
//!
//! The reader's editor may render the panel, and a renderer loads images, follows links and lets
//! one open fence swallow everything after it. So what a model wrote becomes text that looks the
//! same and can do none of it:
//!
//! - a fence opens only in column 0 and is known here, so that the panel can close it;
//! - a heading goes two levels down, below the panel's own sections;
//! - a link or an image is shown as it was typed, with its whole target;
//! - an address that a renderer would make a link of stays only where it shows its true target, also to one that
//!   reads past backslashes;
//! - HTML, entities, maths, containers and link definitions are escaped, and `www.`;
//! - a line that begins as the panel's own do is a quotation;
//! - what cannot be seen (controls, bidi marks, zero-width characters) is shown by its number.
//!
//! [`Sanitizer::push`] takes any split of the text and gives the same whole: characters whose
//! meaning is not known yet are held back, about [`HELD_MAX`] bytes of them at most. What is still
//! unknown then becomes plain text: no end of it is in sight, so none is taken for granted.
//! Rules: CommonMark 0.31, chapters 4.2 to 4.7, 5.2, 6.1, 6.3 to 6.6; GFM 0.29, 4.10 and 6.9;
//! markdown-it 14 with what VS Code 1.139 adds to it, and 12, which VS Code had before.
//!
//! A terminal renders nothing, so for a [`Reader::Terminal`] nothing is escaped; all else is the same.

mod address;
mod fence;
mod inline;
mod line;
mod visible;

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod tests;

pub(crate) use fence::Fence;
pub use visible::{show_hidden, show_hidden_lines};

use address::Ahead;
use fence::FenceLine;
use inline::Line;
use line::Opening;
use visible::Shown;

/// The bytes of an answer that may be held back until their meaning is known.
pub(crate) const HELD_MAX: usize = 1024;

/// Where too much is held, things are forced until no more than this is. What is forced has seen at
/// least so much of what follows it.
const FORCED_MIN: usize = HELD_MAX / 2;

/// Who shows the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reader {
    /// An editor or a program that may render Markdown.
    #[default]
    Renderer,
    /// A terminal, which shows each character as it is.
    Terminal,
}

/// The most list and quote marks that one line may begin with. Renderers drop what is nested too
/// deep (markdown-it: a hundred levels).
const DEPTH_MAX: usize = 16;

/// The state of one answer on its way into the panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sanitizer {
    /// What came and is not decided yet, always within one line.
    held: String,
    place: Place,
    /// Some text was given out: blank lines before the first are dropped.
    begun: bool,
    /// The line before this one has text, so that `---` under it would make it a heading.
    after_text: bool,
    after_cr: bool,
    finished: bool,
    shown: Shown,
    line: Line,
    ahead: Ahead,
    /// The line before this one has a code span that would break in a table.
    below_pipes: bool,
}

/// Where the next undecided character stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the start of a line outside a fence, or behind list and quote marks up to `column`.
    Start { column: usize, depth: usize, quoted: bool },
    /// Further on in such a line.
    Inline,
    /// At the start of a line inside a fence.
    FenceStart(Fence),
    /// Further on in such a line.
    FenceInside(Fence),
}

impl Default for Place {
    fn default() -> Self {
        Place::Start { column: 0, depth: 0, quoted: false }
    }
}

/// What follows the held text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nobody knows yet.
    Open,
    /// Nobody knows, and too much is held: the first undecided thing is decided now, as text.
    Forced,
    /// The line's end.
    Line,
    /// The answer's end.
    Answer,
}

impl End {
    fn is_known(self) -> bool {
        matches!(self, End::Line | End::Answer)
    }

    fn newline(self) -> &'static str {
        if self == End::Line { "\n" } else { "" }
    }
}

impl Sanitizer {
    pub(crate) fn new(reader: Reader) -> Self {
        let mut sanitizer = Sanitizer::default();
        sanitizer.line.escapes = reader == Reader::Renderer;
        sanitizer
    }

    /// For names and sentences that stand behind something else on their line: no address in them
    /// becomes a link.
    pub(crate) fn within_a_line(reader: Reader) -> Self {
        let mut sanitizer = Sanitizer::new(reader);
        (sanitizer.place, sanitizer.begun) = (Place::Inline, true);
        sanitizer.line.addresses = false;
        sanitizer
    }

    /// Takes the next piece of the answer and appends what is decided to `out`.
    pub(crate) fn push(&mut self, text: &str, out: &mut String) {
        if std::mem::take(&mut self.finished) {
            self.begin_line(out);
        }
        for c in text.chars() {
            match c {
                '\n' if self.after_cr => {}
                '\n' | '\r' => {
                    self.shown = Shown::default();
                    self.decide(End::Line, out);
                }
                c => self.hold(c, out),
            }
            self.after_cr = c == '\r';
        }
        self.decide(End::Open, out);
    }

    /// Takes the answer's end: what was held back is decided now. An open fence stays open. What
    /// comes all the same begins a line.
    pub(crate) fn finish(&mut self, out: &mut String) {
        self.decide(End::Answer, out);
        self.finished = true;
    }

    fn begin_line(&mut self, out: &mut String) {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        match self.open_fence() {
            Some(fence) => self.place = Place::FenceStart(fence),
            None => {
                self.after_text = true;
                self.place = Place::default();
            }
        }
    }

    /// The fence that is open where the text given out so far stops.
    pub(crate) fn open_fence(&self) -> Option<Fence> {
        match self.place {
            Place::FenceStart(fence) | Place::FenceInside(fence) => Some(fence),
            Place::Start { .. } | Place::Inline => None,
        }
    }

    fn hold(&mut self, c: char, out: &mut String) {
        self.shown.push(c, &mut self.held);
        if self.held.len() >= HELD_MAX {
            self.decide(End::Open, out);
            if self.held.len() >= HELD_MAX {
                while self.held.len() > FORCED_MIN {
                    self.decide(End::Forced, out);
                }
            }
        }
    }

    /// Gives out of `held` what is decided when `end` follows it.
    fn decide(&mut self, end: End, out: &mut String) {
        loop {
            let enough = end == End::Forced && self.held.len() <= FORCED_MIN;
            if self.step(if enough { End::Open } else { end }, out) {
                return;
            }
        }
    }

    /// One decision; true where nothing more can be decided.
    fn step(&mut self, end: End, out: &mut String) -> bool {
        match self.place {
            Place::Start { column, depth, quoted } => self.start(column, depth, quoted, end, out),
            Place::Inline => {
                let taken = inline::escape(&self.held, end, &mut self.line, &mut self.ahead, out);
                self.held.drain(..taken);
                self.begun = true;
                if end.is_known() {
                    self.next_line(true, end, out);
                }
                true
            }
            Place::FenceStart(fence) => match fence.read(&self.held, end) {
                FenceLine::Undecided => true,
                FenceLine::Close => {
                    fence.write(out);
                    self.held.clear();
                    self.next_line(false, end, out);
                    if end == End::Forced {
                        out.push('\n');
                    }
                    true
                }
                FenceLine::Content { skip } => {
                    self.held.drain(..skip);
                    self.place = Place::FenceInside(fence);
                    false
                }
            },
            Place::FenceInside(fence) => {
                out.push_str(&self.held);
                self.held.clear();
                if end == End::Line {
                    out.push('\n');
                    self.place = Place::FenceStart(fence);
                }
                true
            }
        }
    }

    fn start(
        &mut self,
        column: usize,
        depth: usize,
        quoted: bool,
        end: End,
        out: &mut String,
    ) -> bool {
        let marked = depth > 0;
        if end == End::Forced && self.held.starts_with([' ', '\t']) {
            // Blanks stay blanks, and what follows them stays at the start of its line.
            let blanks = indentation(&self.held);
            out.push_str(self.held.get(..blanks).unwrap_or_default());
            self.held.drain(..blanks);
            self.begun = true;
            self.place = Place::Start { column: column + blanks, depth, quoted };
            return false;
        }
        match line::read(&self.held, self.after_text, end) {
            Opening::Undecided => return true,
            Opening::Blank => {
                self.held.clear();
                if self.begun {
                    self.next_line(marked, end, out);
                }
                return true;
            }
            Opening::Mark { len, quote } if depth == DEPTH_MAX => {
                self.escape_at(len - if quote { 1 } else { 2 });
            }
            Opening::Mark { len, quote } => {
                out.push_str(self.held.get(..len).unwrap_or_default());
                self.held.drain(..len);
                self.begun = true;
                let quoted = quoted || quote;
                self.place = Place::Start { column: column + len, depth: depth + 1, quoted };
            }
            Opening::Heading { indent, level, len } => {
                out.push_str(self.held.get(..indent).unwrap_or_default());
                (0..(level + 2).min(6)).for_each(|_| out.push('#'));
                self.held.drain(..len);
                self.place = Place::Inline;
            }
            Opening::Rule => {
                // Under text it would be a heading: a blank line between makes it a rule again,
                // and inside a quote, where that is not to be had, it becomes text.
                let escaped = self.after_text && marked;
                // Two are neither a rule nor a list's mark.
                let text = escaped || self.held.trim().len() == 2;
                if escaped {
                    self.escape(indentation(&self.held));
                } else if self.after_text {
                    out.push('\n');
                }
                out.push_str(&self.held);
                self.held.clear();
                self.begun = true;
                self.next_line(text, end, out);
                return true;
            }
            Opening::Table if self.below_pipes => self.escape_at(indentation(&self.held)),
            Opening::Table => {
                self.line.in_table = true;
                self.place = Place::Inline;
            }
            Opening::Escaped { at } => self.escape_at(at),
            Opening::Fence { fence, info } if !quoted => {
                if marked {
                    // A bare `-` would make a heading of the line before.
                    out.push_str("…\n");
                } else if column > 0 {
                    out.push('\n');
                }
                fence.write(out);
                out.push_str(&info);
                out.push('\n');
                self.held.clear();
                self.begun = true;
                self.place = Place::FenceStart(fence.indented_by(column));
                return true;
            }
            Opening::Ours => {
                if !marked {
                    out.push_str("> ");
                }
                self.place = Place::Inline;
            }
            // A fence behind `>` ends with its quote; as text it needs no watching.
            Opening::Fence { .. } => self.escape_at(indentation(&self.held)),
            Opening::Text => {
                self.line.in_label |= self.held.trim_start().starts_with('[');
                self.place = Place::Inline;
            }
        }
        false
    }

    /// Makes text of what begins at byte `at`.
    fn escape_at(&mut self, at: usize) {
        self.escape(at);
        self.place = Place::Inline;
    }

    fn escape(&mut self, at: usize) {
        if self.line.escapes {
            self.held.insert(at, '\\');
        }
    }

    fn next_line(&mut self, after_text: bool, end: End, out: &mut String) {
        out.push_str(end.newline());
        self.after_text = after_text;
        self.below_pipes = self.line.pipes;
        self.line = self.line.next(after_text);
        self.ahead = Ahead::default();
        self.place = Place::default();
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
