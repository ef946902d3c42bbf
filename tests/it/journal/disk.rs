//! A disk that does not take the journal, or a folder that cannot be trusted: the run continues,
//! and the user is told once.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities};
use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::{Event, RunId, RunOutcome};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use tokio::process::Command;

/// Returns the same program in a shell that lets no file become larger than 4096 bytes.
fn with_little_room(command: &Command) -> Command {
    let inner = command.as_std();
    let mut command = Command::new("sh");
    // In blocks of 512 bytes (POSIX).
    command.args(["-c", "ulimit -f 8 && exec \"$0\" \"$@\""]).arg(inner.get_program());
    command
        .args(inner.get_args())
        .current_dir(inner.get_current_dir().unwrap())
        .env_clear()
        .env("KAIZODO_FOCUS", "off");
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command.kill_on_drop(true);
    command
}

#[tokio::test]
async fn a_file_that_cannot_grow_costs_the_journal_and_nothing_else() {
    let long: Vec<String> = (0..200).map(|n| format!("- line {n} of a long answer\n")).collect();
    let server = Upstream::always(answer(&long)).await;
    for (lang, said) in [("C", "`ulimit -f`"), ("ja_JP.UTF-8", "ファイルの大きさの制限")]
    {
        let home = Home::new();
        let mut command = home.asking(&server, &["run", "--text", "Builds are slow."]);
        command.env("LANG", lang).env("PATH", "/usr/bin:/bin");
        let ended = end(&mut with_little_room(&command)).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.out.matches("- line 199 of").count(), 4, "{}", ended.out);
        assert_eq!(ended.err.lines().count(), 1, "said once: {}", ended.err);
        assert!(ended.err.contains(said) && ended.err.contains("journal.enabled"), "{}", ended.err);
        let kept = only(&of_home(home.path()));
        assert!(kept.problems.is_empty() && !kept.alive, "{:?}", kept.problems);
        assert!(kept.events.is_empty() || ended.out.starts_with(&panel(&kept.events[..1])[..20]));
    }
}

/// Sets or removes a file-size limit on a running server.
#[cfg(target_os = "linux")]
fn limit(client: &Client, bytes: Option<u64>) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let pid = Pid::from_raw(client.pid().cast_signed());
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_is_told_once_until_there_is_room_again() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let folder = of_server(client.home());
    for round in 0..2 {
        limit(&client, Some(100));
        for _ in 0..2 {
            let run = kit::run(&mut client).await;
            run.ended(&mut client, 1).await;
        }
        let told = client.server_message("window/showMessage").await;
        let message = told["params"]["message"].as_str().unwrap();
        assert!(told["params"]["type"] == 2 && message.contains("ulimit -f"), "{message}");
        limit(&client, None);
        let run = kit::run(&mut client).await;
        let events = run.ended(&mut client, 1).await;
        let id = RunId(run.id.clone());
        for tries in 1.. {
            let last = folder.load(&id).unwrap();
            if last.as_ref().is_some_and(|last| !last.alive && last.events == events) {
                break;
            }
            assert!(tries < 6000, "round {round}: {:#?}", last.map(|last| last.events));
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(client.unread_of("window/showMessage").is_empty(), "round {round}: told once");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_found_the_disk_full_are_written_once_there_is_room() {
    let gate = Gate::new();
    let reply = kit::stream().write(sse_text("前")).step(Step::Until(gate.clone()));
    let upstream = Upstream::always(kit::finished(reply.write(sse_text("後")))).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    limit(&client, Some(100));
    let run = kit::run(&mut client).await;
    client.server_message("window/showMessage").await;
    limit(&client, None);
    gate.open();
    let events = run.ended(&mut client, 1).await;
    client.shut_down().await;
    assert_eq!(only(&of_server(client.home())).events, events);
}

/// What is in place of the journal's folder, how to create it, and the expected message.
type Plant = (&'static str, fn(&Path), &'static str);

const PLANTS: [Plant; 9] = [
    ("a link", |at| symlink(at.with_file_name("victim"), at).unwrap(), "is a symbolic link"),
    ("a dangling link", |at| symlink(at.with_file_name("new"), at).unwrap(), "is a symbolic link"),
    ("a file", |at| fs::write(at, "precious").unwrap(), "but the journal needs a folder there"),
    (
        "a pipe",
        |at| mknodat(CWD, at, FileType::Fifo, Mode::RWXU, 0).unwrap(),
        "but the journal needs a folder there",
    ),
    (
        "a hard link",
        |at| fs::hard_link(at.with_file_name("victim").join("file"), at).unwrap(),
        "but the journal needs a folder there",
    ),
    ("a folder of the group", |at| folder(at, 0o770), "mode 770"),
    ("a folder of everybody", |at| folder(at, 0o707), "mode 707"),
    ("a folder like /tmp", |at| folder(at, 0o1777), "mode 1777"),
    ("a folder's link to itself", |at| symlink(at, at).unwrap(), "is a symbolic link"),
];

fn folder(at: &Path, mode: u32) {
    fs::create_dir(at).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_planted_folder_is_refused_and_the_run_is_shown() {
    let server = Upstream::always(answer(["- whole\n"])).await;
    for name in ["journal", "kaizodo"] {
        for (what, plant, said) in PLANTS {
            let home = Home::new();
            let state = home.path().join(".local/state");
            let at = if name == "journal" { state.join("kaizodo") } else { state };
            fs::create_dir_all(at.join("victim")).unwrap();
            fs::write(at.join("victim/file"), "precious").unwrap();
            plant(&at.join(name));
            let ended =
                end(&mut home.asking(&server, &["run", "--text", "Builds are slow."])).await;
            assert_eq!(ended.code, Some(0), "{what}: {ended:?}");
            assert_eq!(ended.out.matches("- whole").count(), 4, "{what}");
            assert_eq!(ended.err.lines().count(), 1, "{what}: {}", ended.err);
            assert!(ended.err.contains(said) && ended.err.contains(name), "{what}: {}", ended.err);
            assert_eq!(fs::read_to_string(at.join("victim/file")).unwrap(), "precious", "{what}");
            assert_eq!(fs::read_dir(at.join("victim")).unwrap().count(), 1, "{what}");
            assert!(!at.join("new").exists(), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_folder_that_cannot_be_is_told_in_the_editor() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m"), ("LANG", "ja_JP.UTF-8")];
    // Root may write to a read-only folder, but not even root can write below a file.
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        fs::write(home.join("state"), "a file").unwrap();
    });
    client.initialize(capabilities()).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    for _ in 0..2 {
        let run = kit::run(&mut client).await;
        let events = run.ended(&mut client, 1).await;
        let end = &events.last().unwrap().event;
        assert!(matches!(end, Event::RunEnded { outcome: RunOutcome::Done, .. }), "{end:?}");
    }
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(message.contains("記録（ジャーナル）に残りません"), "{message}");
    assert!(message.contains("XDG_STATE_HOME") && told["params"]["type"] == 2, "{message}");
    assert_eq!(client.shut_down().await, Some(0));
    assert!(client.unread_of("window/showMessage").is_empty());
}
