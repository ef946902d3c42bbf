//! `kaizodo eval`: measurements over a folder of texts, recorded answers, and a judge.

mod judge;

use crate::support::program::*;
use crate::support::upstream::*;
use serde_json::{Value, json};

const JA: &str = "会議が長い。議題がないまま始まる。\n";
const EN: &str = "The build takes an hour, and nobody knows why.\n";

/// Creates a home folder with one text in each language, and files that must not count as texts.
fn home() -> Home {
    let home = Home::new();
    home.write("texts/1-meeting.ja.md", JA);
    home.write("texts/2-build.en.md", EN);
    home.write("texts/.hidden.md", "Not me.");
    home.write("texts/below/deep.md", "Nor me.");
    home
}

/// Returns the last message of a request.
fn asked(request: &Seen) -> String {
    let json = request.json();
    let messages = json["messages"].as_array().unwrap();
    messages.last().unwrap()["content"].as_str().unwrap().to_owned()
}

/// Answers each view in the text's language with a quotation from the text, and other questions
/// without one.
fn said(request: &Seen) -> Reply {
    let asked = asked(request);
    let text = match asked.contains("会議") {
        true if asked.contains("あなたの視点: 深さ") => {
            "- D1 原因は準備(根拠「議題がない」)\n"
        }
        true if asked.contains("あなたの視点: 時間") => {
            "- T1 これから延びる(根拠「会議は短い」)\n"
        }
        true => "まず議題を書く。",
        false if asked.contains("Your side of the text: Depth") => {
            "- D1 Nobody looks (evidence \"nobody knows why\")\n"
        }
        false if asked.contains("Your side of the text: Time") => "- T1 It will get worse soon\n",
        false => "Measure it first.",
    };
    answer([text])
}

const TWO: [&str; 3] = ["eval", "-p", "depth,time"];

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    TWO.iter().chain(more).copied().collect()
}

fn json_of(ended: &Ended) -> Value {
    assert_eq!(ended.out.lines().count(), 1, "one document: {ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

#[tokio::test]
async fn every_text_of_the_folder_is_measured() {
    let server = Upstream::start(said).await;
    let home = home();
    let ended = end(&mut home.asking(&server, &args(&["--json", "texts"]))).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let report = json_of(&ended);
    let [ja, en] = report["texts"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&ja["name"], &ja["lang"]), (&json!("1-meeting.ja.md"), &json!("ja")));
    assert_eq!((&en["name"], &en["lang"]), (&json!("2-build.en.md"), &json!("en")));
    let depth = &ja["set"]["sections"][0];
    assert_eq!((&depth["branch"], &depth["lang"]), (&json!("depth"), &json!("ja")));
    assert_eq!((&depth["length"], &depth["right_language"]), (&json!(19), &json!(true)));
    assert_eq!(depth["quotations"], json!({"all": 1, "verbatim": 1}));
    assert_eq!(ja["set"]["quotations"], json!({"all": 2, "verbatim": 1}));
    assert_eq!((&en["set"]["unit"], &en["set"]["length"]), (&json!("words"), &json!(13)));
    assert_eq!(en["set"]["tokens"]["prompt_tokens"], 20);
    assert_eq!(en["set"]["overlap"]["pairs"].as_array().unwrap().len(), 1);
    let time = &en["set"]["time"];
    assert!(time["first_word_ms"].as_u64().unwrap() <= time["all_ms"].as_u64().unwrap());
    let sum = &report["sum"];
    assert_eq!(
        (&sum["texts"], &sum["sections"], &sum["incomplete"]),
        (&json!(2), &json!(4), &json!(0))
    );
    assert_eq!(sum["quotations"], json!({"all": 3, "verbatim": 2}));
    assert_eq!(server.seen().len(), 4);
    let kept = home.path().join(".local/state/kaizodo/journal");
    assert!(!kept.exists(), "the user's own runs stay in the journal");
}

#[tokio::test]
async fn a_text_is_asked_about_in_the_language_that_is_expected() {
    let server = Upstream::start(|request| {
        let is_ja = asked(request).contains("日本語で答え");
        answer([if is_ja { "準備が足りない。" } else { "It lacks preparation." }])
    });
    let server = server.await;
    let home = Home::new();
    home.write("texts/plan.ja.md", "会議設計\n");
    home.write("texts/cache.en.rs", "// キャッシュ\nfn cache() {}\n");
    let ended = end(&mut home.asking(&server, &args(&["--json", "texts"]))).await;
    let report = json_of(&ended);
    assert_eq!((ended.code, &report["sum"]["wrong_language"]), (Some(0), &json!(0)), "{report}");
    // Without a tag, the settings decide.
    home.write(".config/kaizodo/config.toml", "lang = \"ja\"\n");
    home.write("more/build.md", EN);
    let ended = end(&mut home.asking(&server, &args(&["--json", "more"]))).await;
    let report = json_of(&ended);
    assert_eq!((ended.code, &report["texts"][0]["lang"]), (Some(0), &json!("ja")), "{report}");
}

#[tokio::test]
async fn people_are_told_in_a_table() {
    let server = Upstream::start(said).await;
    let home = home();
    for (lang, parts) in [
        ("C", ["1-meeting.ja.md · ja\n", "EXACT/QUOTED", "first word", "SUM"]),
        ("ja_JP.UTF-8", ["2-build.en.md · en\n", "一致/引用", "最初の語", "合計"]),
    ] {
        let ended = end(home.asking(&server, &args(&["texts"])).env("LANG", lang)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        assert!(parts.iter().all(|part| ended.out.contains(part)), "{}", ended.out);
    }
}

#[tokio::test]
async fn a_missing_answer_or_another_language_is_a_failure() {
    let home = home();
    let wrong = Upstream::always(answer(["This is English."])).await;
    let ended = end(&mut home.asking(&wrong, &args(&["--json", "texts"]))).await;
    assert_eq!((ended.code, &json_of(&ended)["sum"]["wrong_language"]), (Some(1), &json!(2)));
    let missing =
        Upstream::start(|request| match asked(request).contains("Your side of the text: Time") {
            true => Reply::json(400, r#"{"error":{"message":"no such field"}}"#),
            false => said(request),
        });
    let ended = end(&mut home.asking(&missing.await, &args(&["texts"]))).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("✗ ") && ended.out.contains("no such field"), "{}", ended.out);
}

#[tokio::test]
async fn recorded_answers_are_played_without_a_server() {
    let home = home();
    let judge = |request: &Seen| match request.json()["model"] == "j" {
        true => answer(["tie\nBoth say little.\n"]),
        false => said(request),
    };
    let server = Upstream::start(judge).await;
    let judged = ["--judge", "j", "--json", "texts"];
    let recording = args(&[&["--record", "answers.jsonl"], judged.as_slice()].concat());
    let first = end(&mut home.asking(&server, &recording)).await;
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""), "{first:?}");
    drop(server);
    let file = std::fs::read_to_string(home.path().join("answers.jsonl")).unwrap();
    // Two views, one plain question and a judge in two orders, for each text.
    assert_eq!(file.lines().count(), 10);
    assert!(!file.contains(CANARY));
    let playing = args(&[&["--cassette", "answers.jsonl"], judged.as_slice()].concat());
    let second = end(&mut home.kaizodo(&playing)).await;
    assert_eq!((second.code, second.err.as_str()), (Some(0), ""), "{second:?}");
    let (mut asked, played) = (json_of(&first), json_of(&second));
    assert_eq!(played["provider"], "recorded answers (answers.jsonl)");
    for text in asked["texts"].as_array().unwrap() {
        assert!(text["set"]["time"]["all_ms"].is_u64(), "{text}");
    }
    // Answers from a recording have no times, because the times would mean nothing.
    without_times(&mut asked);
    asked["provider"] = played["provider"].clone();
    assert_eq!(asked, played);
    assert_eq!(played["score"]["ties"], 2);
}

/// Replaces every time with `null`.
fn without_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name.ends_with("_ms") {
                    *member = Value::Null;
                } else {
                    without_times(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

#[tokio::test]
async fn a_missing_recording_is_reported_with_what_to_do() {
    let home = home();
    let server = Upstream::start(said).await;
    let ended = end(&mut home.asking(&server, &args(&["--record", "a.jsonl", "texts"]))).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    drop(server);
    home.write("other/3-new.en.md", "Something else is slow.\n");
    for (case, said) in [
        (
            &["-p", "depth,time", "texts", "--model", "n"][..],
            "has an answer from m but none from n",
        ),
        (&["-p", "depth", "texts"], "recorded with a different wording"),
        (
            &["-p", "structure", "texts"],
            "カセット a.jsonl に 1-meeting.ja.md の structure への答えがありません",
        ),
        (&["-p", "depth", "other"], "3-new.en.md, depth: a.jsonl has no recorded answer"),
    ] {
        let case = [&["eval", "--cassette", "a.jsonl"], case].concat();
        let ended = end(home.kaizodo(&case).env("LANG", "C")).await;
        assert_eq!(ended.code, Some(1), "{case:?} {ended:?}");
        assert!(
            ended.out.contains(said) && ended.out.contains("--record"),
            "{case:?} {}",
            ended.out
        );
    }
    let whole = ["eval", "--cassette", "a.jsonl", "-p", "depth,time", "-m", "m", "texts"];
    assert_eq!(end(&mut home.kaizodo(&whole)).await.code, Some(0));
}

#[tokio::test]
async fn with_both_only_what_is_missing_is_asked_and_recorded() {
    let home = home();
    let server =
        Upstream::start(|request| match asked(request).contains("Your side of the text: Time") {
            true => Reply::status(401),
            false => said(request),
        });
    let both = args(&["--cassette", "a.jsonl", "--record", "a.jsonl", "--json", "texts"]);
    let ended = end(&mut home.asking(&server.await, &both)).await;
    assert_eq!((ended.code, &json_of(&ended)["sum"]["incomplete"]), (Some(1), &json!(1)));
    let server = Upstream::start(said).await;
    let ended = end(&mut home.asking(&server, &both)).await;
    let report = json_of(&ended);
    assert_eq!((ended.code, &report["sum"]["incomplete"]), (Some(0), &json!(0)));
    assert_eq!(report["sum"]["all_ms"], Value::Null, "some came from the file");
    let seen = server.seen();
    assert!(seen.len() == 1 && asked(&seen[0]).contains("Your side of the text: Time"), "{seen:?}");
    let file = std::fs::read_to_string(home.path().join("a.jsonl")).unwrap();
    assert_eq!(file.lines().count(), 4);
}

#[tokio::test]
async fn a_perspective_with_a_model_of_its_own_is_played_as_that() {
    let home = home();
    let own = "---\nname: own\ndescription: Looks aside.\nmodel: special\n---\nLook aside.\n";
    home.write(".config/kaizodo/perspectives/own.md", own);
    let server = Upstream::start(|request| match request.json()["model"] == "special" {
        true => said(request),
        // Delayed, so that the answer of the perspective with its own model is recorded first.
        false => said(request).before_head(Step::Wait(std::time::Duration::from_millis(200))),
    });
    let all = |tape| ["eval", tape, "a.jsonl", "-p", "depth,own", "texts"];
    assert_eq!(end(&mut home.asking(&server.await, &all("--record"))).await.code, Some(0));
    let played = end(&mut home.kaizodo(&all("--cassette"))).await;
    assert_eq!((played.code, played.err.as_str()), (Some(0), ""), "{played:?}");
}

#[tokio::test]
async fn the_plain_question_is_what_somebody_would_type() {
    let server = Upstream::start(said).await;
    let home = home();
    let all = args(&["--against", "plain", "--json", "texts"]);
    let ended = end(&mut home.asking(&server, &all)).await;
    let report = json_of(&ended);
    assert_eq!((ended.code, &report["score"]), (Some(0), &Value::Null), "{report}");
    assert_eq!(report["against"]["sum"]["words"], 3);
    let plain = server.seen().into_iter().map(|seen| seen.json()["messages"].clone());
    let plain: Vec<_> = plain.filter(|messages| messages.as_array().unwrap().len() == 1).collect();
    let user = |text: &str, question: &str| json!([{"role": "user", "content": format!("{text}\n\n{question}")}]);
    let ja = "これをもっと鮮明に見せてください。深さ、広さ、構造、時間による変化の面から。";
    let en = "See this more sharply: its depth, breadth, structure and how it changes over time.";
    assert_eq!(plain, [user(JA, ja), user(EN, en)]);
}

#[tokio::test]
async fn another_set_and_another_model_are_compared_with() {
    let home = home();
    home.write(".config/kaizodo/config.toml", "[sets]\nquick = [\"depth\"]\n");
    let server = Upstream::start(said).await;
    let all = args(&["--against", "quick", "--json", "texts"]);
    let report = json_of(&end(&mut home.asking(&server, &all)).await);
    assert_eq!(report["against"]["sum"]["sections"], 2);
    let all = args(&["--against", "model:big", "--json", "texts"]);
    let report = json_of(&end(&mut home.asking(&server, &all)).await);
    assert_eq!(report["against"]["sum"]["sections"], 4);
    let of = |model| server.seen().iter().filter(|seen| seen.json()["model"] == model).count();
    assert_eq!((of("m"), of("big")), (4 + 2 + 4, 4));
}

#[tokio::test]
async fn nothing_is_asked_where_something_is_wrong() {
    let home = home();
    home.write("bad.jsonl", "{\"prompt\":1}\n");
    home.write("odd/a.md", b"a\xff");
    home.write("secret/a.md", "Fine.");
    home.write(
        "secret/b.md",
        format!("export TOKEN={}{}", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
    );
    home.write(".config/kaizodo/config.toml", "secrets = \"refuse\"\n");
    std::fs::create_dir(home.path().join("empty")).unwrap();
    let server = Upstream::start(said).await;
    for (case, en, ja) in [
        (&["none"][..], "The folder none cannot be read", "フォルダー none を読めません"),
        (&["empty"], "There are no texts in the folder empty", "empty に文章がありません"),
        (&["secret"], "GitHub", "GitHub"),
        (&["odd"], "Skipping a.md", "a.md は飛ばします"),
        (&["texts", "--set", "x"], "no set named \"x\"", "「x」という組はありません"),
        (&["texts", "--against", "x"], "no set named \"x\"", "「x」という組はありません"),
        (&["texts", "--against", "model:"], "a model's name after", "モデルの名前を"),
        (&["texts", "--cassette", "bad.jsonl"], "Line 1 of bad.jsonl", "bad.jsonl の 1 行目"),
        (&["texts", "--cassette", "no.jsonl"], "no.jsonl cannot be read", "no.jsonl を読めません"),
        (&["texts", "--record", "no/a.jsonl"], "recorded to no/a.jsonl", "答えを記録できません"),
        (&[], "required", "が要ります"),
    ] {
        for (lang, said) in [("C", en), ("ja_JP.UTF-8", ja)] {
            let case = [&["eval"], case].concat();
            let ended = end(home.asking(&server, &case).env("LANG", lang)).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{case:?} {ended:?}");
            assert!(ended.err.contains(said), "{case:?} {}", ended.err);
        }
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_disk_that_takes_no_recording_is_told() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let server = Upstream::start(said).await;
    let home = home();
    let ended = end(&mut home.asking(&server, &args(&["--record", "/dev/full", "texts"]))).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("recorded to /dev/full") && ended.out.contains("SUM"), "{ended:?}");
}

/// The recorded answers are for the current prompts: when a prompt changes, its answer must be
/// recorded again.
#[tokio::test]
async fn the_recorded_answers_are_those_to_the_prompts_of_today() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/evals/texts");
    let cassette = concat!(env!("CARGO_MANIFEST_DIR"), "/evals/answers.jsonl");
    let args = ["eval", folder, "--cassette", cassette, "--json"];
    let ended = end(Home::new().kaizodo(&args).env("KAIZODO_FOCUS", "auto")).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
    let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let sum = &report["sum"];
    assert_eq!((&sum["texts"], &sum["sections"]), (&json!(20), &json!(100)));
    let texts = report["texts"].as_array().unwrap();
    assert_eq!(texts.iter().filter(|text| text["lang"] == "ja").count(), 10);
    for text in texts {
        assert_eq!(text["set"]["sections"][0]["branch"], "focus", "{text}");
        assert!(text["set"]["overlap"]["mean"].as_f64().unwrap() < 0.5, "{text}");
    }
}
