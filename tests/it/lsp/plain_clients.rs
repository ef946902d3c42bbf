//! Clients without virtual documents get a file, which is shown once and complete at the end.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, Upstream, answer};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

fn plain() -> Value {
    let mut can = capabilities();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    can
}

fn path_of(client: &Client, run: &Run) -> PathBuf {
    client.home().join(format!("state/kaizodo/panels/{}.md", run.id))
}

fn latest(client: &Client) -> PathBuf {
    client.home().join("state/kaizodo/panels/latest.md")
}

/// Waits until the file is the panel at the run's end. Returns the text.
async fn complete(client: &mut Client, run: &Run) -> String {
    let folded = fold(&run.ended(client, 1).await);
    becomes(&path_of(client, run), &folded).await;
    folded
}

/// Waits until the file has this text.
async fn becomes(path: &Path, text: &str) {
    waits(path, |found| found == text).await;
}

/// Waits until the file's text satisfies `is`. A file that is written in place is shorter for a
/// moment.
async fn waits(path: &Path, is: impl Fn(&str) -> bool) {
    for _ in 0..6000 {
        if std::fs::read_to_string(path).is_ok_and(|found| is(&found)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited too long, the file has {:?}", std::fs::read_to_string(path));
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_does_not_say_that_it_is_written_after_its_editor_has_gone() {
    let upstream = Upstream::always(stuck("ここまで")).await;
    let mut client = start(&upstream, plain()).await;
    let run = run(&mut client).await;
    client.server_message("window/showDocument").await;
    client.close_input();
    client.exit_status(Duration::from_secs(60)).await;
    for path in [path_of(&client, &run), latest(&client)] {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches("■ 停止しました。").count(), 4, "{text}");
        assert!(text.contains("ここまで\n\n■"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_shown_once_with_its_first_text_and_is_complete_at_the_end() {
    let (first, last) = (Gate::new(), Gate::new());
    let begun = paced(stream().step(Step::Until(first.clone())), ["最初の言葉".to_owned()], 0);
    let one = finished(paced(begun.step(Step::Until(last.clone())), ["最後の言葉".to_owned()], 0));
    let upstream = by_section([one.clone(), one.clone(), one.clone(), one]).await;
    let mut client = start(&upstream, plain()).await;
    let run = run(&mut client).await;
    upstream.arrived(4).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(client.unread_of("window/showDocument").is_empty(), "there is nothing to see yet");
    first.pass_one();
    let shown = client.server_message("window/showDocument").await;
    let path = path_of(&client, &run);
    let uri = format!("file://{}", path.display());
    assert_eq!(shown["params"], json!({"uri": uri, "takeFocus": false}));
    assert!(std::fs::read_to_string(&path).unwrap().contains("最初の言葉"));
    #[cfg(unix)]
    {
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
    }
    first.open();
    last.open();
    let text = complete(&mut client, &run).await;
    assert_eq!(text.matches("最初の言葉最後の言葉").count(), 4, "{text}");
    client.wait_progress_end(&token).await;
    let others = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(others, 2, "nothing else is left in the folder but the same by its short name");
    becomes(&latest(&client), &text).await;
    assert!(client.unread().is_empty(), "{:#?}", client.unread());
    let result =
        client.request("workspace/textDocumentContent", json!({"uri": run.uri})).await.unwrap();
    assert_eq!(result["text"], text, "it can be asked for all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_cannot_show_it_is_told_its_path() {
    let upstream = Upstream::always(answer(["答え"])).await;
    for (can, env, words) in [
        (json!({}), vec![], "Kaizodo: "),
        (
            json!({"window": {"showDocument": {"support": false}}}),
            vec![("LANG", "ja_JP.UTF-8")],
            "解像度: ",
        ),
    ] {
        let mut client = launch(&upstream, &env);
        client.initialize(can).await;
        client.open(MEMO, "markdown", TEXT);
        let run = run(&mut client).await;
        let told = client.server_message("window/showMessage").await;
        let path = latest(&client);
        assert_eq!(
            told["params"],
            json!({"type": 3, "message": format!("{words}{}", path.display())})
        );
        complete(&mut client, &run).await;
        assert!(client.unread().is_empty(), "nothing else was sent: {:#?}", client.unread());
        assert!(client.all_progress().is_empty());
        assert_eq!(client.shut_down().await, Some(0));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_panel_has_a_short_name_that_stays_the_same_file_and_can_be_worked_on() {
    use std::os::unix::fs::MetadataExt;
    let last = Gate::new();
    let begun = paced(stream(), ["最初の言葉".to_owned()], 0).step(Step::Until(last.clone()));
    let one = finished(paced(begun, ["最後の言葉".to_owned()], 0));
    let upstream = by_section([one.clone(), one.clone(), one.clone(), one]).await;
    let mut client = start(&upstream, json!({})).await;
    let first = run(&mut client).await;
    client.server_message("window/showMessage").await;
    let path = latest(&client);
    let inode = || std::fs::metadata(&path).unwrap().ino();
    let before = inode();
    waits(&path, |text| text.contains("最初の言葉")).await;
    last.open();
    let text = complete(&mut client, &first).await;
    becomes(&latest(&client), &text).await;
    assert_eq!((inode(), mode(&latest(&client))), (before, 0o600));

    let uri = format!("file://{}", latest(&client).display());
    client.open(&uri, "markdown", &text);
    let line = text.lines().position(|line| line.contains("最初の言葉")).unwrap();
    let at = json!({"line": line, "character": 0});
    let params = json!({
        "textDocument": {"uri": uri}, "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "triggerKind": 1},
    });
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    let titled = |title: &str| {
        let action = actions.as_array().unwrap().iter().find(|action| action["title"] == title);
        action.unwrap_or_else(|| panic!("no {title} in {actions:#}"))["command"].clone()
    };
    titled("この節をやり直す");
    let insert = titled("この答えを元の文章の下にコメントとして挿入");
    let params = json!({"command": insert["command"], "arguments": insert["arguments"]});
    let done = client.request("workspace/executeCommand", params).await.unwrap();
    assert_eq!(done, json!({"applied": true}));
    let memo = client.document(MEMO).unwrap();
    assert!(memo.contains("<!--\n最初の言葉最後の言葉\n-->"), "{memo}");

    let second = run(&mut client).await;
    let text = complete(&mut client, &second).await;
    becomes(&latest(&client), &text).await;
    assert_eq!(inode(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_answers_has_its_file() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = start(&upstream, plain()).await;
    for method in ["window/showDocument", "window/workDoneProgress/create"] {
        client.answer_with(method, Answer::Never);
    }
    let run = run(&mut client).await;
    complete(&mut client, &run).await;
    client.server_message("window/showDocument").await;
    let second = self::run(&mut client).await;
    complete(&mut client, &second).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_cannot_be_written_is_told_once_and_the_run_goes_on() {
    let upstream = Upstream::always(answer(["一", "二", "三"])).await;
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m"), ("LANG", "ja_JP.UTF-8")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        std::fs::create_dir_all(home.join("state/kaizodo")).unwrap();
        std::fs::write(home.join("state/kaizodo/panels"), "a file in the way").unwrap();
    });
    client.initialize(plain()).await;
    client.open(MEMO, "markdown", TEXT);
    let run = run(&mut client).await;
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(message.starts_with("結果を ") && message.contains("XDG_STATE_HOME"), "{message}");
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.wait_progress_end(&token).await;
    let events = run.ended(&mut client, 1).await;
    let content =
        client.request("workspace/textDocumentContent", json!({"uri": run.uri})).await.unwrap();
    assert_eq!(content["text"], fold(&events));
    assert!(client.unread_of("window/showMessage").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eglot_s_file_is_shown_without_a_word_on_the_focus() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": plain(),
        "clientInfo": {"name": "Eglot", "version": "1.17"},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let run = run(&mut client).await;
    let shown = client.server_message("window/showDocument").await;
    let uri = format!("file://{}", path_of(&client, &run).display());
    assert_eq!(shown["params"], json!({"uri": uri}));
    complete(&mut client, &run).await;
}
