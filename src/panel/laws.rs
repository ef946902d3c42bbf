//! The laws of the fold, on arbitrary runs.

use super::*;
use crate::event::{
    BranchId, Failure, FailureKind, Outcome, RunId, RunOutcome, SectionTitle, Source, Usage,
};
use crate::text::{self, Encoding, Range, Range16};
use proptest::prelude::*;
use ropey::Rope;

const BRANCHES: [&str; 4] = ["depth", "breadth", "structure", "time"];

fn started() -> Event {
    started_with(Role::View)
}

/// A run whose first section has this role.
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
        sections: BRANCHES.iter().map(title).collect(),
        notes: vec!["`k` は [送りません](x)\n## y".into()],
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

/// What one branch may do, in its order.
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
        1 => proptest::sample::select(vec![0, 500]).prop_map(move |after_ms| Event::BranchRetrying { branch: id(), attempt: 2, after_ms, failure: failure() }),
        1 => Just(Event::BranchQueued { branch: id() }),
        1 => (1u32..9).prop_map(move |chars| Event::Retracted { branch: id(), chars }),
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
                events.insert(0, Event::BranchQueued { branch: id() });
            }
            events.push(Event::BranchEnded {
                branch: id(),
                outcome,
                usage: Some(Usage::default()),
                elapsed_ms: 9,
                note: None,
            });
            events
        },
    );
    proptest::collection::vec(attempt, 0..3).prop_map(|attempts| attempts.concat())
}

fn branches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    (branch(BRANCHES[0]), branch(BRANCHES[1]), branch(BRANCHES[2]), branch(BRANCHES[3]))
        .prop_map(|(a, b, c, d)| vec![a, b, c, d])
}

/// Deals the branches' events into one order, each branch's own order kept.
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
    events.push(Event::RunEnded { outcome: RunOutcome::Done });
    events
}

/// What a branch does before any retry, which would change what had settled.
fn first_attempt(events: &[Event], name: &'static str) -> Vec<Event> {
    match events.iter().position(|e| matches!(e, Event::BranchEnded { .. })) {
        Some(end) => events[..=end].to_vec(),
        None => vec![Event::BranchEnded {
            branch: BranchId(name.into()),
            outcome: Outcome::Cancelled,
            usage: None,
            elapsed_ms: 0,
            note: None,
        }],
    }
}

fn fold(events: &[Event]) -> Panel {
    let mut panel = Panel::new("題 [a](b)", Lang::Ja);
    events.iter().for_each(|e| panel.apply(e));
    panel
}

/// The lines of the headings after these edits, where an editor lets them move with the text.
/// `None` where an edit takes one of them away.
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

fn headings(panel: &Panel) -> Vec<usize> {
    panel.headings().map(|(_, line)| line).collect()
}

/// Applies edits as an editor does: all places mean the text before.
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
        let mut view = View::new(&panel);
        let mut text = view.text().clone();
        let mut ticks = ticks.iter().cycle().map(|i| i.index(4) == 0);
        for event in &events {
            panel.apply(event);
            if ticks.next().unwrap() {
                replay(&mut text, &view.catch_up(&panel, encoding), encoding);
                prop_assert_eq!(text.to_string(), panel.text());
            }
        }
        replay(&mut text, &view.catch_up(&panel, encoding), encoding);
        prop_assert_eq!(text.to_string(), panel.text());
        prop_assert_eq!(view.text().to_string(), panel.text());
        prop_assert_eq!(panel.text(), fold(&events).text());
        prop_assert!(view.catch_up(&panel, encoding).is_empty());
    }

    #[test]
    fn headings_move_with_the_text_and_no_edit_touches_one(
        role in role(), branches in branches(), order in picks(), ticks in picks(),
    ) {
        let mut panel = fold(&[started_with(role)]);
        let mut view = View::new(&panel);
        let mut lines = headings(&panel);
        let mut ticks = ticks.iter().cycle().map(|i| i.index(4) == 0);
        for event in &interleave_with(role, &branches, &order)[1..] {
            panel.apply(event);
            if ticks.next().unwrap() {
                let edits = view.catch_up(&panel, Encoding::Utf16);
                lines = moved(&lines, &edits).expect("no heading is edited");
                prop_assert_eq!(&lines, &headings(&panel));
                for (line, name) in lines.iter().zip(BRANCHES) {
                    let line = panel.text().split('\n').nth(*line).unwrap().to_owned();
                    prop_assert_eq!(line, format!("## {name}"));
                }
            }
        }
    }

    #[test]
    fn settled_text_in_any_pieces_is_the_panel(role in role(), branches in branches(), order in picks(), ticks in picks()) {
        let first = branches.iter().zip(BRANCHES).map(|(events, name)| first_attempt(events, name));
        // What is withdrawn after it was printed stands there all the same.
        let stays = |event: &Event| !matches!(event, Event::Retracted { .. });
        let first: Vec<Vec<_>> = first.map(|all| all.into_iter().filter(stays).collect()).collect();
        let mut panel = Panel::new("題 [a](b)", Lang::Ja).with_focus_last();
        let mut ticks = ticks.iter().cycle().map(|i| i.index(4) == 0);
        let (mut printed, mut reader) = (String::new(), Printed::default());
        for event in interleave_with(role, &first, &order) {
            panel.apply(&event);
            prop_assert!(panel.text().starts_with(&printed), "{}", printed);
            if ticks.next().unwrap() {
                printed += &panel.settled(&mut reader).text;
            }
        }
        printed += &panel.settled(&mut reader).text;
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
            prop_assert_eq!(whole.parts().nth(at + 1).unwrap().text(), quiet.parts().nth(at + 1).unwrap().text());
        }
        let headings: Vec<_> = pulldown_cmark::Parser::new(&whole.text())
            .filter(|e| matches!(e, pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level: pulldown_cmark::HeadingLevel::H2, .. })))
            .map(|_| ()).collect();
        prop_assert_eq!(headings.len(), 4, "{}", whole.text());
    }
}

#[test]
fn the_earlier_answer_stands_until_the_new_one_has_text() {
    let id = || BranchId("depth".into());
    let start = || Event::BranchStarted { branch: id(), model: "m".into() };
    let end = |outcome| Event::BranchEnded {
        branch: id(),
        outcome,
        usage: None,
        elapsed_ms: 1200,
        note: None,
    };
    let delta = |text: &str| Event::Delta { branch: id(), text: text.into() };
    let mut panel = fold(&[started(), start(), delta("paid for"), end(Outcome::CutOff(failure()))]);
    panel.apply(&start());
    assert!(panel.text().contains("paid for"));
    panel.apply(&end(Outcome::Failed(failure())));
    assert!(panel.text().contains("paid for"));
    panel.apply(&start());
    panel.apply(&delta("new"));
    assert!(!panel.text().contains("paid for") && panel.text().contains("new"));
}

#[test]
fn a_line_that_waits_for_more_makes_no_heading_and_no_table() {
    let id = || BranchId("depth".into());
    for text in ["text\n- `", "> text\n> - `", "text\n-\t\\", "text\n---h", "`a | b`\n-|-h", "##h"]
    {
        let panel = fold(&[
            started(),
            Event::BranchStarted { branch: id(), model: "m".into() },
            Event::Delta { branch: id(), text: text.into() },
        ]);
        assert!(panel.text().contains("…\n\n_… 書いています_"), "{}", panel.text());
    }
}

#[test]
fn a_reader_from_before_the_first_event_gets_another_title() {
    let mut panel = Panel::new("", Lang::En);
    let mut view = View::new(&panel);
    let mut text = view.text().clone();
    panel.apply(&started());
    replay(&mut text, &view.catch_up(&panel, Encoding::Utf16), Encoding::Utf16);
    assert_eq!(text, panel.text());
}

#[test]
fn a_section_that_no_model_was_asked_for_ends_with_its_text() {
    let id = |name: &str| BranchId(name.into());
    let whole = |text: &str| {
        let panel = fold(&[
            started(),
            Event::BranchStarted { branch: id("depth"), model: String::new() },
            Event::Delta { branch: id("depth"), text: text.into() },
            Event::BranchEnded {
                branch: id("depth"),
                outcome: Outcome::Done,
                usage: None,
                elapsed_ms: 1,
                note: None,
            },
        ]);
        panel.text().to_string()
    };
    for text in ["- why?\n", "- why?"] {
        let panel = whole(text);
        assert!(panel.contains("## depth\n\n- why?\n\n## breadth\n"), "{panel}");
    }
    assert!(whole("```\nx").contains("```\nx\n```\n\n"), "an open fence is closed");
}

#[test]
fn a_panel_reads_well() {
    let id = |name: &str| BranchId(name.into());
    let usage = Usage { prompt_tokens: 120, cached_tokens: 100, completion_tokens: 20 };
    let panel = fold(&[
        started(),
        Event::BranchStarted { branch: id("depth"), model: "llama3.2:3b".into() },
        Event::Delta { branch: id("depth"), text: "D1 なぜ?\n```\nx".into() },
        Event::BranchEnded {
            branch: id("depth"),
            outcome: Outcome::Done,
            usage: Some(usage),
            elapsed_ms: 4120,
            note: None,
        },
        Event::BranchStarted { branch: id("breadth"), model: "m".into() },
        Event::Delta { branch: id("breadth"), text: "B1".into() },
        Event::BranchStarted { branch: id("structure"), model: "m".into() },
        Event::Thinking { branch: id("structure"), chars: 12 },
        Event::BranchEnded {
            branch: id("time"),
            outcome: Outcome::Failed(failure()),
            usage: None,
            elapsed_ms: 0,
            note: None,
        },
    ]);
    insta::assert_snapshot!(panel.text(), @r"
    # 解像度 · 題 [a]\(b)

    `議.md:1` · Ollama (127.0.0.1:11434)

    ⚠ `k` は [送りません]\(x) ## y

    ## depth

    D1 なぜ?
    ```
    x
    ```

    `llama3.2:3b` · 120（うち 100 は再利用） → 20 トークン · 4.1 秒

    ## breadth

    B1

    _… 書いています_

    ## structure

    _… 考えています · 12 字_

    ## time

    ✗ だめ [x]\(y) ## z
    ");
}

#[test]
fn a_focus_tells_what_it_waits_for_and_what_it_is_older_than() {
    let id = |name: &str| BranchId(name.into());
    let start = |name: &str| Event::BranchStarted { branch: id(name), model: "m".into() };
    let text = |name: &str| Event::Delta { branch: id(name), text: "x".into() };
    let end = |name: &str, outcome| Event::BranchEnded {
        branch: id(name),
        outcome,
        usage: None,
        elapsed_ms: 0,
        note: None,
    };
    let mut panel = fold(&[started_with(Role::Focus)]);
    let focus = |panel: &Panel| panel.sections[0].part().text();
    assert_eq!(focus(&panel), "\n## depth\n\n_… 視点がそろうのを待っています · 0/3_\n");
    for name in ["breadth", "time"] {
        [start(name), text(name), end(name, Outcome::Done)].iter().for_each(|e| panel.apply(e));
    }
    assert!(focus(&panel).contains("2/3_"));
    [start("depth"), text("depth")].iter().for_each(|e| panel.apply(e));
    panel.apply(&start("structure"));
    panel.apply(&end("structure", Outcome::Cancelled));
    panel.apply(&end("depth", Outcome::Done));
    assert_eq!(focus(&panel), "\n## depth\n\nx\n\n`m`\n", "nothing has come that it lacks");
    [start("time"), text("time"), end("time", Outcome::Done)].iter().for_each(|e| panel.apply(e));
    let older = "↻ 「time」の更新がまだ反映されていません。この節をやり直すと反映されます。";
    assert_eq!(focus(&panel), format!("\n## depth\n\nx\n\n`m`\n\n{older}\n"));
    assert_eq!(panel.states().next().unwrap().2, SectionState::Done);
    [start("depth"), text("depth"), end("depth", Outcome::Done)]
        .iter()
        .for_each(|e| panel.apply(e));
    assert!(!focus(&panel).contains('↻'));
    let printed = fold(&[started_with(Role::Focus)]).text();
    let mut last = Panel::new("題 [a](b)", Lang::Ja).with_focus_last();
    last.apply(&started_with(Role::Focus));
    assert!(last.text().find("## depth") > last.text().find("## time"));
    assert_eq!(last.text().len(), printed.len());
}

#[test]
fn a_title_is_the_first_sentence_cut_short() {
    assert_eq!(title_of("\n- **会議**が長い。半年前は"), "会議**が長い");
    assert_eq!(title_of("Why? Because."), "Why?");
    assert_eq!(title_of("See notes.md v1.5. It fails."), "See notes.md v1.5");
    assert_eq!(title_of("「なぜ」が続く"), "「なぜ」が続く");
    assert_eq!(title_of(&"長".repeat(40)), format!("{}…", "長".repeat(30)));
    assert_eq!(title_of(" ---\n"), "");
}
