//! Hostile text through the real program: it never controls a terminal, changes the structure of
//! the panel or ends the fence in the prompt. The texts are in `hostile/data`.

use crate::hostile::checks::inert::{self, structure};
use crate::support::program::*;
use crate::support::upstream::*;
use futures::StreamExt;
use futures::stream;
use kaizodo::event::{Event, Stamped};
use serde_json::json;
use std::io::Read;

fn data(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap()
}

/// Returns forty sequences, each preceded by each of the first 256 characters.
fn sequences() -> Vec<String> {
    let tails = data(include_str!("../hostile/data/terminal.json"));
    let all: Vec<_> = (0..=255u8)
        .flat_map(|first| tails.iter().map(move |tail| char::from(first).to_string() + tail))
        .collect();
    assert_eq!(all.len(), 10_240);
    all
}

/// Returns replies with a quarter of the sequences for each section. One in sixteen comes character
/// by character. Sequences that start with U+0080 to U+00FF come once more with a byte that is not
/// UTF-8.
fn ten_thousand_answers() -> Vec<(&'static str, Reply)> {
    let all = sequences();
    let quarter = |i: usize| {
        let mut pieces = Vec::new();
        for (n, text) in all.iter().enumerate().filter(|(n, _)| n % 4 == i) {
            match n % 16 {
                15 => pieces.extend(text.chars().map(|c| sse_text(&c.to_string()).into_bytes())),
                _ => pieces.push(sse_text(text).into_bytes()),
            }
            if let Some(first @ '\u{80}'..='\u{ff}') = text.chars().next() {
                let mut event = sse_text("HERE").into_bytes();
                let at = event.windows(4).position(|four| four == b"HERE").unwrap();
                event.splice(at..at + 4, [u32::from(first) as u8]);
                pieces.push(event);
            }
        }
        pieces.push([sse_finish("stop"), SSE_DONE.to_owned()].concat().into_bytes());
        Reply::stream(pieces.chunks(64).map(|some| some.concat()))
    };
    ASKED.into_iter().enumerate().map(|(i, asked)| (asked, quarter(i))).collect()
}

/// Returns the first control character, except line ends and tabs.
fn live(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t')
}

#[track_caller]
fn only_shows(ended: &Ended) {
    assert_eq!((live(&ended.out), live(&ended.err)), (None, None), "{:?}", ended.err);
}

#[tokio::test]
async fn ten_thousand_sequences_drive_no_pipe_and_stand_in_the_journal_as_they_came() {
    let server = Upstream::rules(ten_thousand_answers()).await;
    let home = Home::new();
    let run = ["run", "--text", "Builds are slow."];
    let mut command = home.asking(&server, &run);
    let shown = end(command.env("KAIZODO_LOG", "trace")).await;
    assert_eq!(shown.code, Some(0), "{}", shown.err.len());
    only_shows(&shown);
    for part in ["⟨U+001B⟩[2J", "⟨U+001B⟩]52;c;aWQK⟨U+0007⟩", "\u{fffd}", "⟨U+0000⟩c"]
    {
        assert!(shown.out.contains(part), "{part}");
    }
    let events = end(&mut home.asking(&server, &[&run[..], &["--json"]].concat())).await;
    only_shows(&events);
    let said = |e: Stamped| match e.event {
        Event::Delta { text, .. } => text,
        _ => String::new(),
    };
    let raw: String = events.out.lines().map(|l| said(serde_json::from_str(l).unwrap())).collect();
    assert!(raw.contains("\u{1b}]0;owned\u{7}") && raw.contains("\u{85}\u{9b}2J"));
    for args in [&["list"][..], &["list", "--json"], &["show"], &["replay", "--json"], &["replay"]]
    {
        let ended = end(&mut home.kaizodo(&[&["journal"], args].concat())).await;
        assert_eq!(ended.code, Some(0), "{args:?} {}", ended.err);
        only_shows(&ended);
    }
}

/// Removes what the program itself writes to a terminal: its styles, and the redrawn state line.
fn without_our_own(written: &str) -> String {
    let rest = written.replace("\r\n", "\n").replace("\r\u{1b}[K", "");
    let own = ["0", "1", "2", "3", "4", "36"];
    let mut pieces = rest.split("\u{1b}[");
    let mut rest = pieces.next().unwrap().to_owned();
    for piece in pieces {
        match piece.split_once('m') {
            Some((style, text)) if style.split(';').all(|one| own.contains(&one)) => rest += text,
            _ => rest += &format!("\u{1b}[{piece}"),
        }
    }
    let mut out = String::new();
    let mut parts = rest.split("\r\u{1b}[");
    out.push_str(parts.next().unwrap());
    for part in parts {
        let up = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - up.len();
        let end = up.strip_prefix("A\u{1b}[J").filter(|_| (1..=3).contains(&digits));
        out.push_str(end.expect("our own way up"));
    }
    out
}

#[cfg(unix)]
#[tokio::test]
async fn ten_thousand_sequences_drive_no_terminal() {
    let server = Upstream::rules(ten_thousand_answers()).await;
    let written = on_a_terminal(&server).await;
    assert!(written.contains("\u{1b}[1;4mTime\u{1b}[0m") && written.contains("⟨U+009D⟩"));
    assert_eq!(live(&without_our_own(&written)), None);
}

#[cfg(unix)]
#[tokio::test]
async fn a_heading_in_an_answer_does_not_stand_out_on_a_terminal() {
    let forged = ["```md\n```~\n## Time\n\n``` `\n## Forged\n", "~~~\n## Depth\n```\n"];
    let server = Upstream::always(answer(forged)).await;
    let written = on_a_terminal(&server).await;
    let own = written.split("\u{1b}[1;4m").skip(1).map(|rest| rest.split('\u{1b}').next());
    let own: std::collections::BTreeSet<_> = own.flatten().collect();
    assert_eq!(own, ["Breadth", "Depth", "Structure", "Time"].into(), "{written}");
    // The forged heading is shown as code, because it is inside a code block.
    assert!(written.contains("\u{1b}[36m## Forged\u{1b}[0m"), "{written}");
}

/// Returns everything that a run writes to a terminal.
#[cfg(unix)]
async fn on_a_terminal(server: &Upstream) -> String {
    let home = Home::new();
    let (mut master, slave) = super::live::pty();
    let mut command = home.asking(server, &["run", "--text", "Builds are slow."]);
    command.env("TERM", "xterm-256color").stdout(slave);
    let mut child = command.spawn().unwrap();
    // Otherwise the terminal would stay open for as long as the command can be started again.
    drop(command);
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        // On Linux, reading fails with EIO when the other side is no longer open.
        let _ = master.read_to_end(&mut all);
        all
    });
    assert!(child.wait().await.unwrap().success());
    String::from_utf8(reader.join().unwrap()).unwrap()
}

#[tokio::test]
async fn names_errors_and_settings_drive_no_terminal() {
    let tails = data(include_str!("../hostile/data/terminal.json"));
    let bad: String = (1..=255u8).map(char::from).chain(tails.concat().chars()).collect();
    let refused = json!({"error": {"message": bad, "type": bad, "code": bad}}).to_string();
    let models = json!({"data": [{"id": bad}, {"id": "x\u{9b}2J"}]}).to_string();
    let server = Upstream::start(move |seen| match seen.method.as_str() {
        "GET" => Reply::json(200, &models),
        _ => Reply::json(400, &refused),
    })
    .await;
    let home = Home::new();
    let perspective = "---\nname: odd\ndescription: \"\\e[2J\\x9b31m\"\ntitle: \"\\e]0;x\\a\\x85\"\n\"\\e[2J\": 1\ngroup: \"\\x9bx\"\n---\nask\n";
    home.write(".config/kaizodo/perspectives/odd.md", perspective);
    home.write(".config/kaizodo/perspectives/\u{1b}[2J\u{9b}.md", "\u{1b}[2J\u{9b}31m");
    let mut shown = 0;
    let text = "\u{1b}[2JBuilds\u{9b}31m are slow.";
    for args in [
        &["run", "-p", "odd,depth", "-"][..],
        &["run", "--json", "-p", "odd", "-"],
        &["run", "\u{1b}[2J\u{9b}.md"],
        &["run", "--set", "\u{1b}[2J\u{9b}31m", "-"],
        &["run", "-p", "\u{1b}[2J\u{9b}31m", "-"],
        &["run", "--lang", "\u{1b}[2J\u{9b}31m\u{7f}"],
        &["\u{1b}[2J\u{9b}31m\u{7f}"],
        &["run", "--\u{9b}2J"],
        &["perspectives"],
        &["perspectives", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["journal", "list"],
        &["journal", "show", "\u{1b}[2J\u{9b}"],
    ] {
        for lang in ["en_US.UTF-8", "ja_JP.UTF-8"] {
            let mut command = home.asking(&server, args);
            command.env("KAIZODO_MODEL", &bad).env("KAIZODO_LOG", "trace").env("LANG", lang);
            let ended = end_with(&mut command, text).await;
            assert_eq!((live(&ended.out), live(&ended.err)), (None, None), "{args:?} {ended:?}");
            shown += ended.out.matches("⟨U+009B⟩").count() + ended.err.matches("⟨U+009B⟩").count();
        }
    }
    assert!(shown > 20, "{shown} places where it would have");
    home.write(".config/kaizodo/config.toml", "\"\u{9b}2J\" = \"\u{85}\"\nlang = \"\u{9d}\"\n");
    for args in [&["doctor"][..], &["run", "--provider", "worksheet", "-"]] {
        let ended = end_with(&mut home.kaizodo(args), text).await;
        assert!(!ended.err.is_empty() || ended.code == Some(2), "{ended:?}");
        only_shows(&ended);
    }
}

#[derive(serde::Deserialize)]
struct Names {
    names: Vec<String>,
    around: Vec<String>,
}

#[tokio::test]
async fn two_hundred_names_change_no_panel() {
    let Names { names, around } =
        serde_json::from_str(include_str!("../hostile/data/names.json")).unwrap();
    let names: Vec<String> =
        around.iter().flat_map(|a| names.iter().map(|n| a.replace("{}", n))).collect();
    assert!(names.len() >= 200);
    let server = Upstream::start(|seen| {
        let model = seen.json()["model"].clone();
        match seen.body_text().contains(ASKED[3]) {
            true => Reply::json(400, &json!({"error": {"message": model}}).to_string()),
            false => answer(["- D1 said\n"]),
        }
    })
    .await;
    let plain = structure(&called(&server, "x").await);
    assert_eq!(plain.iter().filter(|e| e.starts_with("Start(Heading")).count(), 4, "{plain:?}");
    let panels: Vec<(String, String)> = stream::iter(names)
        .map(|name| {
            let server = &server;
            async move { (called(server, &name).await, name) }
        })
        .buffered(4)
        .collect()
        .await;
    for (panel, name) in panels {
        assert_eq!(structure(&without_note(&panel)), plain, "{name:?} in {panel}");
        assert_eq!(live(&panel), None, "{name:?}");
    }
}

/// Removes the note about hidden characters in the selection, at most one line, from a panel.
fn without_note(panel: &str) -> String {
    let paragraphs = panel.split("\n\n");
    let (notes, rest): (Vec<_>, Vec<_>) =
        paragraphs.partition(|p| p.starts_with("⚠ The selection contains "));
    assert!(notes.len() <= 1 && !notes.concat().contains('\n'), "{panel}");
    rest.join("\n\n")
}

/// Returns a text without the character by which the command line tells what is no text. An editor
/// may have it in a document.
fn readable(text: &str) -> String {
    text.replace('\0', "\u{1}")
}

/// Returns the panel of a run whose file, text, perspective, model and error all have this name.
async fn called(server: &Upstream, name: &str) -> String {
    let home = Home::new();
    // Removes what a file system does not accept.
    let file: String = name.replace(['/', '\0'], "_").chars().take(60).collect();
    let path = home.write(&format!("x{file}"), format!("{}\nx", readable(name)));
    let title = json!(name).to_string();
    let perspective = format!("---\nname: odd\ndescription: d\ntitle: {title}\n---\nask\n");
    home.write(".config/kaizodo/perspectives/odd.md", perspective);
    let mut command = home.asking(server, &["run", "-p", "odd,depth,time"]);
    command.arg(path).env("KAIZODO_MODEL", name.replace('\0', "_"));
    let ended = end(&mut command).await;
    assert_eq!(ended.code, Some(1), "{name:?} {ended:?}");
    let hint = "kaizodo retry` asks for it again.\n";
    assert!(ended.err.lines().count() == 1 && ended.err.ends_with(hint), "{ended:?}");
    ended.out
}

#[tokio::test]
async fn fifty_injections_stay_data_and_ask_for_nothing_else() {
    let server = Upstream::always(answer(["- D1 said\n"])).await;
    let all = data(include_str!("../hostile/data/injections.json"));
    let all: Vec<_> = all.iter().map(|text| readable(text)).collect();
    let home = Home::new();
    for text in &all {
        let mut command = home.asking(&server, &["run", "-p", "depth", "-"]);
        let ended = end_with(&mut command, text).await;
        assert_eq!((ended.code, live(&ended.out)), (Some(0), None), "{text:?} {ended:?}");
    }
    let seen = server.seen();
    let chats: Vec<_> = seen.iter().filter(|s| s.method == "POST").collect();
    assert_eq!(chats.len(), all.len(), "one request each");
    let mut tags = std::collections::HashSet::new();
    for (request, text) in chats.iter().zip(&all) {
        let body = request.json();
        let messages = body["messages"].as_array().unwrap();
        let roles: Vec<_> = messages.iter().map(|m| m["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["system", "user"]);
        assert!(body.get("tools").is_none() && body.get("functions").is_none());
        let user = &messages[1]["content"];
        // Parts or a single text, depending on what the server accepts.
        let user = user.as_str().map(str::to_owned).unwrap_or_else(|| {
            user.as_array().unwrap().iter().map(|p| p["text"].as_str().unwrap()).collect()
        });
        let (_, rest) = user.split_once("<<<TEXT ").unwrap();
        let (tag, rest) = rest.split_once('\n').unwrap();
        let end = format!("\nTEXT {tag}>>>\n");
        assert!(!text.contains(tag) && tags.insert(tag.to_owned()), "{tag}");
        assert_eq!(rest.split_once(&end).unwrap().0, text);
        assert_eq!(user.matches(&end).count(), 1);
    }
}

#[tokio::test]
async fn the_worksheet_quotes_hostile_selections_as_text() {
    let images: Vec<(String, String)> =
        serde_json::from_str(include_str!("../hostile/data/images.json")).unwrap();
    let all = data(include_str!("../hostile/data/injections.json"));
    let texts = images.into_iter().map(|(_, text)| text).chain(all).map(|text| readable(&text));
    let texts: Vec<_> = texts.filter(|text| text.chars().any(|c| !c.is_whitespace())).collect();
    let panels: Vec<(String, String)> = stream::iter(texts)
        .map(|text| async move {
            let home = Home::new();
            let mut command =
                home.kaizodo(&["run", "--provider", "worksheet", "--lang", "en", "-"]);
            let ended = end_with(&mut command, &text).await;
            assert_eq!(ended.code, Some(0), "{text:?} {ended:?}");
            (text, ended.out)
        })
        .buffered(4)
        .collect()
        .await;
    for (text, panel) in panels {
        assert_eq!(
            inert::only_shows(&panel),
            ["Depth", "Breadth", "Structure", "Time"],
            "{text:?}"
        );
        assert_eq!(live(&panel), None, "{text:?}");
    }
}
