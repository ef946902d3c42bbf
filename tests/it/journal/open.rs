//! `kaizodo.open`, `kaizodo/journal/list` and panels of earlier runs, in a server that did not make
//! the runs.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities};
use crate::support::upstream::*;
use kaizodo::event::{RunId, RunOutcome, Stamped};
use kaizodo::journal::{Folder, LoadedRun};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};
use std::path::Path;

/// A state folder that outlives the servers that use it.
struct Shared {
    state: tempfile::TempDir,
    upstream: Upstream,
}

impl Shared {
    async fn new() -> Self {
        let upstream = Upstream::always(answer(["答え"])).await;
        Shared { state: crate::support::artifacts::home(), upstream }
    }

    fn folder(&self) -> Folder {
        Folder::new(self.state.path().join("kaizodo"))
    }

    async fn server(&self, can: Value) -> Client {
        self.server_in("C", can).await
    }

    async fn server_in(&self, lang: &str, can: Value) -> Client {
        let state = self.state.path().to_str().unwrap();
        let mut client = kit::launch(&self.upstream, &[("XDG_STATE_HOME", state), ("LANG", lang)]);
        client.initialize(can).await;
        client.open(kit::MEMO, "markdown", kit::TEXT);
        client
    }

    /// Makes a run with a server that is gone afterwards. Returns the run, its panel's text and its
    /// events.
    async fn earlier(&self) -> (kit::Run, String, Vec<Stamped>) {
        let mut client = self.server(capabilities()).await;
        let run = kit::shown_run(&mut client).await;
        let events = run.ended(&mut client, 1).await;
        let text = kit::fold(&events);
        client.wait_document(&run.uri, |shown| shown == text).await;
        client.shut_down().await;
        (run, text, events)
    }
}

fn plain() -> Value {
    let mut can = capabilities();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    can
}

async fn open(client: &mut Client, run: &str) -> Result<Value, Value> {
    kit::command(client, "kaizodo.open", json!({"run": run})).await
}

async fn content(client: &mut Client, uri: &str) -> Result<Value, Value> {
    client.request("workspace/textDocumentContent", json!({"uri": uri})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_run_is_shown_as_it_was() {
    let shared = Shared::new().await;
    let (run, text, events) = shared.earlier().await;
    let mut client = shared.server(capabilities()).await;
    for name in [run.id.as_str(), "last", "01"] {
        let answer = open(&mut client, name).await.unwrap();
        assert_eq!(answer, json!({"run": run.id, "uri": run.uri}), "{name}");
        let shown = client.server_message("window/showDocument").await;
        assert_eq!(shown["params"], json!({"uri": run.uri, "takeFocus": false}));
        assert_eq!(client.open_virtual(&run.uri).await, text);
    }
    assert_eq!(run.events(&mut client).await, events);
    assert_eq!(run.cancel(&mut client, None).await, 0, "nothing of it is alive");
    assert_eq!(shared.upstream.seen().len(), 4, "nobody was asked again");
    assert_eq!(client.shut_down().await, Some(0));
    assert!(client.unread().is_empty(), "{:#?}", client.unread());
    assert_eq!(kept(&shared.folder(), &RunId(run.id)).events, events, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_that_restores_its_windows_has_the_text() {
    let shared = Shared::new().await;
    let (run, text, events) = shared.earlier().await;
    let mut client = shared.server(capabilities()).await;
    let other_form = run.uri.replace("kaizodo:/", "kaizodo:///");
    let answer = content(&mut client, &other_form).await.unwrap();
    assert_eq!(answer["text"], text);
    let headings = answer["sections"].as_array().unwrap().iter().map(|section| {
        let line = section["line"].as_u64().unwrap() as usize;
        (section["branch"].as_str().unwrap(), text.lines().nth(line).unwrap())
    });
    let all = [
        ("depth", "## 深さ"),
        ("breadth", "## 広さ"),
        ("structure", "## 構造"),
        ("time", "## 時間"),
    ];
    assert_eq!(headings.collect::<Vec<_>>(), all);
    let mut client = shared.server(capabilities()).await;
    let params = json!({"run": run.id, "from": 4});
    let answer = client.request("kaizodo/run/events", params).await.unwrap();
    assert_eq!(answer["events"], json!(events[3..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_virtual_documents_gets_the_file_again() {
    let shared = Shared::new().await;
    let (run, text, _) = shared.earlier().await;
    let mut client = shared.server(plain()).await;
    open(&mut client, &run.id).await.unwrap();
    let path = shared.state.path().join(format!("kaizodo/panels/{}.md", run.id));
    let uri = format!("file://{}", path.display());
    let shown = client.server_message("window/showDocument").await;
    assert_eq!(shown["params"], json!({"uri": uri, "takeFocus": false}));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    let mut client = shared.server(json!({})).await;
    open(&mut client, &run.id).await.unwrap();
    let told = client.server_message("window/showMessage").await;
    assert!(told["params"]["message"].as_str().unwrap().ends_with(path.to_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_this_server_is_shown_once_more() {
    let gate = Gate::new();
    let reply = kit::stream().write(sse_text("前")).step(Step::Until(gate.clone()));
    let upstream = Upstream::always(kit::finished(reply.write(sse_text("後")))).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::shown_run(&mut client).await;
    client.server_message("window/showDocument").await;
    client.wait_document(&run.uri, |text| text.matches("前").count() == 4).await;
    let answer = open(&mut client, &run.id).await.unwrap();
    assert_eq!(answer, json!({"run": run.id, "uri": run.uri}));
    client.server_message("window/showDocument").await;
    gate.open();
    let text = kit::fold(&run.ended(&mut client, 1).await);
    client.wait_document(&run.uri, |shown| shown == text).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs_are_listed_the_newest_first() {
    let shared = Shared::new().await;
    let mut client = shared.server(capabilities()).await;
    let none = client.request("kaizodo/journal/list", json!({})).await.unwrap();
    assert_eq!(none, json!({"runs": []}));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let run = kit::run(&mut client).await;
        run.ended(&mut client, 1).await;
        ids.insert(0, run.id);
        // The names of runs from the same millisecond have no order.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    client.shut_down().await;
    let mut client = shared.server(capabilities()).await;
    let answer = client.request("kaizodo/journal/list", json!({})).await.unwrap();
    let runs = answer["runs"].as_array().unwrap();
    let listed: Vec<&Value> = runs.iter().map(|run| &run["run"]).collect();
    assert_eq!(listed, [&json!(ids[0]), &json!(ids[1])]);
    for run in runs {
        assert_eq!((&run["outcome"], &run["alive"]), (&json!("done"), &json!(false)));
        assert_eq!(run["title"], "会議が長くて決まらない");
        assert_eq!(run["source"], json!({"uri": kit::MEMO, "range": kit::range((0, 0), (1, 0))}));
        assert!(run["at"].as_str().unwrap().ends_with('Z') && run["bytes"].as_u64().unwrap() > 99);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_process_was_killed_waits_for_nothing() {
    let shared = Shared::new().await;
    let stuck = Upstream::always(kit::stuck("半分")).await;
    let state = shared.state.path().to_str().unwrap();
    let mut client = kit::launch(&stuck, &[("XDG_STATE_HOME", state)]);
    client.initialize(capabilities()).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    let run = kit::run(&mut client).await;
    let folder = shared.folder();
    let id = RunId(run.id.clone());
    while folder.load(&id).unwrap().is_none_or(|kept| said(&kept.events, "time").is_empty()) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    // While the run's process lives, only that process may show the run.
    let mut other = shared.server(capabilities()).await;
    let refused = open(&mut other, &run.id).await.unwrap_err();
    let told = refused["message"].as_str().unwrap();
    assert!(told.contains("Another kaizodo process is writing"), "{told}");
    client.kill();
    open(&mut other, &run.id).await.unwrap();
    let text = other.open_virtual(&run.uri).await;
    assert!(text.contains("半分") && !text.contains("_…"), "{text}");
    assert_eq!(
        text.matches("⚠ この答えが終わる前に kaizodo が終了しました。").count(),
        4,
        "{text}"
    );
    let events = run.events(&mut other).await;
    let end = &events.last().unwrap().event;
    let is_partial =
        matches!(end, kaizodo::event::Event::RunEnded { outcome: RunOutcome::Partial, .. });
    assert!(is_partial, "{end:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_damaged_journal_lacks_is_told_in_its_panel() {
    let shared = Shared::new().await;
    let (run, _, events) = shared.earlier().await;
    let path = shared.folder().file(&RunId(run.id.clone()));
    let text = std::fs::read_to_string(&path).unwrap();
    let spoilt: Vec<String> = text
        .lines()
        .map(|line| if line.contains("\"delta\"") { "\u{1b}[2J" } else { line }.to_owned() + "\n")
        .collect();
    std::fs::write(&path, spoilt.concat()).unwrap();
    let mut client = shared.server(capabilities()).await;
    let shown = content(&mut client, &run.uri).await.unwrap()["text"].as_str().unwrap().to_owned();
    assert!(shown.contains("\n⚠ この実行の記録には読めない行があり（4 行）"), "{shown}");
    assert_eq!(shown.matches("\n## ").count(), 4, "{shown}");
    let left = run.events(&mut client).await;
    assert_eq!(left.len(), events.len() - 4, "there are gaps, and nothing else is lost");
}

/// Asserts that opening a run is refused with this code and these words, in both languages.
async fn refused(shared: &Shared, run: &str, code: i64, words: [&str; 2]) {
    for (lang, word) in ["C", "ja_JP.UTF-8"].into_iter().zip(words) {
        let mut client = shared.server_in(lang, capabilities()).await;
        let error = open(&mut client, run).await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(error["code"] == code && message.contains(word), "{run}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_cannot_be_opened_is_refused_with_its_reason() {
    let shared = Shared::new().await;
    refused(&shared, "last", -32803, ["no runs in the journal yet", "まだ一つもありません"]).await;
    shared.earlier().await;
    shared.earlier().await;
    for name in ["01zz", "../../x", "", "/etc/passwd"] {
        let ja = format!("実行「{name}」はありません");
        refused(&shared, name, -32803, [&format!("no run \"{name}\""), &ja]).await;
    }
    refused(&shared, "01", -32803, ["2 runs have names that begin with", "2 件あります"]).await;
    let mut client = shared.server(capabilities()).await;
    let error = kit::command(&mut client, "kaizodo.open", json!({})).await.unwrap_err();
    assert!(error["code"] == -32602 && error["message"].as_str().unwrap().contains("`run`"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_file_is_not_waited_for() {
    let shared = Shared::new().await;
    let (run, ..) = shared.earlier().await;
    let path = shared.folder().file(&RunId(run.id.clone()));
    std::fs::remove_file(&path).unwrap();
    let pipe: fn(&Path) = |at| mknodat(CWD, at, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let link: fn(&Path) = |at| std::os::unix::fs::symlink("/etc/passwd", at).unwrap();
    for plant in [pipe, link] {
        plant(&path);
        let mut client = shared.server(capabilities()).await;
        for error in [
            open(&mut client, &run.id).await.unwrap_err(),
            content(&mut client, &run.uri).await.unwrap_err(),
        ] {
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("is not a journal file"), "{message}");
        }
        let listed = client.request("kaizodo/journal/list", json!({})).await.unwrap();
        assert_eq!(listed, json!({"runs": []}));
        std::fs::remove_file(&path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_is_not_to_be_trusted_is_told() {
    let shared = Shared::new().await;
    std::fs::create_dir(shared.state.path().join("kaizodo")).unwrap();
    std::os::unix::fs::symlink("/etc", shared.folder().path()).unwrap();
    refused(&shared, "last", -32803, ["is a symbolic link", "はリンクです"]).await;
    let mut client = shared.server(capabilities()).await;
    let error = client.request("kaizodo/journal/list", json!({})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("is a symbolic link"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panel_that_outlives_its_server_is_told_the_truth() {
    let mut shared = Shared::new().await;
    shared.upstream = Upstream::always(kit::stuck("途中の答え")).await;
    let mut client = shared.server(capabilities()).await;
    let run = kit::shown_run(&mut client).await;
    let shown = client.wait_document(&run.uri, |t| t.matches("途中の答え").count() == 4).await;
    let (folder, id) = (shared.folder(), RunId(run.id.clone()));
    let is_kept = || {
        let kept = folder.load(&id).unwrap();
        let is = |kept: &LoadedRun, name: &str| said(&kept.events, name) == "途中の答え";
        kept.is_some_and(|kept| kit::NAMES.iter().all(|name| is(&kept, name)))
    };
    while !is_kept() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    client.kill();
    // The next server learns of the panel only from the client.
    let mut client = shared.server(capabilities()).await;
    client.open(&run.uri, "markdown", &shown);
    let told = client.wait_document(&run.uri, |text| text.matches("\n⚠ ").count() == 4).await;
    assert_eq!(told.matches("途中の答え").count(), 4, "{told}");
    assert!(!told.contains("書いています"), "{told}");
}
