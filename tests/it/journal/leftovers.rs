//! What is left on the disk when no client is connected: only what is meant to be kept.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities, vouching};
use crate::support::program::*;
use crate::support::upstream::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the model says.
const SAID: &str = "答えの一文";
/// The beginning of the selection.
const ASKED: &str = "会議が長くて";

async fn upstream() -> Upstream {
    Upstream::always(answer([SAID])).await
}

/// Starts a client without virtual documents, whose server keeps its state in a folder that
/// outlives it.
async fn plain(upstream: &Upstream, state: &Path, keeps: bool) -> Client {
    let env = [("XDG_STATE_HOME", state.to_str().unwrap())];
    let mut client = kit::launch(upstream, &env);
    let mut can = vouching();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": can,
        "initializationOptions": {"journal": {"enabled": keeps}},
    });
    client.initialize_with(params).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    client
}

/// Returns the next file that the client is asked to show.
async fn shown(client: &mut Client) -> PathBuf {
    let shown = client.server_message("window/showDocument").await;
    let uri = url::Url::parse(shown["params"]["uri"].as_str().unwrap()).unwrap();
    uri.to_file_path().unwrap()
}

/// Creates a preview and a run, and returns the file of each.
async fn previewed_and_run(client: &mut Client) -> [PathBuf; 2] {
    let argument = json!({"uri": kit::MEMO, "range": kit::range((0, 0), (1, 0))});
    kit::command(client, "kaizodo.preview", argument).await.unwrap();
    let preview = shown(client).await;
    let run = kit::run(client).await;
    let panel = shown(client).await;
    let text = kit::fold(&run.ended(client, 1).await);
    let written = || std::fs::read_to_string(&panel).is_ok_and(|is| is == text);
    soon(written).await;
    assert!(text.contains(SAID) && std::fs::read_to_string(&preview).unwrap().contains(ASKED));
    [preview, panel]
}

async fn soon(is: impl Fn() -> bool) {
    for _ in 0..6000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within a minute");
}

/// Returns all files below a folder that contain text of the run or of the selection.
fn with_text(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(with_text(&path));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let holds = [SAID, ASKED].iter().any(|words| text.contains(words));
            found.extend(holds.then_some(path));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_stays_where_nothing_is_kept() {
    let upstream = upstream().await;
    let state = crate::support::artifacts::home();
    for ending in ["shutdown", "closed", "exit"] {
        let mut client = plain(&upstream, state.path(), false).await;
        let mut files = previewed_and_run(&mut client).await;
        files.sort();
        let mut there = with_text(state.path());
        there.sort();
        assert_eq!(there, files, "{ending}: two files, and nothing beside them");
        match ending {
            "shutdown" => assert_eq!(client.shut_down().await, Some(0)),
            "closed" => client.close_input(),
            _ => client.notify("exit", Value::Null),
        }
        assert!(client.exit_status(Duration::from_secs(20)).await.is_some(), "{ending}");
        assert_eq!(with_text(state.path()), [""; 0].map(PathBuf::from), "{ending}");
    }
    assert!(
        !state.path().join("kaizodo/panels").exists()
            && !state.path().join("kaizodo/journal").exists()
    );
}

/// Two hundred texts, with scripts and characters that a file system or a log may treat in a
/// special way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_two_hundred_texts_stays() {
    const ODD: [&str; 10] = [
        "",
        "../../x",
        "%2e%2e%2f",
        "a\u{0}b",
        "長い長い長い長い長い長い長い長い長い長い長い長い",
        "\u{202e}rtl",
        "👨‍👩‍👧",
        "C:\\x",
        "\r\n",
        "$HOME",
    ];
    let upstream = upstream().await;
    let state = crate::support::artifacts::home();
    let mut client = plain(&upstream, state.path(), false).await;
    let mut runs = Vec::new();
    for number in 0..200 {
        let text = format!("{ASKED} {number} {}\n\n", ODD[number % ODD.len()]);
        let uri = format!("file:///w/{number}.md");
        client.open(&uri, "markdown", &text);
        let argument =
            json!({"uri": uri, "range": kit::range((0, 0), (1, 0)), "perspectives": ["depth"]});
        runs.push(kit::run_with(&mut client, argument).await);
        if number % 20 == 19 {
            for run in runs.drain(..) {
                run.ended(&mut client, 1).await;
            }
        }
    }
    assert!(!with_text(state.path()).is_empty(), "panels are files while the client is there");
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(with_text(state.path()), [""; 0].map(PathBuf::from));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_killed_server_are_removed_at_the_next_start_and_those_of_a_living_one_stay() {
    let upstream = upstream().await;
    let state = crate::support::artifacts::home();
    let mut living = plain(&upstream, state.path(), false).await;
    let stays = previewed_and_run(&mut living).await;
    let mut killed = plain(&upstream, state.path(), false).await;
    let goes = previewed_and_run(&mut killed).await;
    killed.kill();
    killed.exit_status(Duration::from_secs(20)).await;
    assert!(goes.iter().all(|path| path.exists()), "a killed process removes nothing");
    // Any server cleans up, whatever its client supports.
    let env = [("XDG_STATE_HOME", state.path().to_str().unwrap())];
    let mut next = kit::launch(&upstream, &env);
    next.initialize(capabilities()).await;
    soon(|| goes.iter().all(|path| !path.exists())).await;
    assert!(stays.iter().all(|path| path.exists()), "its process lives");
    assert_eq!(living.shut_down().await, Some(0));
    assert_eq!(with_text(state.path()), [""; 0].map(PathBuf::from));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_kept_keeps_its_file_and_a_preview_is_never_kept() {
    let upstream = upstream().await;
    let state = crate::support::artifacts::home();
    let mut client = plain(&upstream, state.path(), true).await;
    let [preview, panel] = previewed_and_run(&mut client).await;
    assert_eq!(client.shut_down().await, Some(0));
    assert!(panel.exists() && !preview.exists());
    assert_eq!(panel.parent().unwrap(), state.path().join("kaizodo/panels"));

    // If a user who wants nothing kept opens the panel again, the copy is removed with the
    // connection.
    let mut client = plain(&upstream, state.path(), false).await;
    let id = panel.file_stem().unwrap().to_str().unwrap();
    kit::command(&mut client, "kaizodo.open", json!({"run": id})).await.unwrap();
    let again = shown(&mut client).await;
    assert!(again != panel && again.exists());
    assert_eq!(client.shut_down().await, Some(0));
    assert!(!again.exists() && panel.exists());
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_once_does_not_empty_the_journal() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let folder = of_home(home.path());
    let run = async |args: &[&str]| {
        let ended = end(&mut home.asking(&server, args)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        ended.out
    };
    let ask = ["run", "--text", "Builds are slow."];
    for _ in 0..3 {
        run(&ask).await;
    }
    // Moving the timestamps back ten years has the same effect as a clock that is ten years ahead.
    for id in runs(&folder) {
        let file = std::fs::OpenOptions::new().append(true).open(folder.file(&id)).unwrap();
        let written = file.metadata().unwrap().modified().unwrap();
        file.set_modified(written - Duration::from_secs(3650 * 24 * 60 * 60)).unwrap();
    }
    run(&ask).await;
    run(&ask).await;
    assert_eq!(runs(&folder).len(), 5);
    assert_eq!(run(&["journal", "prune"]).await, "Removed 0 runs (0 B); 5 remain.\n");
    let named = run(&["journal", "prune", "--older-than", "30"]).await;
    assert!(named.starts_with("Removed 3 runs"), "who names an age is believed: {named}");
}

#[tokio::test]
async fn earlier_runs_expire_even_if_the_journal_is_turned_off() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let folder = of_home(home.path());
    let ask = ["run", "--text", "Builds are slow."];
    for _ in 0..2 {
        end(&mut home.asking(&server, &ask)).await;
    }
    let old = runs(&folder)[0].clone();
    let file = std::fs::OpenOptions::new().append(true).open(folder.file(&old)).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_secs(31 * 24 * 60 * 60)).unwrap();
    home.write(".config/kaizodo/config.toml", "[journal]\nenabled = false\n");
    // Pruning happens at the same time as the run, and may finish later.
    for _ in 0..20 {
        end(&mut home.asking(&server, &ask)).await;
        if runs(&folder).len() == 1 {
            break;
        }
    }
    assert!(runs(&folder).len() == 1 && !runs(&folder).contains(&old));
}
