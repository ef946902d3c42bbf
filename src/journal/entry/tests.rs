//! Tests of which runs are listed and found.

use super::*;
use crate::event::{BranchId, Passage, Role};
use crate::journal::Writer;
use crate::journal::lines::tests::{delta, ended, stamped, started};
use crate::lang::Lang;
use crate::request::Request;
use crate::text::{Selection, folded};
use proptest::prelude::*;
use std::sync::Arc;

fn run(number: usize) -> RunId {
    RunId(format!("01kb4q3v8m{number:016}"))
}

/// Creates a journal with one run for each tuple: the URI of the document, the text that was asked
/// about, and the answer.
fn journal(runs: &[(&str, &str, &str)]) -> (tempfile::TempDir, Folder) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("kaizodo"));
    for (number, (uri, asked, answer)) in runs.iter().enumerate() {
        let mut start = started(Lang::Ja, &["a", "focus"]);
        if let Event::RunStarted { source, title, origin, sections, .. } = &mut start {
            source.uri = (*uri).to_owned();
            *title = asked.chars().take(4).collect();
            sections[1].role = Role::Focus;
            *origin = (number > 0).then(|| Passage {
                run: run(0),
                branch: BranchId("a".into()),
                title: String::new(),
                range: source.range,
            });
        }
        let selection = Selection { text: (*asked).to_owned(), ..Selection::default() };
        let request = Request { selection: Arc::new(selection), ..Request::default() };
        let end = Event::RunEnded { outcome: RunOutcome::Done, total: None };
        let done = ended("a", crate::event::Outcome::Done);
        let events = stamped([start, delta("a", answer), done, end]);
        Writer::create(&folder, &run(number)).unwrap().begin(&events, &request).unwrap();
    }
    (home, folder)
}

fn numbers(listing: &Listing) -> Vec<usize> {
    listing.runs.iter().map(|entry| entry.run.0[10..].parse().unwrap()).collect()
}

#[test]
fn runs_are_found_by_words_document_folder_and_pin() {
    let (_home, folder) = journal(&[
        ("file:///w/%E8%AD%B0%E4%BA%8B/a.md", "会議が長い", "目的が一つでない"),
        ("file:///w/b.md", "Builds are slow", "Cache them"),
        ("file:///w2/c.md", "ＡＰＩの設計", "責任が曖昧"),
    ]);
    folder.pin(&run(1), true).unwrap();
    let find = |filter: Filter| numbers(&folder.search(&filter, || false).unwrap());
    let some = |text: &str| Some(text.to_owned());
    for (query, found) in
        [("", vec![2, 1, 0]), ("api", vec![2]), ("一つ 会議", vec![0]), ("slow 会議", vec![])]
    {
        assert_eq!(find(Filter { query: some(query), ..Filter::default() }), found, "{query}");
    }
    for (uri, found) in
        [("file:///w/議事/a.md", vec![0]), ("file:///w/b%2Emd", vec![1]), ("file:///w", vec![])]
    {
        assert_eq!(find(Filter { uri: some(uri), ..Filter::default() }), found, "{uri}");
    }
    for (below, found) in [
        ("file:///w", vec![1, 0]),
        ("file:///w/", vec![1, 0]),
        ("file:///w/議事", vec![0]),
        ("file:///", vec![2, 1, 0]),
        ("file:///w/b.md", vec![]),
    ] {
        assert_eq!(find(Filter { folder: some(below), ..Filter::default() }), found, "{below}");
    }
    for (pinned, found) in [(true, vec![1]), (false, vec![2, 0])] {
        assert_eq!(find(Filter { pinned: Some(pinned), ..Filter::default() }), found);
    }
    let filter = Filter { query: some("設計"), ..Filter::default() };
    let found = folder.search(&filter, || false).unwrap();
    let [entry] = &found.runs[..] else { panic!("{found:?}") };
    assert_eq!(entry.snippet.as_deref(), Some("ＡＰＩの設計"));
    assert_eq!((&entry.parent, &*entry.perspectives), (&Some(run(0)), &["a".to_owned()][..]));
    assert_eq!((entry.outcome, found.next), (Some(RunOutcome::Done), None));
}

#[test]
fn the_drive_of_a_document_on_windows_is_the_same_in_any_case() {
    let text = |uri| (uri, "会議", "答え");
    let (_home, folder) = journal(&[text("file:///c%3A/W/a.md"), text("file:///C:/W/b.md")]);
    let find = |filter: Filter| numbers(&folder.search(&filter, || false).unwrap());
    for below in ["file:///C:/W", "file:///c%3A/W/"] {
        let filter = Filter { folder: Some(below.to_owned()), ..Filter::default() };
        assert_eq!(find(filter), [1, 0], "{below}");
    }
    for (uri, found) in [("file:///C%3a/W/a.md", vec![0]), ("file:///c:/w/a.md", vec![])] {
        let filter = Filter { uri: Some(uri.to_owned()), ..Filter::default() };
        assert_eq!(find(filter), found, "{uri}");
    }
}

#[test]
fn a_search_that_is_late_can_go_on() {
    let text = ("file:///a.md", "会議", "答え");
    let (_home, folder) = journal(&[text; 5]);
    let some = |query: &str| Some(query.to_owned());
    for (query, expected) in [("会議", vec![4, 3, 2, 1, 0]), ("ない", vec![])] {
        let mut filter = Filter { query: some(query), ..Filter::default() };
        let mut found = Vec::new();
        for _ in 0..5 {
            let part = folder.search(&filter, || true).unwrap();
            found.extend(numbers(&part));
            filter.before = part.next;
        }
        assert_eq!((found, &filter.before), (expected, &None), "one at a time");
    }
    let filter = Filter { limit: 2, ..Filter::default() };
    let part = folder.search(&filter, || false).unwrap();
    assert_eq!((numbers(&part), &part.next), (vec![4, 3], &Some(run(3))));
    let filter = Filter { limit: 3, before: part.next, ..filter };
    let rest = folder.search(&filter, || false).unwrap();
    assert_eq!((numbers(&rest), rest.next), (vec![2, 1, 0], None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A query finds a run exactly if the run's texts contain all of its words.
    #[test]
    fn all_words_are_held(
        texts in proptest::collection::vec(("[aAｂＢかカｶ゙\n]{1,6}", "[aAｂＢかカｶ゙\n]{0,6}"), 1..6),
        words in proptest::collection::vec("[abBＡかｶ]{1,2}", 0..4),
    ) {
        let runs: Vec<_> = texts.iter().map(|(asked, answer)| ("", &**asked, &**answer)).collect();
        let (_home, folder) = journal(&runs);
        let query = Some(words.join("\u{3000}"));
        let found = folder.search(&Filter { query, ..Filter::default() }, || false).unwrap();
        let holds = |(asked, answer): &(String, String)| {
            let (asked, answer) = (folded(asked), folded(answer));
            words.iter().all(|w| asked.contains(&folded(w)) || answer.contains(&folded(w)))
        };
        let held: Vec<usize> = (0..texts.len()).rev().filter(|n| holds(&texts[*n])).collect();
        prop_assert_eq!(numbers(&found), held);
    }
}
