//! `kaizodo run`, from the request to the last line.

use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome, Stamped};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test]
async fn sections_keep_their_order_and_the_first_one_streams() {
    let gate = Gate::new();
    let slow = Reply::stream([sse_text("- D1 first half\n")])
        .step(Step::Until(gate.clone()))
        .write([sse_text("- D2 the rest\n"), sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let server = server(vec![(ASKED[0], slow)]).await;
    let home = Home::new();
    let mut child = home.asking(&server, &["run", "--text", "Builds are slow."]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut text = String::new();
    while !text.contains("first half") {
        text += &(lines.next_line().await.unwrap().unwrap() + "\n");
    }
    let others_ended = |seen: &[Seen]| seen.iter().filter(|s| s.ended.is_some()).count() == 3;
    server.until("the three others", others_ended).await;
    gate.open();
    while let Some(line) = lines.next_line().await.unwrap() {
        text += &(line + "\n");
    }
    home.keep("stdout", text.as_bytes());
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    let parts = [
        "# 解像度 · Builds are slow.",
        "`text:1` · 127.0.0.1:",
        "## Depth\n\n- D1 first half\n- D2 the rest\n\n`m` · ",
        "## Breadth\n\n- B is said",
        "## Structure\n\n- S",
        "## Time\n\n- T is said\n\n`m` · 10 (4 cached) → 3 tokens · ",
    ];
    let places: Vec<_> = parts
        .iter()
        .map(|part| text.find(part).unwrap_or_else(|| panic!("{part} in {text}")))
        .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(!text.contains("_…") && text.ends_with(" s\n"), "{text}");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn events_are_printed_one_a_line() {
    let bad = answer(["\u{9b}2J\u{1b}]0;x\u{7}"]);
    let server = server(vec![(ASKED[2], bad)]).await;
    let ended =
        end(&mut Home::new().asking(&server, &["run", "--json", "--text", "Slow builds"])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let events: Vec<Stamped> =
        ended.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(matches!(&events[0].event, Event::RunStarted { sections, .. } if sections.len() == 4));
    assert!(matches!(
        events.last().unwrap().event,
        Event::RunEnded { outcome: RunOutcome::Done, .. }
    ));
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    assert_eq!(ended.out.find(|c: char| c.is_control() && c != '\n'), None, "{}", ended.out);
    let said =
        |e: &Stamped| matches!(&e.event, Event::Delta { text, .. } if text.contains('\u{9b}'));
    assert!(events.iter().any(said));
}

#[tokio::test]
async fn one_failure_leaves_the_others_whole() {
    let server =
        server(vec![(ASKED[1], Reply::json(400, r#"{"error":{"message":"no such field"}}"#))])
            .await;
    let ended = end(&mut Home::new().asking(&server, &["run", "--text", "Builds are slow."])).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("## Breadth\n\n✗ ") && ended.out.contains("no such field"));
    for said in ["- D is said", "- S is said", "- T is said"] {
        assert!(ended.out.contains(said), "{}", ended.out);
    }
    let hint = "kaizodo: Breadth is incomplete. `kaizodo retry` asks for it again.\n";
    assert_eq!(ended.err, hint);
}

#[tokio::test]
async fn no_control_sequence_of_an_answer_comes_out() {
    let bad = answer(["a\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{9b}31mb\u{202e}c\r\n"]);
    let server = server(vec![(ASKED[0], bad)]).await;
    let ended = end(&mut Home::new().asking(&server, &["run", "--text", "Builds are slow."])).await;
    assert_eq!(ended.out.find(|c: char| c.is_control() && c != '\n'), None, "{:?}", ended.out);
    assert!(
        ended.out.contains("a⟨U+001B⟩[2J") && ended.out.contains("⟨U+009B⟩31mb"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn the_worksheet_needs_nothing_at_all() {
    for (lang, text, said, note) in [
        ("en_US.UTF-8", "The build takes an hour.", "## Depth", "No model was asked"),
        ("ja_JP.UTF-8", "ビルドに一時間かかる。", "## 深さ", "モデルには尋ねていません"),
    ] {
        let home = Home::new();
        let mut command = home.kaizodo(&["run", "--provider", "worksheet", "-"]);
        command.env_clear().env("KAIZODO_FOCUS", "off").env("HOME", home.path()).env("LANG", lang);
        let ended = end_with(&mut command, text).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        let (head, sections) = ended.out.split_once("\n## ").unwrap();
        assert!(head.contains(note) && !sections.contains(note), "{}", ended.out);
        assert!(ended.out.contains(said), "{}", ended.out);
        assert_eq!(ended.out.matches("\n## ").count(), 4);
        let (_, last) = ended.out.rsplit_once("\n\n").unwrap();
        assert!(last.lines().all(|line| line.starts_with("- ")), "{last}");
    }
}

#[tokio::test]
async fn perspectives_model_and_language_are_as_asked() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let args =
        ["run", "--text", "Builds are slow.", "-p", "時間,depth", "--lang", "ja", "-m", "big"];
    let ended = end(&mut Home::new().asking(&server, &args)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.find("## 時間").unwrap() < ended.out.find("## 深さ").unwrap());
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter().all(|s| s.json()["model"] == "big" && s.body_text().contains("日本語で答える"))
    );
}

#[tokio::test]
async fn a_built_in_set_is_asked_by_its_name_and_the_user_s_own_goes_before_it() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let args = ["run", "--text", "let n = a[i + 1];", "--set", "review"];
    let headings = async || {
        let ended = end(&mut home.asking(&server, &args)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        let headings = ended.out.lines().filter_map(|line| line.strip_prefix("## "));
        headings.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(headings().await, ["Failures", "Misreadings", "Test gaps", "Scale"]);
    // Each perspective is given what the others of its set look at.
    let seen = server.seen();
    let first = seen.iter().find(|s| s.body_text().contains("Your side of the text: Failures"));
    let first = first.unwrap().body_text();
    assert!(first.contains("Test gaps (Looks for what the tests miss"), "{first}");
    assert!(!first.contains("Depth ("), "{first}");
    home.write(".config/kaizodo/config.toml", "[sets]\nreview = [\"time\", \"scale\"]\n");
    assert_eq!(headings().await, ["Time", "Scale"]);
}

#[tokio::test]
async fn a_set_of_the_users_file_is_asked() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "model = \"theirs\"\n[sets]\nquick = [\"depth\"]\n");
    let mut command = home.kaizodo(&["run", "--text", "Builds are slow.", "--set", "quick"]);
    let ended = end(command.env("OPENAI_BASE_URL", server.url())).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(server.seen().len(), 1);
    assert_eq!(server.seen()[0].json()["model"], "theirs");
}

#[tokio::test]
async fn a_broken_file_of_settings_is_told_and_left_out() {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "lang = \"ja\"\nmodle = \"x\"\n");
    let ended =
        end(&mut home.kaizodo(&["run", "--provider", "worksheet", "--text", "Slow builds."])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.err.contains("config.toml, line 2,") && ended.err.contains("modle"),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("## Depth"));
}

#[tokio::test]
async fn all_mistakes_of_the_settings_are_told_each_on_its_line() {
    let home = Home::new();
    let text = "modle = \"x\"\nlang = \"jp\"\n[limits]\nmax_tokens = \"多く\"\n";
    home.write(".config/kaizodo/config.toml", text);
    let args = ["run", "--provider", "worksheet", "--text", "遅い。", "-p", "depth"];
    let ended = end(home.kaizodo(&args).env("LANG", "ja_JP.UTF-8")).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines: Vec<_> = ended.err.lines().collect();
    let wanted = [
        ("config.toml の 1 行目", "`model` のことでしょうか"),
        ("config.toml の 2 行目", "あるのは `auto`、`ja`、`en` です"),
        ("config.toml の 4 行目", "limits.max_tokens: 0 以上の整数を書くところ"),
    ];
    assert_eq!(lines.len(), wanted.len(), "{}", ended.err);
    for (line, (place, said)) in lines.iter().zip(wanted) {
        assert!(line.contains(place) && line.contains(said), "{line}");
    }
    let doctor = end(&mut home.kaizodo(&["doctor"])).await;
    assert_eq!(doctor.out.matches("config.toml, line ").count(), 3, "{}", doctor.out);
}

#[tokio::test]
async fn nothing_leaves_this_computer_while_settings_cannot_be_read() {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "base_url = \"http://127.0.0.1:11434\n");
    let mut command = home.kaizodo(&["run", "--text", "Slow builds.", "-p", "depth"]);
    let ended = end(command.env("OPENAI_API_KEY", CANARY)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = "so api.openai.com may not be the server you chose";
    assert!(ended.out.contains(said), "{}", ended.out);
    let server = server(vec![]).await;
    let mut command = home.asking(&server, &["run", "--text", "Slow builds.", "-p", "depth"]);
    assert_eq!(end(&mut command).await.code, Some(0), "this computer may be asked");
}

#[tokio::test]
async fn the_log_is_silent_unless_asked_and_never_holds_answers_or_keys() {
    let odd = Reply::stream(["data: {\"choices\": \"canary-answer\"}\n\n", SSE_DONE]);
    let server = Upstream::always(odd).await;
    let home = Home::new();
    let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
    command.env("OPENAI_API_KEY", CANARY);
    let ended =
        end(command.env("KAIZODO_LOG", "trace,async_openai=trace,async_openai::client=trace"))
            .await;
    assert!(!ended.err.is_empty());
    for hidden in ["canary-answer", CANARY] {
        assert!(!ended.err.contains(hidden) && !ended.out.contains("sk-canary"), "{}", ended.err);
    }
}
