//! A folder of hostile files cannot take control: neither of the command line nor of an editor, not
//! even after its perspectives were trusted.

use super::tree::*;
use crate::support::artifacts::CANARY;
use crate::support::client::Client;
use crate::support::frame;
use crate::support::kit::{self, run_with};
use crate::support::program::{Ended, Home, end};
use crate::support::upstream::{Reply, Seen, Upstream, answer};
use serde_json::{Value, json};

/// Starts the user's own server, and a server that must never be contacted.
async fn servers() -> (Upstream, Upstream) {
    let honest = Upstream::always(answer(["- x\n"])).await;
    let sink = Upstream::always(Reply::status(500)).await;
    (honest, sink)
}

/// Returns the user's settings file, which all other sources of settings override.
fn own_file(honest: &Upstream) -> String {
    format!("base_url = \"{}\"\nmodel = \"m\"\n", honest.url())
}

/// Creates a home folder with the user's settings file.
fn home_of(honest: &Upstream) -> Home {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", own_file(honest));
    home
}

/// Runs the program inside the folder.
async fn inside(tree: &Tree, home: &Home, args: &[&str]) -> Ended {
    let mut command = home.kaizodo(args);
    end(command.env("OPENAI_API_KEY", CANARY).current_dir(tree.path())).await
}

/// Asserts that these requests contain nothing from the hostile files.
fn check_requests(seen: &[Seen]) {
    for request in seen {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {CANARY}")));
        assert_eq!(request.header("x-from"), None);
        assert!(!request.path.contains("from="), "{}", request.path);
        let body = request.json();
        assert_eq!(body["model"], "m");
        let tokens = body["max_tokens"].as_u64().or(body["max_completion_tokens"].as_u64());
        assert_eq!(tokens, Some(8192));
    }
}

/// What the head of the panel says about the folder.
const SAID: [&str; 2] = [
    "they are not trusted",
    ".kaizodo/config.toml: allow_insecure_hosts, api_key, base_url, headers, journal, key, key_command, limits, log, model, offer, provider, proxy, query, retries, timeouts ignored",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_inside_of_it_asks_the_user_s_own_server_alone() {
    let (honest, sink) = servers().await;
    let tree = Tree::new(&[]);
    assert!(make_hostile(&tree, &sink.url()) >= 30);
    let home = home_of(&honest);
    let ended = inside(&tree, &home, &["run", NOTES]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for said in SAID {
        assert!(ended.out.contains(said), "{said}\n{}", ended.out);
    }
    assert!(ended.out.contains("## Depth"), "in the selection's language: {}", ended.out);
    let seen = honest.seen();
    assert_eq!(seen.len(), 4);
    check_requests(&seen);
    assert!(seen.iter().all(|request| !request.body_text().contains("ASK-evil")));
    // Each of the other commands, and text that has no file.
    for args in [
        &["doctor"][..],
        &["perspectives"],
        &["trust"],
        &["trust", "--list"],
        &["run", "--text", "Slow builds."],
        &["run", "notes.md:1", "-p", "depth"],
        &["run", NOTES, "--provider", "worksheet"],
    ] {
        let ended = inside(&tree, &home, args).await;
        assert!(!ended.out.contains("sk-theirs"), "{args:?}: {}", ended.out);
        if args == ["doctor"] {
            for said in SAID {
                assert!(ended.out.contains(said), "{said}: {}", ended.out);
            }
            assert!(ended.out.contains(" · not trusted"), "{}", ended.out);
        }
    }
    check_requests(&honest.seen().into_iter().filter(|s| s.method == "POST").collect::<Vec<_>>());
    assert_eq!(sink.connections(), 0);
    assert!(!ran(&tree, home.path()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_in_its_perspectives_is_no_trust_in_its_settings() {
    let (honest, sink) = servers().await;
    let tree = Tree::new(&[]);
    make_hostile(&tree, &sink.url());
    let home = home_of(&honest);
    let ended = inside(&tree, &home, &["trust", "--yes"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for shown in [
        "depth (replaces the built-in one)",
        "evil",
        "ASK-evil as it should.",
        "lang = ja",
        "base_url",
        ".kaizodo/perspectives/passwd.md is a symbolic link and is not followed.",
        ".kaizodo/perspectives/pipe.md is not a regular file.",
        ".kaizodo/perspectives/large.md is too large",
        ".kaizodo/perspectives/binary.md is not UTF-8 text.",
        ".kaizodo/perspectives/evil.md:4: a repository's perspective cannot choose the model",
    ] {
        assert!(ended.out.contains(shown), "{shown}\n{}", ended.out);
    }
    let ended = inside(&tree, &home, &["run", NOTES, "-p", "evil,depth"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // In the repository's language, because a repository may choose the language.
    assert!(ended.out.contains("base_url、headers"), "{}", ended.out);
    assert!(ended.out.contains("リポジトリが決められるのは") && !ended.out.contains("信頼されて"));
    let seen = honest.seen();
    assert_eq!(seen.len(), 2);
    check_requests(&seen);
    assert!(seen.iter().all(|request| request.body_text().contains("ASK-evil")));
    assert!(seen.iter().all(|request| !request.body_text().contains("root:")));
    assert_eq!(sink.connections(), 0);
    assert!(!ran(&tree, home.path()));
}

/// Starts an editor that mixes settings from the folder into the settings that it sends.
async fn editor(tree: &Tree, honest: &Upstream, sent: Value) -> Client {
    let base = honest.url();
    let env =
        [("OPENAI_BASE_URL", base.as_str()), ("OPENAI_API_KEY", CANARY), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start(&["lsp"], &env);
    let root = url::Url::from_file_path(tree.path()).unwrap();
    let mut can = kit::capabilities();
    can["workspace"]["configuration"] = json!(true);
    let configuration = json!([sent.clone()]);
    let answer = crate::support::client::Answer::Result(configuration);
    client.answer_with("workspace/configuration", answer);
    let params = json!({
        "processId": null, "rootUri": root, "capabilities": can, "initializationOptions": sent,
        "workspaceFolders": [{"uri": root, "name": "hostile"}],
    });
    client.initialize_with(params).await;
    client.server_message("workspace/configuration").await;
    client.open(&tree.uri(), "markdown", TEXT);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_in_it_asks_the_user_s_own_server_alone() {
    let (honest, sink) = servers().await;
    let tree = Tree::new(&[]);
    make_hostile(&tree, &sink.url());
    let stolen = stolen(&sink.url());
    for sent in [stolen.clone(), json!({"kaizodo": stolen})] {
        let mut client = editor(&tree, &honest, sent.clone()).await;
        client.notify("workspace/didChangeConfiguration", json!({"settings": sent}));
        client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
        let told = client.server_message("window/showMessage").await;
        let message = told["params"]["message"].as_str().unwrap().to_owned();
        let file = client.home().join("config/kaizodo/config.toml").display().to_string();
        for said in ["base_url", "headers", "journal", "key_command", "provider", &file] {
            assert!(message.contains(said), "{said}: {message}");
        }
        let before = honest.seen().len();
        let argument = json!({"uri": tree.uri(), "range": kit::range((0, 0), (1, 0))});
        let run = run_with(&mut client, argument).await;
        run.ended(&mut client, 1).await;
        let panel = run.panel(&mut client).await;
        for said in SAID {
            assert!(panel.contains(said), "{said}\n{panel}");
        }
        assert!(panel.contains("The editor's settings"), "{panel}");
        let seen = honest.seen();
        assert_eq!(seen.len() - before, 4);
        check_requests(&seen);
        let said = client.unread_of("window/showMessage");
        assert!(said.is_empty(), "it is told once: {said:?}");
        assert!(!ran(&tree, client.home()));
        client.shut_down().await;
        assert!(client.home().join("state/kaizodo/journal").exists(), "the journal is the user's");
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_started_in_an_untrusted_repository_contacts_nobody() {
    let (honest, sink) = servers().await;
    let tree = Tree::new(&[]);
    make_hostile(&tree, &sink.url());
    // Like editors that start their servers in the open folder.
    let home = home_of(&honest);
    let mut command = home.kaizodo(&["lsp"]);
    command.current_dir(tree.path()).stdin(std::process::Stdio::piped());
    let initialize =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
            .to_string();
    let frame = format!("{}{initialize}", frame::header(initialize.len()));
    let ended = crate::support::program::end_with(&mut command, &frame).await;
    assert!(ended.out.contains("\"capabilities\""), "{ended:?}");
    assert_eq!((sink.connections(), honest.connections()), (0, 0));
    assert!(!ran(&tree, home.path()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_vouches_is_heard_and_its_pushes_are_only_a_sign() {
    let (honest, sink) = servers().await;
    let tree = Tree::new(&[]);
    let mut client = Client::start(&["lsp"], &[("OPENAI_API_KEY", CANARY)]);
    let mut can = kit::vouching();
    can["workspace"]["configuration"] = json!(true);
    let own = json!({"base_url": honest.url(), "model": "m"});
    let answer = crate::support::client::Answer::Result(json!([own.clone()]));
    client.answer_with("workspace/configuration", answer);
    client.initialize_with(json!({"capabilities": can, "initializationOptions": own})).await;
    client.server_message("workspace/configuration").await;
    client.open(&tree.uri(), "markdown", TEXT);
    // Another part of the editor sends settings that it found in the folder.
    let pushed = json!({"settings": {"kaizodo": {"base_url": sink.url(), "model": "theirs"}}});
    client.notify("workspace/didChangeConfiguration", pushed);
    client.server_message("workspace/configuration").await;
    let argument = json!({"uri": tree.uri(), "range": kit::range((0, 0), (1, 0))});
    let run = run_with(&mut client, argument).await;
    run.ended(&mut client, 1).await;
    assert_eq!((honest.seen().len(), sink.connections()), (4, 0));
    // The key goes to the server from the user's own editor settings.
    check_requests(&honest.seen());
}
