//! Tests of reading journals, whole and broken.

use super::*;
use crate::event::Passage;
use crate::event::{
    BranchId, Event, Failure, FailureKind, Item, Mark, Outcome, Role, RunId, RunOutcome,
    SectionTitle, Source, Usage,
};
use crate::panel::Panel;
use crate::perspective::{Catalog, Effort};
use crate::request::{Ancestor, Ancestry, Budget, Focus, Origin};
use crate::text::{Context, ContextMode, Range16, Selection};
use proptest::prelude::*;
use std::sync::Arc;

/// Numbers events as a run does.
pub(crate) fn stamped(events: impl IntoIterator<Item = Event>) -> Vec<Stamped> {
    events.into_iter().zip(1..).map(|(event, seq)| Stamped { seq, event }).collect()
}

pub(crate) fn started(lang: Lang, branches: &[&str]) -> Event {
    Event::RunStarted {
        run: RunId("01kb4q3v8m0000000000000000".into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: "題".into(),
        source: Source { uri: "file:///a.md".into(), range: Range16::default() },
        lang,
        provider: "p".into(),
        without_model: false,
        sections: branches
            .iter()
            .map(|name| SectionTitle {
                branch: BranchId((*name).into()),
                title: (*name).into(),
                role: Default::default(),
            })
            .collect(),
        notes: vec![],
        origin: None,
        selection: None,
        context: Default::default(),
    }
}

pub(crate) fn delta(branch: &str, text: &str) -> Event {
    Event::Delta { branch: BranchId(branch.into()), text: text.into() }
}

pub(crate) fn ended(branch: &str, outcome: Outcome) -> Event {
    let branch = BranchId(branch.into());
    Event::BranchEnded { branch, outcome, usage: None, cost: None, elapsed_ms: 9, note: None }
}

/// Returns a small run with many kinds of events.
pub(crate) fn small() -> Vec<Stamped> {
    let failure = Failure {
        kind: FailureKind::RateLimited,
        message: "混んでいます \u{9b}2J".into(),
        host: Some("h".into()),
        status: Some(429),
        retry_after_ms: Some(7),
    };
    let branch = || BranchId("a".into());
    stamped([
        started(Lang::Ja, &["a", "b"]),
        Event::BranchStarted { branch: branch(), model: "m".into() },
        Event::Thinking { branch: branch(), chars: 7 },
        Event::BranchRetrying {
            branch: branch(),
            attempt: 2,
            after_ms: 7,
            failure: failure.clone(),
            model: Some("別の m".into()),
        },
        delta("a", "解像度 👨‍👩‍👧 \n\u{1b}]0;x\u{7}\"\\"),
        Event::BranchEnded {
            branch: branch(),
            outcome: Outcome::CutOff(failure),
            usage: Some(Usage {
                prompt_tokens: 1,
                cached_tokens: 2,
                completion_tokens: 3,
                reasoning_tokens: 0,
            }),
            cost: None,
            elapsed_ms: 9,
            note: Some("n".into()),
        },
        ended("b", Outcome::Cancelled),
        Event::RunEnded { outcome: RunOutcome::Partial, total: None },
    ])
}

pub(crate) fn bytes_of(events: &[Stamped]) -> Vec<u8> {
    let mut bytes = Vec::new();
    events.iter().for_each(|event| write(event, &mut bytes));
    bytes
}

/// Returns a request that sets every field that the journal keeps.
pub(crate) fn asked() -> Request {
    let catalog = Catalog::builtin();
    let context = Context {
        mode: ContextMode::Around,
        title: "題".into(),
        before: "前\n".into(),
        ..Context::default()
    };
    let (uri, text) = ("file:///a.md".into(), "解像度 👨‍👩‍👧 \n\u{1b}]0;x\u{7}\"\\".into());
    let passage = Passage {
        run: RunId("q".into()),
        branch: BranchId("a".into()),
        title: "A".into(),
        range: Range16::default(),
    };
    Request {
        selection: Arc::new(Selection {
            uri,
            text,
            context: Some(context),
            ..Selection::default()
        }),
        origin: Origin::Answer(Ancestry {
            passage,
            above: vec![Ancestor { title: "A".into(), text: "答え".into() }],
        }),
        lang: Lang::Ja,
        perspectives: catalog.resolve(&["depth", "time"]).unwrap(),
        focus: Some(Focus {
            perspective: Arc::clone(catalog.focus().unwrap()),
            is_on_demand: false,
        }),
        notes: Vec::new(),
        budget: Budget { max_tokens: 9, effort: Some(Effort::Low), ..Budget::default() },
    }
}

#[test]
fn what_a_run_was_asked_is_read_back_and_costs_nothing_else_where_it_is_broken() {
    let (first, rest) = (bytes_of(&small()[..1]), bytes_of(&small()[1..]));
    let mut line = Vec::new();
    write_asked(&asked(), &mut line);
    let lines = read_lines(&*[&first[..], &line, &rest].concat());
    assert_eq!((lines.events, lines.problems), (small(), vec![]));
    assert_eq!(lines.asked, Some(asked()));
    for cut in [REQUEST_PREFIX.len(), 20, line.len() / 2, line.len() - 2] {
        let text = [&first[..], &line[..cut], b"\n", &rest].concat();
        let lines = read_lines(&*text);
        assert_eq!((lines.events, lines.asked), (small(), None), "at byte {cut}");
        assert_eq!(lines.problems, [LineNotice { line: 2, kind: LineNoticeKind::Request }]);
        let torn = read_lines(&text[..first.len() + cut]);
        assert_eq!((torn.events.len(), torn.whole), (1, first.len() as u64));
        assert_eq!(torn.problems, [LineNotice { line: 2, kind: LineNoticeKind::Torn }]);
    }
}

fn kinds(text: &[u8]) -> Vec<(u64, LineNoticeKind)> {
    read(text).1.into_iter().map(|p| (p.line, p.kind)).collect()
}

#[test]
fn what_was_written_is_read_back_one_event_a_line() {
    let bytes = bytes_of(&small());
    assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), small().len());
    assert_eq!(read(&*bytes), (small(), vec![]));
}

#[test]
fn a_last_line_torn_at_any_byte_is_no_obstacle() {
    let bytes = bytes_of(&small());
    let ends: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at] == b'\n').map(|at| at + 1).collect();
    for cut in 0..=bytes.len() {
        // A line break is not part of its event.
        let whole = ends.iter().filter(|end| **end <= cut + 1).count();
        let (events, problems) = read(&bytes[..cut]);
        assert_eq!(events, small()[..whole], "at byte {cut}");
        let clean = cut == 0 || ends.contains(&cut) || ends.contains(&(cut + 1));
        let torn = LineNotice { line: whole as u64 + 1, kind: LineNoticeKind::Torn };
        assert_eq!(problems, if clean { vec![] } else { vec![torn] }, "at byte {cut}");
    }
}

#[test]
fn garbage_costs_its_own_line_alone() {
    let good = bytes_of(&stamped([delta("a", "x")]));
    let later = b"{\"seq\":3,\"event\":\"delta\",\"branch\":\"a\",\"text\":\"y\",\"new\":[1]}\n";
    let text = [
        &good[..],
        b"\xff\xfe\0\n\n",
        b"[]\n{\"seq\":2}\n",
        b"{\"seq\":2,\"event\":\"a_later_one\",\"x\":{}}\n",
        &good,
        later,
    ]
    .concat();
    let (events, _) = read(&*text);
    let places: Vec<u64> = events.iter().map(|e| e.seq).collect();
    assert_eq!(places, [1, 3], "what a later version adds to an event is passed over");
    let unknown = LineNoticeKind::Unknown("a_later_one".into());
    assert_eq!(
        kinds(&text),
        [
            (2, LineNoticeKind::Unreadable),
            (4, LineNoticeKind::Unreadable),
            (5, LineNoticeKind::Unreadable),
            (6, unknown),
            (7, LineNoticeKind::Repeated)
        ]
    );
}

#[test]
fn problems_and_lines_are_bounded() {
    assert_eq!(kinds(&b"x\n".repeat(1000)).len(), PROBLEMS);
    let good = bytes_of(&stamped([delta("a", "x")]));
    let text = [&b"x".repeat(109), &b"\n"[..], &good].concat();
    let Lines { events, problems, .. } = read_within(&*text, JOURNAL_BYTES, 100);
    assert_eq!(events.len(), 1);
    assert_eq!(problems, [LineNotice { line: 1, kind: LineNoticeKind::TooLong }]);
}

#[test]
fn a_journal_beyond_its_bound_is_read_to_it() {
    let bytes = bytes_of(&small());
    let first = bytes.iter().position(|b| *b == b'\n').unwrap() as u64 + 1;
    let Lines { events, problems, .. } = read_within(&*bytes, first + 20, LINE_BYTES);
    assert_eq!(events, small()[..1]);
    assert_eq!(problems, [LineNotice { line: 2, kind: LineNoticeKind::TooLarge }]);
}

/// Generates events that may come in an impossible order.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let branch_name = || prop_oneof![Just("a"), Just("b"), Just("unknown")];
    let branch = branch_name();
    let small: Vec<Event> = small().into_iter().skip(1).map(|stamped| stamped.event).collect();
    prop_oneof![
        (branch.clone(), any::<String>()).prop_map(|(branch, text)| delta(branch, &text)),
        branch.clone().prop_map(|branch| ended(branch, Outcome::Done)),
        branch.prop_map(|branch| Event::BranchStarted {
            branch: BranchId(branch.into()),
            model: "m".into()
        }),
        proptest::sample::select(small),
        (
            branch_name(),
            0usize..3,
            proptest::sample::select(vec![
                None,
                Some(Mark::Keep),
                Some(Mark::Comment("何?".into()))
            ])
        )
            .prop_map(|(branch, line, mark)| Event::Marked {
                branch: BranchId(branch.into()),
                item: Item { line, text: "- 一つ [x](y)".into() },
                mark,
            }),
        proptest::option::of(proptest::sample::select(vec!["a", "b", "c"])).prop_map(|after| {
            Event::SectionAdded {
                section: SectionTitle {
                    role: Role::FollowUp,
                    ..SectionTitle::view("unknown", "u")
                },
                after: after.map(|name| BranchId(name.into())),
                question: String::new(),
            }
        }),
    ]
}

proptest! {
    #[test]
    fn a_journal_gives_the_panel_that_was_shown(
        events in proptest::collection::vec(any_event(), 0..40),
    ) {
        let events = stamped(std::iter::once(started(Lang::Ja, &["a", "b"])).chain(events));
        let mut shown = Panel::new("題", Lang::Ja);
        events.iter().for_each(|stamped| shown.apply(&stamped.event));
        let (events, problems) = read(&*bytes_of(&events));
        let mut again = Panel::new("", Lang::En);
        again.apply_all(&events);
        prop_assert_eq!(again.text(), shown.text());
        prop_assert_eq!(problems, vec![]);
    }

    #[test]
    fn no_bytes_are_an_obstacle(mut bytes: Vec<u8>, cuts: Vec<(usize, u8)>) {
        let (events, problems) = read(&*bytes);
        prop_assert!(events.is_empty() || !problems.is_empty());
        bytes = bytes_of(&small());
        for (at, byte) in cuts {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let (events, _) = read(&*bytes);
        prop_assert!(events.windows(2).all(|two| two[0].seq < two[1].seq));
    }

    #[test]
    fn any_text_comes_back_as_it_was(texts: Vec<String>) {
        let events = stamped(texts.iter().map(|text| delta("a", text)));
        prop_assert_eq!(read(&*bytes_of(&events)), (events, vec![]));
    }
}

#[test]
fn a_journal_goes_on_behind_its_last_whole_line() {
    let bytes = bytes_of(&small());
    let last = bytes_of(&small()[7..]).len();
    for (cut, events, whole, at) in [
        (0, 8, bytes.len(), 8),
        // A whole event without its line break, then part of an event.
        (1, 8, bytes.len() - last, 7),
        (2, 7, bytes.len() - last, 7),
        (last, 7, bytes.len() - last, 7),
        (bytes.len(), 0, 0, 0),
    ] {
        let lines = read_lines(&bytes[..bytes.len() - cut]);
        let read = (lines.events.len(), lines.whole, lines.last);
        assert_eq!(read, (events, whole as u64, at), "{cut}");
        assert!(lines.problems.iter().all(|problem| problem.kind == LineNoticeKind::Torn));
    }
}
