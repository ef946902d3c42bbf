//! Documents that are never sent.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::program::{Home, end};
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};

async fn offered(client: &mut Client, uri: &str) -> usize {
    let params =
        json!({"textDocument": {"uri": uri}, "range": range((0, 0), (1, 0)), "context": {}});
    let answer = client.request("textDocument/codeAction", params).await.unwrap();
    answer.as_array().map_or(0, Vec::len)
}

fn about(uri: &str) -> Value {
    json!({"uri": uri, "range": range((0, 0), (1, 0))})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_is_offered_nothing_and_refused() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[]);
    client.initialize(capabilities()).await;
    for (uri, name, pattern) in [
        ("file:///w/.env", ".env", ".env"),
        ("file:///w/%2EENV.production", ".ENV.production", ".env.*"),
        ("file:///home/a/.ssh/config", "config", ".ssh"),
        ("untitled:server.pem", "server.pem", "*.pem"),
        ("vscode-notebook-cell:/w/id_rsa.ipynb#W0", "id_rsa.ipynb", "id_rsa*"),
    ] {
        client.open(uri, "", "PORT 80 is open, why?\n");
        assert_eq!(offered(&mut client, uri).await, 0, "{uri}");
        let error = command(&mut client, "kaizodo.run", about(uri)).await.unwrap_err();
        assert_eq!(error["code"], -32803, "{uri}");
        let said = error["message"].as_str().unwrap();
        let words = format!("{name} was not sent: its path matches `{pattern}` in never_send.");
        assert!(said.starts_with(&words), "{said}");
    }
    assert_eq!(upstream.connections(), 0);
    for uri in
        ["file:///w/environment.md", "untitled:Untitled-1", "vscode-notebook-cell:/w/a.ipynb#W0"]
    {
        client.open(uri, "markdown", "PORT 80 is open, why?\n");
        assert_eq!(offered(&mut client, uri).await, 1, "{uri}");
        run_with(&mut client, about(uri)).await.ended(&mut client, 1).await;
    }
    assert_eq!(upstream.seen().len(), 12);
}

/// What a pattern holds back since a run began is not sent again by a retry or a question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pattern_that_is_new_holds_back_the_retry_of_an_earlier_run() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let folder = client.home().join("config/kaizodo");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "never_send = [\"*.md\"]\n").unwrap();
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    for _ in 0..200 {
        if offered(&mut client, MEMO).await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for (name, argument) in [
        ("kaizodo.retry", json!({"run": run.id, "branch": "depth"})),
        ("kaizodo.ask", json!({"run": run.id, "branch": "depth", "question": "why?"})),
        ("kaizodo.ask", json!({"run": run.id, "question": "why?"})),
    ] {
        let error = command(&mut client, name, argument).await.unwrap_err();
        let said = error["message"].as_str().unwrap();
        assert!(said.starts_with("memo.md was not sent: "), "{said}");
    }
    assert_eq!(upstream.seen().len(), 4);
}

/// A link to a file, and a file in a linked folder: the run resolves the links, and afterwards no
/// action is offered.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_is_refused_behind_links_too() {
    use std::os::unix::fs::symlink;
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[]);
    client.initialize(capabilities()).await;
    let home = Home::new();
    let secret = home.write("app/.env", "PORT=80\n");
    let config = home.write(".ssh/config", "Host a\n");
    let app = secret.parent().unwrap();
    symlink(&secret, app.join("notes.txt")).unwrap();
    symlink(config.parent().unwrap(), app.join("folder")).unwrap();
    home.write("app/plain.txt", "PORT 80 is open, why?\n");
    symlink(app.join("plain.txt"), app.join("link.txt")).unwrap();
    for (name, real, pattern) in
        [("notes.txt", ".env", ".env"), ("folder/config", "config", ".ssh")]
    {
        let uri = format!("file://{}", app.join(name).display());
        client.open(&uri, "", "PORT 80 is open, why?\n");
        let error = command(&mut client, "kaizodo.run", about(&uri)).await.unwrap_err();
        let words = format!("{real} was not sent: its path matches `{pattern}` in never_send.");
        assert!(error["message"].as_str().unwrap().starts_with(&words), "{error}");
        assert_eq!(offered(&mut client, &uri).await, 0, "{uri}");
    }
    assert_eq!(upstream.connections(), 0);
    let uri = format!("file://{}", app.join("link.txt").display());
    client.open(&uri, "", "PORT 80 is open, why?\n");
    run_with(&mut client, about(&uri)).await.ended(&mut client, 1).await;
}

#[tokio::test]
async fn the_command_line_refuses_by_name_and_behind_links() {
    let server = Upstream::always(answer(["x"])).await;
    let home = Home::new();
    let secret = home.write("app/.env", "PORT=80\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&secret, secret.with_file_name("notes.md")).unwrap();
    for name in [
        "app/.env",
        "app/.env:1",
        #[cfg(unix)]
        "app/notes.md",
    ] {
        let ended = end(&mut home.asking(&server, &["run", name])).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
        let words = "kaizodo: .env was not sent: its path matches `.env` in never_send.";
        assert!(ended.err.starts_with(words), "{}", ended.err);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_users_file_names_others() {
    let server = Upstream::always(answer(["x"])).await;
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "never_send = [\"*.md\", \"private/**\"]\n");
    for (name, code) in [("a.md", 2), ("private/a.txt", 2), (".env", 0), ("a.txt", 0)] {
        home.write(name, "Builds are slow.\n");
        let ended = end(&mut home.asking(&server, &["run", "-p", "depth", name])).await;
        assert_eq!(ended.code, Some(code), "{name}: {ended:?}");
    }
    assert_eq!(server.seen().len(), 2);
    let mut command = home.asking(&server, &["run", "a.md"]);
    let said = end(command.env("LANG", "ja_JP.UTF-8")).await.err;
    assert!(said.starts_with("kaizodo: a.md は設定 never_send の「*.md」に"), "{said}");
}
