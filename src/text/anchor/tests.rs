//! Random edits against a model in which each character knows where it came from.

use super::*;
use crate::text::{Change, Document, Position};
use proptest::prelude::*;

/// A character of the model: whether it was selected, and whether it belongs to the anchor.
#[derive(Clone, Copy, Debug)]
struct Known {
    c: char,
    is_selected: bool,
    belongs: bool,
}

/// A random edit, relative to the text at that time.
#[derive(Clone, Debug)]
struct Step {
    start: usize,
    chars: usize,
    /// The edge of the anchor near which to edit (`true` is the first one), and an offset.
    near: Option<(bool, usize)>,
    text: String,
    /// Whether the whole text is sent, including this change.
    is_whole: bool,
}

const ALPHABET: [&str; 14] = [
    "a",
    "b",
    " ",
    "\n",
    "\r\n",
    "\r",
    "解",
    "像度",
    "が",
    "か\u{3099}",
    "😀",
    "👩‍👧",
    "𝒳",
    "\u{2028}",
];

fn texts(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(ALPHABET.to_vec()), 0..most)
        .prop_map(|pieces| pieces.concat())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let near = prop::option::weighted(0.7, (any::<bool>(), 0..5_usize));
    let chars = prop_oneof![3 => Just(0_usize), 3 => 1..4_usize, 1 => 4..60_usize];
    let step = (any::<prop::sample::Index>(), chars, near, texts(4), prop::bool::weighted(0.1));
    let step = step.prop_map(|(start, chars, near, text, is_whole)| Step {
        start: start.index(1 << 20),
        chars,
        near,
        text,
        is_whole,
    });
    prop::collection::vec(step, 1..40)
}

/// Returns `true` if an editor can put its cursor before this character.
fn is_cursor(model: &[Known], at: usize) -> bool {
    !(at > 0 && at < model.len() && model[at - 1].c == '\r' && model[at].c == '\n')
}

fn back(model: &[Known], mut at: usize) -> usize {
    at = at.min(model.len());
    while !is_cursor(model, at) {
        at -= 1;
    }
    at
}

/// Returns the position of a character, by walking over the text.
fn position(model: &[Known], at: usize, encoding: Encoding) -> Position {
    let mut position = Position::default();
    for (known, next) in model[..at].iter().zip(1..) {
        let is_end =
            known.c == '\n' || known.c == '\r' && model.get(next).is_none_or(|next| next.c != '\n');
        if is_end {
            position = Position { line: position.line + 1, character: 0 };
        } else if known.c != '\r' {
            position.character += match encoding {
                Encoding::Utf8 => known.c.len_utf8(),
                Encoding::Utf16 => known.c.len_utf16(),
                Encoding::Utf32 => 1,
            } as u32;
        }
    }
    position
}

fn text_of(model: &[Known]) -> String {
    model.iter().map(|known| known.c).collect()
}

/// Replaces characters of the model. New ones belong to the anchor if both of their neighbors do.
fn replace(model: &mut Vec<Known>, start: usize, end: usize, text: &str) {
    let belongs =
        start > 0 && model[start - 1].belongs && model.get(end).is_some_and(|after| after.belongs);
    let new = text.chars().map(|c| Known { c, is_selected: false, belongs });
    model.splice(start..end, new.collect::<Vec<_>>());
}

/// Applies a text that is sent as a whole: replaces everything except what is the same at both
/// ends.
fn whole(model: &mut Vec<Known>, text: &str) {
    let new: Vec<char> = text.chars().collect();
    let mut start = 0;
    while start < model.len() && start < new.len() && model[start].c == new[start] {
        start += 1;
    }
    let (mut end, mut new_end) = (model.len(), new.len());
    while end > start && new_end > start && model[end - 1].c == new[new_end - 1] {
        end -= 1;
        new_end -= 1;
    }
    let text: String = new[start..new_end].iter().collect();
    replace(model, start, end, &text);
}

/// Returns the byte range that belongs to the anchor in the model; `None` if nothing that was
/// selected is left.
fn expected(model: &[Known]) -> Option<ops::Range<usize>> {
    model.iter().find(|known| known.is_selected)?;
    let mut found: Option<ops::Range<usize>> = None;
    let mut at = 0;
    for known in model {
        let end = at + known.c.len_utf8();
        if known.belongs {
            found = Some(found.map_or(at, |found| found.start)..end);
        }
        at = end;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// About 30,000 edits around, across and inside the selected text.
    #[test]
    fn an_anchor_is_where_the_selected_characters_are(
        before in texts(8),
        selected in texts(12).prop_filter("some text", |text| !text.is_empty()),
        after in texts(8),
        encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Utf16, Encoding::Utf32]),
        steps in steps(),
    ) {
        let parts = [(&before, false), (&selected, true), (&after, false)];
        let mut model: Vec<Known> = parts
            .iter()
            .flat_map(|(text, is_selected)| {
                text.chars().map(|c| Known { c, is_selected: *is_selected, belongs: *is_selected })
            })
            .collect();
        let mut document = Document::open("file:///a", "text", 0, &text_of(&model));
        let mut anchor = Anchor::new(before.len()..before.len() + selected.len());
        for (step, version) in steps.iter().zip(1..) {
            let edges: Vec<usize> =
                (0..model.len()).filter(|at| model[*at].belongs).collect();
            let start = match (step.near, edges.first().zip(edges.last())) {
                (Some((true, off)), Some((first, _))) => (first + off).saturating_sub(2),
                (Some((false, off)), Some((_, last))) => (last + off).saturating_sub(1),
                _ => step.start % (model.len() + 1),
            };
            let start = back(&model, start);
            let end = back(&model, start + step.chars).max(start);
            let range = Range {
                start: position(&model, start, encoding),
                end: position(&model, end, encoding),
            };
            let mut then = model.clone();
            replace(&mut then, start, end, &step.text);
            let change = match step.is_whole || end - start == model.len() {
                true => {
                    whole(&mut model, &text_of(&then));
                    let range = Some(range).filter(|_| !step.is_whole);
                    let text = if step.is_whole { text_of(&then) } else { step.text.clone() };
                    Change { range, text }
                }
                false => {
                    model = then;
                    Change { range: Some(range), text: step.text.clone() }
                }
            };
            document.apply_and_follow(version, &[change], encoding, &mut [&mut anchor]);
            prop_assert_eq!(document.snapshot().to_string(), text_of(&model));
            prop_assert!(!document.stale());
            match expected(&model) {
                Some(bytes) => {
                    prop_assert!(!anchor.is_gone());
                    prop_assert_eq!(anchor.bytes(), bytes);
                }
                None => {
                    prop_assert!(anchor.is_gone());
                    prop_assert!(anchor.bytes().is_empty());
                    prop_assert!(anchor.bytes().end <= document.snapshot().len_bytes());
                    break;
                }
            }
        }
    }

    #[test]
    fn a_text_is_found_where_it_stands_once(
        before in texts(20), text in texts(6), after in texts(20),
    ) {
        let all = format!("{before}{text}{after}");
        let rope = Rope::from_str(&all);
        let starts = (0..=all.len()).filter(|at| all.is_char_boundary(*at));
        let places: Vec<usize> = starts.filter(|at| all[*at..].starts_with(&text)).collect();
        let print = TextDigest::of(&text);
        let own = before.len()..before.len() + text.len();
        prop_assert!(print.is_at(&rope, own.clone()));
        prop_assert_eq!(print.starts_at(&rope, own.start), Some(own.clone()));
        let once = (!text.is_empty() && places.len() == 1).then_some(own);
        prop_assert_eq!(print.find(&rope), once);
    }
}

/// Applies changes to a text with a marked selection, and marks the anchor in the result.
fn follow(marked: &str, changes: &[(&str, &str)]) -> String {
    let (text, range) = crate::text::fixture::parse(marked);
    let mut document = Document::open("file:///a", "text", 0, &text);
    let mut anchor = document.anchor(range, Encoding::Utf16);
    for ((old, new), version) in changes.iter().zip(1..) {
        let rope = document.snapshot();
        let start = rope.to_string().find(old).unwrap();
        let range = super::super::to_range(&rope, start..start + old.len(), Encoding::Utf16);
        let change = Change { range: Some(range), text: (*new).to_owned() };
        document.apply_and_follow(version, &[change], Encoding::Utf16, &mut [&mut anchor]);
    }
    if anchor.is_gone() {
        return format!("gone at {}", anchor.bytes().start);
    }
    let rope = document.snapshot();
    let range = super::super::to_range(&rope, anchor.bytes(), Encoding::Utf16);
    crate::text::fixture::mark(&rope.to_string(), range)
}

#[test]
fn what_is_inserted_inside_belongs_to_it_and_what_is_inserted_at_its_edges_does_not() {
    assert_eq!(follow("a⟦会議が長い⟧b", &[("議", "議も😀")]), "a⟦会議も😀が長い⟧b");
    assert_eq!(follow("a⟦会議⟧b", &[("a", "ax"), ("b", "yb")]), "ax⟦会議⟧yb");
    assert_eq!(follow("a⟦会議⟧b", &[("a会", "x")]), "x⟦議⟧b");
    assert_eq!(follow("a⟦会議⟧b", &[("議b", "x")]), "a⟦会⟧x");
    assert_eq!(follow("a\r\n⟦会\r\n⟧b", &[("a\r\n", ""), ("会", "会議")]), "会議⟦\r\n⟧b");
    assert_eq!(follow("a⟦会議⟧b", &[("議", ""), ("会", "")]), "gone at 1");
    assert_eq!(follow("a⟦会議⟧b", &[("会議", "打ち合わせ"), ("a", "xyz")]), "gone at 3");
    assert_eq!(follow("a⟦会議⟧b", &[("会議", ""), ("ab", "a会議b")]), "gone at 1");
}

#[test]
fn a_text_that_is_typed_anew_inside_is_not_the_one_that_was_selected() {
    let typed = [("の", "新しい"), ("議", ""), ("会", "")];
    assert_eq!(follow("a⟦会の議⟧b", &typed[..2]), "a⟦会新しい⟧b");
    assert_eq!(follow("a⟦会の議⟧b", &typed), "gone at 1");
}

#[test]
fn a_place_stays_before_what_is_typed_there_so_that_an_undo_is_found() {
    let (text, range) = crate::text::fixture::parse("a⟦会議⟧b");
    let mut document = Document::open("file:///a", "text", 0, &text);
    let mut anchor = document.anchor(range, Encoding::Utf16);
    let at = |start, end| Range {
        start: Position { line: 0, character: start },
        end: Position { line: 0, character: end },
    };
    for (version, range, text) in
        [(1, at(1, 3), ""), (2, at(0, 0), "--"), (3, at(3, 3), "議"), (4, at(3, 3), "会")]
    {
        let change = Change { range: Some(range), text: text.into() };
        document.apply_and_follow(version, &[change], Encoding::Utf16, &mut [&mut anchor]);
    }
    let found = TextDigest::of("会議").starts_at(&document.snapshot(), anchor.bytes().start);
    assert_eq!((anchor.is_gone(), found), (true, Some(3..9)));
}

#[test]
fn a_range_over_everything_is_compared_as_a_whole_text() {
    assert_eq!(follow("a⟦会議⟧b", &[("a会議b", "xa会議by")]), "gone at 0");
    assert_eq!(follow("a⟦会議⟧b", &[("a会議b", "ax会議b")]), "ax⟦会議⟧b");
}

#[test]
fn a_text_with_many_edits_in_it_is_followed_with_a_bounded_number_of_pieces() {
    let mut anchor = Anchor::new(0..1000);
    for at in (1..900).step_by(2) {
        anchor.apply(&Edit { bytes: at..at, inserted: 1 });
    }
    assert!(anchor.pieces.len() <= PIECES_MAX + 1 && !anchor.is_gone());
    assert_eq!(anchor.bytes(), 0..1450);
    anchor.apply(&Edit { bytes: 0..1450, inserted: 0 });
    assert!(anchor.is_gone());
}

#[test]
fn a_text_whose_hash_is_everywhere_costs_no_more_than_a_few_comparisons() {
    let rope = Rope::from_str(&"a".repeat(100_000));
    assert_eq!(TextDigest::of(&"a".repeat(1000)).find(&rope), None);
}
