//! Makes an answer inert as Markdown while it streams.
//!
//! The editor may render the panel, and a renderer loads images, follows links and lets one open
//! fence swallow everything after it. So a model's output becomes text that looks the same and can
//! do none of that:
//!
//! - fences open only in column 0 and are tracked, so that the panel can close them;
//! - headings go two levels down, below the panel's own sections;
//! - links and images are shown as typed, with their whole targets;
//! - addresses that a renderer would turn into links are kept only if they show their true target,
//!   even in renderers that ignore backslashes;
//! - HTML, entities, math, containers, link definitions and `www.` are escaped;
//! - lines that look like the panel's own become quotations;
//! - invisible characters (controls, bidi marks, zero-width characters) are shown as code points.
//!
//! The output does not depend on how the text is split into [`Sanitizer::push`] calls: characters
//! whose meaning is not known yet are held back, up to about [`HELD_MAX`] bytes. What is still
//! undecided at that bound becomes plain text. Rules: CommonMark 0.31, chapters 4.2 to 4.7, 5.2,
//! 6.1, 6.3 to 6.6; GFM 0.29, 4.10 and 6.9; markdown-it 14 with the additions of VS Code 1.139, and
//! 12 of older VS Code versions.
//!
//! For [`Viewer::Plain`], which renders nothing, nothing is escaped; everything else is the same.

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

/// Maximum number of bytes of an answer that are held back until their meaning is known.
pub(crate) const HELD_MAX: usize = 1024;

/// When too much is held, decisions are forced until at most this many bytes are held. Every forced
/// decision therefore has at least this much lookahead.
const FORCED_MIN: usize = HELD_MAX / 2;

/// The kind of viewer that the text is sanitized for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// An editor or another program that may render Markdown.
    #[default]
    Renderer,
    /// A viewer that shows every character as it is: plain text.
    Plain,
}

/// Maximum number of list and quote markers at the start of a line. Renderers drop what is nested
/// too deeply (markdown-it: 100 levels).
const DEPTH_MAX: usize = 16;

/// Sanitizer for the text of one answer, which arrives in chunks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sanitizer {
    /// Input that is not decided yet, always within one line.
    held: String,
    block: BlockState,
    /// Whether some output was written. Blank lines before that are dropped.
    begun: bool,
    /// Whether the previous line has text, which a `---` below it would turn into a heading.
    after_text: bool,
    after_cr: bool,
    finished: bool,
    shown: Shown,
    line: Line,
    ahead: Ahead,
    /// Whether the previous line has a code span that would break in a table.
    below_pipes: bool,
}

/// Position of the next undecided character.
#[derive(Clone, Copy, Debug)]
enum BlockState {
    /// At the start of a line outside a fence, or after `depth` list and quote markers, at
    /// `column`.
    Start { column: usize, depth: usize, quoted: bool },
    /// Inside a line outside a fence.
    Inline,
    /// At the start of a line inside a fence.
    FenceStart(Fence),
    /// Inside a line in a fence.
    FenceInside(Fence),
}

impl Default for BlockState {
    fn default() -> Self {
        BlockState::Start { column: 0, depth: 0, quoted: false }
    }
}

/// What follows the held text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Not known yet.
    Open,
    /// Not known, but too much is held: the first undecided construct becomes text.
    Forced,
    /// The end of the line.
    Line,
    /// The end of the answer.
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
    pub(crate) fn new(viewer: Viewer) -> Self {
        let mut sanitizer = Sanitizer::default();
        sanitizer.line.escapes = viewer == Viewer::Renderer;
        sanitizer
    }

    /// Creates a sanitizer for names and sentences within a line. Addresses in them never become
    /// links.
    pub(crate) fn within_a_line(viewer: Viewer) -> Self {
        let mut sanitizer = Sanitizer::new(viewer);
        (sanitizer.block, sanitizer.begun) = (BlockState::Inline, true);
        sanitizer.line.addresses = false;
        sanitizer
    }

    /// Processes the next chunk of the answer and appends everything that is decided to `out`.
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

    /// Ends the answer: decides everything that is held and appends it to `out`. An open fence
    /// stays open. Text pushed later begins a new line.
    pub(crate) fn finish(&mut self, out: &mut String) {
        self.decide(End::Answer, out);
        self.finished = true;
    }

    fn begin_line(&mut self, out: &mut String) {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        match self.open_fence() {
            Some(fence) => self.block = BlockState::FenceStart(fence),
            None => {
                self.after_text = true;
                self.block = BlockState::default();
            }
        }
    }

    /// Returns the fence that is open at the end of the output so far, if any.
    pub(crate) fn open_fence(&self) -> Option<Fence> {
        match self.block {
            BlockState::FenceStart(fence) | BlockState::FenceInside(fence) => Some(fence),
            BlockState::Start { .. } | BlockState::Inline => None,
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

    /// Writes as much of `held` as can be decided, given that `end` follows it.
    fn decide(&mut self, end: End, out: &mut String) {
        loop {
            let enough = end == End::Forced && self.held.len() <= FORCED_MIN;
            if self.step(if enough { End::Open } else { end }, out) {
                return;
            }
        }
    }

    /// Makes one decision. Returns `true` if nothing more can be decided.
    fn step(&mut self, end: End, out: &mut String) -> bool {
        match self.block {
            BlockState::Start { column, depth, quoted } => {
                self.start(column, depth, quoted, end, out)
            }
            BlockState::Inline => {
                let taken = inline::escape(&self.held, end, &mut self.line, &mut self.ahead, out);
                self.held.drain(..taken);
                self.begun = true;
                if end.is_known() {
                    self.next_line(true, end, out);
                }
                true
            }
            BlockState::FenceStart(fence) => match fence.read(&self.held, end) {
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
                    self.block = BlockState::FenceInside(fence);
                    false
                }
            },
            BlockState::FenceInside(fence) => {
                out.push_str(&self.held);
                self.held.clear();
                if end == End::Line {
                    out.push('\n');
                    self.block = BlockState::FenceStart(fence);
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
            // Writes the indentation. What follows is still at the start of the line.
            let blanks = indentation(&self.held);
            out.push_str(self.held.get(..blanks).unwrap_or_default());
            self.held.drain(..blanks);
            self.begun = true;
            self.block = BlockState::Start { column: column + blanks, depth, quoted };
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
                self.block = BlockState::Start { column: column + len, depth: depth + 1, quoted };
            }
            Opening::Heading { indent, level, len } => {
                out.push_str(self.held.get(..indent).unwrap_or_default());
                (0..(level + 2).min(6)).for_each(|_| out.push('#'));
                self.held.drain(..len);
                self.block = BlockState::Inline;
            }
            Opening::Rule => {
                // Below text, the line would turn that text into a heading. A blank line in between
                // prevents this. Inside a list or quote, where no blank line can be inserted, the
                // line is escaped.
                let escaped = self.after_text && marked;
                // Two dashes are neither a thematic break nor a list marker.
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
                self.block = BlockState::Inline;
            }
            Opening::Escaped { at } => self.escape_at(at),
            Opening::Fence { fence, info } if !quoted => {
                if marked {
                    // A lone `-` would turn the previous line into a heading.
                    out.push_str("…\n");
                } else if column > 0 {
                    out.push('\n');
                }
                fence.write(out);
                out.push_str(&info);
                out.push('\n');
                self.held.clear();
                self.begun = true;
                self.block = BlockState::FenceStart(fence.indented_by(column));
                return true;
            }
            Opening::Ours => {
                if !marked {
                    out.push_str("> ");
                }
                self.block = BlockState::Inline;
            }
            // A fence inside a quote ends with the quote; as text it need not be tracked.
            Opening::Fence { .. } => self.escape_at(indentation(&self.held)),
            Opening::Text => {
                self.line.in_label |= self.held.trim_start().starts_with('[');
                self.block = BlockState::Inline;
            }
        }
        false
    }

    /// Escapes the construct at byte `at` and continues inline.
    fn escape_at(&mut self, at: usize) {
        self.escape(at);
        self.block = BlockState::Inline;
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
        self.block = BlockState::default();
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
