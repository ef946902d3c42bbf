//! The parts of a panel, for a terminal that lays them out one by one, in any order.

use super::{Panel, SectionState};
use crate::event::{BranchId, Role};

/// One section of a panel, split into parts that can be laid out separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionParts<'a> {
    /// The branch that writes the section's answer.
    pub branch: &'a BranchId,
    /// How the answer relates to those of the other sections.
    pub role: Role,
    /// The section's state.
    pub state: SectionState,
    /// The heading as Markdown.
    pub heading: &'a str,
    /// The answer so far as Markdown. An open fence is closed.
    pub answer: String,
    /// The lines below the answer, as Markdown paragraphs: the user's marks and the section's
    /// state.
    pub words: &'a str,
}

impl Panel {
    /// Returns the panel's head as Markdown: the title, the origin of the text and the run's notes.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Returns the parts of each section, in the panel's order.
    pub fn section_parts(&self) -> impl Iterator<Item = SectionParts<'_>> {
        self.sections.iter().map(|section| SectionParts {
            branch: &section.branch,
            role: section.role,
            state: section.state(),
            heading: section.heading(),
            answer: section.closed_answer(),
            words: section.words(),
        })
    }

    /// Returns the panel's last line, with the run's total. Empty before the run ends, and if a
    /// model was asked for fewer than two sections.
    pub fn closing(&self) -> &str {
        &self.closing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Outcome, RunId, SectionTitle, Source};
    use crate::lang::Lang;
    use crate::text::Range16;

    #[test]
    fn the_pieces_are_those_of_the_text() {
        let id = || BranchId("a".into());
        let mut panel = Panel::new("題", Lang::Ja);
        let title = SectionTitle { branch: id(), title: "深さ".into(), role: Default::default() };
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "題".into(),
            source: Source { uri: "file:///a.md".into(), range: Range16::default() },
            lang: Lang::Ja,
            provider: "p".into(),
            without_model: false,
            sections: vec![title],
            notes: vec![],
            origin: None,
            selection: None,
            context: Default::default(),
        });
        panel.apply(&Event::Delta { branch: id(), text: "```\n開いたまま".into() });
        let of = |panel: &Panel| {
            let parts = panel.section_parts().next().unwrap();
            (parts.state.is_over(), parts.answer.clone(), parts.words.to_owned())
        };
        let answer = || "```\n開いたまま\n```\n".to_owned();
        assert_eq!(of(&panel), (false, answer(), "_… 書いています_".to_owned()));
        let end = |note: &str| Event::BranchEnded {
            branch: id(),
            outcome: Outcome::Done,
            usage: None,
            cost: None,
            elapsed_ms: 0,
            note: Some(note.into()),
        };
        panel.apply(&end("終"));
        assert_eq!(of(&panel), (true, answer(), "_終_".to_owned()));
        let parts = panel.section_parts().next().unwrap();
        let whole = [panel.head(), parts.heading, &parts.answer, "\n", parts.words, "\n"].concat();
        assert_eq!(whole, panel.text());
    }
}
