//! The part of a panel that can be printed, for readers who cannot take anything back.

use super::Panel;

impl Panel {
    /// What no coming event changes, from byte `from` on: all up to the first section that is not
    /// over, and of that one its heading and what has come of its answer. Pieces that are taken
    /// one after the other, each from where the last one ended, are in the end the whole text.
    ///
    /// A retry changes what had settled; this is for runs without one.
    pub fn settled(&self, from: usize) -> String {
        let mut skip = from;
        let mut out = String::new();
        let mut push = |text: &str| match text.get(skip.min(text.len())..) {
            Some(rest) => {
                out.push_str(rest);
                skip -= text.len() - rest.len();
            }
            // Not the end of an earlier piece: nothing is better than half a character.
            None => skip = usize::MAX,
        };
        push(&self.head);
        for section in &self.sections {
            let part = section.part();
            push(part.stable);
            if !section.state().is_over() {
                break;
            }
            push(part.tail);
        }
        out
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
            sections: ["a", "b"].map(|n| SectionTitle { branch: id(n), title: n.into() }).to_vec(),
            notes: vec![],
        });
        let head = panel.settled(0);
        assert!(head.ends_with("## a\n\n"), "{head}");
        panel.apply(&delta("b", "second\n"));
        panel.apply(&end("b"));
        assert_eq!(panel.settled(head.len()), "");
        panel.apply(&delta("a", "first\n"));
        assert_eq!(panel.settled(head.len()), "first\n");
        panel.apply(&end("a"));
        let rest = panel.settled(head.len() + "first\n".len());
        assert_eq!(rest, "\n_a_\n\n## b\n\nsecond\n\n_b_\n");
        assert_eq!(panel.settled(2) + "x", panel.text()[2..].to_owned() + "x");
        assert_eq!(panel.settled(panel.text().len()), "");
        assert_eq!(panel.settled(usize::MAX), "");
    }
}
