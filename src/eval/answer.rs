//! The result of a run or of a single question, as a fold over its events.

use crate::event::{BranchId, Event, Outcome, SectionTitle, Usage};
use crate::perspective::FOCUS;

/// The answer of a run or to a single question, by section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The sections, in the order of the panel.
    pub sections: Vec<Section>,
}

/// A section of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The branch that wrote the section.
    pub branch: BranchId,
    /// The section's heading.
    pub title: String,
    /// The section's text, exactly as the model wrote it.
    pub text: String,
    /// Time of the section's first text, in milliseconds from the start of the run; `None` if there
    /// is no text.
    pub first_ms: Option<u64>,
    /// Time of the section's end, in milliseconds from the start of the run; `None` if it has not
    /// ended.
    pub end_ms: Option<u64>,
    /// How the section ended; `None` if it has not ended.
    pub outcome: Option<Outcome>,
    /// Token usage, if the provider reported it.
    pub usage: Option<Usage>,
}

impl Answer {
    /// Builds an answer from events, each with its time in milliseconds from the start of the run.
    pub fn of(events: impl IntoIterator<Item = (u64, Event)>) -> Self {
        let mut answer = Answer::default();
        events.into_iter().for_each(|(at, event)| answer.take(at, event));
        answer
    }

    fn take(&mut self, at: u64, event: Event) {
        match event {
            Event::RunStarted { sections, .. } => {
                self.sections = sections
                    .into_iter()
                    .map(|titled| Section::new(titled.branch, titled.title))
                    .collect();
            }
            Event::SectionAdded { section: SectionTitle { branch, title, .. }, .. } => {
                self.change(branch, |section| section.title = title);
            }
            Event::BranchStarted { branch, .. } => self.change(branch, |_| {}),
            Event::Delta { branch, text } => self.change(branch, |section| {
                section.text += &text;
                section.first_ms = section.first_ms.or(Some(at));
            }),
            Event::Retracted { branch, .. } => self.change(branch, |section| {
                section.text.clear();
                section.first_ms = None;
            }),
            Event::BranchEnded { branch, outcome, usage, .. } => self.change(branch, |section| {
                (section.outcome, section.usage) = (Some(outcome), usage);
                section.end_ms = Some(at);
            }),
            Event::BranchQueued { .. }
            | Event::BranchNoted { .. }
            | Event::Thinking { .. }
            | Event::Reasoning { .. }
            | Event::BranchRetrying { .. }
            | Event::Marked { .. }
            | Event::RunEnded { .. } => {}
        }
    }

    /// Changes a branch's section. Creates the section if no [`Event::RunStarted`] has announced
    /// it, as in the answer to a single question.
    fn change(&mut self, branch: BranchId, change: impl FnOnce(&mut Section)) {
        if let Some(known) = self.sections.iter_mut().find(|section| section.branch == branch) {
            return change(known);
        }
        let title = branch.to_string();
        let mut section = Section::new(branch, title);
        change(&mut section);
        self.sections.push(section);
    }

    /// Returns the views: all sections except the focus, the section that combines the others.
    pub fn views(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| !section.is_focus())
    }

    /// Returns `true` if there are sections and all of them are complete.
    pub fn is_complete(&self) -> bool {
        !self.sections.is_empty() && self.sections.iter().all(Section::is_complete)
    }

    /// Returns the answer as Markdown: the focus if it is complete, otherwise all sections, each
    /// under its heading if there are several.
    pub fn text(&self) -> String {
        let focus = self.sections.iter().find(|s| s.is_focus() && s.is_complete());
        match (focus, self.sections.as_slice()) {
            (Some(one), _) | (None, [one]) => one.text.trim().to_owned(),
            (None, all) => {
                let parts = all.iter().map(|s| format!("## {}\n\n{}", s.title, s.text.trim()));
                parts.collect::<Vec<_>>().join("\n\n")
            }
        }
    }
}

impl Section {
    fn new(branch: BranchId, title: String) -> Self {
        let text = String::new();
        Section { branch, title, text, first_ms: None, end_ms: None, outcome: None, usage: None }
    }

    /// Returns `true` if the model finished and wrote something.
    pub fn is_complete(&self) -> bool {
        self.outcome == Some(Outcome::Done) && !self.text.trim().is_empty()
    }

    /// Returns `true` if this is the focus, the section that combines the others.
    pub fn is_focus(&self) -> bool {
        &*self.branch.0 == FOCUS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> BranchId {
        BranchId(name.into())
    }

    fn delta(branch: &str, text: &str) -> Event {
        Event::Delta { branch: id(branch), text: text.into() }
    }

    fn end(branch: &str) -> Event {
        let (outcome, usage) = (Outcome::Done, None);
        Event::BranchEnded {
            branch: id(branch),
            outcome,
            usage,
            cost: None,
            elapsed_ms: 9,
            note: None,
        }
    }

    #[test]
    fn retracted_reasoning_is_not_the_first_text() {
        let retracted = Event::Retracted { branch: id("a"), chars: 3 };
        let answer = Answer::of([
            (5, delta("a", "hm")),
            (6, retracted),
            (9, delta("a", "so")),
            (9, end("a")),
        ]);
        let section = &answer.sections[0];
        assert_eq!((section.text.as_str(), section.first_ms), ("so", Some(9)));
        assert!(answer.is_complete());
    }

    #[test]
    fn the_focus_is_the_answer_where_it_is_complete() {
        let views = [(1, delta("depth", "why\n")), (2, end("depth")), (3, delta("time", "when"))];
        let answer = Answer::of(views.clone());
        assert_eq!(answer.text(), "## depth\n\nwhy\n\n## time\n\nwhen");
        assert!(!answer.is_complete(), "one has not ended");
        let focus = [(4, delta(FOCUS, "do this")), (5, end(FOCUS))];
        let answer = Answer::of(views.clone().into_iter().chain(focus.clone()));
        assert_eq!((answer.text().as_str(), answer.views().count()), ("do this", 2));
        let broken = Answer::of(views.into_iter().chain(focus.into_iter().take(1)));
        assert!(broken.text().contains("## depth"), "{}", broken.text());
    }

    #[test]
    fn an_empty_answer_is_not_complete() {
        assert!(!Answer::of([(1, end("a"))]).is_complete());
        assert!(!Answer::of([(1, delta("a", " \n")), (2, end("a"))]).is_complete());
        assert!(!Answer::default().is_complete());
    }
}
