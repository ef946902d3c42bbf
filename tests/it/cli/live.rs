//! The program on a pseudo-terminal, whose output a terminal emulator reads.

use crate::support::program::*;
use crate::support::upstream::*;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

const SIZE: (u16, u16) = (24, 80);

/// Opens a pseudo-terminal and returns both sides: ours, and the program's.
pub(crate) fn pty() -> (File, File) {
    pty_of(SIZE.1)
}

fn pty_of(columns: u16) -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let size = Winsize { ws_row: SIZE.0, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).unwrap();
    let name = ptsname(&master, vec![]).unwrap();
    let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (master.into(), slave)
}

/// A terminal in which the program runs.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
    columns: u16,
    /// Reads until the other side is no longer open.
    reader: JoinHandle<()>,
}

/// The output of the program that is connected to the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Out,
    Err,
}

impl Terminal {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::of_kind("xterm-256color", command)
    }

    pub(crate) fn of_kind(term: &str, command: &mut Command) -> Self {
        Self::with(term, SIZE.1, Side::Out, command)
    }

    pub(crate) fn with(term: &str, columns: u16, side: Side, command: &mut Command) -> Self {
        let (master, slave) = pty_of(columns);
        let home = command.as_std().get_current_dir().unwrap().to_owned();
        let printed = crate::support::artifacts::Keeper::beside(&home, "terminal");
        match side {
            Side::Out => command.stdout(slave),
            Side::Err => command.stderr(slave),
        };
        let child = command.env("TERM", term).spawn().unwrap();
        // Otherwise the terminal would stay open for as long as the command can be started again.
        match side {
            Side::Out => command.stdout(Stdio::null()),
            Side::Err => command.stderr(Stdio::null()),
        };
        Self::read(child, master, columns, printed)
    }

    /// Starts a program that reads what is typed. Also returns the file to type into.
    pub(crate) fn typed(command: &mut Command) -> (Self, File) {
        let (master, slave) = pty();
        let home = command.as_std().get_current_dir().unwrap().to_owned();
        let printed = crate::support::artifacts::Keeper::beside(&home, "terminal");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.env("TERM", "xterm-256color").spawn().unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let keys = master.try_clone().unwrap();
        (Self::read(child, master, SIZE.1, printed), keys)
    }

    fn read(
        child: Child,
        mut from: File,
        columns: u16,
        mut printed: crate::support::artifacts::Keeper,
    ) -> Self {
        let screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.0, columns, 500)));
        let to = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // On Linux, reading fails with EIO when the other side is no longer open.
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                printed.keep(&bytes[..n]);
                to.lock().unwrap().process(&bytes[..n]);
            }
        });
        Terminal { child, screen, columns, reader }
    }

    /// Waits until the screen satisfies `ready`.
    pub(crate) async fn until(&self, what: &str, ready: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let text = text_on(&self.screen, self.columns);
            if ready(&text) {
                return text;
            }
            assert!(Instant::now() < deadline, "waited too long for {what}:\n{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn interrupt(&self) {
        let pid = rustix::process::Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Returns `true` if the first occurrence of a word on the screen has this style.
    pub(crate) fn has_style(&self, word: &str, style: impl Fn(&vt100::Cell) -> bool) -> bool {
        let parser = self.screen.lock().unwrap();
        let rows = parser.screen().rows(0, self.columns).enumerate();
        let mut found = rows.filter_map(|(row, text)| {
            let before = text.split_once(word)?.0;
            let column = unicode_width::UnicodeWidthStr::width(before);
            parser.screen().cell(row as u16, column as u16)
        });
        found.next().is_some_and(style)
    }

    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        let status = tokio::time::timeout(TIMEOUT, self.child.wait()).await.unwrap().unwrap();
        let Terminal { screen, reader, columns, .. } = self;
        tokio::task::spawn_blocking(|| reader.join().unwrap()).await.unwrap();
        (status.code(), text_on(&screen, columns).trim_end().to_owned() + "\n")
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_model_server_that_loads_is_seen_and_ends_with_the_run() {
    use crate::llama::stand_in::{Kit, Mode};
    let kit = Kit::new(Mode::Hangs);
    let mut command = kit.kaizodo(&["run", "--text", "Builds are slow."]);
    let terminal = Terminal::start(&mut command);
    let shown = terminal
        .until("the wait", |text| {
            text.contains("starting llama-server, which loads 小さなモデル.gguf")
        })
        .await;
    assert!(shown.contains("(Ctrl-C stops)"), "{shown}");
    kit.until("a start", |kit| !kit.pids().is_empty()).await;
    let pid = rustix::process::Pid::from_raw(terminal.child.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (code, text) = terminal.end().await;
    assert!(code == Some(130) && text.contains("■ Stopped."), "{text}");
    kit.all_gone().await;
}

/// Returns what the window shows, preceded by what has been scrolled out of it.
fn text_on(screen: &Mutex<vt100::Parser>, columns: u16) -> String {
    let mut parser = screen.lock().unwrap();
    parser.screen_mut().set_scrollback(usize::MAX);
    let above = parser.screen().scrollback();
    let mut lines: Vec<String> = Vec::new();
    for back in (1..=above).rev() {
        parser.screen_mut().set_scrollback(back);
        lines.extend(parser.screen().rows(0, columns).next());
    }
    parser.screen_mut().set_scrollback(0);
    lines.extend(parser.screen().rows(0, columns).take(SIZE.0.into()));
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

const ASKED_JA: &str = "あなたの視点: 深さ";

#[tokio::test]
async fn japanese_streams_without_garbling() {
    let gate = Gate::new();
    let long = "- D1 ビルドが遅いのは、毎回すべてを作り直しているからである。👨‍👩‍👧 キャッシュが効かない理由は三つある。".to_owned();
    let pieces: Vec<String> = long.chars().map(|c| sse_text(&c.to_string())).collect();
    let mut reply = Reply::stream(pieces).step(Step::Until(gate.clone()));
    for i in 2..30 {
        reply = reply
            .write(sse_text(&format!("\n- D{i} なぜか → 確かめていない…")))
            .step(Step::Wait(Duration::from_millis(15)));
    }
    let reply = reply.write([sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let server =
        Upstream::rules(vec![(ASKED_JA, reply), ("あなたの視点: ", answer(["- 即答\n"]))]).await;
    let home = Home::new();
    let mut command = home.asking(&server, &["run", "--text", "ビルドが遅い。"]);
    let terminal = Terminal::start(command.env("LC_ALL", "ja_JP.UTF-8"));
    let seen = terminal
        .until("a state line", |text| {
            text.contains("三つある") && text.contains("広さ ✓ · 構造 ✓ · 時間 ✓")
        })
        .await;
    assert!(seen.contains("Ctrl-C で停止") && seen.contains("秒"), "{seen}");
    assert_eq!(seen.matches("\n深さ\n").count(), 1, "{seen}");
    assert_eq!(seen.matches("Ctrl-C").count(), 1, "{seen}");
    gate.open();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("Ctrl-C"), "{text}");
    let rows = (2..30).map(|i| format!("- D{i} なぜか → 確かめていない…\n")).collect::<String>();
    assert!(text.contains(&rows), "{text}");
    // The row breaks before a character that must not begin a row, and continues below its first
    // word.
    let first = "- D1 ビルドが遅いのは、毎回すべてを作り直しているからである。👨‍👩‍👧 キャッシュが\n  効かない理由は三つある。\n";
    assert!(text.contains(first), "{text}");
}

#[tokio::test]
async fn colours_follow_no_color_and_dumb_terminals_get_plain_text() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let bold = |terminal: &Terminal| {
        let parser = terminal.screen.lock().unwrap();
        parser.screen().cell(0, 0).unwrap().bold()
    };
    let args = ["run", "--text", "Builds are slow.", "-p", "depth"];
    let terminal = Terminal::start(&mut home.asking(&server, &args));
    terminal.until("the end", |text| text.contains("3 tokens")).await;
    assert!(bold(&terminal));
    let terminal = Terminal::start(home.asking(&server, &args).env("NO_COLOR", "1"));
    terminal.until("the end", |text| text.contains("3 tokens")).await;
    assert!(!bold(&terminal));
    let terminal = Terminal::of_kind("dumb", &mut home.asking(&server, &args));
    terminal.until("the end", |text| text.contains("3 tokens")).await;
    assert!(!bold(&terminal));
}

#[tokio::test]
async fn an_interrupt_stops_it_and_clears_the_state_line() {
    let server = Upstream::always(Reply::stream([sse_text("- 半分")]).end(End::Open)).await;
    let home = Home::new();
    let mut command = home.asking(&server, &["run", "--text", "ビルドが遅い。"]);
    let terminal = Terminal::start(command.stderr(Stdio::piped()));
    let all = |text: &str| text.contains("深さ 4 · 広さ 4 · 構造 4 · 時間 4");
    terminal.until("text of all", all).await;
    terminal.interrupt();
    let mut terminal = terminal;
    let said = terminal.child.stderr.take().unwrap();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(130), "{text}");
    assert_eq!(text.matches("■ 停止しました。").count(), 4, "{text}");
    assert!(!text.contains("Ctrl-C"), "{text}");
    for heading in ["\n深さ\n", "\n広さ\n", "\n構造\n", "\n時間\n"] {
        assert_eq!(text.matches(heading).count(), 1, "{text}");
    }
    let mut lines = BufReader::new(said).lines();
    let said = lines.next_line().await.unwrap().unwrap();
    let (_, show) = said.split_once("To see it, run `kaizodo ").expect(&said);
    let args: Vec<_> = show.trim_end_matches("`.").split(' ').collect();
    let shown = end(&mut home.kaizodo(&args)).await;
    assert_eq!(shown.out.matches("- 半分").count(), 4, "{shown:?}");
}

#[tokio::test]
async fn lsp_in_a_terminal_explains_itself() {
    let (_master, slave) = pty();
    let home = Home::new();
    let mut child = home.kaizodo(&["lsp"]).stdin(slave).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = tokio::time::timeout(TIMEOUT, said.next_line()).await.unwrap().unwrap().unwrap();
    assert!(line.contains("`kaizodo run FILE`"), "{line}");
}

#[tokio::test]
async fn a_terminal_is_told_that_text_is_waited_for() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    // The first has no terminal to tell it to. By the time that the others tell it, it waits, too.
    let mut quiet = home.asking(&server, &["run", "-p", "depth"]);
    let mut quiet = quiet.stdin(Stdio::piped()).spawn().unwrap();
    let mut waiting = vec![];
    for (lang, said) in
        [("C", "Waiting for text on standard input"), ("ja_JP.UTF-8", "待っています")]
    {
        let mut command = home.asking(&server, &["run", "-", "-p", "depth"]);
        command.env("LC_ALL", lang).stdin(Stdio::piped());
        waiting.push((Terminal::with("xterm", 200, Side::Err, &mut command), said));
    }
    for (mut terminal, said) in waiting {
        let shown = terminal.until(said, |text| text.contains(said)).await;
        // Only what is typed ends with a key.
        assert!(!shown.contains("Ctrl-D") && shown.contains("Ctrl-C"), "{shown}");
        let mut stdin = terminal.child.stdin.take().unwrap();
        stdin.write_all(b"Builds are slow.\n").await.unwrap();
        drop(stdin);
        let (code, shown) = terminal.end().await;
        assert!(code == Some(0) && shown.matches(said).count() == 1, "{shown}");
    }
    quiet.stdin.take().unwrap().write_all(b"Builds are slow.\n").await.unwrap();
    let ended = quiet.wait_with_output().await.unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
    for seen in server.seen().iter().filter(|seen| seen.method == "POST") {
        assert!(seen.body_text().contains("Builds are slow."), "{}", seen.body_text());
    }
    // Who types the text is told at once.
    let (terminal, mut keys) =
        Terminal::typed(&mut home.asking(&server, &["run", "-", "-p", "depth"]));
    let shown = terminal.until("the hint", |text| text.contains("Type or paste your text")).await;
    assert!(shown.contains("Ctrl-D") && shown.contains("Ctrl-C"), "{shown}");
    keys.write_all(b"Slow.\n\x04").unwrap();
    let (code, text) = terminal.end().await;
    assert!(code == Some(0) && text.contains("- x"), "{text}");
}

#[tokio::test]
async fn a_replay_grows_as_the_run_did() {
    let mut reply = Reply::stream::<&[u8]>([]);
    for i in 1..70 {
        reply = reply
            .write(sse_text(&format!("- D{i} なぜか\n")))
            .step(Step::Wait(Duration::from_millis(50)));
    }
    let reply = reply.write([sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let server =
        Upstream::rules(vec![(ASKED_JA, reply), ("あなたの視点: ", answer(["- 即答\n"]))]).await;
    let home = Home::new();
    let japanese = |mut command: Command| {
        command.env("LC_ALL", "ja_JP.UTF-8");
        command
    };
    let shown =
        end(&mut japanese(home.asking(&server, &["run", "--text", "ビルドが遅い。"]))).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let mut replay = japanese(home.kaizodo(&["journal", "replay"]));
    let terminal = Terminal::start(&mut replay);
    let grows = |text: &str| {
        text.contains("- D") && !text.contains("- D69") && text.contains("Ctrl-C で停止")
    };
    terminal.until("a part of it, and how to stop it", grows).await;
    let (code, text) = terminal.end().await;
    let rows = (1..70).map(|i| format!("- D{i} なぜか\n")).collect::<String>();
    assert!(code == Some(0) && text.contains(&rows), "{text}");
    assert_eq!(text.matches("- 即答").count(), 3, "{text}");

    let terminal = Terminal::start(&mut replay);
    terminal.until("a part of it", grows).await;
    terminal.interrupt();
    let (code, text) = terminal.end().await;
    // Nothing remains of the lines that are redrawn.
    assert!(code == Some(130) && !text.contains("- D") && !text.contains("Ctrl-C"), "{text}");
}
