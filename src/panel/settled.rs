//! The part of a panel that no longer changes, for output that cannot be taken back.

use super::Panel;

/// How much of a panel has been printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Index of the part that is being printed: 0 is the head, 1 the first section.
    part: usize,
    generation: u32,
    /// Number of bytes of that part that were printed.
    bytes: usize,
}

impl Panel {
    /// Returns the text that has become final since the last call, and advances `printed`. The text
    /// reaches up to the first unfinished section, and includes that section's heading and the
    /// stable part of its answer. Once the run has ended, the concatenated results are the panel's
    /// whole text. If an answer that was already printed is retracted, a line says so, and the new
    /// answer follows.
    ///
    /// Must not be used for runs with manual retries, because a retry changes a finished section; a
    /// panel of the retried sections alone ([`Panel::of_sections`]) may be used.
    pub fn settled(&self, printed: &mut Printed) -> String {
        let mut piece = String::new();
        while let Some(part) = self.parts().nth(printed.part) {
            let section = printed.part.checked_sub(1).and_then(|at| self.sections.get(at));
            let heading = section.map_or(0, |section| section.heading_len());
            let is_withdrawn = section.is_some() && printed.generation != part.generation;
            if is_withdrawn && printed.bytes > heading {
                let line = self.lang.pick(
                    "↑ ここまではモデルの推論でした。答えはこの下からです。",
                    "↑ That was the model's reasoning. The answer follows.",
                );
                piece.push_str(&format!("\n\n{line}\n\n"));
                printed.bytes = heading;
            }
            printed.generation = part.generation;
            let over = section.is_none_or(|section| section.state().is_over());
            let text = if over { part.text() } else { part.stable.to_owned() };
            // `get` never returns `None`, because what was printed is a prefix of the text.
            piece.push_str(text.get(printed.bytes..).unwrap_or_default());
            printed.bytes = text.len();
            let is_last = printed.part == self.sections.len();
            // The closing line, once there is one, follows all sections.
            if !over || (is_last && self.closing.is_empty()) {
                break;
            }
            *printed = Printed { part: printed.part + 1, ..Printed::default() };
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event, Outcome, RunId, SectionTitle, Source};
    use crate::lang::Lang;
    use crate::text::Range16;

    #[test]
    fn stops_at_the_first_section_that_is_not_over() {
        let id = |name: &str| BranchId(name.into());
        let end = |name: &str| Event::BranchEnded {
            branch: id(name),
            outcome: Outcome::Done,
            usage: None,
            cost: None,
            elapsed_ms: 0,
            note: Some(name.into()),
        };
        let delta = |name: &str, text: &str| Event::Delta { branch: id(name), text: text.into() };
        let mut panel = Panel::new("題", Lang::Ja);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "題".into(),
            source: Source { uri: "file:///a.md".into(), range: Range16::default() },
            lang: Lang::Ja,
            provider: "p".into(),
            without_model: false,
            sections: ["a", "b"]
                .map(|n| SectionTitle { branch: id(n), title: n.into(), role: Default::default() })
                .to_vec(),
            notes: vec![],
            origin: None,
            selection: None,
            context: Default::default(),
        });
        let mut printed = Printed::default();
        let mut settled = |panel: &Panel| panel.settled(&mut printed);
        let head = settled(&panel);
        assert!(head.ends_with("## a\n\n"), "{head}");
        panel.apply(&delta("b", "second\n"));
        panel.apply(&end("b"));
        assert_eq!(settled(&panel), "");
        panel.apply(&delta("a", "first\n"));
        assert_eq!(settled(&panel), "first\n");
        panel.apply(&end("a"));
        assert_eq!(settled(&panel), "\n_a_\n\n## b\n\nsecond\n\n_b_\n");
        assert_eq!(settled(&panel), "");
        assert_eq!(panel.settled(&mut Printed::default()), panel.text());
    }

    #[test]
    fn a_retracted_answer_that_was_printed_is_reported() {
        let branch = || BranchId("a".into());
        let mut panel = Panel::new("題", Lang::En);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "題".into(),
            source: Source { uri: "file:///a.md".into(), range: Range16::default() },
            lang: Lang::En,
            provider: "p".into(),
            without_model: false,
            sections: vec![SectionTitle {
                branch: branch(),
                title: "a".into(),
                role: Default::default(),
            }],
            notes: vec![],
            origin: None,
            selection: None,
            context: Default::default(),
        });
        let mut printed = Printed::default();
        let mut all = panel.settled(&mut printed);
        for (text, retracted) in [("thoughts, long ones\n", Some(20)), ("answer\n", None)] {
            panel.apply(&Event::Delta { branch: branch(), text: text.into() });
            all += &panel.settled(&mut printed);
            if let Some(chars) = retracted {
                panel.apply(&Event::Retracted { branch: branch(), chars });
                all += &panel.settled(&mut printed);
            }
        }
        let says = "thoughts, long ones\n\n\n↑ That was the model's reasoning. The answer follows.\n\nanswer\n";
        assert!(all.ends_with(says), "{all}");
    }

    #[test]
    fn sections_that_are_asked_for_again_are_shown_alone() {
        let id = |name: &str| BranchId(name.into());
        let title = SectionTitle { branch: id("a"), title: "A".into(), role: Default::default() };
        let other = SectionTitle { branch: id("b"), ..title.clone() };
        for (head, name) in [("# 解像度 · 題\n", Some("題")), ("", None)] {
            let mut panel = Panel::of_sections(name, Lang::En, std::slice::from_ref(&title));
            let mut printed = Printed::default();
            assert_eq!(panel.settled(&mut printed), format!("{head}\n## A\n\n"));
            let end = |branch| Event::ended(branch, Outcome::Done);
            let start = |branch| Event::BranchStarted { branch, model: "m".into() };
            let delta = |branch, text: &str| Event::Delta { branch, text: text.into() };
            for event in [
                Event::SectionAdded { section: other.clone(), after: None, question: "".into() },
                start(id("b")),
                start(id("a")),
                delta(id("b"), "not shown\n"),
                end(id("b")),
                delta(id("a"), "shown\n"),
                end(id("a")),
                Event::RunEnded {
                    outcome: crate::event::RunOutcome::Done,
                    total: Some(crate::event::Total::default()),
                },
            ] {
                panel.apply(&event);
            }
            assert_eq!(panel.settled(&mut printed), "shown\n\n`m`\n");
        }
    }
}
