//! Locates a panel's sections, and the places named in its head, in a client's copy of its text.

use super::layout;
use super::sanitize::Viewer;
use super::section::Section;
use super::view::PartCopy;
use super::{Panel, SectionState, View};
use crate::event::{BranchId, Passage, Role, Source};
use crate::lang::Lang;
use std::ops::Range;

/// A section, as located in a client's copy of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineSection {
    /// The branch that writes the section's answer.
    pub branch: BranchId,
    /// The section's title, not sanitized.
    pub title: String,
    /// How the answer relates to those of the other sections.
    pub role: Role,
    /// Branch of the section that this one follows up on, if any.
    pub after: Option<BranchId>,
    /// The section's zero-based lines in the client's copy of the panel, from the heading to the
    /// last line that is not blank.
    pub lines: Range<usize>,
    /// The section's current state, which may be newer than the text in the copy.
    pub state: SectionState,
    /// Whether the section has answer text.
    pub has_answer: bool,
}

impl OutlineSection {
    /// Returns the section's state in words.
    pub fn words(&self, lang: Lang) -> &'static str {
        self.state.words(self.has_answer, lang)
    }
}

/// Byte ranges of the places that are named in the head of a client's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadPlaces {
    /// The file name and lines of the selected text, without the backticks around them:
    /// `notes.md:3–7`.
    pub source: Range<usize>,
    /// The title of the section that contains the passage the run asks about; `None` if the head
    /// names no such section.
    pub passage: Option<Range<usize>>,
}

impl View {
    /// Returns the sections in the client's copy of the panel, in the order they appear there.
    pub fn outline(&self, panel: &Panel) -> Vec<OutlineSection> {
        let outline = self.sections(panel).map(|(bytes, _, section)| OutlineSection {
            branch: section.branch.clone(),
            title: section.title.clone(),
            role: section.role,
            after: section.after.clone(),
            lines: self.lines_of(bytes),
            state: section.state(),
            has_answer: !section.answer().trim().is_empty(),
        });
        outline.collect()
    }

    /// Returns the sections in the client's copy of the panel, in the order they appear there: for
    /// each, its byte range in the copy, the copied part, and the current section.
    pub(super) fn sections<'a>(
        &'a self,
        panel: &'a Panel,
    ) -> impl Iterator<Item = (Range<usize>, &'a PartCopy, &'a Section)> {
        let mut start = 0;
        self.parts().iter().filter_map(move |copy| {
            let bytes = start..start + copy.len();
            start = bytes.end;
            let section = panel.sections.iter().find(|section| section.number == copy.number)?;
            Some((bytes, copy, section))
        })
    }

    /// Returns the lines of a section, from its heading on. The blank line before the heading is
    /// not included.
    fn lines_of(&self, part: Range<usize>) -> Range<usize> {
        let text = self.text();
        let heading = text.byte_to_line(part.start) + 1;
        let mut end = text.byte_to_line(part.end).max(heading + 1);
        let is_blank = |line: usize| {
            text.get_line(line).is_none_or(|line| line.chars().all(char::is_whitespace))
        };
        while end > heading + 1 && is_blank(end - 1) {
            end -= 1;
        }
        heading..end
    }

    /// Locates `source` and the title of the section with `passage` in the head of the client's
    /// copy. Returns `None` if the head does not name `source`, for example before the run's first
    /// event.
    pub fn head_places(&self, source: &Source, passage: Option<&Passage>) -> Option<HeadPlaces> {
        let text = self.text();
        // The title and a blank line precede the line with the source.
        let line = text.get_line(2)?.to_string();
        let start = text.line_to_byte(2);
        let place = layout::code(&layout::place_of(source));
        let rest = line.strip_prefix(&place)?;
        let passage = passage.and_then(|passage| {
            let title = layout::passage_title(passage, Viewer::Renderer);
            let rest = rest.strip_prefix(layout::PASSAGE_SEPARATOR)?;
            let start = start + place.len() + layout::PASSAGE_SEPARATOR.len();
            (!title.is_empty() && rest.starts_with(&title)).then(|| start..start + title.len())
        });
        Some(HeadPlaces { source: start + 1..start + place.len() - 1, passage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Failure, FailureKind, Outcome, RunId, SectionTitle};
    use crate::text::{Encoding, Position, Range as TextRange, Range16};

    fn id(name: &str) -> BranchId {
        BranchId(name.into())
    }

    fn source() -> Source {
        let (start, end) = (Position { line: 2, character: 0 }, Position { line: 7, character: 0 });
        Source {
            uri: "file:///w/%E4%BC%9A`議.md".into(), range: Range16(TextRange { start, end })
        }
    }

    fn passage() -> Passage {
        let (run, branch) = (RunId("0".into()), id("depth"));
        Passage { run, branch, title: "深さ · *根*".into(), range: Range16::default() }
    }

    fn started() -> Panel {
        let mut panel = Panel::new("会議", Lang::Ja);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "会議".into(),
            source: source(),
            origin: Some(passage()),
            lang: Lang::Ja,
            provider: "p".into(),
            without_model: false,
            sections: vec![
                SectionTitle { branch: id("focus"), title: "答え".into(), role: Role::Focus },
                SectionTitle::view("depth", "深さ"),
                SectionTitle::view("time", "時間"),
            ],
            notes: vec!["伏せたものがあります。".into()],
            selection: None,
            context: Default::default(),
        });
        panel
    }

    fn delta(panel: &mut Panel, branch: &str, text: &str) {
        panel.apply(&Event::Delta { branch: id(branch), text: text.into() });
    }

    fn end(panel: &mut Panel, branch: &str, outcome: Outcome) {
        let branch = id(branch);
        panel.apply(&Event::ended(branch, outcome));
    }

    fn failed() -> Outcome {
        Outcome::Failed(Failure::new(FailureKind::Timeout, "遅すぎます。".into()))
    }

    /// Returns the first and the last line of each section, and its state in words.
    fn shown(view: &View, panel: &Panel) -> Vec<(String, String, &'static str)> {
        let line = |at: usize| view.text().line(at).to_string().trim_end().to_owned();
        let of =
            |s: OutlineSection| (line(s.lines.start), line(s.lines.end - 1), s.words(Lang::Ja));
        view.outline(panel).into_iter().map(of).collect()
    }

    fn row(first: &str, last: &str, words: &'static str) -> (String, String, &'static str) {
        (first.to_owned(), last.to_owned(), words)
    }

    #[test]
    fn a_section_reaches_from_its_heading_to_its_last_line() {
        let mut panel = started();
        delta(&mut panel, "depth", "一\n\n```md\n## 時間\n");
        delta(&mut panel, "time", "二\n\n\n");
        end(&mut panel, "time", Outcome::Done);
        let waits = "視点がそろうのを待っています";
        assert_eq!(
            shown(&View::new(&panel), &panel),
            [
                row("## 答え", &format!("_… {waits} · 1/2_"), waits),
                row("## 深さ", "_… 書いています_", "書いています"),
                row("## 時間", "二", "完了"),
            ]
        );
    }

    #[test]
    fn a_copy_that_lags_has_its_own_lines_and_the_state_of_now() {
        let mut panel = started();
        delta(&mut panel, "depth", "一\n二\n");
        let copy = View::new(&panel);
        delta(&mut panel, "depth", "三\n四\n");
        end(&mut panel, "depth", failed());
        end(&mut panel, "time", failed());
        let title = SectionTitle { branch: id("q"), title: "なぜ".into(), role: Role::FollowUp };
        let after = Some(id("depth"));
        panel.apply(&Event::SectionAdded { section: title, after, question: "なぜ".into() });
        let seen = shown(&copy, &panel);
        assert_eq!(seen.len(), 3, "what the copy lacks is not told: {seen:?}");
        assert_eq!(seen[1], row("## 深さ", "_… 書いています_", "途中で終わりました"));
        assert_eq!(seen[2], row("## 時間", "_… 順番を待っています_", "失敗しました"));
        let mut copy = copy;
        copy.catch_up(&panel, Encoding::Utf16);
        let outline = copy.outline(&panel);
        assert_eq!((&*outline[2].title, outline[2].after.as_ref()), ("なぜ", Some(&id("depth"))));
    }

    #[test]
    fn a_retry_with_a_shorter_answer_moves_no_lines_of_an_older_copy() {
        let mut panel = started();
        delta(&mut panel, "depth", "一\n二\n三\n");
        end(&mut panel, "depth", Outcome::Done);
        let copy = View::new(&panel);
        let before = copy.outline(&panel);
        panel.apply(&Event::BranchStarted { branch: id("depth"), model: "m".into() });
        delta(&mut panel, "depth", "新");
        let after = copy.outline(&panel);
        let lines = |outline: &[OutlineSection]| {
            outline.iter().map(|section| section.lines.clone()).collect::<Vec<_>>()
        };
        assert_eq!(lines(&after), lines(&before));
        assert_eq!(after[1].words(Lang::En), "writing");
    }

    #[test]
    fn the_places_in_the_head_are_found_by_what_stands_there() {
        let view = View::new(&started());
        let places = view.head_places(&source(), Some(&passage())).unwrap();
        let text = |bytes: Range<usize>| view.text().byte_slice(bytes).to_string();
        assert_eq!(text(places.source.clone()), "会'議.md:3–7");
        let shown = text(places.passage.unwrap());
        assert!(shown.starts_with("深さ · ") && shown.contains('根'), "{shown}");
        let alone = view.head_places(&source(), None).unwrap();
        assert_eq!((alone.source, alone.passage), (places.source, None));
        let new = View::new(&Panel::new("会議", Lang::Ja));
        assert_eq!(new.head_places(&source(), None), None, "it has not begun");
        let other = Source { uri: "file:///other.md".into(), ..source() };
        assert_eq!(view.head_places(&other, None), None);
    }

    #[test]
    fn a_document_that_was_never_saved_has_its_name_without_a_scheme() {
        let of = |uri: &str| layout::place_of(&Source { uri: uri.into(), ..source() });
        assert_eq!(of("untitled:Untitled-1"), "Untitled-1:3–7");
        assert_eq!(of("file:///w/a:b.md"), "a:b.md:3–7");
        assert_eq!(of("stdin"), "stdin:3–7");
    }
}
