//! One section of a panel: a heading, a growing answer, and a last line with the section's state.

use super::Part;
use super::layout::{self, Closing};
use super::sanitize::{Sanitizer, Viewer};
use super::state::SectionState;
use crate::event::{
    Attempt, BranchId, Failure, Item, Mark, Marks, Outcome, Role, SectionTitle, Usage, Usd,
};
use crate::lang::Lang;

/// Maximum number of notes per section.
const NOTES: usize = 8;

#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) branch: BranchId,
    pub(crate) title: String,
    pub(crate) role: Role,
    /// Branch of the section that this one follows up on, if any.
    pub(crate) after: Option<BranchId>,
    /// Number of the section in the order in which sections were added, from 1. The panel's head
    /// has number 0.
    pub(crate) number: usize,
    /// Titles of the views that ended after this focus was started and are therefore not reflected
    /// in it.
    older_than: Vec<String>,
    has_begun: bool,
    /// The closing line alone, without the marks and the list of newer views.
    line: String,
    /// The user's marks on the answer.
    marks: Marks,
    /// Heading and answer, in one text that only grows within a generation.
    stable: String,
    heading_len: usize,
    tail: String,
    /// The text of the tail, without the closing fence and the blank lines around it.
    words: String,
    generation: u32,
    attempt: Attempt,
    viewer: Viewer,
    sanitizer: Sanitizer,
    model: String,
    /// Notes for the user about the request or the answer.
    notes: Vec<String>,
    /// What the section waits for before its request can be sent, as a sentence; `None` if the
    /// section waits only for its turn, or not at all.
    wait: Option<String>,
    state: SectionState,
    thought: u64,
    written: u64,
}

/// Facts about a section that has ended, apart from the outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub(crate) usage: Option<Usage>,
    pub(crate) cost: Option<Usd>,
    pub(crate) elapsed_ms: u64,
    pub(crate) note: Option<&'a str>,
}

impl Section {
    pub(crate) fn new(title: &SectionTitle, number: usize, lang: Lang, viewer: Viewer) -> Self {
        let stable = layout::heading(&title.title, viewer);
        let mut section = Section {
            branch: title.branch.clone(),
            title: title.title.clone(),
            role: title.role,
            after: None,
            number,
            older_than: Vec::new(),
            has_begun: false,
            line: String::new(),
            marks: Marks::default(),
            heading_len: stable.len(),
            stable,
            tail: String::new(),
            words: String::new(),
            generation: 0,
            attempt: Attempt::default(),
            viewer,
            sanitizer: Sanitizer::new(viewer),
            model: String::new(),
            notes: Vec::new(),
            wait: None,
            state: SectionState::Queued,
            thought: 0,
            written: 0,
        };
        section.set(SectionState::Queued, layout::running(SectionState::Queued, lang));
        section
    }

    pub(crate) fn state(&self) -> SectionState {
        self.state
    }

    /// Returns `true` if a request for this section was ever sent.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Returns `true` if answer text has arrived since the last request was sent.
    pub(crate) fn has_answer(&self) -> bool {
        self.written > 0
    }

    /// Returns `true` if a model was asked for the answer.
    pub(crate) fn has_asked(&self) -> bool {
        !self.model.is_empty()
    }

    /// Returns the answer so far, sanitized.
    pub(crate) fn answer(&self) -> &str {
        self.stable.get(self.heading_len..).unwrap_or_default()
    }

    /// Returns the heading, including the blank lines around it.
    pub(crate) fn heading(&self) -> &str {
        self.stable.get(..self.heading_len).unwrap_or_default()
    }

    /// Returns the answer as whole lines, with an open fence closed; empty if there is no answer.
    pub(crate) fn closed_answer(&self) -> String {
        let mut text = self.answer().trim_end().to_owned();
        if text.is_empty() {
            return text;
        }
        text.push('\n');
        if let Some(fence) = self.sanitizer.open_fence() {
            fence.write(&mut text);
            text.push('\n');
        }
        text
    }

    /// Returns the lines below the answer: the user's marks and the section's state.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// Returns the length of the heading in bytes; the answer starts right after it.
    pub(crate) fn heading_len(&self) -> usize {
        self.heading_len
    }

    pub(crate) fn part(&self) -> Part<'_> {
        Part {
            number: self.number,
            generation: self.generation,
            heading: self.heading_len,
            stable: &self.stable,
            tail: &self.tail,
        }
    }

    pub(crate) fn queue(&mut self, waits_for: Option<&str>, lang: Lang) {
        let line = match waits_for {
            Some(wait) => layout::waiting_for(wait, self.viewer),
            None => layout::running(SectionState::Queued, lang),
        };
        self.set(SectionState::Queued, line);
        self.wait = waits_for.map(str::to_owned);
    }

    pub(crate) fn start(&mut self, model: &str, lang: Lang) {
        self.attempt.begin();
        self.model = model.to_owned();
        self.has_begun = true;
        self.notes.clear();
        self.older_than.clear();
        self.thought = 0;
        self.written = 0;
        self.set(SectionState::Waiting, layout::running(SectionState::Waiting, lang));
    }

    /// Updates a focus section that has not begun: `ended` of `of` views have ended.
    pub(crate) fn gather(&mut self, ended: usize, of: usize, lang: Lang) {
        let state = SectionState::Gathering(ended, of);
        self.set(state, layout::running(state, lang));
    }

    /// Records that `view` ended after this focus section was started.
    pub(crate) fn outdate(&mut self, view: &str, lang: Lang) {
        if self.older_than.iter().any(|known| known == view) {
            return;
        }
        self.older_than.push(view.to_owned());
        if self.state.is_over() {
            self.close(self.state, self.line.clone(), lang);
        }
    }

    /// Marks an item, or removes its mark if `mark` is `None`.
    pub(crate) fn mark(&mut self, item: &Item, mark: Option<&Mark>, lang: Lang) {
        self.marks.set(item, mark);
        if self.state.is_over() {
            self.close(self.state, self.line.clone(), lang);
        }
    }

    /// Returns the notes on the last request and answer, and the headings of the views that ended
    /// after this focus section was started.
    pub(crate) fn remarks(&self) -> (&[String], &[String]) {
        (&self.notes, &self.older_than)
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn note(&mut self, note: &str, lang: Lang) {
        if self.notes.len() < NOTES && !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
        if self.state == SectionState::Waiting {
            self.set(SectionState::Waiting, layout::waiting(&self.notes, lang, self.viewer));
        }
    }

    /// Returns what the section waits for before its request can be sent, as a sentence; `None` if
    /// the section waits only for its turn, or not at all.
    pub(crate) fn waits_for(&self) -> Option<&str> {
        self.wait.as_deref()
    }

    pub(crate) fn think(&mut self, chars: u32, lang: Lang) {
        self.thought += u64::from(chars);
        let state = SectionState::Thinking(self.thought);
        self.set(state, layout::running(state, lang));
    }

    pub(crate) fn grow(&mut self, text: &str, lang: Lang) {
        if self.attempt.write() {
            self.forget();
        }
        self.written += text.chars().count() as u64;
        self.sanitizer.push(text, &mut self.stable);
        let state = SectionState::Writing(self.written);
        self.set(state, layout::running(state, lang));
    }

    /// Retracts the answer, because the text so far turned out to be reasoning.
    pub(crate) fn retract(&mut self, chars: u32, lang: Lang) {
        self.forget();
        self.written = 0;
        self.think(chars, lang);
    }

    /// Falls back to another model. The notes say which model was not used, and why.
    pub(crate) fn fall_back(&mut self, model: &str, lang: Lang) {
        self.model = model.to_owned();
        self.set(SectionState::Waiting, layout::waiting(&self.notes, lang, self.viewer));
    }

    pub(crate) fn retrying(&mut self, attempt: u8, after_ms: u64, failure: &Failure, lang: Lang) {
        self.set(
            SectionState::Retrying,
            layout::retrying(attempt, after_ms, failure, lang, self.viewer),
        );
    }

    pub(crate) fn end(&mut self, outcome: &Outcome, end: End<'_>, lang: Lang) {
        let End { usage, cost, elapsed_ms, note } = end;
        self.sanitizer.finish(&mut self.stable);
        self.attempt.end();
        let state = match outcome {
            Outcome::Done => SectionState::Done,
            Outcome::Cancelled => SectionState::Cancelled,
            Outcome::OnDemand => SectionState::OnDemand,
            _ => SectionState::Broken,
        };
        let (model, asked) = (self.model.as_str(), self.notes.as_slice());
        let closing = Closing { model, usage, cost, elapsed_ms, note, asked };
        let line = layout::closing(outcome, &closing, lang, self.viewer);
        self.close(state, line, lang);
    }

    fn close(&mut self, state: SectionState, line: String, lang: Lang) {
        let older = layout::older_than(&self.older_than, lang, self.viewer);
        let marks =
            self.marks.iter().map(|(item, mark)| layout::mark(item, mark, lang, self.viewer));
        let line_of_state = Some(line.clone()).filter(|line| !line.is_empty());
        let whole = marks.chain(line_of_state).chain(older).collect::<Vec<_>>();
        self.set(state, whole.join("\n\n"));
        self.line = line;
    }

    /// Drops the current answer: either an earlier attempt's, once the new attempt has written
    /// text, or text that was retracted.
    fn forget(&mut self) {
        self.marks.clear();
        self.generation += 1;
        self.stable.truncate(self.heading_len);
        self.sanitizer = Sanitizer::new(self.viewer);
    }

    fn set(&mut self, state: SectionState, line: String) {
        self.state = state;
        self.wait = None;
        self.tail.clear();
        self.words.clear();
        if line.is_empty() && self.sanitizer.open_fence().is_none() {
            self.tail.push_str(if self.stable.ends_with('\n') { "" } else { "\n" });
            return;
        }
        if self.stable.len() > self.heading_len {
            let at_line_start = self.stable.ends_with('\n');
            if let Some(fence) = self.sanitizer.open_fence() {
                self.tail.push_str(if at_line_start { "" } else { "\n" });
                fence.write(&mut self.tail);
                self.tail.push_str("\n\n");
            } else {
                if !state.is_over() && ends_in_a_mark(&self.stable) {
                    self.tail.push('…');
                }
                self.tail.push_str(if at_line_start { "\n" } else { "\n\n" });
            }
        }
        self.tail.push_str(&line);
        self.tail.push('\n');
        self.words = line;
    }
}

/// Returns `true` if the last line would be a heading, or would turn the line before it into a
/// heading or a table, unless more text follows: a marker whose item has no text yet, or the
/// characters before a word that is held back.
fn ends_in_a_mark(text: &str) -> bool {
    let is_part = |c: char| "-:|># \t".contains(c);
    text.ends_with(is_part)
        && text.rsplit('\n').next().is_some_and(|line| line.chars().all(is_part))
}
