//! `kaizodo.retry` of a run that an earlier server began: the run continues where that server was
//! killed, in the same journal, as long as the text is the same.

use super::shared::Shared;
use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities, section};
use crate::support::program::{Home, end};
use crate::support::upstream::*;
use kaizodo::event::{Event, RunId, RunOutcome, Stamped};
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) async fn retry(
    client: &mut Client,
    run: &kit::Run,
    branch: &str,
) -> Result<Value, Value> {
    let argument = json!({"run": run.id, "branch": branch});
    kit::command(client, "kaizodo.retry", argument).await
}

/// Waits until the process no longer holds a run's journal open.
pub(crate) async fn released(shared: &Shared, run: &kit::Run) {
    while kept(&shared.folder(), &RunId(run.id.clone())).alive {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asserts that two panels have the same text in all sections but the third.
pub(crate) fn assert_others(before: &str, after: &str) {
    for title in ["深さ", "広さ", "時間"] {
        assert_eq!(section(after, title), section(before, title));
        assert!(section(after, title).contains("良い答え"), "{after}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_section_of_a_killed_server_is_asked_anew_by_the_next() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let left = shared.events(&run);
    let mut client = shared.server().await;
    let before = client.open_virtual(&run.uri).await;
    let broken = section(&before, "構造");
    assert!(broken.contains("途中の言葉\n\n⚠ この答えが終わる前に kaizodo が"), "{before}");
    assert!(broken.contains("この節だけをやり直せます"), "{before}");

    let answer = retry(&mut client, &run, "structure").await.unwrap();
    assert_eq!(answer, json!({"run": run.id, "branch": "structure"}));
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    let values = client.wait_progress_end(&token).await;
    assert_eq!(values.last().unwrap()["message"], "深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 ✓");
    let events = run.ended(&mut client, 2).await;
    let is_done =
        |event: &Event| matches!(event, Event::RunEnded { outcome: RunOutcome::Done, .. });
    assert!(is_done(&events.last().unwrap().event), "{events:?}");
    assert_eq!(kit::events_in(&values), events, "each once and in order");
    assert!(events.starts_with(&left), "what was written stands");
    let text = kit::fold(&events);
    let after = client.wait_document(&run.uri, |shown| shown == text).await;
    assert!(
        section(&after, "構造").starts_with("## 構造\n\n終わりまでの言葉\n\n`m` · "),
        "{after}"
    );
    assert_others(&before, &after);
    assert_eq!(client.pulls(&run.uri), 1, "edits were enough");

    let seen = shared.upstream.seen();
    assert_eq!(seen.len(), 5, "no other section is asked again");
    let first = kit::request_for(&seen[..4], 2);
    assert_eq!(seen[4].json(), first.json(), "it is the same question");

    // From now on it is a run like any other: another section can be retried, and it ends properly.
    retry(&mut client, &run, "depth").await.unwrap();
    let events = run.ended(&mut client, 3).await;
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(shared.events(&run), events);
    let shown = end(&mut shared.home.kaizodo(&["journal", "show", &run.id])).await;
    assert_eq!((shown.code, shown.out), (Some(0), panel(&events)));
    let replayed = end(&mut shared.home.kaizodo(&["journal", "replay", "--json", &run.id])).await;
    let replayed = replayed.out.lines().map(|line| serde_json::from_str(line).unwrap());
    assert_eq!(replayed.collect::<Vec<Stamped>>(), events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_focus_that_was_cut_off_is_written_from_the_views_of_the_journal() {
    let asked = AtomicUsize::new(0);
    let upstream = Upstream::start(move |seen| {
        match (kit::user_message(seen).contains("<<<NOTE 1 "), &asked) {
            (false, _) => answer(["良い答え"]),
            (true, asked) if asked.fetch_add(1, Ordering::Relaxed) == 0 => kit::stuck("途中の焦点"),
            (true, _) => answer(["決めるのは一つ"]),
        }
    })
    .await;
    let mut shared = Shared { home: Home::new(), upstream, focus: "auto" };
    let mut client = shared.server().await;
    let run = kit::run(&mut client).await;
    let folder = shared.folder();
    while runs(&folder).is_empty() || said(&only(&folder).events, "focus").is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.kill();
    // The current settings apply to new runs only.
    shared.focus = "off";
    let mut client = shared.server().await;
    let before = client.open_virtual(&run.uri).await;
    retry(&mut client, &run, "focus").await.unwrap();
    let text = kit::fold(&run.ended(&mut client, 2).await);
    assert!(section(&text, "焦点").contains("決めるのは一つ\n\n`m` · "), "{text}");
    assert_others(&before, &text);
    let seen = shared.upstream.seen();
    assert_eq!(seen.len(), 6);
    assert_eq!(seen[5].json(), seen[4].json(), "it is the same question");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_of_a_line_is_in_nobodys_way() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let path = shared.folder().file(&RunId(run.id.clone()));
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole + "{\"seq\":99,\"event\":\"del").unwrap();
    let mut client = shared.server().await;
    retry(&mut client, &run, "structure").await.unwrap();
    let events = run.ended(&mut client, 2).await;
    client.shut_down().await;
    assert_eq!(shared.events(&run), events);
    kit::fold(&events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_virtual_documents_has_it_in_its_file() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let mut can = capabilities();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let mut client = shared.bare("C", can).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    retry(&mut client, &run, "structure").await.unwrap();
    let text = kit::fold(&run.ended(&mut client, 2).await);
    let shown = client.server_message("window/showDocument").await;
    let path = format!(".local/state/kaizodo/panels/{}.md", run.id);
    let path = shared.home.path().join(path);
    assert_eq!(shown["params"]["uri"], format!("file://{}", path.display()));
    while fs::read_to_string(&path).unwrap() != text {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_kept_any_more_the_answer_comes_and_nothing_is_written() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let left = shared.events(&run);
    shared.home.write(".config/kaizodo/config.toml", "journal.enabled = false\n");
    let state = shared.home.path().join(".local/state");
    let config = shared.home.path().join(".config");
    let env = [("XDG_STATE_HOME", &state), ("XDG_CONFIG_HOME", &config)];
    let env = env.map(|(name, path)| (name, path.to_str().unwrap()));
    let mut client = kit::launch(&shared.upstream, &env);
    client.initialize(capabilities()).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    retry(&mut client, &run, "structure").await.unwrap();
    let text = kit::fold(&run.ended(&mut client, 2).await);
    assert!(section(&text, "構造").contains("終わりまでの言葉"), "{text}");
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(shared.events(&run), left);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_command_line_goes_on_in_an_editor() {
    let shared = Shared::new().await;
    let text = "# 題\r\n\r\n会議が長くて決まらない。\r\nDB_PASSWORD=hunter2-Zq81kk\r\n";
    let file = shared.home.write("memo.md", text);
    let mut command = shared.home.asking(&shared.upstream, &["run", "memo.md:3-4"]);
    let mut child = command.spawn().unwrap();
    let folder = shared.folder();
    while runs(&folder)
        .first()
        .is_none_or(|run| said(&kept(&folder, run).events, "structure").is_empty())
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().await.unwrap();
    let run = kit::Run { id: runs(&folder)[0].0.clone(), uri: String::new() };
    let mut client = shared.bare("C", capabilities()).await;
    client.open(url::Url::from_file_path(&file).unwrap().as_str(), "markdown", text);
    retry(&mut client, &run, "structure").await.unwrap();
    let events = run.ended(&mut client, 2).await;
    client.shut_down().await;
    assert_eq!(shared.events(&run), events);
    let seen = shared.upstream.seen();
    assert_eq!(seen[4].json(), kit::request_for(&seen[..4], 2).json(), "it is the same question");
    assert!(!seen[4].body_text().contains("hunter2"), "what is secret is not sent");
}

/// Asks servers in both languages to retry `structure`, and asserts that they refuse in these words
/// and change nothing.
pub(crate) async fn refused(shared: &Shared, run: &kit::Run, text: Option<&str>, words: [&str; 2]) {
    let before = shared.folder().load(&RunId(run.id.clone())).unwrap();
    let asked = shared.upstream.seen().len();
    for (lang, words) in ["C", "ja_JP.UTF-8"].into_iter().zip(words) {
        let mut client = shared.bare(lang, capabilities()).await;
        if let Some(text) = text {
            client.open(kit::MEMO, "markdown", text);
        }
        let error = retry(&mut client, run, "structure").await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(error["code"] == -32803 && message.contains(words), "{error}");
        assert_eq!(client.shut_down().await, Some(0));
        assert!(client.all_progress().is_empty(), "{:#?}", client.all_progress());
    }
    assert_eq!(shared.upstream.seen().len(), asked, "nobody is asked");
    let after = shared.folder().load(&RunId(run.id.clone())).unwrap();
    assert!(before == after, "nothing is written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_is_not_the_same_or_not_at_hand_is_not_sent() {
    let shared = Shared::new().await;
    let run = shared.killed_without_text().await;
    let changed = ["has changed. Select", "実行したときと変わっているので"];
    for text in ["会議が長くて、決まらない。\n", "# 題\n会議が長くて決まらない。\n", "\n"]
    {
        refused(&shared, &run, Some(text), changed).await;
    }
    let closed = ["is not open. Open it and retry", "が開かれていません。開いてから"];
    refused(&shared, &run, None, closed).await;

    // A section must exist in the run, and its perspective in the user's settings.
    let mut client = shared.server().await;
    let error = retry(&mut client, &run, "smell").await.unwrap_err();
    assert_eq!(error["message"], "This run has no section \"smell\".");
    // An edit that was undone does not count as a change.
    client.edit(kit::MEMO, &kit::range((0, 0), (0, 0)), "あ");
    retry(&mut client, &run, "structure").await.unwrap_err();
    client.edit(kit::MEMO, &kit::range((0, 0), (0, 1)), "");
    retry(&mut client, &run, "structure").await.unwrap();
    run.ended(&mut client, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stood_around_the_text_is_sent_again_or_nothing_is() {
    let shared = Shared::new().await;
    let text = "# 題\n前の行。\n会議が長くて決まらない。\n後の行。\n";
    let start = async |settings: &str, text: &str| {
        shared.set(&format!("journal.selection = false\n{settings}"));
        let home = shared.home.path();
        let (state, config) = (home.join(".local/state"), home.join(".config"));
        let env = [("XDG_STATE_HOME", &state), ("XDG_CONFIG_HOME", &config)];
        let env = env.map(|(name, path)| (name, path.to_str().unwrap()));
        let mut client =
            kit::launch(&shared.upstream, &[&env[..], &[("KAIZODO_FOCUS", "off")]].concat());
        client.initialize(capabilities()).await;
        client.open(kit::MEMO, "markdown", text);
        client
    };
    let mut client = start("context = \"around\"\n", text).await;
    let argument = json!({"uri": kit::MEMO, "range": kit::range((2, 0), (3, 0))});
    let run = kit::run_with(&mut client, argument).await;
    shared.upstream.arrived(4).await;
    let id = RunId(run.id.clone());
    while shared.folder().load(&id).unwrap().is_none_or(|kept| kept.events.is_empty()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.kill();
    released(&shared, &run).await;

    // If more may be sent now, the same is sent as before. If another line would be sent, or less,
    // the retry is refused.
    for (settings, text) in [
        ("context = \"around\"\n", text.replace("前の", "別の")),
        ("context = \"around\"\n", text.replace("題", "別の題")),
        ("context = \"none\"\n", text.to_owned()),
    ] {
        let mut client = start(settings, &text).await;
        let error = retry(&mut client, &run, "structure").await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("設定 secrets か context が、実行したときと変わっている")
                || message.contains("the setting `secrets` or `context` has changed"),
            "{error}"
        );
        client.shut_down().await;
    }
    assert_eq!(shared.upstream.seen().len(), 4);
    let mut client = start("context = \"file\"\n", text).await;
    retry(&mut client, &run, "structure").await.unwrap();
    let seen = shared.upstream.arrived(5).await;
    assert_eq!(seen[4].json(), kit::request_for(&seen[..4], 2).json(), "it is the same question");
    assert!(kit::user_message(&seen[4]).contains("前の行。"));
}

/// Rewrites the first line of a run's journal.
pub(crate) fn rewrite(shared: &Shared, run: &kit::Run, change: impl Fn(&mut Value)) {
    let path = shared.folder().file(&RunId(run.id.clone()));
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let mut first: Value = serde_json::from_str(first).unwrap();
    change(&mut first);
    fs::write(&path, format!("{first}\n{rest}")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_journal_does_not_hold_is_told() {
    let shared = Shared::new().await;
    let run = shared.killed_without_text().await;
    let text = Some(kit::TEXT);
    let path = shared.folder().file(&RunId(run.id.clone()));
    let whole = fs::read(&path).unwrap();

    fs::write(&path, [&whole[..], b"\x1b[2J\n"].concat()).unwrap();
    let damaged = ["cannot be read, so nothing can be added", "続きを書けません"];
    refused(&shared, &run, text, damaged).await;
    let mut client = shared.server().await;
    let shown = client.open_virtual(&run.uri).await;
    assert!(shown.contains("⚠ この答えが") && !shown.contains("やり直せます"), "{shown}");

    fs::write(&path, &whole).unwrap();
    rewrite(&shared, &run, |first| first["source"]["uri"] = json!("kaizodo:/stdin"));
    let words = ["about text from the command line", "エージェントから渡された文章が対象なので"];
    refused(&shared, &run, text, words).await;

    fs::write(&path, &whole).unwrap();
    rewrite(&shared, &run, |first| drop(first.as_object_mut().unwrap().remove("selection")));
    let words = ["This run was saved by an earlier version of kaizodo", "以前の版のもので"];
    refused(&shared, &run, text, words).await;

    // A server has shown the run, and then the file contains another run.
    fs::write(&path, &whole).unwrap();
    let mut client = shared.server().await;
    client.open_virtual(&run.uri).await;
    rewrite(&shared, &run, |first| first["title"] = json!("別の実行"));
    let error = retry(&mut client, &run, "structure").await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("differs from what is shown here"));

    fs::remove_file(&path).unwrap();
    let words =
        ["is neither on this server nor in the journal", "このサーバーにも記録にも見つかりません"];
    refused(&shared, &run, text, words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_another_server_is_writing_is_left_to_it() {
    let shared = Shared::new().await;
    let (mut first, run) = shared.begun().await;
    let words = ["Another kaizodo process is writing", "には別の kaizodo が書いています"];
    refused(&shared, &run, Some(kit::TEXT), words).await;
    assert_eq!(run.cancel(&mut first, None).await, 1);
    let events = run.ended(&mut first, 1).await;
    released(&shared, &run).await;
    assert_eq!(shared.events(&run), events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_have_the_same_run_do_not_undo_each_others_work() {
    let shared = Shared::new().await;
    let (mut first, run) = shared.begun().await;
    run.cancel(&mut first, None).await;
    run.ended(&mut first, 1).await;
    released(&shared, &run).await;
    // Two more servers read the run. One continues it, and then the other.
    let (mut second, mut third) = (shared.server().await, shared.server().await);
    let before = third.open_virtual(&run.uri).await;
    retry(&mut second, &run, "structure").await.unwrap();
    run.ended(&mut second, 2).await;
    released(&shared, &run).await;
    retry(&mut third, &run, "depth").await.unwrap();
    let events = run.ended(&mut third, 3).await;
    let text = kit::fold(&events);
    let after = third.wait_document(&run.uri, |shown| shown == text).await;
    assert!(section(&after, "構造").contains("終わりまでの言葉"), "the second server's: {after}");
    assert_eq!(section(&after, "時間"), section(&before, "時間"));
    released(&shared, &run).await;

    // The first server does not know of the changes: its user gets the answer, and the journal is
    // left alone.
    retry(&mut first, &run, "time").await.unwrap();
    let told = first.server_message("window/showMessage").await;
    let told = told["params"]["message"].as_str().unwrap();
    assert!(told.contains("contains more than this process has written"), "{told}");
    run.ended(&mut first, 2).await;
    first.shut_down().await;
    assert_eq!(shared.events(&run), events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sections_are_asked_anew_at_the_same_moment() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let mut client = shared.server().await;
    let ids = ["structure", "depth"].map(|branch| {
        let argument = json!({"run": run.id, "branch": branch});
        let params = json!({"command": "kaizodo.retry", "arguments": [argument]});
        client.send_request("workspace/executeCommand", params)
    });
    for id in ids {
        client.answer(id).await.unwrap();
    }
    let is_done =
        |event: &Event| matches!(event, Event::RunEnded { outcome: RunOutcome::Done, .. });
    while !run.events(&mut client).await.last().is_some_and(|last| is_done(&last.event)) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let events = run.events(&mut client).await;
    client.shut_down().await;
    assert_eq!(shared.events(&run), events);
    assert_eq!(shared.upstream.seen().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_follows_a_run_that_its_page_took_up_first() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let mut client = shared.server().await;
    client.open_virtual(&run.uri).await;
    let page = kit::command(&mut client, "kaizodo.browse", json!({"run": run.id})).await.unwrap();
    let (page, fragment) = page["uri"].as_str().unwrap().split_once('#').unwrap();
    let ticket = fragment.strip_prefix("ticket=").unwrap().split('&').next().unwrap();
    let http = crate::web::client();
    let given = http.post(format!("{page}v1/token")).bearer_auth(ticket).send().await.unwrap();
    let given: Value = given.json().await.unwrap();
    let key = given["token"].as_str().unwrap();
    let path = format!("{page}v1/runs/{}", run.id);
    let retried = http.post(format!("{path}/retry")).bearer_auth(key);
    let retried = retried.json(&json!({"branch": "structure"})).send().await.unwrap();
    assert_eq!(retried.status(), 202);
    let events = http.get(&path).bearer_auth(key).header("accept", "text/event-stream");
    events.send().await.unwrap().text().await.unwrap();
    retry(&mut client, &run, "time").await.unwrap();
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    let values = client.wait_progress_end(&token).await;
    assert_eq!(values.last().unwrap()["message"], "深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 ✓");
}
