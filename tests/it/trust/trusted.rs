//! What a server knows about a repository that changes while the server runs.

use super::question::soon_refused;
use super::tree::*;
use crate::support::client::Client;
use crate::support::kit::{self, run_with};
use crate::support::program::end;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};

/// Runs a command as the user of a client's server.
async fn as_user_of(client: &Client, args: &[&str]) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_kaizodo"));
    command.args(args).env_clear().env("KAIZODO_FOCUS", "off").env("HOME", client.home());
    command.env("XDG_CONFIG_HOME", client.home().join("config"));
    command.env("XDG_STATE_HOME", client.home().join("state"));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let ended = end(&mut command).await;
    assert_eq!(ended.code, Some(0), "{args:?}: {ended:?}");
}

async fn kinds(client: &mut Client, tree: &Tree) -> Vec<String> {
    let params = json!({"textDocument": {"uri": tree.uri()}, "range": kit::range((0, 0), (1, 0)), "context": {"triggerKind": 2}});
    let offered = client.request("textDocument/codeAction", params).await.unwrap();
    let kind = |action: &Value| action["kind"].as_str().unwrap().to_owned();
    offered.as_array().unwrap().iter().map(kind).collect()
}

/// Waits until automatic requests offer the set, or no longer offer it.
async fn until_offered(client: &mut Client, tree: &Tree, set: bool) {
    let wanted = "refactor.rewrite.kaizodo.weekly".to_owned();
    for _ in 0..1000 {
        if kinds(client, tree).await.contains(&wanted) == set {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the actions do not change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_follow_the_disk_without_a_run() {
    let upstream = Upstream::always(answer(["- x\n"])).await;
    let tree = Tree::with_perspective();
    let mut client = kit::launch(&upstream, &[]);
    let path = tree.path().display().to_string();
    as_user_of(&client, &["trust", "--yes", &path]).await;
    client.initialize(kit::capabilities()).await;
    client.open(&tree.uri(), "markdown", TEXT);
    until_offered(&mut client, &tree, true).await;
    as_user_of(&client, &["trust", "--revoke", &path]).await;
    until_offered(&mut client, &tree, false).await;
    as_user_of(&client, &["trust", "--yes", &path]).await;
    until_offered(&mut client, &tree, true).await;
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_keeps_what_it_began_with_and_the_next_one_looks_for_itself() {
    let tree = Tree::with_perspective();
    let upstream = Upstream::always(kit::stuck("a")).await;
    let mut client = kit::launch(&upstream, &[]);
    let path = tree.path().display().to_string();
    as_user_of(&client, &["trust", "--yes", &path]).await;
    client.initialize(kit::capabilities()).await;
    client.open(&tree.uri(), "markdown", TEXT);
    let argument =
        json!({"uri": tree.uri(), "range": kit::range((0, 0), (1, 0)), "perspectives": ["risks"]});
    let run = run_with(&mut client, argument.clone()).await;
    upstream.arrived(1).await;
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks").replace("ASK", "EVIL"));
    run.cancel(&mut client, None).await;
    run.ended(&mut client, 1).await;
    let retry = json!({"run": run.id, "branch": "risks"});
    kit::command(&mut client, "kaizodo.retry", retry).await.unwrap();
    let seen = upstream.arrived(2).await;
    assert!(seen.iter().all(|request| request.body_text().contains("ASK-risks")));
    let error = soon_refused(&mut client, &argument).await;
    assert!(error["message"].as_str().unwrap().contains("have changed"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_document_has_its_own_repository() {
    let upstream = Upstream::always(answer(["- x\n"])).await;
    let (trusted, other) = (Tree::with_perspective(), Tree::with_perspective());
    let mut client = kit::launch(&upstream, &[]);
    as_user_of(&client, &["trust", "--yes", &trusted.path().display().to_string()]).await;
    client.initialize(kit::capabilities()).await;
    for tree in [&trusted, &other] {
        client.open(&tree.uri(), "markdown", TEXT);
    }
    client.open("untitled:1", "markdown", TEXT);
    let argument = |uri: &str| json!({"uri": uri, "range": kit::range((0, 0), (1, 0)), "perspectives": ["risks"]});
    run_with(&mut client, argument(&trusted.uri())).await.ended(&mut client, 1).await;
    for (uri, said) in
        [(&*other.uri(), "comes from this repository"), ("untitled:1", "no perspective")]
    {
        let error = kit::command(&mut client, "kaizodo.run", argument(uri)).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    assert_eq!(upstream.seen().len(), 1);
}
