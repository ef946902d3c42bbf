//! Property tests of the laws that the fold obeys on arbitrary runs.

use super::*;
use crate::event::{
    BranchId, Failure, FailureKind, Outcome, RunId, RunOutcome, SectionTitle, Source, Total, Usage,
    Usd,
};
use crate::text::{self, Encoding, Range, Range16};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use ropey::Rope;

mod examples;

const BRANCHES: [&str; 4] = ["depth", "breadth", "structure", "time"];

fn started() -> Event {
    started_with(Role::View)
}

/// Returns the start of a run whose first section has this role.
fn started_with(role: Role) -> Event {
    let title = |name: &&str| SectionTitle {
        role: if *name == BRANCHES[0] { role } else { Role::View },
        ..SectionTitle::view(*name, *name)
    };
    Event::RunStarted {
        run: RunId("r".into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: "題 [a](b)".into(),
        source: Source { uri: "file:///a/%E8%AD%B0.md".into(), range: Range16::default() },
        lang: Lang::Ja,
        provider: "Ollama (127.0.0.1:11434)".into(),
        without_model: false,
        sections: BRANCHES.iter().map(title).collect(),
        notes: vec!["`k` は [送りません](x)\n## y".into()],
        origin: None,
        selection: None,
        context: Default::default(),
    }
}

fn failure() -> Failure {
    Failure {
        kind: FailureKind::Server,
        message: "だめ [x](y)\n## z".into(),
        host: None,
        status: Some(500),
        retry_after_ms: None,
    }
}

/// Returns the end of a branch, without usage, cost or note.
fn ended(branch: &str, outcome: Outcome) -> Event {
    let branch = BranchId(branch.into());
    Event::ended(branch, outcome)
}

fn usage() -> Usage {
    Usage { prompt_tokens: 120, cached_tokens: 100, completion_tokens: 20, reasoning_tokens: 12 }
}

fn total() -> Total {
    let cost = Some(Usd::from_nanos(24_691_356));
    Total { requests: 2, usage: usage(), cost, at_least: false, elapsed_ms: 5100 }
}

/// Generates the events of one branch, in order.
fn branch(name: &'static str) -> impl Strategy<Value = Vec<Event>> {
    let id = move || BranchId(name.into());
    let text = proptest::sample::select(vec![
        "字",
        "a",
        "👨‍👩‍👧‍👦",
        "\n",
        "```",
        "\r\n",
        "~~~~",
        "  ",
        "## x",
        "`",
        "- ",
        "\u{1f600}",
        "",
        "\r",
        "![a](b)",
    ]);
    let piece = prop_oneof![
        8 => proptest::collection::vec(text, 0..4).prop_map(move |t| Event::Delta { branch: id(), text: t.concat() }),
        1 => (1u32..9).prop_map(move |chars| Event::Thinking { branch: id(), chars }),
        1 => (proptest::sample::select(vec![0, 500]), any::<bool>()).prop_map(move |(after_ms, is_other)| Event::BranchRetrying {
            branch: id(),
            attempt: 2,
            after_ms,
            failure: failure(),
            model: is_other.then(|| "別の`モデル`\n## z".into()),
        }),
        1 => proptest::option::of(Just("読み込み中。\n## z".to_owned()))
            .prop_map(move |waits_for| Event::BranchQueued { branch: id(), waits_for }),
        1 => Just(Event::Reasoning { branch: id(), text: "## 考え\n```".into() }),
        1 => (1u32..9).prop_map(move |chars| Event::Retracted { branch: id(), chars }),
        1 => (0usize..3, any::<bool>()).prop_map(move |(line, is_kept)| Event::Marked {
            branch: id(),
            item: Item { line, text: "- [字](y)\n## z".into() },
            mark: is_kept.then(|| Mark::Comment("*何*\n✓".into())),
        }),
    ];
    let outcome = proptest::sample::select(vec![
        Outcome::Done,
        Outcome::Failed(failure()),
        Outcome::Cancelled,
        Outcome::CutOff(failure()),
    ]);
    let attempt = (any::<bool>(), proptest::collection::vec(piece, 0..12), outcome).prop_map(
        move |(queued, mut events, outcome)| {
            events.insert(0, Event::BranchStarted { branch: id(), model: "m`1`".into() });
            if queued {
                events.insert(0, Event::BranchQueued { branch: id(), waits_for: None });
            }
            events.push(Event::BranchEnded {
                branch: id(),
                outcome,
                usage: Some(usage()),
                cost: Some(Usd::from_nanos(12_345_678)),
                elapsed_ms: 9,
                note: None,
            });
            events
        },
    );
    proptest::collection::vec(attempt, 0..3).prop_map(|attempts| attempts.concat())
}

/// Sections that are added later, each with the section that it follows up on.
const FOLLOW_UPS: [(&str, &str); 2] = [("deeper", BRANCHES[0]), ("earlier", BRANCHES[3])];

fn added((name, after): (&str, &str)) -> Event {
    Event::SectionAdded {
        section: SectionTitle { role: Role::FollowUp, ..SectionTitle::view(name, name) },
        after: Some(BranchId(after.into())),
        question: String::new(),
    }
}

/// Generates the events of a section that is added later; empty if it is not added.
fn follow_up(name: (&'static str, &'static str)) -> impl Strategy<Value = Vec<Event>> {
    proptest::option::of(branch(name.0)).prop_map(move |events| match events {
        Some(events) => [vec![added(name)], events].concat(),
        None => Vec::new(),
    })
}

fn branches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let [a, b, c, d] = BRANCHES.map(branch);
    let [e, f] = FOLLOW_UPS.map(follow_up);
    (a, b, c, d, e, f).prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f])
}

/// Interleaves the branches' events, keeping the order within each branch.
fn interleave(branches: &[Vec<Event>], picks: &[prop::sample::Index]) -> Vec<Event> {
    interleave_with(Role::View, branches, picks)
}

fn interleave_with(
    role: Role,
    branches: &[Vec<Event>],
    picks: &[prop::sample::Index],
) -> Vec<Event> {
    let mut left: Vec<_> = branches
        .iter()
        .map(|b| b.iter().cloned().collect::<std::collections::VecDeque<_>>())
        .collect();
    let mut picks = picks.iter().cycle();
    let mut events = vec![started_with(role)];
    loop {
        left.retain(|b| !b.is_empty());
        if left.is_empty() {
            break;
        }
        let at = picks.next().unwrap().index(left.len());
        events.extend(left[at].pop_front());
    }
    events.push(Event::RunEnded { outcome: RunOutcome::Done, total: Some(total()) });
    events
}

/// Returns a branch's events before any retry, which would change text that has settled.
fn first_attempt(events: &[Event], name: &'static str) -> Vec<Event> {
    let end = || ended(name, Outcome::Cancelled);
    match (events, events.iter().position(|e| matches!(e, Event::BranchEnded { .. }))) {
        (_, Some(end)) => events[..=end].to_vec(),
        ([added @ Event::SectionAdded { .. }, ..], None) => vec![added.clone(), end()],
        (_, None) if BRANCHES.contains(&name) => vec![end()],
        _ => Vec::new(),
    }
}

fn fold(events: &[Event]) -> Panel {
    let mut panel = Panel::new("題 [a](b)", Lang::Ja);
    events.iter().for_each(|e| panel.apply(e));
    panel
}

/// Returns the headings' lines after these edits, as an editor moves them along with the text;
/// `None` if an edit touches one of them.
fn moved(headings: &[usize], edits: &[Edit]) -> Option<Vec<usize>> {
    let line = |at: &usize| u32::try_from(*at).unwrap();
    let moved = headings.iter().map(line).map(|at| {
        let mut to = i64::from(at);
        for edit in edits {
            let Range { start, end } = edit.range;
            if end.line < at {
                let inserted = edit.text.matches('\n').count() as i64;
                to += inserted - i64::from(end.line - start.line);
            } else if start.line <= at {
                return None;
            }
        }
        usize::try_from(to).ok()
    });
    moved.collect()
}

fn headings(panel: &Panel) -> Vec<(BranchId, usize)> {
    panel.headings().map(|(branch, line)| (branch.clone(), line)).collect()
}

fn section_of(panel: &Panel, name: &str) -> String {
    panel.sections.iter().find(|s| &*s.branch.0 == name).unwrap().part().text()
}

/// An editor's copy of a panel, kept up to date by edits.
struct Copy {
    view: View,
    text: Rope,
}

impl Copy {
    fn of(panel: &Panel) -> Self {
        let view = View::new(panel);
        let text = view.text().clone();
        Copy { view, text }
    }

    /// Catches up by edits, and checks that the copy then equals the panel.
    fn catch_up(&mut self, panel: &Panel, encoding: Encoding) -> TestCaseResult {
        replay(&mut self.text, &self.view.catch_up(panel, encoding), encoding);
        prop_assert_eq!(self.text.to_string(), panel.text());
        Ok(())
    }
}

/// Applies edits as an editor does: all ranges refer to the text before the edits.
fn replay(text: &mut Rope, edits: &[Edit], encoding: Encoding) {
    for edit in edits.iter().rev() {
        let bytes = text::to_bytes(text, edit.range, encoding).bytes();
        let (start, end) = (text.byte_to_char(bytes.start), text.byte_to_char(bytes.end));
        text.remove(start..end);
        text.insert(start, &edit.text);
    }
}

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(vec![Role::View, Role::Focus])
}

/// Returns endless choices, about one in four of them `true`.
fn every_fourth(picks: &[prop::sample::Index]) -> impl Iterator<Item = bool> {
    picks.iter().cycle().map(|pick| pick.index(4) == 0)
}

fn picks() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    proptest::collection::vec(any::<prop::sample::Index>(), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn edits_replayed_give_the_panel_for_any_split_into_ticks(
        role in role(), branches in branches(), order in picks(), ticks in picks(),
        encoding in proptest::sample::select(vec![Encoding::Utf8, Encoding::Utf16, Encoding::Utf32]),
    ) {
        let events = interleave_with(role, &branches, &order);
        let mut panel = Panel::new("題 [a](b)", Lang::Ja);
        let mut copy = Copy::of(&panel);
        let mut ticks = every_fourth(&ticks);
        for event in &events {
            panel.apply(event);
            if ticks.next().unwrap() {
                copy.catch_up(&panel, encoding)?;
            }
        }
        copy.catch_up(&panel, encoding)?;
        prop_assert_eq!(copy.view.text().to_string(), panel.text());
        prop_assert_eq!(panel.text(), fold(&events).text());
        prop_assert!(copy.view.catch_up(&panel, encoding).is_empty());
    }

    #[test]
    fn headings_move_with_the_text_and_no_edit_touches_one(
        role in role(), branches in branches(), order in picks(), ticks in picks(),
    ) {
        let mut panel = fold(&[started_with(role)]);
        let mut view = View::new(&panel);
        let mut known = headings(&panel);
        let mut ticks = every_fourth(&ticks);
        for event in &interleave_with(role, &branches, &order)[1..] {
            panel.apply(event);
            if ticks.next().unwrap() {
                let edits = view.catch_up(&panel, Encoding::Utf16);
                let lines: Vec<_> = known.iter().map(|(_, line)| *line).collect();
                let lines = moved(&lines, &edits).expect("no heading is edited");
                let now = headings(&panel);
                for ((branch, _), line) in known.iter().zip(lines) {
                    prop_assert!(now.contains(&(branch.clone(), line)), "{branch}");
                }
                known = now;
                for (name, line) in &known {
                    let line = panel.text().split('\n').nth(*line).unwrap().to_owned();
                    prop_assert_eq!(line, format!("## {name}"));
                }
            }
        }
    }

    #[test]
    fn settled_text_in_any_pieces_is_the_panel(role in role(), branches in branches(), order in picks(), ticks in picks()) {
        let names = BRANCHES.into_iter().chain(FOLLOW_UPS.map(|(name, _)| name));
        let first = branches.iter().zip(names).map(|(events, name)| first_attempt(events, name));
        // Retractions are omitted, because printed text cannot be taken back.
        let stays = |event: &Event| !matches!(event, Event::Retracted { .. });
        let first: Vec<Vec<_>> = first.map(|all| all.into_iter().filter(stays).collect()).collect();
        let mut panel = Panel::new("題 [a](b)", Lang::Ja).with_focus_last();
        let mut ticks = every_fourth(&ticks);
        let (mut printed, mut reader) = (String::new(), Printed::default());
        for event in interleave_with(role, &first, &order) {
            panel.apply(&event);
            prop_assert!(panel.text().starts_with(&printed), "{}", printed);
            if ticks.next().unwrap() {
                printed += &panel.settled(&mut reader);
            }
        }
        printed += &panel.settled(&mut reader);
        prop_assert_eq!(printed, panel.text());
    }

    #[test]
    fn any_interleaving_gives_the_same_panel(branches in branches(), one in picks(), other in picks()) {
        prop_assert_eq!(fold(&interleave(&branches, &one)).text(), fold(&interleave(&branches, &other)).text());
    }

    /// Only whether the focus is older than a view depends on the order.
    #[test]
    fn what_focus_and_views_wrote_is_the_same_in_any_order(branches in branches(), one in picks(), other in picks()) {
        let [one, other] = [one, other].map(|order| fold(&interleave_with(Role::Focus, &branches, &order)));
        for (a, b) in one.parts().zip(other.parts()).skip(2) {
            prop_assert_eq!(a.text(), b.text());
        }
        prop_assert_eq!(one.answer(BRANCHES[0]), other.answer(BRANCHES[0]));
    }

    #[test]
    fn no_answer_changes_another_section(branches in branches(), order in picks()) {
        let whole = fold(&interleave(&branches, &order));
        let quiet = fold(&interleave(&[branches[0].clone(), vec![], branches[2].clone(), vec![]], &order));
        for at in [0, 2] {
            prop_assert_eq!(section_of(&whole, BRANCHES[at]), section_of(&quiet, BRANCHES[at]));
        }
        let headings: Vec<_> = pulldown_cmark::Parser::new(&whole.text())
            .filter(|e| matches!(e, pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level: pulldown_cmark::HeadingLevel::H2, .. })))
            .map(|_| ()).collect();
        prop_assert_eq!(headings.len(), whole.sections.len(), "{}", whole.text());
    }

    #[test]
    fn a_follow_up_changes_no_other(role in role(), branches in branches(), order in picks()) {
        let whole = interleave_with(role, &branches, &order);
        let is_follow_up = |e: &&Event| e.branch().is_some_and(|b| !BRANCHES.contains(&&*b.0));
        let without: Vec<_> = whole.iter().filter(|e| !is_follow_up(e)).cloned().collect();
        let (whole, without) = (fold(&whole), fold(&without));
        for name in BRANCHES {
            prop_assert_eq!(section_of(&whole, name), section_of(&without, name));
        }
        let order: Vec<_> = whole.sections.iter().map(|s| &*s.branch.0).collect();
        for (name, after) in FOLLOW_UPS.iter().filter(|(name, _)| order.contains(name)) {
            let at = order.iter().position(|other| other == name).unwrap();
            prop_assert_eq!(order[at - 1], *after);
        }
    }

    #[test]
    fn any_order_of_events_is_taken(
        events in (branches(), picks())
            .prop_map(|(branches, order)| interleave_with(Role::Focus, &branches, &order))
            .prop_shuffle(),
        ticks in picks(),
    ) {
        let mut panel = Panel::new("", Lang::En);
        let mut copy = Copy::of(&panel);
        let mut ticks = every_fourth(&ticks);
        for event in &events {
            panel.apply(event);
            if ticks.next().unwrap() {
                copy.catch_up(&panel, Encoding::Utf16)?;
            }
        }
        let lines: Vec<_> = panel.text().split('\n').map(str::to_owned).collect();
        for (name, line) in headings(&panel) {
            prop_assert_eq!(&lines[line], &format!("## {name}"));
        }
    }
}
