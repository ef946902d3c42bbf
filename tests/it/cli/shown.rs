//! What a run looks like on a terminal, and what goes into a file instead.

use super::live::{Side, Terminal};
use crate::support::program::*;
use crate::support::upstream::*;
use std::fs::File;
use tokio::process::Command;

/// An answer with Japanese and English text of every kind that is rendered.
const ANSWER: &str = "**結論**: 毎回すべてを作り直している。`Cargo.lock` が変わると、キャッシュがすべて無効になるからである。\n\n# What to do\n\n| 原因 | Effect |\n|---|---|\n| 鍵が広すぎる | ten minutes |\n\n1. measure the longest of all the steps before anything else is changed in there\n\n```sh\ncargo build\n```\n";

fn finished(text: &str) -> Reply {
    answer([text])
}

/// Returns a section that begins and then stalls until `gate` opens.
fn stalled(gate: &Gate) -> Reply {
    Reply::stream([sse_text("- 始めたところ\n")])
        .step(Step::Until(gate.clone()))
        .write([sse_text("- 終わり\n"), sse_finish("stop"), SSE_DONE.to_owned()].concat())
}

#[tokio::test]
async fn what_is_complete_is_shown_though_an_earlier_section_stalls() {
    // It does not matter which section is slow.
    for slow in 0..4 {
        let gate = Gate::new();
        let server = server(vec![(ASKED[slow], stalled(&gate))]).await;
        let home = Home::new();
        let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
        let terminal = Terminal::start(&mut command);
        let titles = ["Depth", "Breadth", "Structure", "Time"];
        let said = |title: &str| format!("\n{title}\n\n- {} is said\n", &title[..1]);
        let others = || titles.iter().enumerate().filter(|(at, _)| *at != slow);
        let all = |text: &str| {
            let has_others = others().all(|(_, title)| text.contains(&said(title)));
            has_others && text.contains("- 始めた") && text.contains("Ctrl-C stops")
        };
        let seen = terminal.until("the others", all).await;
        assert!(!seen.contains("- 終わり"), "{seen}");
        gate.open();
        let (code, text) = terminal.end().await;
        assert_eq!(code, Some(0), "{text}");
        // Each section appears once and complete, with the slow one after the others.
        assert!(others().all(|(_, title)| text.matches(&said(title)).count() == 1), "{text}");
        let last = format!("\n{}\n\n- 始めたところ\n- 終わり\n", titles[slow]);
        assert_eq!(text.matches(&last).count(), 1, "{text}");
        let behind = &text[text.find(&last).unwrap() + last.len()..];
        assert!(!behind.contains("is said") && behind.contains("Σ "), "{text}");
    }
}

#[tokio::test]
async fn sections_that_end_in_any_order_are_never_mixed() {
    let gates = [(); 4].map(|()| Gate::new());
    let lines = |at: usize| (0..20).map(|n| format!("- {at}:{n}\n")).collect::<String>();
    let replies = (0..4).map(|at| {
        let (first, rest) = (lines(at)[..12].to_owned(), lines(at)[12..].to_owned());
        let reply = Reply::stream([sse_text(&first)]).step(Step::Until(gates[at].clone()));
        (ASKED[at], reply.write([sse_text(&rest), sse_finish("stop"), SSE_DONE.into()].concat()))
    });
    let server = server(replies.collect()).await;
    let home = Home::new();
    let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
    let terminal = Terminal::start(&mut command);
    let order = [2, 0, 3, 1];
    for at in order {
        gates[at].open();
        terminal.until("its end", |text| text.contains(&lines(at))).await;
    }
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(0), "{text}");
    let places = order.map(|at| {
        assert_eq!(text.matches(&lines(at)).count(), 1, "{text}");
        text.find(&lines(at)).unwrap()
    });
    assert!(places.is_sorted(), "{places:?} {text}");
}

async fn of(server: &Upstream, columns: u16, change: impl Fn(&mut Command)) -> (Terminal, String) {
    let home = Home::new();
    let args = ["run", "--text", "ビルドが遅い。", "-p", "depth"];
    let mut command = home.asking(server, &args);
    change(&mut command);
    let terminal = Terminal::with("xterm-256color", columns, Side::Out, &mut command);
    let text = terminal.until("the end", |text| text.contains("トークン")).await;
    (terminal, text)
}

#[tokio::test]
async fn answers_are_rendered_and_nothing_is_broken_at_the_edge() {
    let server = Upstream::always(finished(ANSWER)).await;
    for columns in [60, 80, 100] {
        let (terminal, text) = of(&server, columns, |_| ()).await;
        assert!(!text.contains("**") && !text.contains("# ") && !text.contains("|"), "{text}");
        assert!(text.contains("\n原因          Effect\n------------  -----------\n"), "{text}");
        assert!(text.contains("\n```sh\ncargo build\n```\n"), "{text}");
        assert!(terminal.has_style("深さ", |cell| cell.bold() && cell.underline()), "{text}");
        assert!(terminal.has_style("結論", |cell| cell.bold() && !cell.underline()));
        assert!(terminal.has_style("What to do", |cell| cell.bold() && !cell.underline()));
        let is_code = |cell: &vt100::Cell| cell.fgcolor() == vt100::Color::Idx(6);
        assert!(terminal.has_style("Cargo.lock", is_code) && terminal.has_style("cargo", is_code));
        let words: Vec<&str> = text.split_whitespace().collect();
        for word in ["measure", "longest", "anything", "changed"] {
            assert!(words.contains(&word), "{columns} {word}: {text}");
        }
        // Line breaks follow the Japanese rules (kinsoku).
        let begins = |line: &&str| line.trim_start().starts_with(['、', '。', 'っ', 'ュ', 'ー']);
        assert_eq!(text.lines().find(begins), None, "{text}");
    }
}

#[tokio::test]
async fn colours_are_a_choice_and_a_pipe_gets_the_markdown() {
    let server = Upstream::always(finished(ANSWER)).await;
    let bold = |cell: &vt100::Cell| cell.bold();
    let (terminal, text) = of(&server, 80, |command| {
        command.env("NO_COLOR", "1");
    })
    .await;
    assert!(!terminal.has_style("結論", bold) && text.contains("**結論**"), "{text}");
    let (terminal, _) = of(&server, 80, |command| {
        command.env("NO_COLOR", "1").args(["--color", "always"]);
    })
    .await;
    assert!(terminal.has_style("結論", bold));
    let (terminal, text) = of(&server, 80, |command| {
        command.args(["--color", "never"]);
    })
    .await;
    assert!(!terminal.has_style("結論", bold) && text.contains("## 深さ"), "{text}");
    let home = Home::new();
    let args = ["run", "--text", "ビルドが遅い。", "-p", "depth"];
    let mut command = home.asking(&server, &args);
    let terminal = Terminal::of_kind("dumb", &mut command);
    let (code, text) = terminal.end().await;
    assert!(code == Some(0) && text.contains("**結論**") && !text.contains("Ctrl-C"), "{text}");
    let piped = end(&mut home.asking(&server, &args)).await;
    assert!(piped.out.contains("| 鍵が広すぎる | ten minutes |\n"), "{piped:?}");
    assert!(!piped.out.contains('\u{1b}') && piped.err.is_empty(), "{piped:?}");
    let args = [&args[..], &["--color", "always"]].concat();
    let coloured = end(&mut home.asking(&server, &args)).await.out;
    assert!(coloured.contains("\u{1b}[1m結論\u{1b}[0m") && !coloured.contains("\r"), "{coloured}");
}

#[tokio::test]
async fn a_run_of_the_journal_looks_as_it_did() {
    let server = Upstream::always(finished(ANSWER)).await;
    let home = Home::new();
    let ended = end(&mut home.asking(&server, &["run", "--text", "遅い。", "-p", "depth"])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let terminal = Terminal::start(&mut home.kaizodo(&["journal", "show"]));
    let text = terminal.until("the end", |text| text.contains("トークン")).await;
    assert!(text.contains("\n原因          Effect\n") && !text.contains("**"), "{text}");
    assert!(terminal.has_style("結論", |cell| cell.bold()));
}

#[tokio::test]
async fn where_the_text_goes_into_a_file_the_state_is_told_beside_it() {
    let gate = Gate::new();
    let server = server(vec![(ASKED[0], stalled(&gate))]).await;
    let home = Home::new();
    let path = home.path().join("out.md");
    let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
    command.stdout(File::create(&path).unwrap());
    let terminal = Terminal::with("xterm-256color", 80, Side::Err, &mut command);
    let host = format!("127.0.0.1:{}", server.port());
    let waits = |text: &str| {
        text.contains("Depth 9 · Breadth ✓ · Structure ✓ · Time ✓") && text.contains(&host)
    };
    let seen = terminal.until("the state", waits).await;
    assert_eq!(seen.lines().filter(|line| !line.is_empty()).count(), 1, "{seen}");
    gate.open();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("✓ 4 of 4 sections complete · ") && text.contains(&host), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept.contains("## Depth\n\n- 始めたところ\n- 終わり\n") && !kept.contains('\u{1b}'));

    // Neither a log nor the terminal of the next program in a pipe gets any of it.
    command
        .stdout(File::create(&path).unwrap())
        .stderr(File::create(home.path().join("log")).unwrap());
    assert!(command.status().await.unwrap().success());
    assert_eq!(std::fs::read_to_string(home.path().join("log")).unwrap(), "");
    let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
    let terminal = Terminal::with("xterm-256color", 80, Side::Err, &mut command);
    assert_eq!(terminal.end().await, (Some(0), "\n".to_owned()));
}

#[tokio::test]
async fn a_run_into_a_file_that_is_stopped_leaves_one_clean_line() {
    let server = Upstream::always(Reply::stream([sse_text("- 半分")]).end(End::Open)).await;
    let home = Home::new();
    let args = ["run", "--text", "ビルドが遅い。", "--focus-only"];
    let mut command = home.asking(&server, &args);
    command.env("LC_ALL", "ja_JP.UTF-8").env("KAIZODO_FOCUS", "auto");
    command.stdout(File::create(home.path().join("out.md")).unwrap());
    let terminal = Terminal::with("xterm-256color", 80, Side::Err, &mut command);
    terminal.until("text", |text| text.contains("深さ 4 · 広さ 4 · 構造 4 · 時間 4")).await;
    terminal.interrupt();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(130), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("✗ 5 節のうち 0 節が完了 · "), "{text}");
    assert!(lines[1].starts_with("kaizodo: 停止しました。届いた分は `kaizodo journal show "));
    assert!(!text.contains("Ctrl-C"), "{text}");
}

#[tokio::test]
async fn who_waits_for_the_focus_alone_sees_how_far_it_is() {
    let gate = Gate::new();
    // Only the request for the focus contains what the views wrote.
    let special = vec![("終わり", finished("**焦点**は一つ。\n")), (ASKED[0], stalled(&gate))];
    let server = server(special).await;
    let home = Home::new();
    let mut command = home.asking(&server, &["run", "--text", "Builds are slow.", "--focus-only"]);
    let (terminal, _keys) = Terminal::typed(command.env("KAIZODO_FOCUS", "auto"));
    let seen = terminal.until("the views", |text| text.contains("Breadth ✓")).await;
    assert!(!seen.contains("焦点は"), "{seen}");
    gate.open();
    let whole = |text: &str| {
        text.contains("焦点は一つ。") && text.starts_with("✓ 5 of 5 sections complete")
    };
    let text = terminal.until("the focus, below the last state", whole).await;
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(terminal.end().await.0, Some(0));
}

#[tokio::test]
async fn a_focus_alone_is_printed_with_what_it_lacks_beside_it() {
    let gone = Reply::json(404, r#"{"error":{"message":"no such model"}}"#);
    // Only the request for the focus contains what the views wrote.
    let focus = ("- B is said", finished("**One** answer.\n"));
    let server = server(vec![focus, (ASKED[0], gone)]).await;
    let home = Home::new();
    let text = "Builds are slow. token = ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
    let ended = end(&mut home.asking(&server, &["run", "--text", text, "--focus-only"])).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), "**One** answer.\n"), "{ended:?}");
    let lines: Vec<_> = ended.err.lines().collect();
    assert!(lines[0].contains("GitHub token"), "{}", ended.err);
    let rest = [
        "kaizodo: Focus: written without Depth",
        "kaizodo: Depth is incomplete. `kaizodo retry` asks for it again.",
    ];
    assert_eq!(lines[1..], rest, "{}", ended.err);
    // Without a journal, nothing can be asked for again.
    home.write(".config/kaizodo/config.toml", "journal.enabled = false\n");
    let ended = end(&mut home.asking(&server, &["run", "--text", text, "--focus-only"])).await;
    let said = ended.err.lines().last().unwrap();
    assert_eq!(said, "kaizodo: These views are not complete: Depth.");
}

#[tokio::test]
async fn a_focus_that_cannot_be_is_refused_before_anything_is_sent() {
    let (server, home) = (server(vec![]).await, Home::new());
    let args = ["run", "--text", "Builds are slow.", "--focus-only", "-p", "depth"];
    let ended = end(&mut home.asking(&server, &args)).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.contains("at least two perspectives"), "{}", ended.err);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn tables_fit_eighty_columns() {
    let server = Upstream::always(finished(ANSWER)).await;
    let home = Home::new();
    home.write(
        "とても長い名前の付いた議事録のファイル.md",
        "会議が長いのはなぜか、誰も知らない。\n",
    );
    home.write("texts/a.ja.md", "会議が長い。\n");
    let file = ["run", "とても長い名前の付いた議事録のファイル.md", "-p", "depth"];
    assert_eq!(end(&mut home.asking(&server, &file)).await.code, Some(0));
    for lang in ["en_US.UTF-8", "ja_JP.UTF-8"] {
        for args in [
            &["journal", "list"][..],
            &["journal", "search", "キャッシュ"],
            &["perspectives"],
            &["doctor"],
            &["eval", "texts", "--judge", "m"],
        ] {
            let mut command = home.asking(&server, args);
            let terminal = Terminal::start(command.env("LANG", lang));
            let (_, narrow) = terminal.end().await;
            let mut command = home.asking(&server, args);
            let wide = Terminal::with("xterm-256color", 400, Side::Out, command.env("LANG", lang));
            let (_, wide) = wide.end().await;
            // A row that the terminal had to break would continue in the first column.
            let rows = |text: &str| -> Vec<String> {
                let rows = text.lines().filter(|row| row.chars().count() > 1);
                rows.filter(|row| !row.starts_with(' ')).map(str::to_owned).collect()
            };
            let count = (rows(&narrow).len(), rows(&wide).len());
            assert_eq!(count.0, count.1, "{args:?} {lang}\n{narrow}\n{wide}");
        }
    }
}
