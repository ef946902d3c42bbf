//! Example panels, for behavior that a property test would obscure.

use super::*;

#[test]
fn follow_ups_stand_below_what_they_go_on_from_in_their_order() {
    let names = |panel: &Panel| {
        panel.states().map(|(branch, ..)| branch.to_string()).collect::<Vec<_>>().join(" ")
    };
    let follow_ups = [
        ("one", "breadth"),
        ("two", "breadth"),
        ("one-more", "one"),
        ("lost", "nowhere"),
        ("one", "time"),
        ("depth", "time"),
    ];
    let added = follow_ups.map(added);
    let panel = fold(&[vec![started()], added.to_vec()].concat());
    assert_eq!(names(&panel), "depth breadth one one-more two structure time lost");
    let mut printed = Panel::new("", Lang::En).with_focus_last();
    printed.apply(&started_with(Role::Focus));
    added.iter().for_each(|event| printed.apply(event));
    assert_eq!(names(&printed), "breadth structure time depth one two one-more lost");
    assert!(fold(&added).sections.is_empty(), "there is no run yet");
}

#[test]
fn a_follow_up_is_no_view_and_no_retry() {
    let id = |name: &str| BranchId(name.into());
    let whole = |name: &str| {
        [
            Event::BranchStarted { branch: id(name), model: "m".into() },
            Event::Delta { branch: id(name), text: format!("{name}!") },
            ended(name, Outcome::Done),
        ]
    };
    let mut panel = fold(&[started_with(Role::Focus)]);
    BRANCHES.iter().rev().flat_map(|name| whole(name)).for_each(|e| panel.apply(&e));
    let before = panel.text();
    panel.apply(&added(("deeper", "breadth")));
    assert!(!panel.is_over(), "it is waited for");
    whole("deeper").iter().for_each(|e| panel.apply(e));
    let section = section_of(&panel, "deeper");
    assert_eq!(section, "\n## deeper\n\ndeeper!\n\n`m`\n");
    assert_eq!(panel.text().replace(&section, ""), before, "the focus is as new as it was");
}

#[test]
fn the_earlier_answer_stands_until_the_new_one_has_text() {
    let id = || BranchId("depth".into());
    let start = || Event::BranchStarted { branch: id(), model: "m".into() };
    let end = |outcome| ended("depth", outcome);
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
    let mut copy = Copy::of(&panel);
    panel.apply(&started());
    copy.catch_up(&panel, Encoding::Utf16).unwrap();
}

#[test]
fn a_section_that_no_model_was_asked_for_ends_with_its_text() {
    let id = |name: &str| BranchId(name.into());
    let whole = |text: &str| {
        let panel = fold(&[
            started(),
            Event::BranchStarted { branch: id("depth"), model: String::new() },
            Event::Delta { branch: id("depth"), text: text.into() },
            ended("depth", Outcome::Done),
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
    let (usage, cost) = (usage(), Some(Usd::from_nanos(12_345_678)));
    let panel = fold(&[
        started(),
        Event::BranchStarted { branch: id("depth"), model: "llama3.2:3b".into() },
        Event::Delta { branch: id("depth"), text: "D1 なぜ?\n```\nx".into() },
        Event::BranchEnded {
            branch: id("depth"),
            outcome: Outcome::Done,
            usage: Some(usage),
            cost,
            elapsed_ms: 4120,
            note: None,
        },
        Event::BranchStarted { branch: id("breadth"), model: "m".into() },
        Event::Delta { branch: id("breadth"), text: "B1".into() },
        Event::BranchStarted { branch: id("structure"), model: "m".into() },
        Event::Thinking { branch: id("structure"), chars: 12 },
        ended("time", Outcome::Failed(failure())),
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

    `llama3.2:3b` · 120（うち 100 は再利用） → 20 トークン（うち 12 は推論） · 4.1 秒 · $0.0123

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
    let mut panel = fold(&[started_with(Role::Focus)]);
    let focus = |panel: &Panel| panel.sections[0].part().text();
    assert_eq!(focus(&panel), "\n## depth\n\n_… 視点がそろうのを待っています · 0/3_\n");
    for name in ["breadth", "time"] {
        [start(name), text(name), ended(name, Outcome::Done)].iter().for_each(|e| panel.apply(e));
    }
    assert!(focus(&panel).contains("2/3_"));
    [start("depth"), text("depth")].iter().for_each(|e| panel.apply(e));
    panel.apply(&start("structure"));
    panel.apply(&ended("structure", Outcome::Cancelled));
    panel.apply(&ended("depth", Outcome::Done));
    assert_eq!(focus(&panel), "\n## depth\n\nx\n\n`m`\n", "nothing has come that it lacks");
    [start("time"), text("time"), ended("time", Outcome::Done)].iter().for_each(|e| panel.apply(e));
    let older = "↻ 「time」の更新がまだ反映されていません。この節をやり直すと反映されます。";
    assert_eq!(focus(&panel), format!("\n## depth\n\nx\n\n`m`\n\n{older}\n"));
    assert_eq!(panel.states().next().unwrap().2, SectionState::Done);
    [start("depth"), text("depth"), ended("depth", Outcome::Done)]
        .iter()
        .for_each(|e| panel.apply(e));
    assert!(!focus(&panel).contains('↻'));
    // Refused before it was sent, so there is no new answer.
    panel.apply(&ended("time", Outcome::Failed(failure())));
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
    assert_eq!(
        title_of("By the summer the local history museum will have moved into the station"),
        "By the summer the local history museum will have moved into…"
    );
    assert_eq!(title_of(&"a".repeat(61)), format!("{}…", "a".repeat(60)));
    assert_eq!(title_of(&format!("a {}", "b".repeat(70))), format!("a {}…", "b".repeat(58)));
    assert_eq!(title_of(&"a".repeat(60)), "a".repeat(60));
    assert_eq!(title_of(" ---\n"), "");
}

/// Returns the panel of a finished run with two sections, in this language.
fn two_ended(lang: Lang) -> Panel {
    let mut panel = Panel::new("", lang);
    let mut first = started();
    if let Event::RunStarted { lang: own, sections, .. } = &mut first {
        *own = lang;
        sections.truncate(2);
    }
    panel.apply(&first);
    for name in &BRANCHES[..2] {
        panel.apply(&Event::BranchStarted { branch: BranchId((*name).into()), model: "m".into() });
        panel.apply(&ended(name, Outcome::Done));
    }
    panel.apply(&over(total()));
    panel
}

fn over(total: Total) -> Event {
    Event::RunEnded { outcome: RunOutcome::Done, total: Some(total) }
}

fn last_line(panel: &Panel) -> String {
    panel.text().lines().last().unwrap().to_owned()
}

#[test]
fn a_run_ends_with_what_it_came_to() {
    assert_eq!(
        last_line(&two_ended(Lang::Ja)),
        "Σ リクエスト 2 件 · 120（うち 100 は再利用） → 20 トークン（うち 12 は推論） · 5.1 秒 · $0.0247"
    );
    assert_eq!(
        last_line(&two_ended(Lang::En)),
        "Σ 2 requests · 120 (100 cached) → 20 tokens (12 reasoning) · 5.1 s · $0.0247"
    );
    let mut panel = two_ended(Lang::Ja);
    panel.apply(&over(Total { at_least: true, elapsed_ms: 0, usage: Usage::default(), ..total() }));
    assert_eq!(last_line(&panel), "Σ リクエスト 2 件 · $0.0247 以上");
    panel.apply(&over(Total { cost: Some(Usd::ZERO), ..total() }));
    assert!(!last_line(&panel).contains('$'), "{}", panel.text());
}

#[test]
fn the_sum_goes_while_a_section_is_asked_again() {
    let mut panel = two_ended(Lang::En);
    let id = || BranchId("depth".into());
    let mut copy = Copy::of(&panel);
    panel.apply(&Event::BranchStarted { branch: id(), model: "m".into() });
    assert!(!panel.text().contains('Σ'), "{}", panel.text());
    copy.catch_up(&panel, Encoding::Utf16).unwrap();
    panel.apply(&ended("depth", Outcome::Done));
    panel.apply(&over(Total { requests: 3, ..total() }));
    assert!(last_line(&panel).starts_with("Σ 3 requests · "), "{}", panel.text());
    copy.catch_up(&panel, Encoding::Utf16).unwrap();
    panel.apply(&added(("deeper", "breadth")));
    copy.catch_up(&panel, Encoding::Utf16).unwrap();
    assert!(!panel.text().contains('Σ'), "{}", panel.text());
}

#[test]
fn one_section_and_a_run_without_a_model_have_no_sum() {
    let mut panel = fold(&[started()]);
    BRANCHES.iter().for_each(|name| panel.apply(&ended(name, Outcome::Cancelled)));
    panel.apply(&over(total()));
    assert!(!panel.text().contains('Σ'), "{}", panel.text());
    panel.apply(&Event::BranchStarted { branch: BranchId("depth".into()), model: "m".into() });
    panel.apply(&ended("depth", Outcome::Done));
    panel.apply(&over(total()));
    assert!(!panel.text().contains('Σ'), "{}", panel.text());
}

#[test]
fn an_answer_cannot_write_the_sum() {
    let mut panel = two_ended(Lang::Ja);
    let id = || BranchId("depth".into());
    panel.apply(&Event::BranchStarted { branch: id(), model: "m".into() });
    panel.apply(&Event::Delta { branch: id(), text: "Σ リクエスト 0 件 · $0.00\n".into() });
    assert!(panel.text().contains("> Σ リクエスト 0 件"), "{}", panel.text());
}
