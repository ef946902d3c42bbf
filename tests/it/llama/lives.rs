//! How the server of a model file starts, is shared, restarts, and ends.

use super::stand_in::{ANSWER, Kit, Mode, is_alive};
use crate::support::client::{Client, TIMEOUT, Unit};
use crate::support::kit;
use crate::support::program::*;
use crate::support::upstream::{Upstream, answer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

const TEXT: &str = "ビルドが遅い。\n";

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), signal).unwrap();
}

/// Starts a language server whose settings name the model file.
async fn editor(kit: &Kit) -> Client {
    let (gguf, bin) = (kit.gguf(), kit.bin());
    let env = [("KAIZODO_GGUF", &*gguf), ("PATH", &*bin), ("OPENAI_API_KEY", CANARY)];
    let mut client = Client::start(&["lsp"], &env);
    client.initialize(kit::capabilities()).await;
    client
}

#[tokio::test]
async fn a_run_starts_it_waits_for_it_asks_it_and_ends_it() {
    let kit = Kit::new(Mode::Loads);
    let mut command = kit.kaizodo(&["run", "--json", "--text", TEXT]);
    let ended = end(command.env("OPENAI_API_KEY", CANARY)).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let events: Vec<Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["provider"], "llama-server (小さなモデル)");
    let of = |kind: &str| events.iter().filter(|e| e["event"] == kind).collect::<Vec<_>>();
    let wait = "llama-server を起動し、小さなモデル.gguf を読み込んでいます";
    let queued = of("branch_queued");
    assert_eq!(queued.iter().filter(|event| event["waits_for"] == wait).count(), 4, "{queued:?}");
    assert!(of("branch_ended").iter().all(|event| event["outcome"] == "done"), "{events:?}");
    assert_eq!(of("branch_started")[0]["model"], "小さなモデル");
    kit.all_gone().await;
    let log = kit.log();
    assert!(log[0].contains("--parallel 1") && log[0].contains(&kit.gguf()), "{log:?}");
    assert_eq!(log[1], "key in args false, the user's key false");
    let asked = log.iter().filter(|line| line.starts_with("POST")).collect::<Vec<_>>();
    assert_eq!(asked, ["POST /v1/chat/completions key true"; 4]);
}

#[tokio::test]
async fn the_runs_of_an_editor_share_it_and_the_wait_is_its_progress() {
    let kit = Kit::new(Mode::Loads);
    let mut client = editor(&kit).await;
    client.open("file:///メモ.md", "markdown", TEXT);
    let runs = [run(&mut client).await, run(&mut client).await];
    for run in &runs {
        run.ended(&mut client, 1).await;
        let panel = run.panel(&mut client).await;
        assert_eq!(panel.matches(ANSWER.trim()).count(), 4, "{panel}");
        assert!(!panel.contains("起動し"), "what was waited for is over: {panel}");
    }
    assert_eq!((kit.pids().len(), kit.questions()), (1, 8), "{:?}", kit.log());
    let told = client.all_progress();
    let wait = "llama-server を起動し、小さなモデル.gguf を読み込んでいます";
    assert!(told.iter().any(|value| value["value"]["message"] == wait), "{told:?}");
    let pid = kit.pids()[0];
    assert!(is_alive(pid), "it is kept for the next run");
    assert_eq!(client.shut_down().await, Some(0));
    kit.all_gone().await;
}

#[tokio::test]
async fn one_that_has_died_is_started_again_for_the_next_run() {
    let kit = Kit::new(Mode::Loads);
    let mut client = editor(&kit).await;
    client.open("file:///メモ.md", "markdown", TEXT);
    run(&mut client).await.ended(&mut client, 1).await;
    signal(kit.pids()[0], Signal::KILL);
    kit.all_gone().await;
    // The program learns of the death a moment later.
    let deadline = std::time::Instant::now() + TIMEOUT;
    loop {
        let next = run(&mut client).await;
        next.ended(&mut client, 1).await;
        if next.panel(&mut client).await.matches(ANSWER.trim()).count() == 4 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{:?}", kit.log());
    }
    assert_eq!(kit.pids().len(), 2);
    client.kill();
    kit.all_gone().await;
}

#[tokio::test]
async fn it_ends_where_we_are_killed_while_it_loads_or_answers() {
    for mode in [Mode::Hangs, Mode::Stalls] {
        let kit = Kit::new(mode);
        let mut child = kit.kaizodo(&["run", "--json", "--text", TEXT]).spawn().unwrap();
        match mode {
            Mode::Hangs => kit.until("a start", |kit| !kit.pids().is_empty()).await,
            _ => kit.until("a question", |kit| kit.questions() > 0).await,
        }
        signal(child.id().unwrap(), Signal::KILL);
        child.wait().await.unwrap();
        kit.all_gone().await;
    }
}

#[tokio::test]
async fn an_interrupt_while_it_loads_stops_the_run_and_the_server() {
    let kit = Kit::new(Mode::Hangs);
    let mut child = kit.kaizodo(&["run", "--json", "--text", TEXT]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("読み込んでいます") {
        assert!(out.read_line(&mut text).await.unwrap() > 0, "{text}");
    }
    kit.until("a start", |kit| !kit.pids().is_empty()).await;
    signal(child.id().unwrap(), Signal::INT);
    let status = tokio::time::timeout(TIMEOUT, child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(130));
    kit.all_gone().await;
}

#[tokio::test]
async fn the_doctor_tells_what_would_be_started_and_starts_nothing() {
    let kit = Kit::new(Mode::Loads);
    let ended = end(kit.kaizodo(&["doctor"]).env("LANG", "ja_JP.UTF-8")).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for said in [
        "llama-server (小さなモデル) · gguf の設定による",
        &kit.gguf(),
        &kit.path("bin/llama-server").display().to_string(),
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    let ended = end(&mut kit.kaizodo(&["run", "--dry-run", "--text", TEXT])).await;
    assert!(ended.code == Some(0) && ended.out.contains("llama-server"), "{ended:?}");
    assert!(kit.log().is_empty(), "{:?}", kit.log());
}

#[tokio::test]
async fn a_file_for_one_command_takes_the_place_of_the_server_in_the_settings() {
    let (kit, server) = (Kit::new(Mode::Loads), Upstream::always(answer(["x"])).await);
    let own = format!("provider = \"openai\"\nbase_url = \"{}\"\nmodel = \"m\"\n", server.url());
    for settings in [&*own, "provider = \"openai\"\n"] {
        kit.home.write(".config/kaizodo/config.toml", settings);
        for args in [&["doctor"][..], &["run", "--dry-run", "--text", TEXT]] {
            let ended = end(kit.kaizodo(args).env("OPENAI_API_KEY", CANARY)).await;
            assert_eq!(ended.code, Some(0), "{settings}: {ended:?}");
            assert!(ended.out.contains("llama-server (小さなモデル)"), "{settings}: {ended:?}");
            assert!(!ended.out.contains("api.openai.com"), "{settings}: {ended:?}");
        }
    }
    kit.home.write(".config/kaizodo/config.toml", &own);
    let mut command = kit.kaizodo(&["run", "--text", TEXT]);
    let ended = end(command.env("OPENAI_API_KEY", CANARY)).await;
    assert!(ended.code == Some(0) && ended.out.contains(ANSWER.trim()), "{ended:?}");
    assert_eq!((kit.questions(), server.seen().len()), (4, 0), "{:?}", kit.log());
    // A URL that other programs use, too, does not take the place of the file.
    let file = format!("provider = \"local\"\ngguf = \"{}\"\n", kit.gguf());
    kit.home.write(".config/kaizodo/config.toml", file);
    let mut command = kit.kaizodo(&["doctor"]);
    let ended = end(command.env_remove("KAIZODO_GGUF").env("OPENAI_BASE_URL", server.url())).await;
    assert!(ended.out.contains("llama-server (小さなモデル)"), "{ended:?}");
    // One layer that names both is not guessed at.
    kit.home.write(".config/kaizodo/config.toml", "");
    let mut command = kit.kaizodo(&["doctor"]);
    let ended = end(command.env("KAIZODO_PROVIDER", "openai").env("OPENAI_API_KEY", CANARY)).await;
    assert!(ended.code == Some(2) && ended.out.contains("unclear which of them"), "{ended:?}");
}

/// Starts a run about the whole document.
async fn run(client: &mut Client) -> kit::Run {
    let range = kit::range_of(TEXT, TEXT.trim(), Unit::Utf16);
    kit::run_with(client, json!({"uri": "file:///メモ.md", "range": range})).await
}
