//! Exports a panel's answers as a separate Markdown document, to be copied or saved.

use super::Panel;
use crate::event::BranchId;

impl Panel {
    /// Exports the panel as Markdown: the title, the line that says where the text came from, and
    /// each section that has an answer. Notes, states and closing lines are omitted.
    pub fn export(&self) -> String {
        let head = self.head.get(..self.notes_at).unwrap_or_default();
        head.to_owned() + &self.export_sections()
    }

    /// Exports each section that has an answer, including its heading. The panel's head, which
    /// names the source and the provider, is omitted.
    pub fn export_sections(&self) -> String {
        let answered = self.sections.iter().filter(|section| !section.answer().trim().is_empty());
        answered.fold(String::new(), |mut text, section| {
            text.push_str(section.heading());
            text.push_str(&section.closed_answer());
            text
        })
    }

    /// Exports the answer of one section, without its heading; `None` if there is no such branch.
    pub fn export_section(&self, branch: &BranchId) -> Option<String> {
        let section = self.sections.iter().find(|section| section.branch == *branch)?;
        Some(section.closed_answer())
    }

    /// Returns the text of one section, with its heading, its answer and the lines below; `None` if
    /// there is no such branch.
    pub fn section_text(&self, branch: &BranchId) -> Option<String> {
        let section = self.sections.iter().find(|section| section.branch == *branch)?;
        // A blank line precedes the heading.
        Some(section.part().text().trim_start_matches('\n').to_owned())
    }

    /// Returns what one section says besides its answer and outcome: the notes on its last request
    /// and answer, and the headings of the views that are newer than it. `None` if there is no such
    /// branch.
    pub(crate) fn remarks(&self, branch: &BranchId) -> Option<(&[String], &[String])> {
        let section = self.sections.iter().find(|section| section.branch == *branch)?;
        Some(section.remarks())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Failure, FailureKind, Outcome, RunId, SectionTitle, Source, Usage};
    use crate::lang::Lang;
    use crate::text::{Position, Range, Range16};

    fn id(name: &str) -> BranchId {
        BranchId(name.into())
    }

    fn delta(name: &str, text: &str) -> Event {
        Event::Delta { branch: id(name), text: text.into() }
    }

    fn end(name: &str, outcome: Outcome) -> Event {
        let usage =
            Usage { prompt_tokens: 9, cached_tokens: 0, completion_tokens: 9, reasoning_tokens: 0 };
        Event::BranchEnded {
            branch: id(name),
            outcome,
            usage: Some(usage),
            cost: None,
            elapsed_ms: 900,
            note: None,
        }
    }

    fn failure() -> Failure {
        Failure::new(FailureKind::Timeout, "遅すぎます。".into())
    }

    fn panel(events: &[Event]) -> Panel {
        let (start, end) = (Position { line: 2, character: 0 }, Position { line: 5, character: 0 });
        let sections = [("focus", "答え"), ("depth", "深さ"), ("time", "時間")];
        let mut panel = Panel::new("", Lang::Ja);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "会議が長い".into(),
            source: Source {
                uri: "file:///w/memo.md".into(),
                range: Range16(Range { start, end }),
            },
            origin: None,
            lang: Lang::Ja,
            provider: "p".into(),
            without_model: false,
            sections: sections.map(|(name, title)| SectionTitle::view(name, title)).to_vec(),
            notes: vec!["伏せたものがあります。".into()],
            selection: None,
            context: Default::default(),
        });
        for (name, _) in sections {
            panel.apply(&Event::BranchStarted { branch: id(name), model: "m".into() });
            panel.apply(&Event::BranchNoted {
                branch: id(name), note: "一度に届きます".into()
            });
        }
        events.iter().for_each(|event| panel.apply(event));
        panel
    }

    #[test]
    fn answers_are_exported_without_states_notes_and_closing_lines() {
        let panel = panel(&[
            delta("depth", "# 理由\n\n決める人がいない。\n\n\n"),
            end("depth", Outcome::Done),
            delta("focus", "司会を決める。"),
            end("focus", Outcome::Cancelled),
            end("time", Outcome::Failed(failure())),
        ]);
        let head = "# 解像度 · 会議が長い\n\n`memo.md:3–5` · p\n";
        let depth = "### 理由\n\n決める人がいない。\n";
        assert_eq!(
            panel.export(),
            format!("{head}\n## 答え\n\n司会を決める。\n\n## 深さ\n\n{depth}")
        );
        assert_eq!(panel.export_section(&id("depth")).as_deref(), Some(depth));
        assert_eq!(panel.export_section(&id("time")).as_deref(), Some(""));
        assert_eq!(panel.export_section(&id("breadth")), None);
    }

    #[test]
    fn a_fence_that_is_open_is_closed() {
        let cut = [delta("depth", "例:\n```sh\nls"), end("depth", Outcome::CutOff(failure()))];
        for events in [&cut[..1], &cut] {
            let text = panel(events).export_section(&id("depth")).unwrap();
            assert_eq!(text, "例:\n```sh\nls\n```\n");
        }
    }

    #[test]
    fn what_is_exported_stands_in_the_panel() {
        let panel =
            panel(&[delta("depth", "一\n\n- 二\n"), delta("time", "✓ <b>三</b>\nhttps://例.jp")]);
        let shown = panel.text();
        for branch in ["depth", "time"] {
            let text = panel.export_section(&id(branch)).unwrap();
            assert!(!text.is_empty() && shown.contains(text.trim_end()), "{text:?} in {shown:?}");
        }
        assert_eq!(Panel::new("題", Lang::Ja).export(), "# 解像度 · 題\n");
    }
}
