//! Maps lines of a client's copy of a panel to the lines of an answer, as the model wrote it.

use super::sanitize::{Sanitizer, Viewer};
use super::section::Section;
use super::{Panel, View};
use crate::event::BranchId;
use std::ops::Range;

/// A range of lines in one answer, as the panel shows that answer. Line 0 is the first line after
/// the section's heading and the blank line below the heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLines {
    /// The branch that wrote the answer.
    pub branch: BranchId,
    /// Zero-based range of lines. It covers the whole answer if [`View::shown_lines`] was called
    /// for the heading only, and is empty if it was called for the status line only.
    pub lines: Range<usize>,
}

impl View {
    /// Finds the answer that the client's copy of the panel shows in `lines`, and returns which
    /// lines of that answer are shown there. `lines` must not be empty. If `lines` spans several
    /// sections, only the first one is considered. Returns `None` if `lines` begins outside of all
    /// sections, or if a new answer has replaced the one in the copy.
    pub fn shown_lines(&self, panel: &Panel, lines: Range<usize>) -> Option<ShownLines> {
        for (part, copy, section) in self.sections(panel) {
            let first = self.text().byte_to_line(part.start);
            let end = match part.end == self.text().len_bytes() {
                true => self.text().len_lines(),
                false => self.text().byte_to_line(part.end),
            };
            if !(first..end).contains(&lines.start) {
                continue;
            }
            if section.part().generation != copy.generation {
                return None;
            }
            let heading = section.heading_lines();
            let answer = self
                .text()
                .byte_slice(part.start + section.heading_len()..part.start + copy.stable);
            let all = line_count(&answer.to_string());
            let below = |line: usize| line.saturating_sub(first + heading).min(all);
            let is_on_heading = lines.end <= first + heading;
            let lines = if is_on_heading { 0..all } else { below(lines.start)..below(lines.end) };
            return Some(ShownLines { branch: section.branch.clone(), lines });
        }
        None
    }
}

impl Section {
    /// Returns the number of lines of the heading, including the blank lines around it.
    fn heading_lines(&self) -> usize {
        super::line_ends(self.part().stable.get(..self.heading_len()).unwrap_or_default())
    }
}

fn line_count(text: &str) -> usize {
    text.split_inclusive('\n').count()
}

/// Splits the unsanitized answer `raw` into lines, each including its terminator (`\n`, `\r\n` or
/// `\r`).
pub fn raw_lines(raw: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find(['\n', '\r']) {
        let end =
            at + if rest.get(at..).is_some_and(|end| end.starts_with("\r\n")) { 2 } else { 1 };
        let (line, after) = rest.split_at(end);
        lines.push(line);
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

/// Returns the lines of the unsanitized answer `raw` that the panel displays as the lines `shown`;
/// empty if there are none.
pub fn raw_of_shown(raw: &str, shown: &Range<usize>) -> Range<usize> {
    let mut sanitizer = Sanitizer::new(Viewer::Renderer);
    let (mut out, mut found) = (String::new(), None::<Range<usize>>);
    for (number, line) in raw_lines(raw).into_iter().enumerate() {
        let start = super::line_ends(&out);
        sanitizer.push(line, &mut out);
        // Text that is held back belongs to the line that has begun.
        let end = super::line_ends(&out) + usize::from(!line.ends_with(['\n', '\r']));
        if start < shown.end && shown.start < end {
            found = Some(found.map_or(number, |found| found.start)..number + 1);
        }
    }
    found.unwrap_or_default()
}

/// Returns the lines of the paragraph, list item, heading or code block that contains `line` of the
/// unsanitized answer `raw`. The range is empty if `line` is blank and outside of code.
pub fn block_at(raw: &str, line: usize) -> Range<usize> {
    let lines = raw_lines(raw);
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut goes_on = false;
    for (number, text) in lines.iter().enumerate() {
        let marker = fence_of(text);
        let is_closing = fence
            .is_some_and(|open| marker.is_some_and(|close| close.0 == open.0 && close.1 >= open.1));
        let is_blank = fence.is_none() && text.trim().is_empty();
        if is_blank {
            goes_on = false;
            continue;
        }
        let begins = fence.is_none() && (!goes_on || marker.is_some() || is_item(text));
        match blocks.last_mut() {
            Some(block) if !begins => block.end = number + 1,
            _ => blocks.push(number..number + 1),
        }
        fence = match (fence, marker) {
            (None, Some(open)) => Some(open),
            (Some(_), _) if is_closing => None,
            (open, _) => open,
        };
        // A heading is a block by itself.
        goes_on = !is_closing && !text.trim_start().starts_with('#');
    }
    blocks.into_iter().find(|block| block.contains(&line)).unwrap_or_default()
}

/// Returns the character and the length of the code fence that a line opens or closes.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|c| "`~".contains(*c))?;
    let length = text.chars().take_while(|c| *c == mark).count();
    (length >= 3).then_some((mark, length))
}

/// Returns `true` if a line begins a list item or a heading.
fn is_item(line: &str) -> bool {
    let text = line.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = rest.len() < text.len() && (rest.starts_with(". ") || rest.starts_with(") "));
    is_numbered
        || text.starts_with('#')
        || ["- ", "* ", "+ ", "・"].iter().any(|m| text.starts_with(m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, RunId, SectionTitle, Source};
    use crate::lang::Lang;
    use crate::text::Range16;
    use proptest::prelude::*;

    fn blocks(raw: &str) -> Vec<String> {
        let count = raw_lines(raw).len();
        let mut all: Vec<_> = (0..count).map(|line| block_at(raw, line)).collect();
        all.retain(|block| !block.is_empty());
        all.dedup();
        all.into_iter().map(|block| raw_lines(raw)[block].concat()).collect()
    }

    #[test]
    fn a_block_is_a_paragraph_a_list_item_or_a_code_block() {
        let raw = "一行目。\n続き。\n\n- a\n  more\n- b\n\n### h\ntext\n```rs\nx\n\ny\n```\nend";
        let all = [
            "一行目。\n続き。\n",
            "- a\n  more\n",
            "- b\n",
            "### h\n",
            "text\n",
            "```rs\nx\n\ny\n```\n",
            "end",
        ];
        assert_eq!(blocks(raw), all);
        assert_eq!(block_at(raw, 2), 0..0, "a blank line is in none");
        assert_eq!(blocks("1. a\r2) b\r\n"), ["1. a\r", "2) b\r\n"]);
        assert_eq!(blocks("~~~\nnever closed\n\n"), ["~~~\nnever closed\n\n"]);
    }

    #[test]
    fn lines_end_as_an_editor_s_do() {
        assert_eq!(raw_lines("a\nb\r\nc\rd"), ["a\n", "b\r\n", "c\r", "d"]);
        assert!(raw_lines("").is_empty());
    }

    fn panel(answers: &[&str]) -> Panel {
        let names = ["a", "b", "c"];
        let mut panel = Panel::new("t", Lang::En);
        panel.apply(&Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "t".into(),
            source: Source { uri: "file:///a.md".into(), range: Range16::default() },
            origin: None,
            lang: Lang::En,
            provider: "p".into(),
            without_model: false,
            sections: names
                .iter()
                .take(answers.len())
                .map(|n| SectionTitle::view(*n, *n))
                .collect(),
            notes: vec![],
            selection: None,
            context: Default::default(),
        });
        for (name, text) in names.iter().zip(answers) {
            let branch = BranchId((*name).into());
            panel.apply(&Event::Delta { branch, text: (*text).to_owned() });
        }
        panel
    }

    /// Returns each line of the panel that belongs to a section, with the lines of the model's
    /// answer that are found for it.
    fn found(answers: &[&str]) -> Vec<(String, String)> {
        let panel = panel(answers);
        let view = View::new(&panel);
        let count = view.text().len_lines();
        let at = |line: usize| {
            let shown = view.shown_lines(&panel, line..line + 1)?;
            let number = ["a", "b", "c"].iter().position(|n| **n == *shown.branch.0).unwrap();
            let raw = answers[number];
            let words = raw_lines(raw)[raw_of_shown(raw, &shown.lines)].concat();
            Some((view.text().line(line).to_string(), words))
        };
        (0..count).filter_map(at).collect()
    }

    #[test]
    fn a_line_of_the_panel_is_found_in_its_answer() {
        let all = found(&["\n\n# One\n- x <b>\n- ```py\n  yy\n", "二\nz\n---\nend"]);
        let words = |shown: &str| {
            let found = all.iter().find(|(line, _)| line.contains(shown));
            found.unwrap_or_else(|| panic!("no {shown} in {all:?}")).1.as_str()
        };
        assert_eq!(words("### One"), "# One\n");
        assert_eq!(words("\\<b>"), "- x <b>\n");
        assert_eq!(words("yy"), "  yy\n");
        assert_eq!(words("二"), "二\n");
        assert_eq!(words("---"), "---\n", "below a blank line that is not the model's");
        assert_eq!(words("end"), "end");
        assert_eq!(words("## b"), "二\nz\n---\nend", "a heading is all of its answer");
        assert_eq!(words("writing"), "", "a state is none of it");
    }

    #[test]
    fn lines_of_several_sections_are_cut_at_the_first() {
        let panel = panel(&["one\ntwo\n", "three\n"]);
        let view = View::new(&panel);
        let end = view.text().len_lines();
        let start = (0..end).find(|line| view.text().line(*line) == "two\n").unwrap();
        let shown = view.shown_lines(&panel, start..end).unwrap();
        assert_eq!((&*shown.branch.0, shown.lines), ("a", 1..2));
        assert_eq!(view.shown_lines(&panel, 0..end), None, "the head holds no answer");
    }

    #[test]
    fn a_place_in_an_answer_that_was_taken_back_is_none() {
        let mut panel = panel(&["one\n"]);
        let view = View::new(&panel);
        let line = (0..9).find(|line| view.text().line(*line) == "one\n").unwrap();
        let branch = BranchId("a".into());
        panel.apply(&Event::Retracted { branch: branch.clone(), chars: 3 });
        panel.apply(&Event::Delta { branch, text: "new\n".into() });
        assert_eq!(view.shown_lines(&panel, line..line + 1), None);
    }

    proptest! {
        /// Every word of an answer is found by the line that shows it.
        #[test]
        fn every_word_is_found_where_it_is_shown(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec!["- ", "# ", "```\n", "~~~\n", "> ", "\n", "---\n", "字", " | ", "<i>", "  ", "\r\n", "`", "[x](y)", "✓ "]),
                0..30,
            ),
        ) {
            // Each line contains a unique word.
            let mut raw = String::new();
            for (number, piece) in pieces.iter().enumerate() {
                raw.push_str(piece);
                if piece.ends_with('\n') || number == 0 {
                    raw.push_str(&format!("w{number}w"));
                }
            }
            for (shown, words) in found(&[&raw]) {
                // The panel's heading stands for the whole answer.
                if shown.starts_with("## ") {
                    continue;
                }
                for number in 0..pieces.len() {
                    let word = format!("w{number}w");
                    if shown.contains(&word) {
                        prop_assert!(words.contains(&word), "{shown:?} gives {words:?} of {raw:?}");
                    }
                }
            }
        }
    }
}
