//! The live Markdown document of a run, computed as a pure fold over its events.
//!
//! Each section has its place from the start and owns its text, so the order in which branches
//! answer does not matter, and no answer can affect another section. A [`View`] stores the text
//! that a client received last and computes the edits from that text to the current panel. Catching
//! up late, or in any number of steps, gives the same text.

mod export;
mod layout;
mod outline;
mod parts;
mod passage;
mod preview;
mod reasoning;
mod sanitize;
mod section;
mod settled;
mod state;
mod summary;
mod view;

#[cfg(test)]
mod laws;

pub use layout::{place_of, title_of};
pub use outline::{HeadPlaces, OutlineSection};
pub use parts::SectionParts;
pub use passage::{ShownLines, block_at, raw_lines, raw_of_shown};
pub use preview::{fenced, preview};
pub use sanitize::{show_hidden, show_hidden_lines};
pub use settled::Printed;
pub use state::SectionState;
pub use summary::summary;
pub use view::{Edit, View};

use crate::event::{BranchId, Event, Item, Mark, Role, SectionTitle, Stamped, Total};
use crate::lang::Lang;
use sanitize::Viewer;
use section::{End, Section};

/// Part number of the run's closing line, which follows all sections.
const CLOSING: usize = usize::MAX;

/// The live document that shows one run's answers.
#[derive(Clone, Debug)]
pub struct Panel {
    lang: Lang,
    viewer: Viewer,
    head: String,
    /// Byte offset in `head` at which the notes start.
    notes_at: usize,
    /// Generation of the head: incremented when a new head does not extend the old one.
    heads: u32,
    sections: Vec<Section>,
    is_focus_last: bool,
    /// Whether only some of the run's sections are shown.
    is_part: bool,
    /// The last line, with the run's total. Empty before the run ends, and if a model was asked for
    /// fewer than two sections.
    closing: String,
}

impl Panel {
    /// Creates a panel with only a title. Everything else comes from the run's events.
    pub fn new(title: &str, lang: Lang) -> Self {
        Panel::of(title, lang, Viewer::Renderer)
    }

    /// Like [`Panel::new`], but without Markdown escapes, for viewers that show every character as
    /// it is (`text/plain`).
    pub fn in_plain_text(title: &str, lang: Lang) -> Self {
        Panel::of(title, lang, Viewer::Plain)
    }

    /// Creates a panel of only these sections of a run that has already started, to show what is
    /// asked of it now: without the line about its origin, its notes and its total. The head is the
    /// title, or empty without one.
    pub fn of_sections(title: Option<&str>, lang: Lang, sections: &[SectionTitle]) -> Self {
        let mut panel = Panel::new(title.unwrap_or_default(), lang);
        if title.is_none() {
            panel.head.clear();
        }
        let viewer = panel.viewer;
        let sections = sections.iter().zip(1..);
        panel.sections = sections.map(|(s, n)| Section::new(s, n, lang, viewer)).collect();
        panel.is_part = true;
        panel
    }

    fn of(title: &str, lang: Lang, viewer: Viewer) -> Self {
        let head = layout::title_line(title, viewer);
        let notes_at = head.len();
        Panel {
            lang,
            viewer,
            head,
            notes_at,
            heads: 0,
            sections: Vec::new(),
            is_focus_last: false,
            is_part: false,
            closing: String::new(),
        }
    }

    /// Places the focus section ([`Role::Focus`]) after the views, and sections that are added
    /// later at the end. This is for output that can only be appended to, where a focus section
    /// before the views would delay them.
    pub fn with_focus_last(self) -> Self {
        Panel { is_focus_last: true, ..self }
    }

    /// Applies one event of the run. Events are accepted in any order; events of unknown branches
    /// are ignored.
    pub fn apply(&mut self, event: &Event) {
        if is_of_request(event) {
            self.closing.clear();
        }
        match event {
            Event::RunStarted {
                title, source, origin, lang, provider, sections, notes, ..
            } if self.sections.is_empty() => {
                self.lang = *lang;
                // The title is unchanged, unless the panel is rebuilt from its events.
                let viewer = self.viewer;
                let mut head = layout::title_line(title, viewer);
                head.push_str(&layout::origin_line(source, origin.as_ref(), provider, viewer));
                self.notes_at = head.len();
                head.extend(notes.iter().map(|note| layout::note_line(note, viewer)));
                self.heads += u32::from(!head.starts_with(&self.head));
                self.head = head;
                let sections = sections.iter().zip(1..);
                self.sections =
                    sections.map(|(title, n)| Section::new(title, n, *lang, viewer)).collect();
                if self.is_focus_last {
                    self.sections.sort_by_key(|section| section.role == Role::Focus);
                }
                self.gather();
            }
            Event::RunStarted { .. } => {}
            Event::RunEnded { total, .. } => self.close(total.as_ref()),
            Event::SectionAdded { section, after, .. } => self.add(section, after.as_ref()),
            Event::BranchQueued { branch, waits_for } => {
                self.with(branch, |s, lang| s.queue(waits_for.as_deref(), lang))
            }
            Event::BranchStarted { branch, model } => {
                self.with(branch, |s, lang| s.start(model, lang))
            }
            Event::BranchNoted { branch, note } => self.with(branch, |s, lang| s.note(note, lang)),
            Event::Thinking { branch, chars } => self.with(branch, |s, lang| s.think(*chars, lang)),
            Event::Delta { branch, text } => self.with(branch, |s, lang| s.grow(text, lang)),
            Event::Retracted { branch, chars } => {
                self.with(branch, |s, lang| s.retract(*chars, lang));
            }
            Event::BranchRetrying { branch, model: Some(model), .. } => {
                self.with(branch, |s, lang| s.fall_back(model, lang));
            }
            Event::BranchRetrying { branch, attempt, after_ms, failure, model: None } => {
                self.with(branch, |s, lang| s.retrying(*attempt, *after_ms, failure, lang));
            }
            Event::BranchEnded { branch, outcome, usage, cost, elapsed_ms, note } => {
                let end = End {
                    usage: *usage,
                    cost: *cost,
                    elapsed_ms: *elapsed_ms,
                    note: note.as_deref(),
                };
                let is_over = |s: &Section| s.branch == *branch && s.state().is_over();
                // A branch that ends again without having started was refused, so its answer is not
                // new.
                let is_new = !self.sections.iter().any(is_over);
                self.with(branch, |s, lang| s.end(outcome, end, lang));
                self.gather();
                if is_new {
                    self.outdate(branch);
                }
            }
            // Reasoning is shown on demand, in a separate document.
            Event::Reasoning { .. } => {}
            Event::Marked { branch, item, mark } => {
                self.with(branch, |s, lang| s.mark(item, mark.as_ref(), lang));
            }
        }
    }

    /// Applies events in order.
    pub fn apply_all<'a>(&mut self, events: impl IntoIterator<Item = &'a Stamped>) {
        events.into_iter().for_each(|stamped| self.apply(&stamped.event));
    }

    /// Returns the language of the panel's own text, such as status lines, as opposed to the
    /// model's answers.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Returns the panel's whole text.
    pub fn text(&self) -> String {
        self.parts().map(|part| part.text()).collect()
    }

    /// Returns each section's branch and the zero-based line of the section's heading. Clients
    /// cannot reliably search the Markdown for headings, because an answer may contain similar
    /// lines.
    pub fn headings(&self) -> impl Iterator<Item = (&BranchId, usize)> {
        let mut line = line_ends(&self.head);
        self.sections.iter().map(move |section| {
            let part = section.part();
            // A blank line precedes the heading.
            let at = line + 1;
            line += line_ends(part.stable) + line_ends(part.tail);
            (&section.branch, at)
        })
    }

    /// Returns the branch, title and state of each section, in order.
    pub fn states(&self) -> impl Iterator<Item = (&BranchId, &str, SectionState)> {
        self.sections.iter().map(|s| (&s.branch, s.title.as_str(), s.state()))
    }

    /// Returns what the first waiting section waits for, as a sentence; `None` if no section waits
    /// for anything but its turn.
    pub(crate) fn waits_for(&self) -> Option<&str> {
        self.sections.iter().find_map(Section::waits_for)
    }

    /// Returns the sanitized answer of a branch so far; `None` if there is no such branch.
    pub fn answer(&self, branch: &str) -> Option<&str> {
        let section = self.sections.iter().find(|section| &*section.branch.0 == branch)?;
        Some(section.answer())
    }

    /// Returns `true` if a branch has written anything but white space.
    pub(crate) fn has_answer(&self, branch: &BranchId) -> bool {
        self.answer(&branch.0).is_some_and(|text| !text.trim().is_empty())
    }

    /// Returns the user's marks in the panel's order. Each comes with the branch and title of its
    /// section, and the marked item.
    pub fn marks(&self) -> impl Iterator<Item = (&BranchId, &str, &Item, &Mark)> {
        self.sections.iter().flat_map(|section| {
            let marks = section.marks().iter();
            marks.map(|(item, mark)| (&section.branch, section.title.as_str(), item, mark))
        })
    }

    /// Returns `true` if there are sections and all of them have ended. A retry may still change
    /// them.
    pub fn is_over(&self) -> bool {
        !self.sections.is_empty() && self.sections.iter().all(|s| s.state().is_over())
    }

    /// Sets the closing line if the run is over and a model was asked for more than one section;
    /// otherwise clears it.
    fn close(&mut self, total: Option<&Total>) {
        let asked = self.sections.iter().filter(|section| section.has_asked()).count();
        let total = total.filter(|_| self.is_over() && asked > 1 && !self.is_part);
        self.closing = total.map(|total| layout::total(total, self.lang)).unwrap_or_default();
    }

    /// Adds a section, unless the run has not started or the section is already there.
    fn add(&mut self, title: &SectionTitle, after: Option<&BranchId>) {
        let is_known = self.sections.iter().any(|section| section.branch == title.branch);
        if self.sections.is_empty() || is_known || self.is_part {
            return;
        }
        let mut section = Section::new(title, self.sections.len() + 1, self.lang, self.viewer);
        section.after = after.cloned();
        self.sections.insert(self.place_below(after), section);
        self.gather();
    }

    /// Returns the index for a section that follows up on `after`: below that section and its other
    /// follow-ups, or at the end.
    fn place_below(&self, after: Option<&BranchId>) -> usize {
        let end = self.sections.len();
        let found = self.sections.iter().position(|section| Some(&section.branch) == after);
        // Printed text cannot move, so sections that are added later go to the end.
        let Some(found) = found.filter(|_| !self.is_focus_last) else { return end };
        let mut above: Vec<_> = after.into_iter().collect();
        for (section, at) in self.sections.iter().zip(0..).skip(found + 1) {
            if !section.after.as_ref().is_some_and(|after| above.contains(&after)) {
                return at;
            }
            above.push(&section.branch);
        }
        end
    }

    /// Updates the number of finished views in each focus section that has not begun.
    fn gather(&mut self) {
        let views = self.sections.iter().filter(|s| s.role == Role::View);
        let (ended, of) = (views.clone().filter(|s| s.state().is_over()).count(), views.count());
        let is_waiting = |s: &&mut Section| {
            let is_new = s.state() == SectionState::Queued && !s.has_begun();
            s.role == Role::Focus && (is_new || matches!(s.state(), SectionState::Gathering(..)))
        };
        let lang = self.lang;
        self.sections.iter_mut().filter(is_waiting).for_each(|s| s.gather(ended, of, lang));
    }

    /// Records in each focus section that has begun that it does not include the answer of `view`.
    fn outdate(&mut self, view: &BranchId) {
        let found = self.sections.iter().find(|s| s.branch == *view && s.role == Role::View);
        let Some(title) = found.filter(|s| s.has_answer()).map(|s| s.title.clone()) else { return };
        let lang = self.lang;
        let begun = self.sections.iter_mut().filter(|s| s.role == Role::Focus && s.has_begun());
        begun.for_each(|s| s.outdate(&title, lang));
    }

    fn with(&mut self, branch: &BranchId, change: impl FnOnce(&mut Section, Lang)) {
        if let Some(section) = self.sections.iter_mut().find(|s| s.branch == *branch) {
            change(section, self.lang);
        }
    }

    /// Returns the head, the sections and the closing line in the form that [`View`] compares.
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let head =
            Part { number: 0, generation: self.heads, heading: 0, stable: &self.head, tail: "" };
        let closing =
            Part { number: CLOSING, generation: 0, heading: 0, stable: "", tail: &self.closing };
        let sections = self.sections.iter().map(Section::part);
        std::iter::once(head).chain(sections).chain(std::iter::once(closing))
    }
}

/// Returns `true` if an event is about a request or announces one, so that the total is out of
/// date.
fn is_of_request(event: &Event) -> bool {
    match event {
        Event::SectionAdded { .. }
        | Event::BranchQueued { .. }
        | Event::BranchStarted { .. }
        | Event::Thinking { .. }
        | Event::Delta { .. }
        | Event::Retracted { .. }
        | Event::BranchRetrying { .. }
        | Event::BranchEnded { .. } => true,
        Event::RunStarted { .. }
        | Event::BranchNoted { .. }
        | Event::Reasoning { .. }
        | Event::Marked { .. }
        | Event::RunEnded { .. } => false,
    }
}

/// A part of the panel: the head, a section or the closing line. Within a generation, `stable` only
/// grows, while `tail` may change freely.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    /// Identifies the part within its panel.
    number: usize,
    generation: u32,
    /// Number of bytes at the start that are the same in every generation.
    heading: usize,
    stable: &'a str,
    tail: &'a str,
}

impl Part<'_> {
    fn text(&self) -> String {
        [self.stable, self.tail].concat()
    }
}

fn line_ends(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
