//! Tests that a context is contiguous with the selection in its document and within its limits.

use super::*;
use crate::text::{Document, Encoding, fixture};
use proptest::prelude::*;

/// Returns the context of the marked range.
fn of(marked: &str, language_id: &str, mode: ContextMode, limit: usize) -> Option<Context> {
    let (text, range) = fixture::parse(marked);
    let document = Document::open("file:///w/my%20notes.md?x#y", language_id, 1, &text);
    document.context(range, Encoding::Utf16, mode, limit)
}

fn around(marked: &str) -> Context {
    of(marked, "markdown", ContextMode::Around, 9_999).unwrap()
}

#[test]
fn the_lines_before_and_after_are_whole() {
    let lines = |range: Range<usize>| range.map(|n| format!("{n}\r\n")).collect::<String>();
    let got = around(&format!("{}a ⟦😀⟧ b\r\n{}", lines(0..60), lines(60..120)));
    assert_eq!(got.before, lines(21..60) + "a ");
    assert_eq!(got.after, " b\r\n".to_owned() + &lines(60..99));
    assert_eq!((got.lines, got.lead, got.tail), ((40, 40), lines(0..21), lines(99..120)));
    let got = around("a\n⟦b\n⟧c");
    assert_eq!((got.before.as_str(), got.after.as_str(), got.lines), ("a\n", "c", (1, 1)));
}

#[test]
fn a_line_that_is_too_long_is_left_out() {
    let long = "長".repeat(AROUND_CHARS);
    let got = around(&format!("near\n{long}\nb\n⟦c⟧\nd\n{long}"));
    assert_eq!((got.before.as_str(), got.after.as_str()), ("b\n", "\nd\n"));
    assert_eq!(of(&format!("{long}x⟦c⟧x{long}"), "", ContextMode::Around, 9_999), None);
}

#[test]
fn nothing_stands_around_a_whole_document() {
    for mode in ContextMode::ALL {
        assert_eq!(of("\n ⟦all\nof it\n⟧\t\r\n", "markdown", mode, 9_999), None);
        let is_none = of("a\n⟦b⟧", "markdown", mode, 9_999).is_none();
        assert_eq!(is_none, mode == ContextMode::None);
    }
}

#[test]
fn a_context_is_named_by_headings_or_by_file_and_definition() {
    let got = around("x\n# 題\n\n## 次\na\n⟦b⟧");
    assert_eq!((got.title.as_str(), got.within.as_str()), ("題", "## 次"));
    let got =
        of("# not a heading\nfn f() {\n    ⟦b⟧\n}", "rust", ContextMode::Around, 9_999).unwrap();
    assert_eq!((got.title.as_str(), got.within.as_str()), ("my notes.md", "fn f() {"));
    assert_eq!(around("a\n⟦b⟧").within, "");
    assert_eq!(
        (name_of("untitled:a%0Ab"), name_of("file:///c%3A/é/x.rs")),
        ("a b".into(), "x.rs".into())
    );
}

#[test]
fn a_document_that_is_too_large_is_not_taken_whole() {
    let lines = "line\n".repeat(100);
    let marked = format!("{lines}⟦b⟧\n{lines}");
    let got = |limit| of(&marked, "markdown", ContextMode::File, limit).unwrap();
    let size = 2 * lines.len() + 2;
    let whole = got(size);
    assert_eq!((whole.mode, whole.before.as_str()), (ContextMode::File, lines.as_str()));
    assert_eq!((whole.after.len(), whole.lines), (lines.len() + 1, (100, 101)));
    let part = got(size - 1);
    assert_eq!(
        (part.mode, part.lines, part.too_large),
        (ContextMode::Around, (40, 40), Some(size))
    );
}

#[test]
fn narrowing_a_context_equals_making_a_narrower_one() {
    let marked = format!("{0}⟦b⟧\n{0}", "line\n".repeat(100));
    for (limit, max) in
        [(9_999, ContextMode::File), (9, ContextMode::File), (9, ContextMode::Around)]
    {
        for less in ContextMode::ALL {
            let narrowed = of(&marked, "", max, limit).unwrap().narrowed(less);
            let made = of(&marked, "", less.min(max), limit).and_then(|made| made.narrowed(less));
            assert_eq!(narrowed, made, "{max:?} {less:?}");
        }
    }
}

proptest! {
    #[test]
    fn a_context_is_contiguous_with_the_selection_and_within_limits(
        before in "(?s)(.|\r\n|\r|\n|😀|か\u{3099}|# a\n|fn f() \\{\n|    ){0,400}",
        chosen in "(.|\r\n|𓂀){1,9}",
        after in "(?s)(.|\r\n|\r|\n|😀|x){0,400}",
        language_id in "(markdown|rust|)",
        limit in 0_usize..3_000,
    ) {
        let text = format!("{before}a{chosen}z{after}");
        let rope = Rope::from_str(&text);
        let bytes = before.len()..before.len() + chosen.len() + 2;
        let about = About { uri: "file:///x.md", language_id: &language_id };
        for mode in ContextMode::ALL {
            let Some(got) = super::of(&rope, bytes.clone(), about, mode, limit) else { continue };
            let chosen = &text[bytes.clone()];
            let (before, after) = (got.lead.clone() + &got.before, got.after.clone() + &got.tail);
            prop_assert!(text[..bytes.start].ends_with(&before));
            prop_assert!(text[bytes.end..].starts_with(&after));
            prop_assert!(got.title == "x.md" || text.contains(&got.title));
            prop_assert!(text[..bytes.start].contains(&got.within));
            prop_assert!(!got.within.contains(['\n', '\r']) && got.mode <= mode && !got.mode.is_none());
            if got.mode == ContextMode::File {
                prop_assert!(text.len() <= limit && got.before.len() + chosen.len() + got.after.len() == text.len());
            } else {
                for (side, lines) in [(&got.before, got.lines.0), (&got.after, got.lines.1)] {
                    prop_assert!(lines <= AROUND_LINES && side.chars().count() <= AROUND_CHARS);
                    let rope = Rope::from_str(side);
                    let empty_last = rope.line(rope.len_lines() - 1).len_chars() == 0;
                    prop_assert_eq!(rope.len_lines() - usize::from(empty_last), lines);
                }
                // The outer ends of the context are line boundaries.
                let first = bytes.start - got.before.len();
                prop_assert!(rope.char_to_byte(rope.line_to_char(rope.byte_to_line(first))) == first);
                let end = bytes.end + got.after.len();
                let is_line = rope.char_to_byte(rope.line_to_char(rope.byte_to_line(end))) == end;
                prop_assert!(end == text.len() || is_line || got.after.is_empty());
            }
        }
    }
}
