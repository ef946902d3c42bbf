//! Tests of worksheets for many kinds of text.

use super::*;
use crate::event::BranchId;
use crate::perspective::{Catalog, DEFAULT_SET, Origin};
use crate::request::{Budget, Request, prompts};
use crate::text::Selection;
use futures::executor::block_on;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

const MEETING: &str = "会議が長くて決まらない。半年前は三十分で終わっていたのに、参加者が増えてから一時間かかるようになった。たぶん議題が曖昧なので、何を決めるのか誰も知らない。";
const FLAKY: &str = "Our test suite is flaky. It used to be green every night, but since we moved to the new CI runners in March, about one in ten builds fails. Maybe the database tests share state, because nobody resets it between runs. People just press retry, so real failures slip through.";
const RUST: &str = "/// Fetches a page.\npub async fn fetch(url: &str) -> String {\n    for _ in 0..30 {\n        if let Ok(page) = get(url).await {\n            return page.text().await.unwrap();\n        }\n        // TODO: 待ち時間が長すぎる\n        sleep(Duration::from_millis(500)).await;\n    }\n    panic!(\"gave up on {url}\")\n}\n";

const GOALS: [&str; 2] = [
    "来年までに売上を 2 倍にしたい。",
    "I want to write every day, but after a week I always stop.",
];
const LINES: [&str; 2] = ["最近どうもチームの空気が悪い。", "The build is slow."];
const CODE: &str = "// p99 spikes to 9 s after each deploy, but only some of\n// the hosts are hit. I suspect the pool.\nfunc Get(k string) {\n\tconn := pool.Get(30)\n\tdata := conn.Read(k)\n}\n";
const DECISION_JA: &str = "# 決定: 特別展の入場方式\n\n前回は土日に最長 70 分待ち。館内の適正人数は 180 人とされている。\n\n- A: 全日を日時指定にする。混雑は確実になくなる。\n- B: 土日祝だけを日時指定にする。\n\nB とする。平均滞在は約 75 分なので問題ない見込み。不満の声が多ければ、会期の半ばまでに A に切り替える。\n";
const DECISION_EN: &str = "## Decision\n\nWe will split billing out of the monolith this quarter. Deploys of the monolith take 50 minutes. Finance says invoices must be there even when the rest is down. The team of three has never run a service on call. I think they will cope.\n";

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

/// Returns the worksheets of the default set and the focus.
fn all(text: &str, language_id: &str, lang: Lang) -> String {
    let sheet = |p: &Arc<Perspective>| {
        format!("## {}\n\n{}", p.title(lang), worksheet(p, text, language_id, lang))
    };
    let set = CATALOG.set(DEFAULT_SET);
    set.iter().chain(CATALOG.focus()).map(sheet).collect::<Vec<_>>().join("\n")
}

fn questions(text: &str, name: &str, lang: Lang) -> Vec<String> {
    let sheet = worksheet(CATALOG.get(name).unwrap(), text, "", lang);
    sheet.lines().filter_map(|line| line.strip_prefix("- ")).map(str::to_owned).collect()
}

/// Returns the contents of quotation marks and code spans.
fn quotations(sheet: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (open, close) in [("「", "」"), ("『", "』"), ("“", "”"), ("`", "`")] {
        for line in sheet.lines() {
            let mut rest = line;
            while let Some((_, after)) = rest.split_once(open)
                && let Some((quotation, after)) = after.split_once(close)
            {
                found.insert(quotation);
                rest = after;
            }
        }
    }
    found
}

/// Returns the quotations that are not part of the templates.
fn own(text: &str, language_id: &str, lang: Lang) -> Vec<String> {
    let (sheet, plain) = (all(text, language_id, lang), all("", "", lang));
    let templates: String =
        CATALOG.iter().filter_map(|p| p.worksheet(lang).map(str::to_owned)).collect();
    let questions: BTreeSet<_> =
        quotations(&plain).union(&quotations(&templates)).copied().collect();
    quotations(&sheet).difference(&questions).map(|q| (*q).to_owned()).collect()
}

#[track_caller]
fn check(text: &str, language_id: &str, lang: Lang, expect: &[&str]) {
    let own = own(text, language_id, lang);
    for quotation in &own {
        assert!(text.contains(quotation.as_str()), "{quotation:?} is not in the text");
    }
    for one in expect {
        assert!(own.iter().any(|q| q == one), "{one:?} is not quoted, but {own:?}");
    }
    let sheet = all(text, language_id, lang);
    assert!(!sheet.contains("{{") && !sheet.contains("\n\n\n"), "{sheet}");
    for p in CATALOG.iter() {
        let sheet = worksheet(p, text, language_id, lang);
        assert!((1..=3).contains(&sheet.lines().count()), "{}: {sheet}", p.name);
        assert!(
            sheet.lines().all(|line| line.starts_with("- ")) && !sheet.contains("___"),
            "{sheet}"
        );
    }
    let focus = worksheet(CATALOG.focus().unwrap(), text, language_id, lang);
    assert_eq!((focus.lines().count(), focus.matches("\n\n").count()), (3, 1), "{focus}");
    assert!(focus.contains("___") && !focus.lines().last().unwrap().contains("___"));
    assert_eq!(sheet, all(text, language_id, lang));
}

#[test]
fn prose() {
    let expect = ["会議が長くて決まらない", "議題が曖昧なので", "たぶん", "参加者が増えてから"];
    check(MEETING, "markdown", Lang::Ja, &expect);
    insta::assert_snapshot!(all(MEETING, "markdown", Lang::Ja));
    let expect = [
        "Our test suite is flaky",
        "nobody resets it between runs",
        "Maybe",
        "It used to be green every night",
    ];
    check(FLAKY, "markdown", Lang::En, &expect);
    insta::assert_snapshot!(all(FLAKY, "markdown", Lang::En));
}

#[test]
fn a_decision() {
    check(DECISION_JA, "markdown", Lang::Ja, &["土日祝だけを日時指定にする", "180 人", "見込み"]);
    insta::assert_snapshot!(all(DECISION_JA, "markdown", Lang::Ja));
    check(DECISION_EN, "markdown", Lang::En, &["I think", "never"]);
    insta::assert_snapshot!(all(DECISION_EN, "markdown", Lang::En));
}

#[test]
fn a_goal() {
    check(GOALS[0], "", Lang::Ja, &["来年までに売上を 2 倍にしたい"]);
    insta::assert_snapshot!(all(GOALS[0], "", Lang::Ja));
    check(GOALS[1], "", Lang::En, &["I want to write every day", "after a week I always stop"]);
    insta::assert_snapshot!(all(GOALS[1], "", Lang::En));
}

#[test]
fn a_line() {
    check(LINES[0], "", Lang::Ja, &["最近どうもチームの空気が悪い"]);
    insta::assert_snapshot!(all(LINES[0], "", Lang::Ja));
    check(LINES[1], "", Lang::En, &["The build is slow"]);
    insta::assert_snapshot!(all(LINES[1], "", Lang::En));
}

#[test]
fn a_choice_that_is_still_open() {
    let text = "Should I leave my job? The pay is fine. I dread Mondays.";
    check(text, "", Lang::En, &["Should I leave my job?"]);
    let focus = worksheet(CATALOG.focus().unwrap(), text, "", Lang::En);
    assert!(focus.starts_with("“Should I leave my job?” If ___, then ___; if ___, then ___.\n"));
}

#[test]
fn no_question_of_a_view_is_about_the_words_of_another() {
    for (text, lang) in [(MEETING, Lang::Ja), (FLAKY, Lang::En)] {
        for p in CATALOG.iter() {
            let asked = questions(text, &p.name, lang);
            let longest =
                |q: &String| quotations(q).into_iter().max_by_key(|q| q.len()).map(str::to_owned);
            let about: Vec<_> = asked.iter().filter_map(longest).collect();
            for (i, one) in about.iter().enumerate() {
                assert!(!about[..i].contains(one), "{one} in {asked:?}");
            }
        }
    }
}

#[test]
fn wrapped_prose_is_read_as_it_was_before_it_was_wrapped() {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in FLAKY.split_inclusive(' ') {
        if column + word.len() > 60 {
            wrapped = wrapped.trim_end().to_owned() + "\r\n";
            column = 0;
        }
        column += word.len();
        wrapped.push_str(word);
    }
    assert_eq!(wrapped.lines().count(), 5);
    assert_eq!(all(&wrapped, "markdown", Lang::En), all(FLAKY, "markdown", Lang::En));
    let characters: Vec<char> = MEETING.chars().collect();
    let wrapped: Vec<String> = characters.chunks(20).map(|line| line.iter().collect()).collect();
    assert_eq!(all(&wrapped.join("\n"), "", Lang::Ja), all(MEETING, "", Lang::Ja));
}

#[test]
fn code() {
    check(RUST, "rust", Lang::Ja, &["30", "TODO: 待ち時間が長すぎる"]);
    insta::assert_snapshot!(all(RUST, "rust", Lang::Ja));
    let sheet = all(CODE, "go", Lang::En);
    for part in ["“p99 spikes to 9 s after each deploy", "“I suspect”", "`conn` and `data`", "`30`"]
    {
        assert!(sheet.contains(part), "{part} is not in {sheet}");
    }
    insta::assert_snapshot!(sheet);
    let plain = "fn add(a: i32, b: i32) -> i32 {\n    a + b\n}";
    check(plain, "rust", Lang::En, &[]);
}

#[test]
fn a_word_and_nothing() {
    check("認証", "rust", Lang::Ja, &["認証"]);
    check("authentication", "", Lang::En, &["authentication"]);
    check("", "", Lang::Ja, &[]);
    check(" \r\n\t", "", Lang::En, &[]);
}

#[test]
fn every_line_end_and_whole_emoji() {
    let family = "👨‍👩‍👧‍👦";
    let text = format!(
        "{family}の会議が長い。\r\n参加者が多すぎるので{family}誰も話さない。\rか\u{3099}き"
    );
    check(&text, "", Lang::Ja, &[&format!("{family}の会議が長い"), "参加者が多すぎるので"]);
    check(&family.repeat(300), "", Lang::En, &[]);
    for quotation in own(&family.repeat(300), "", Lang::En) {
        assert!(quotation.replace(family, "").is_empty(), "{quotation}");
    }
}

#[test]
fn a_long_text_gives_a_short_worksheet() {
    for (text, lang) in [(MEETING.repeat(50), Lang::Ja), (FLAKY.repeat(40), Lang::En)] {
        assert!(text.len() > 10_000);
        check(&text, "", lang, &[]);
        for p in CATALOG.iter() {
            assert!(worksheet(p, &text, "", lang).len() < 5000);
        }
    }
    // The longest possible selections, for one perspective only: all of them would take a minute.
    let depth = CATALOG.get("depth").unwrap();
    for (text, lang) in [("x".repeat(200_000), Lang::En), ("会議が。".repeat(16_000), Lang::Ja)]
    {
        let sheet = worksheet(depth, &text, "", lang);
        assert!(sheet.starts_with("- ") && sheet.len() < 5000, "{sheet}");
    }
}

#[test]
fn a_perspective_without_questions_is_asked_about_by_its_description() {
    let file = "---\nname: risks\ndescription: Names what can go wrong.\n---\nask";
    let (catalog, _) = Catalog::default().with(Origin::User, [("risks.md", file)].into_iter());
    let sheet = worksheet(catalog.get("risks").unwrap(), FLAKY, "", Lang::En);
    assert!(sheet.starts_with("> Names what can go wrong.\n\n- From this perspective, what would you check first about “Our test suite is flaky”"));
    assert_eq!(sheet.matches("\n- ").count(), 3, "{sheet}");
    let sheet = worksheet(catalog.get("risks").unwrap(), "", "", Lang::Ja);
    assert!(sheet.matches("\n- ").count() == 1 && !sheet.contains("{{"), "{sheet}");
}

#[test]
fn a_form_of_the_users_own_is_filled_in_as_it_stands() {
    let file = "---\nname: mine\ndescription: d\n---\nask\n\n## worksheet\n\n{{problem}} is taken to be the problem.\n\n- **M1** Why?\n  {{hedged}} is hedged with {{hedge}}.\n  > ____\n- **M2** {{nothing}}?\n- [ ] done\n";
    let (catalog, problems) =
        Catalog::default().with(Origin::User, [("mine.md", file)].into_iter());
    assert!(problems.is_empty());
    assert_eq!(
        worksheet(catalog.get("mine").unwrap(), FLAKY, "", Lang::En),
        "“Our test suite is flaky” is taken to be the problem.\n\n- **M1** Why?\n  “Maybe the database tests share state” is hedged with “Maybe”.\n  > ____\n- [ ] done\n"
    );
}

fn prompt(text: &str, lang: Lang) -> (BranchId, Prompt) {
    let selection = Selection {
        uri: "file:///a.md".into(),
        language_id: "markdown".into(),
        text: text.into(),
        ..Selection::default()
    };
    let request = Request {
        selection: Arc::new(selection),
        lang,
        perspectives: CATALOG.resolve(&["depth"]).unwrap(),
        budget: Budget { max_tokens: 9, ..Budget::default() },
        ..Request::default()
    };
    prompts(&request, "t").remove(0)
}

#[test]
fn the_stream_is_the_worksheet_by_lines_and_names_no_model() {
    for lang in [Lang::Ja, Lang::En] {
        let (_, prompt) = prompt(MEETING, lang);
        let sheet = worksheet(&prompt.perspective, MEETING, "markdown", lang);
        assert_eq!(Worksheet::default().model(&prompt), "");
        let chunks: Vec<_> = block_on(
            Worksheet::default()
                .stream(prompt, TimeoutExtension::default())
                .map(Result::unwrap)
                .collect(),
        );
        let (last, texts) = chunks.split_last().unwrap();
        assert_eq!(*last, Chunk::Finish { reason: Finish::Stop, usage: None });
        let mut joined = String::new();
        for chunk in texts {
            let Chunk::Text(line) = chunk else { panic!("{chunk:?}") };
            assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
            joined.push_str(line);
        }
        assert_eq!(joined, sheet);
    }
}

#[test]
fn the_note_says_what_to_do_next() {
    for (lang, says) in [(Lang::Ja, "モデルには尋ねていません。"), (Lang::En, "No model was asked")]
    {
        let note = |is_chosen| Worksheet { is_chosen }.note(lang).unwrap();
        assert!(note(false).starts_with(says) && note(true).starts_with(says));
        assert!(note(false).contains("kaizodo setup") && note(false).contains("kaizodo doctor"));
        assert!(note(true).contains("provider") && !note(true).contains("Ollama"));
    }
}

proptest! {
    /// Every text has a worksheet, which is deterministic and quotes only the text.
    #[test]
    fn any_text_has_a_worksheet(
        text in "(?s)(.|[ -~]{1,9}|会議が|ので|、|。|てから|誰も|たぶん|半年前| because |, so |since |maybe |\r\n|\r|👨‍👩‍👧‍👦|`|「|」|\\{\\{problem\\}\\}|fn f|//|/\\*){0,30}",
        id in prop::sample::select(vec!["", "rust", "markdown"]),
    ) {
        let reading = reading::read(&text, id);
        for find in reading.values().flatten() {
            prop_assert!(text.contains(find));
        }
        for (one, two) in [("cause", "effect"), ("after", "then"), ("hedge", "hedged"), ("absolute", "stated"), ("one", "other"), ("number", "counted")] {
            prop_assert_eq!(reading.get(one).map(Vec::len), reading.get(two).map(Vec::len));
        }
        for lang in [Lang::Ja, Lang::En] {
            let sheet = all(&text, id, lang);
            prop_assert_eq!(&sheet, &all(&text, id, lang));
            prop_assert!(!sheet.contains('\r'));
        }
    }
}
