//! Worksheets for texts of many kinds.

use super::*;
use crate::event::BranchId;
use crate::perspective::{Catalog, Origin, prompts};
use crate::request::{Budget, Request};
use crate::text::Selection;
use futures::executor::block_on;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

const MEETING: &str = "会議が長くて決まらない。半年前は三十分で終わっていたのに、参加者が増えてから一時間かかるようになった。たぶん議題が曖昧なので、何を決めるのか誰も知らない。";
const FLAKY: &str = "Our test suite is flaky. It used to be green every night, but since we moved to the new CI runners in March, about one in ten builds fails. Maybe the database tests share state, because nobody resets it between runs. People just press retry, so real failures slip through.";
const RUST: &str = "/// Fetches a page.\npub async fn fetch(url: &str) -> String {\n    for _ in 0..30 {\n        if let Ok(page) = get(url).await {\n            return page.text().await.unwrap();\n        }\n        // TODO: 待ち時間が長すぎる\n        sleep(Duration::from_millis(500)).await;\n    }\n    panic!(\"gave up on {url}\")\n}\n";

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);

/// All four worksheets, one after another.
fn all(text: &str, language_id: &str, lang: Lang) -> String {
    let sheet = |p: &Arc<Perspective>| {
        format!("## {}\n\n{}", p.title(lang), worksheet(p, text, language_id, lang))
    };
    CATALOG.iter().map(sheet).collect::<Vec<_>>().join("\n")
}

/// What stands in quotation marks and code spans.
fn quotations(sheet: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (open, close) in [("「", "」"), ("“", "”"), ("`", "`")] {
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

/// What is quoted beyond the words of the questions themselves.
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
    assert_eq!(sheet, all(text, language_id, lang));
}

#[test]
fn japanese_prose() {
    check(
        MEETING,
        "markdown",
        Lang::Ja,
        &["会議が長くて決まらない", "議題が曖昧なので", "たぶん", "三十分", "参加者"],
    );
    insta::assert_snapshot!(all(MEETING, "markdown", Lang::Ja));
}

#[test]
fn english_prose() {
    let expect = [
        "Our test suite is flaky",
        "nobody resets it between runs",
        "Maybe",
        "one in ten",
        "CI runners",
    ];
    check(FLAKY, "markdown", Lang::En, &expect);
    insta::assert_snapshot!(all(FLAKY, "markdown", Lang::En));
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
    check(
        RUST,
        "rust",
        Lang::Ja,
        &[
            "fetch",
            "url",
            "500",
            "TODO: 待ち時間が長すぎる",
            "sleep(Duration::from_millis(500)).await;",
        ],
    );
    let plain = "fn add(a: i32, b: i32) -> i32 {\n    a + b\n}";
    check(plain, "rust", Lang::En, &["add"]);
    assert!(all(plain, "rust", Lang::En).contains("Read as code. It does not state a problem."));
}

#[test]
fn a_goal_a_word_and_nothing() {
    check(
        "来年までに売上を 2 倍にしたい。",
        "",
        Lang::Ja,
        &["来年までに売上を 2 倍にしたい", "2 倍"],
    );
    assert!(all("I want to write more.", "", Lang::En).contains("Read as a goal"));
    check("認証", "rust", Lang::Ja, &["認証"]);
    assert!(all("認証", "", Lang::Ja).contains("「認証」の何が、誰を困らせているか"));
    check("authentication", "", Lang::En, &["authentication"]);
    check("", "", Lang::Ja, &[]);
    check(" \r\n\t", "", Lang::En, &[]);
}

#[test]
fn every_line_end_and_whole_emoji() {
    let family = "👨‍👩‍👧‍👦";
    let text =
        format!("{family}の会議が長い。\r\n参加者が多すぎるので{family}困る。\rか\u{3099}き");
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
    check(&"x".repeat(200_000), "", Lang::En, &[]);
    check(&"会議が。".repeat(30_000), "", Lang::Ja, &["会議"]);
}

#[test]
fn a_perspective_without_questions_is_asked_about_by_its_description() {
    let file = "---\nname: risks\ndescription: Names what can go wrong.\n---\nask";
    let (catalog, _) = Catalog::default().with(Origin::User, [("risks.md", file)].into_iter());
    let sheet = worksheet(catalog.get("risks").unwrap(), FLAKY, "", Lang::En);
    assert!(sheet.starts_with("> Names what can go wrong.\n\nLook at “Our test suite is flaky”"));
    assert!(sheet.contains("**R1**") && sheet.contains("**R4**") && !sheet.contains("%L%"));
    let sheet = worksheet(catalog.get("risks").unwrap(), "", "", Lang::Ja);
    assert!(sheet.contains("**R2**") && !sheet.contains("{{"));
}

fn prompt(text: &str, lang: Lang) -> (BranchId, Prompt) {
    let selection = Selection {
        uri: "file:///a.md".into(),
        version: None,
        language_id: "markdown".into(),
        range: Default::default(),
        text: text.into(),
    };
    let request = Request {
        selection: Arc::new(selection),
        lang,
        perspectives: CATALOG.resolve(&["depth"]).unwrap(),
        focus: None,
        notes: Vec::new(),
        budget: Budget { max_tokens: 9, ..Budget::default() },
    };
    prompts(&request, "t").remove(0)
}

#[test]
fn the_stream_is_the_worksheet_by_lines_and_says_that_no_model_was_asked() {
    for (lang, says) in [(Lang::Ja, "モデルには尋ねていません。"), (Lang::En, "No model was asked")]
    {
        let (_, prompt) = prompt(MEETING, lang);
        let sheet = worksheet(&prompt.perspective, MEETING, "markdown", lang);
        let chunks: Vec<_> = block_on(Worksheet.stream(prompt).map(Result::unwrap).collect());
        let (last, texts) = chunks.split_last().unwrap();
        let Chunk::Finish { reason: Finish::Stop, usage: None, note: Some(note) } = last else {
            panic!("{last:?}");
        };
        assert!(
            note.starts_with(says)
                && note.contains("OPENAI_API_KEY")
                && note.contains("kaizodo doctor")
        );
        let mut joined = String::new();
        for chunk in texts {
            let Chunk::Text(line) = chunk else { panic!("{chunk:?}") };
            assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
            joined.push_str(line);
        }
        assert_eq!(joined, sheet);
    }
}

proptest! {
    /// Whatever was chosen, there is a worksheet, the same each time, and what it quotes is there.
    #[test]
    fn any_text_has_a_worksheet(
        text in "(?s)(.|[ -~]{1,9}|会議が|ので|、|。|てから|誰も|たぶん|半年前| because |, so |since |maybe |\r\n|\r|👨‍👩‍👧‍👦|`|「|」|\\{\\{problem\\}\\}|fn f|//|/\\*){0,30}",
        id in prop::sample::select(vec!["", "rust", "markdown"]),
    ) {
        let reading = reading::read(&text, id);
        for find in reading.values().flatten() {
            prop_assert!(text.contains(find));
        }
        for (one, two) in [("cause", "effect"), ("after", "then"), ("hedge", "hedged"), ("absolute", "stated")] {
            prop_assert_eq!(reading.get(one).map(Vec::len), reading.get(two).map(Vec::len));
        }
        for lang in [Lang::Ja, Lang::En] {
            let sheet = all(&text, id, lang);
            prop_assert_eq!(&sheet, &all(&text, id, lang));
            prop_assert!(!sheet.contains('\r'));
        }
    }
}
