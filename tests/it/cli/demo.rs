//! `kaizodo demo`: a recorded run, without a model, settings or a trace on the disk.

use crate::support::program::*;
use crate::support::upstream::*;
use serde_json::Value;

/// For each language: its locale, the file in `evals/texts`, what the demo calls itself, and what
/// it says in the end.
const STORIES: [(&str, &str, &str, &str, &str); 2] = [
    (
        "en",
        "en_US.UTF-8",
        "theatre-volunteers.en.md",
        "This is a recording of a real run about the text above",
        "Next, choose a model with `kaizodo setup`",
    ),
    (
        "ja",
        "ja_JP.UTF-8",
        "bosai-kunren.ja.md",
        "上の文章について実際に実行したときの記録を",
        "次は `kaizodo setup` でモデルを選び",
    ),
];

fn read(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Returns the lines of the recording that belong to a text.
fn recorded(file: &str) -> Vec<String> {
    let is_of = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["file"] == file;
    read("evals/answers.jsonl").lines().filter(is_of).map(str::to_owned).collect()
}

/// If this fails, copy the text, and the lines of `evals/answers.jsonl` with its name.
#[test]
fn the_program_has_the_texts_and_answers_of_the_recording() {
    for (name, _, file, ..) in STORIES {
        assert_eq!(
            read(&format!("src/cli/demo/{name}.md")),
            read(&format!("evals/texts/{file}")),
            "{file}"
        );
        let embedded = read(&format!("src/cli/demo/{name}.jsonl"));
        let recorded = recorded(file);
        assert_eq!(recorded.len(), 5);
        assert_eq!(embedded.lines().collect::<Vec<_>>(), recorded, "{file}");
    }
}

#[tokio::test]
async fn a_pipe_gets_the_text_and_the_whole_panel_whatever_the_settings() {
    let server = Upstream::start(|_| answer(["No."])).await;
    for (name, locale, file, says, next) in STORIES {
        let home = Home::new();
        home.write(".config/kaizodo/config.toml", "lang = [broken\n");
        let before = home.path().join(".local").exists();
        for args in [&["demo"][..], &["demo", "--lang", name]] {
            let mut command = home.asking(&server, args);
            let other = if args.len() > 1 { "C" } else { locale };
            let ended = end(command.env("LANG", other).env("KAIZODO_PROVIDER", "nobody")).await;
            assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
            assert!(ended.out.starts_with("> "), "{}", ended.out);
            assert_eq!(ended.out.matches(says).count(), 1, "{}", ended.out);
            for line in read(&format!("evals/texts/{file}")).lines() {
                assert!(ended.out.contains(format!("> {line}").trim_end()), "{line}");
            }
            for line in recorded(file) {
                let line: Value = serde_json::from_str(&line).unwrap();
                let first = line["answer"].as_str().unwrap().lines().next().unwrap();
                assert_eq!(ended.out.matches(first).count(), 1, "{first}\n{}", ended.out);
            }
            let last = ended.out.lines().last().unwrap();
            assert!(last.starts_with(next), "{last}");
        }
        assert_eq!(home.path().join(".local").exists(), before, "nothing is saved");
    }
    assert_eq!(server.seen().len(), 0);
}

#[cfg(unix)]
mod on_a_terminal {
    use super::super::live::{Side, Terminal};
    use super::*;

    #[tokio::test]
    async fn it_streams_and_an_interrupt_stops_it() {
        let home = Home::new();
        let mut command = home.kaizodo(&["demo"]);
        let terminal = Terminal::with("xterm-256color", 100, Side::Out, &mut command);
        // Until the end, one section or another is being written, and the status line has the number
        // of its characters.
        let is_written = |line: &str| {
            let titles = ["Focus ", "Depth ", "Breadth ", "Structure ", "Time "];
            let mut states = titles.iter().filter_map(|title| Some(line.split_once(title)?.1));
            line.contains("(Ctrl-C stops)")
                && states.any(|state| state.starts_with(|c: char| c.is_ascii_digit()))
        };
        terminal
            .until("a section that is being written", |text| {
                text.contains("played at about 80 tokens") && text.lines().any(is_written)
            })
            .await;
        terminal.interrupt();
        let (code, text) = terminal.end().await;
        assert_eq!(code, Some(130), "{text}");
        assert!(text.contains("■ Stopped.") && !text.contains("Ctrl-C"), "{text}");
        assert!(!text.contains("kaizodo setup"), "{text}");
    }

    #[tokio::test]
    async fn it_is_shown_at_once_if_asked_for_at_any_width() {
        for (_, locale, _, says, next) in STORIES {
            for columns in [60, 80, 100] {
                let home = Home::new();
                let mut command = home.kaizodo(&["demo", "--fast"]);
                command.env("LANG", locale);
                let terminal = Terminal::with("xterm-256color", columns, Side::Out, &mut command);
                let (code, text) = terminal.end().await;
                assert_eq!(code, Some(0), "{text}");
                // Rows break at other places.
                let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
                for said in [says, next] {
                    let said: String =
                        said.chars().filter(|c| !c.is_whitespace() && *c != '`').collect();
                    assert_eq!(joined.matches(&said).count(), 1, "{said}\n{text}");
                }
                assert!(!text.contains("Ctrl-C"), "{text}");
            }
        }
    }
}
