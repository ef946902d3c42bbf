//! `kaizodo setup`: its questions on a real terminal, and its flags without one.

mod found;

use crate::cli::live::pty;
use crate::support::artifacts;
use crate::support::program::*;
use crate::support::upstream::*;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

const MODELS: &str = r#"{"object":"list","data":[{"id":"小さい"},{"id":"大きい"}]}"#;
const ANSWER: &str = "議題が決まっていないから。";

/// Starts a server that lists two models and answers.
async fn upstream() -> Upstream {
    Upstream::start(|request| match request.path.ends_with("/models") {
        true => Reply::json(200, MODELS),
        false => answer([ANSWER]),
    })
    .await
}

fn settings(home: &Home) -> PathBuf {
    home.path().join(".config/kaizodo/config.toml")
}

fn saved(home: &Home) -> String {
    fs::read_to_string(settings(home)).unwrap_or_default()
}

/// Creates a `PATH` with these programs, which are never started.
fn with_editors(home: &Home, command: &mut Command) {
    for name in ["nvim", "code", "hx"] {
        let path = home.write(&format!("bin/{name}"), "#!/bin/sh\n");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    command.env("PATH", home.path().join("bin"));
}

/// The program on a terminal, with its questions answered one after the other.
struct Dialog {
    child: Child,
    terminal: File,
    shown: Arc<Mutex<String>>,
    reader: std::thread::JoinHandle<()>,
    /// How many bytes of `shown` have been waited for.
    seen: usize,
}

impl Dialog {
    fn start(command: &mut Command) -> Self {
        let (master, slave) = pty();
        let home = command.as_std().get_current_dir().unwrap().to_owned();
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap());
        let child = command.stderr(slave).spawn().unwrap();
        let null = std::process::Stdio::null;
        command.stdin(null()).stdout(null()).stderr(null());
        let shown = Arc::new(Mutex::new(String::new()));
        let (to, mut from) = (Arc::clone(&shown), master.try_clone().unwrap());
        let reader = std::thread::spawn(move || {
            let mut keeper = artifacts::Keeper::beside(&home, "terminal");
            let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                keeper.keep(&bytes[..n]);
                all.extend_from_slice(&bytes[..n]);
                *to.lock().unwrap() = String::from_utf8_lossy(&all).into_owned();
            }
        });
        Dialog { child, terminal: master, shown, reader, seen: 0 }
    }

    /// Waits until `words` are shown, after everything that was waited for before.
    async fn until(&mut self, words: &str) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let shown = self.shown.lock().unwrap().clone();
            if let Some(at) = shown.get(self.seen..).and_then(|rest| rest.find(words)) {
                self.seen += at + words.len();
                return;
            }
            assert!(Instant::now() < deadline, "waited for {words:?}:\n{shown}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for a question and answers it.
    async fn answer(&mut self, question: &str, answer: &str) {
        self.until(question).await;
        self.terminal.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    fn interrupt(&self) {
        let pid = Pid::from_raw(self.child.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
    }

    async fn end(mut self) -> (Option<i32>, String) {
        let ended = tokio::time::timeout(TIMEOUT, self.child.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("{}", self.shown.lock().unwrap())).unwrap();
        // The last output may be read a moment after the end.
        tokio::task::spawn_blocking(|| self.reader.join().unwrap()).await.unwrap();
        let shown = self.shown.lock().unwrap().clone();
        (status.code(), shown)
    }
}

fn japanese(home: &Home) -> Command {
    let mut command = home.kaizodo(&["setup"]);
    command.env("LANG", "ja_JP.UTF-8");
    command
}

/// Returns the number of a line in the list of possible providers.
fn number(shown: &Mutex<String>, words: &str) -> String {
    let shown = shown.lock().unwrap();
    let line = shown.lines().find(|line| line.contains(words)).unwrap();
    line.trim().split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_server_is_typed_tried_and_saved_and_the_editors_get_their_lines() {
    let (server, home) = (upstream().await, Home::new());
    let mut command = japanese(&home);
    with_editors(&home, &mut command);
    let mut dialog = Dialog::start(&mut command);
    dialog.until("今、答えるのは: 内蔵のワークシート").await;
    dialog.until("誰に答えてもらいますか?").await;
    dialog.answer("番号 [1]:", "99").await;
    dialog.until("の番号を入力してください").await;
    let typed = number(&dialog.shown, "OpenAI 互換のサーバー");
    dialog.answer("番号 [1]:", &typed).await;
    dialog.answer("URL（例", "ftp://x").await;
    dialog.until("で始めてください").await;
    dialog.answer("URL（例", &server.url()).await;
    dialog.answer("環境変数の名前", "sk-not a name").await;
    dialog.until("キーは設定に保存しません").await;
    dialog.answer("環境変数の名前", "").await;
    dialog.until("2. 大きい").await;
    // A full-width digit, as a Japanese input method leaves it.
    dialog.answer("番号 [1]:", "２").await;
    dialog.until(ANSWER).await;
    dialog.until("✓ 保存しました").await;
    let (code, shown) = dialog.end().await;
    assert_eq!(code, Some(0), "{shown}");
    let expected =
        format!("provider = \"openai\"\nbase_url = \"{}\"\nmodel = \"大きい\"\n", server.url());
    assert_eq!(saved(&home), expected);
    let program = env!("CARGO_BIN_EXE_kaizodo");
    for said in [
        "Neovim:",
        &format!("{{ cmd = {{ \"{program}\", \"lsp\" }} }}"),
        &format!("\"kaizodo.server.path\": \"{program}\""),
        "[language-server.kaizodo]",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    assert!(!shown.contains("Emacs:") && !shown.contains("Zed:"), "they are not there: {shown}");
    // The second time, the saved settings are offered, and nothing changes.
    let mut dialog = Dialog::start(command.env("LANG", "ja_JP.UTF-8"));
    dialog.until(&format!("127.0.0.1:{} · 大きい", server.port())).await;
    dialog.answer("番号 [", "").await;
    dialog.answer(&format!("URL [{}]:", server.url()), "").await;
    dialog.answer("環境変数の名前", "").await;
    dialog.answer("番号 [2]:", "").await;
    dialog.until("もうそのとおりになっています").await;
    assert_eq!(dialog.end().await.0, Some(0));
    assert_eq!(saved(&home), expected);
}

#[tokio::test]
async fn editors_get_the_link_by_which_the_program_is_found() {
    let home = Home::new();
    let link = home.path().join("bin/kaizodo");
    let mut command = home.kaizodo(&["setup", "--worksheet"]);
    with_editors(&home, &mut command);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kaizodo"), &link).unwrap();
    let plugin = home.path().join("share/kaizodo/editors/nvim");
    home.write("share/kaizodo/editors/nvim/lsp/kaizodo.lua", "return {}\n");
    let ended = end(&mut command).await;
    for said in [
        "{ cmd = { \"kaizodo\", \"lsp\" } }",
        &format!("\"kaizodo.server.path\": \"{}\"", link.display()),
        &format!("runtimepath:prepend(\"{}\")", plugin.display()),
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:?}");
    }
}

#[tokio::test]
async fn an_interrupt_at_any_question_changes_nothing() {
    let (server, home) = (upstream().await, Home::new());
    let url = server.url();
    let before = "# 私の設定\nmodel = \"gpt-5\"\n";
    home.write(".config/kaizodo/config.toml", before);
    let answers = [
        ("番号 [1]:", "1"),
        ("URL（例", &*url),
        ("環境変数の名前", ""),
        ("番号 [1]:", "2"),
        ("[y/N]", "n"),
    ];
    for count in 0..answers.len() {
        let mut dialog = Dialog::start(&mut japanese(&home));
        for (question, answer) in &answers[..count] {
            dialog.answer(question, answer).await;
        }
        dialog.until(answers[count].0).await;
        dialog.interrupt();
        let (code, shown) = dialog.end().await;
        assert!(code == Some(130) && shown.contains("何も変えていません"), "{count}: {shown}");
        assert_eq!(saved(&home), before);
    }
}

#[tokio::test]
async fn an_interrupt_while_it_is_tried_saves_nothing_and_closes_the_socket() {
    let server = Upstream::always(Reply::stream([sse_text("議題")]).end(End::Open)).await;
    let (home, url) = (Home::new(), server.url());
    let mut command = home.kaizodo(&["setup", "--base-url", &url, "--model", "m"]);
    let mut dialog = Dialog::start(&mut command);
    dialog.until("Asking").await;
    server.arrived(1).await;
    dialog.interrupt();
    let (code, shown) = dialog.end().await;
    assert!(code == Some(130) && shown.contains("Nothing was changed."), "{shown}");
    server.closed(1).await;
    assert_eq!(saved(&home), "");
}

#[tokio::test]
async fn what_stands_there_is_changed_only_after_a_yes_and_the_rest_stays() {
    let (server, home) = (upstream().await, Home::new());
    let before = "# 私の設定\nlang = 'ja' # 日本語\nmodel = \"gpt-5\"\ngguf = \"/m.gguf\"\n\n[limits] # 上限\nmax_tokens = 99\n";
    let file = home.write(".config/kaizodo/config.toml", before);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let url = server.url();
    let args = ["setup", "--base-url", &url, "--model", "小さい"];
    let refused = end(&mut home.kaizodo(&args)).await;
    assert!(refused.code == Some(2) && refused.err.contains("with --yes"), "{refused:?}");
    assert!(refused.out.contains("- model = \"gpt-5\""), "{refused:?}");
    for (answer, code) in [("n", 1), ("y", 0)] {
        assert_eq!(saved(&home), before);
        let mut dialog = Dialog::start(&mut home.kaizodo(&args));
        dialog.answer("Make these changes? [y/N]", answer).await;
        assert_eq!(dialog.end().await.0, Some(code));
    }
    let after = before.replace("\"gpt-5\"", "\"小さい\"").replace("gguf =", "# gguf =").replace(
        "\n[limits]",
        &format!("\nprovider = \"openai\"\nbase_url = \"{url}\"\n\n[limits]"),
    );
    assert_eq!(saved(&home), after);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(end(home.kaizodo(&args).arg("--yes")).await.code, Some(0), "nothing is left to do");
    assert_eq!(saved(&home), after);
}

#[tokio::test]
async fn without_a_terminal_flags_are_asked_for_and_taken() {
    let home = Home::new();
    for (lang, said) in [("C", "--base-url URL"), ("ja_JP.UTF-8", "端末ではないので質問できません")]
    {
        let ended = end(home.kaizodo(&["setup"]).env("LANG", lang)).await;
        assert!(ended.code == Some(2) && ended.err.contains(said), "{ended:?}");
    }
    let mut command = home.kaizodo(&["setup", "--worksheet"]);
    command.env("KAIZODO_MODEL", "m").env("OPENAI_BASE_URL", "http://127.0.0.1:9/v1");
    let ended = end(&mut command).await;
    assert_eq!((ended.code, saved(&home).as_str()), (Some(0), "provider = \"worksheet\"\n"));
    assert!(!ended.out.contains('⚠'), "the worksheet answers: {ended:?}");
    let ended = end(command.env("KAIZODO_PROVIDER", "auto")).await;
    let variables = "override the settings: KAIZODO_PROVIDER, OPENAI_BASE_URL, KAIZODO_MODEL";
    assert!(ended.code == Some(0) && ended.out.contains(variables), "{ended:?}");
    assert_eq!(fs::metadata(settings(&home)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn who_does_not_answer_is_not_saved_unless_the_user_says_so() {
    let server = Upstream::always(Reply::json(401, r#"{"error":{"message":"no"}}"#)).await;
    let (home, url) = (Home::new(), server.url());
    let args = ["setup", "--base-url", &url, "--model", "m"];
    let ended = end(&mut home.kaizodo(&args)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("✗ No answer came.") && ended.out.contains("(401)"), "{ended:?}");
    assert_eq!(saved(&home), "");
    let ended = end(home.kaizodo(&args).arg("--no-try")).await;
    assert!(ended.code == Some(0) && saved(&home).contains(&url), "{ended:?}");
    // A file that cannot be parsed is left as it is.
    home.write(".config/kaizodo/config.toml", "lang = \n");
    let ended = end(home.kaizodo(&args).args(["--no-try", "--yes"])).await;
    assert!(ended.code == Some(2) && ended.err.contains("line 1"), "{ended:?}");
    assert_eq!(saved(&home), "lang = \n");
}

#[tokio::test]
async fn a_key_is_named_and_never_saved() {
    let (server, home) = (upstream().await, Home::new());
    artifacts::key_given(home.path());
    let url = server.url();
    let mut args = vec!["setup", "--base-url", &url, "--model", "m", "--key-from-env", "MY_KEY"];
    let ended = end(home.kaizodo(&args).env("MY_KEY", CANARY).env("PATH", "/usr/bin:/bin")).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bearer = format!("Bearer {CANARY}");
    assert!(server.seen().iter().any(|seen| seen.header("authorization") == Some(&*bearer)));
    assert!(saved(&home).contains("key_command = [\"printenv\", \"MY_KEY\"]"), "{}", saved(&home));
    assert!(!saved(&home).contains("canary") && !ended.out.contains("canary"), "{ended:?}");
    // One server's key is not sent to another, and a key is refused in place of a variable's name.
    let told = saved(&home);
    let both = end(home.kaizodo(&args).env("MY_KEY", "k").env("OPENAI_API_KEY", CANARY)).await;
    assert!(both.code == Some(2) && both.err.contains("Unset it, and run this again."), "{both:?}");
    let unset = end(&mut home.kaizodo(&args)).await;
    assert!(unset.code == Some(2) && unset.err.contains("is not set in this shell"), "{unset:?}");
    assert_eq!(saved(&home), told);
    let other = upstream().await;
    let other_url = other.url();
    let elsewhere = ["setup", "--base-url", &other_url, "--model", "m", "--yes"];
    let ended = end(home.kaizodo(&elsewhere).env("MY_KEY", CANARY)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(other.seen().iter().all(|seen| seen.header("authorization") != Some(&*bearer)));
    assert!(saved(&home).contains("# key_command = "), "{}", saved(&home));
    let with_headers = format!("{}\n[headers]\napi-key = \"k\"\n", saved(&home));
    home.write(".config/kaizodo/config.toml", &with_headers);
    let refused = end(home.kaizodo(&args[..5]).arg("--yes")).await;
    assert!(refused.code == Some(2) && refused.err.contains("Remove them first"), "{refused:?}");
    // The usual variable is taken by its name, too.
    let last = args.len() - 1;
    args[last] = "OPENAI_API_KEY";
    home.write(".config/kaizodo/config.toml", "");
    let unset = end(&mut home.kaizodo(&args)).await;
    assert!(unset.code == Some(2) && unset.err.contains("is not set in this shell"), "{unset:?}");
    let usual = end(home.kaizodo(&args).env("OPENAI_API_KEY", CANARY)).await;
    assert!(usual.code == Some(0) && !saved(&home).contains("key_command"), "{usual:?}");
    args.pop();
    let wrong = end(home.kaizodo(&args).arg(CANARY)).await;
    assert!(wrong.code == Some(2) && !wrong.err.contains("canary"), "{wrong:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_model_file_is_tried_with_its_server_which_ends_with_us() {
    use crate::llama::stand_in::{ANSWER, Kit, Mode};
    let kit = Kit::new(Mode::Loads);
    let page = kit.home.write("頁.gguf", "<!doctype html>").display().to_string();
    let mut command = japanese(&kit.home);
    let mut dialog = Dialog::start(command.env("PATH", kit.bin()));
    dialog.until("番号 [1]:").await;
    let file = number(&dialog.shown, "自分のモデルのファイル");
    dialog.seen -= "番号 [1]:".len();
    dialog.answer("番号 [1]:", &file).await;
    dialog.answer("GGUF ファイルのパス", "小さい.gguf").await;
    dialog.until("完全なパスか、~/ から始まるパス").await;
    dialog.answer("GGUF ファイルのパス", &page).await;
    dialog.until("は GGUF 形式のファイルではありません").await;
    dialog.answer("GGUF ファイルのパス", &kit.gguf()).await;
    dialog.until("llama-server を起動し、小さなモデル.gguf を読み込んでいます …").await;
    dialog.until(ANSWER.trim()).await;
    let (code, shown) = dialog.end().await;
    assert_eq!(code, Some(0), "{shown}");
    let expected = format!("provider = \"local\"\ngguf = \"{}\"\n", kit.gguf());
    assert_eq!(saved(&kit.home), expected);
    kit.all_gone().await;
    kit.install(Mode::Dies);
    let file = kit.gguf();
    let ended = end(kit.home.kaizodo(&["setup", "--gguf", &file]).env("PATH", kit.bin())).await;
    assert!(ended.code == Some(1) && ended.out.contains("tensor data is cut off"), "{ended:?}");
}

#[tokio::test]
async fn headers_of_a_server_do_not_reach_openai_by_way_of_a_model_file() {
    let home = Home::new();
    home.write("m.gguf", b"GGUF\x03\0\0\0");
    let gateway = "provider = \"openai\"\nbase_url = \"https://gateway.test/v1\"\n\n[headers]\napi-key = \"k\"\n";
    let by_hand = "provider = \"local\"\n\n[headers]\napi-key = \"k\"\n";
    let to_file = ["setup", "--gguf", "m.gguf", "--yes", "--no-try"];
    let to_openai = ["setup", "--openai", "--yes", "--no-try"];
    for (before, args) in [(gateway, &to_file[..]), (gateway, &to_openai), (by_hand, &to_openai)] {
        home.write(".config/kaizodo/config.toml", before);
        // What another program uses says nothing about the headers.
        let mut command = home.kaizodo(args);
        let ended = end(command.env("KAIZODO_GGUF", "/other.gguf")).await;
        assert!(ended.code == Some(2) && ended.err.contains("Remove them first"), "{ended:?}");
        assert_eq!(saved(&home), before);
    }
    let without = gateway.split("\n[headers]").next().unwrap();
    home.write(".config/kaizodo/config.toml", without);
    let ended = end(&mut home.kaizodo(&to_file)).await;
    assert!(ended.code == Some(0) && saved(&home).contains("\ngguf = "), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_not_passed_by_for_the_list_of_models() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    // This address is not a loopback address, but leads to this computer.
    let url = format!("https://0.0.0.0:{}/v1", listener.local_addr().unwrap().port());
    let home = Home::new();
    let mut command = home.kaizodo(&["setup"]);
    let mut dialog = Dialog::start(command.env("HTTPS_PROXY", "quic://127.0.0.1:1"));
    dialog.until("Who is to answer?").await;
    dialog.until("Number [").await;
    let typed = number(&dialog.shown, "An OpenAI-compatible server");
    dialog.terminal.write_all(format!("{typed}\n").as_bytes()).unwrap();
    dialog.answer("URL (for example", &url).await;
    dialog.answer("Name of the environment variable", "").await;
    dialog.answer("Name of the model", "m").await;
    dialog.until("HTTPS_PROXY names a `quic://` proxy").await;
    dialog.answer("Save it anyway?", "n").await;
    assert_eq!(dialog.end().await.0, Some(1));
    let arrived = listener.accept();
    assert!(arrived.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
}
