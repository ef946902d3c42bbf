//! The live document of a run: a pure fold over its events.
//!
//! Each section stands in its place from the first frame and owns its text, so that the order in
//! which branches answer cannot matter, and what one answer holds cannot touch another section.
//! A [`View`] remembers what one reader was last given and computes the edits from there to the
//! panel of now: catching up late, or in any number of steps, gives the same text.

mod layout;
mod preview;
mod sanitize;
mod section;
mod settled;
mod summary;
mod view;

#[cfg(test)]
mod laws;

pub use layout::{place_of, title_of};
pub use preview::{fenced, preview};
pub use sanitize::{show_hidden, show_hidden_lines};
pub use section::State;
pub use settled::{Piece, Printed};
pub use summary::summary;
pub use view::{Edit, View};

use crate::event::{BranchId, Event, Stamped};
use crate::lang::Lang;
use sanitize::Reader;
use section::Section;

/// The document of one run.
#[derive(Clone, Debug)]
pub struct Panel {
    lang: Lang,
    reader: Reader,
    head: String,
    /// Counts heads that did not begin as the one before.
    heads: u32,
    sections: Vec<Section>,
}

impl Panel {
    /// The panel before its first event: a title and nothing below it.
    pub fn new(title: &str, lang: Lang) -> Self {
        Panel::of(title, lang, Reader::Renderer)
    }

    /// The same for a terminal, which would show what is escaped for a renderer.
    pub fn for_terminal(title: &str, lang: Lang) -> Self {
        Panel::of(title, lang, Reader::Terminal)
    }

    fn of(title: &str, lang: Lang, reader: Reader) -> Self {
        let head = layout::title_line(title, reader);
        Panel { lang, reader, head, heads: 0, sections: Vec::new() }
    }

    /// Takes the next event. Every event in any order is taken; one of an unknown branch changes
    /// nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::RunStarted { title, source, lang, provider, sections, notes, .. }
                if self.sections.is_empty() =>
            {
                self.lang = *lang;
                // The same title as before, but for a panel that is made of its events alone.
                let reader = self.reader;
                let mut head = layout::title_line(title, reader);
                head.push_str(&layout::origin_line(source, provider, reader));
                head.extend(notes.iter().map(|note| layout::note_line(note, reader)));
                self.heads += u32::from(!head.starts_with(&self.head));
                self.head = head;
                self.sections =
                    sections.iter().map(|title| Section::new(title, *lang, reader)).collect();
            }
            Event::RunStarted { .. } | Event::RunEnded { .. } => {}
            Event::BranchQueued { branch } => self.with(branch, Section::queue),
            Event::BranchStarted { branch, model } => {
                self.with(branch, |s, lang| s.start(model, lang))
            }
            Event::BranchNoted { branch, note } => self.with(branch, |s, lang| s.note(note, lang)),
            Event::Thinking { branch, chars } => self.with(branch, |s, lang| s.think(*chars, lang)),
            Event::Delta { branch, text } => self.with(branch, |s, lang| s.grow(text, lang)),
            Event::Retracted { branch, chars } => {
                self.with(branch, |s, lang| s.retract(*chars, lang));
            }
            Event::BranchRetrying { branch, attempt, after_ms, failure } => {
                self.with(branch, |s, lang| s.retrying(*attempt, *after_ms, failure, lang));
            }
            Event::BranchEnded { branch, outcome, usage, elapsed_ms, note } => {
                let note = note.as_deref();
                self.with(branch, |s, lang| s.end(outcome, *usage, *elapsed_ms, note, lang));
            }
        }
    }

    /// Takes events in their order.
    pub fn apply_all<'a>(&mut self, events: impl IntoIterator<Item = &'a Stamped>) {
        events.into_iter().for_each(|stamped| self.apply(&stamped.event));
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.parts().map(|part| part.text()).collect()
    }

    /// The line of each section's heading in the text, counted from 0. Nobody has to look for
    /// headings in the Markdown, where an answer may hold what looks like one.
    pub fn headings(&self) -> impl Iterator<Item = (&BranchId, usize)> {
        let mut line = line_ends(&self.head);
        self.sections.iter().map(move |section| {
            let part = section.part();
            // A blank line stands before it.
            let at = line + 1;
            line += line_ends(part.stable) + line_ends(part.tail);
            (&section.branch, at)
        })
    }

    /// Each section's branch, title and state, in their order.
    pub fn states(&self) -> impl Iterator<Item = (&BranchId, &str, State)> {
        self.sections.iter().map(|s| (&s.branch, s.title.as_str(), s.state()))
    }

    /// Whether it has sections, and none of them changes any more by itself.
    pub fn is_over(&self) -> bool {
        !self.sections.is_empty() && self.sections.iter().all(|s| s.state().is_over())
    }

    fn with(&mut self, branch: &BranchId, change: impl FnOnce(&mut Section, Lang)) {
        if let Some(section) = self.sections.iter_mut().find(|s| s.branch == *branch) {
            change(section, self.lang);
        }
    }

    /// The text in the pieces that [`View`] compares: what only grows, and what may change.
    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let head = Part { generation: self.heads, heading: 0, stable: &self.head, tail: "" };
        std::iter::once(head).chain(self.sections.iter().map(Section::part))
    }
}

/// A stretch of the panel: `stable` only grows within a generation, `tail` may become anything.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    generation: u32,
    /// The bytes at the start that are the same in every generation.
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
