//! The program on a real terminal: a pseudo-terminal, read by an emulator.

use crate::support::program::*;
use crate::support::upstream::*;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const SIZE: (u16, u16) = (24, 80);

/// Both sides of a pseudo-terminal: ours, and the program's.
pub(crate) fn pty() -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let (rows, columns) = SIZE;
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&master, size).unwrap();
    let name = ptsname(&master, vec![]).unwrap();
    let slave = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (master.into(), slave)
}

/// A terminal with the program on it.
struct Terminal {
    child: Child,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Reads until nobody holds the other side any more.
    reader: JoinHandle<()>,
}

impl Terminal {
    fn start(command: &mut Command) -> Self {
        Self::of_kind("xterm-256color", command)
    }

    fn of_kind(term: &str, command: &mut Command) -> Self {
        let (rows, columns) = SIZE;
        let (master, slave) = pty();
        let home = command.as_std().get_current_dir().unwrap().to_owned();
        let mut printed = crate::support::artifacts::Keeper::beside(&home, "terminal");
        let child = command.env("TERM", term).stdout(slave).spawn().unwrap();
        // Else the terminal would be open for as long as the command can be started again.
        command.stdout(std::process::Stdio::null());
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 500)));
        let mut from = master;
        let to = Arc::clone(&screen);
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux says EIO when nobody holds the other side any more.
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                printed.keep(&bytes[..n]);
                to.lock().unwrap().process(&bytes[..n]);
            }
        });
        Terminal { child, screen, reader }
    }

    /// Waits until the screen satisfies `ready`.
    async fn until(&self, what: &str, ready: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let text = text_on(&self.screen);
            if ready(&text) {
                return text;
            }
            assert!(Instant::now() < deadline, "waited too long for {what}:\n{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn end(mut self) -> (Option<i32>, String) {
        let status = tokio::time::timeout(TIMEOUT, self.child.wait()).await.unwrap().unwrap();
        let Terminal { screen, reader, .. } = self;
        tokio::task::spawn_blocking(|| reader.join().unwrap()).await.unwrap();
        (status.code(), text_on(&screen).trim_end().to_owned() + "\n")
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

/// What the window shows, and what has been scrolled out of it before.
fn text_on(screen: &Mutex<vt100::Parser>) -> String {
    let mut parser = screen.lock().unwrap();
    let (rows, columns) = SIZE;
    parser.screen_mut().set_scrollback(usize::MAX);
    let above = parser.screen().scrollback();
    let mut lines: Vec<String> = Vec::new();
    for back in (1..=above).rev() {
        parser.screen_mut().set_scrollback(back);
        lines.extend(parser.screen().rows(0, columns).next());
    }
    parser.screen_mut().set_scrollback(0);
    lines.extend(parser.screen().rows(0, columns).take(rows.into()));
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A text as this terminal wraps it.
fn wrapped(text: &str) -> String {
    let mut parser = vt100::Parser::new(400, SIZE.1, 0);
    parser.process(text.replace('\n', "\r\n").as_bytes());
    let rows: Vec<String> =
        parser.screen().rows(0, SIZE.1).map(|row| row.trim_end().to_owned() + "\n").collect();
    rows.concat().trim_end().to_owned() + "\n"
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
    assert_eq!(seen.matches("## 深さ").count(), 1, "{seen}");
    assert_eq!(seen.matches("Ctrl-C").count(), 1, "{seen}");
    gate.open();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("Ctrl-C") && text.contains("- D29 なぜか"), "{text}");
    let plain = end(home
        .asking(&server, &["run", "--text", "ビルドが遅い。"])
        .env("LC_ALL", "ja_JP.UTF-8"))
    .await;
    assert_eq!(timeless(&text), timeless(&wrapped(&plain.out)));
}

/// Without the times that sections took.
fn timeless(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" · ") {
        Some((before, last)) if last.ends_with(" 秒") => before.to_owned() + "\n",
        _ => line.to_owned() + "\n",
    };
    text.lines().map(line).collect()
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
    let terminal = Terminal::start(&mut command);
    terminal.until("text", |text| text.contains("- 半分")).await;
    let pid = rustix::process::Pid::from_raw(terminal.child.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (code, text) = terminal.end().await;
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("■ 停止しました。") && !text.contains("Ctrl-C"), "{text}");
    assert_eq!(text.matches("## 深さ").count(), 1, "{text}");
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
async fn a_replay_grows_as_the_run_did() {
    let mut reply = Reply::stream::<&[u8]>([]);
    for i in 1..40 {
        reply = reply
            .write(sse_text(&format!("- D{i} なぜか\n")))
            .step(Step::Wait(Duration::from_millis(20)));
    }
    let reply = reply.write([sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let server =
        Upstream::rules(vec![(ASKED_JA, reply), ("あなたの視点: ", answer(["- 即答\n"]))]).await;
    let home = Home::new();
    let japanese = |mut command: Command| {
        command.env("LC_ALL", "ja_JP.UTF-8");
        command
    };
    let mut run = japanese(home.asking(&server, &["run", "--text", "ビルドが遅い。"]));
    let shown = end(&mut run).await;
    let mut replay = japanese(home.kaizodo(&["journal", "replay"]));
    let terminal = Terminal::start(&mut replay);
    let grows = |text: &str| text.contains("- D5 な") && !text.contains("- D39");
    let seen = terminal.until("a part of it", grows).await;
    assert!(seen.contains("Ctrl-C で停止"), "{seen}");
    let (code, text) = terminal.end().await;
    assert_eq!((code, text), (Some(0), wrapped(&shown.out)));

    let terminal = Terminal::start(&mut replay);
    terminal.until("a part of it", grows).await;
    let pid = rustix::process::Pid::from_raw(terminal.child.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (code, text) = terminal.end().await;
    assert!(code == Some(130) && !text.contains("- D39"), "{text}");
}
