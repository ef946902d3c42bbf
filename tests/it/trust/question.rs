//! The question whether to trust a repository: asked once, without making anything wait for the
//! answer.

use super::tree::*;
use crate::support::client::{Answer, Client};
use crate::support::kit::{self, Run, run_with};
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const ASK: &str = "window/showMessageRequest";

pub(crate) fn asking() -> Value {
    let mut can = kit::capabilities();
    can["window"]["showMessage"] =
        json!({"messageActionItem": {"additionalPropertiesSupport": false}});
    can
}

pub(crate) async fn start(tree: &Tree, upstream: &Upstream, can: Value, options: Value) -> Client {
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start(&["lsp"], &env);
    client.initialize_with(json!({"capabilities": can, "initializationOptions": options})).await;
    client.open(&tree.uri(), "markdown", TEXT);
    client
}

/// Creates a repository that is not trusted, and a client that answers the question in this way.
pub(crate) async fn answering(answer: Answer) -> (Tree, Upstream, Client) {
    let (tree, upstream) = (Tree::with_perspective(), model().await);
    let client = start(&tree, &upstream, asking(), json!({})).await;
    client.answer_with(ASK, answer);
    (tree, upstream, client)
}

/// Presses a button of a question that was held back; `None` closes the question.
pub(crate) fn press(client: &mut Client, asked: &Value, title: Option<&str>) {
    let result = title.map(|title| json!({"title": title}));
    client.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": result}));
}

pub(crate) async fn model() -> Upstream {
    Upstream::always(answer(["- x\n"])).await
}

pub(crate) fn argument(tree: &Tree, more: Value) -> Value {
    let mut argument = json!({"uri": tree.uri(), "range": kit::range((0, 0), (1, 0))});
    for (key, value) in more.as_object().unwrap() {
        argument[key] = value.clone();
    }
    argument
}

/// Runs the default perspectives to the end. Returns the run and its panel.
pub(crate) async fn panel(client: &mut Client, tree: &Tree) -> (Run, String) {
    let run = run_with(client, argument(tree, json!({}))).await;
    run.ended(client, 1).await;
    let panel = run.panel(client).await;
    (run, panel)
}

pub(crate) async fn refusal(client: &mut Client, tree: &Tree) -> String {
    let argument = argument(tree, json!({"perspectives": ["risks"]}));
    let error = kit::command(client, "kaizodo.run", argument).await.unwrap_err();
    error["message"].as_str().unwrap().to_owned()
}

const WITHOUT: &str = "they are not trusted";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_asked_once_and_the_run_goes_on_without() {
    let (tree, upstream) = (Tree::with_perspective(), model().await);
    // The client's default answer is that no button was pressed.
    let mut client = start(&tree, &upstream, asking(), json!({})).await;
    let (_, text) = panel(&mut client, &tree).await;
    assert!(text.contains(WITHOUT), "{text}");
    let asked = client.server_message(ASK).await;
    let message = asked["params"]["message"].as_str().unwrap();
    for said in [&*tree.path().to_string_lossy(), "risks", "sets.weekly = risks, time"] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(
        asked["params"]["actions"],
        json!([{"title": "Trust"}, {"title": "Show"}, {"title": "Not now"}])
    );
    for _ in 0..3 {
        let (_, text) = panel(&mut client, &tree).await;
        assert!(text.contains(WITHOUT), "{text}");
        assert!(refusal(&mut client, &tree).await.contains("comes from this repository"));
    }
    assert!(client.unread_of(ASK).is_empty(), "it is asked once");
    // The question is asked again if the content has changed.
    tree.write(".kaizodo/perspectives/more.md", perspective("more"));
    let mut runs = 4;
    while client.unread_of(ASK).is_empty() {
        assert!(runs < 50, "the change is not seen");
        panel(&mut client, &tree).await;
        runs += 1;
    }
    let asked = client.server_message(ASK).await;
    assert!(asked["params"]["message"].as_str().unwrap().contains("more, risks"), "{asked}");
    assert_eq!(upstream.seen().len(), runs * 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_yes_counts_from_the_next_run_on() {
    let (tree, upstream, mut client) = answering(Answer::Result(json!({"title": "Trust"}))).await;
    panel(&mut client, &tree).await;
    let told = client.server_message("window/showMessage").await;
    assert_eq!(told["params"]["message"], "Trusted. It will be used from the next run on.");
    let run = run_with(&mut client, argument(&tree, json!({"set": "weekly"}))).await;
    run.ended(&mut client, 1).await;
    let text = run.panel(&mut client).await;
    assert!(text.contains("## risks") && !text.contains("⚠"), "{text}");
    assert!(upstream.seen().iter().any(|seen| seen.body_text().contains("ASK-risks")));
    // The set is an action now.
    let params = json!({"textDocument": {"uri": tree.uri()}, "range": kit::range((0, 0), (1, 0)), "context": {}});
    let offered = client.request("textDocument/codeAction", params).await.unwrap();
    assert_eq!(offered[1]["kind"], "refactor.rewrite.kaizodo.weekly", "{offered}");
    // Another server also knows about the trust, and changing one byte ends it.
    let state = client.home().join("state").display().to_string();
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", &*base), ("KAIZODO_MODEL", "m"), ("XDG_STATE_HOME", &*state)];
    let mut other = Client::start(&["lsp"], &env);
    other.initialize(asking()).await;
    other.open(&tree.uri(), "markdown", TEXT);
    let set = argument(&tree, json!({"set": "weekly"}));
    run_with(&mut other, set.clone()).await.ended(&mut other, 1).await;
    // The user does not answer again, because a second yes would count for both servers.
    client.answer_with(ASK, Answer::Held);
    tree.write(".kaizodo/config.toml", "[sets]\nweekly = [\"risks\", \"time\"]\n\n");
    for client in [&mut client, &mut other] {
        let error = soon_refused(client, &set).await;
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("have changed since they were trusted"), "{message}");
    }
}

/// Retries until the run is refused. A run waits only briefly for the disk and then uses what was
/// trusted, so a slow machine may need more than one run.
pub(crate) async fn soon_refused(client: &mut Client, argument: &Value) -> Value {
    for _ in 0..50 {
        match kit::command(client, "kaizodo.run", argument.clone()).await {
            Err(error) => return error,
            Ok(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("the change is not seen")
}

/// Like [`soon_refused`], but retries until the run is accepted.
pub(crate) async fn soon_accepted(client: &mut Client, argument: &Value) -> Run {
    for _ in 0..50 {
        match kit::command(client, "kaizodo.run", argument.clone()).await {
            Ok(run) => {
                let text = |name: &str| run[name].as_str().unwrap().to_owned();
                return Run { id: text("run"), uri: text("uri") };
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    panic!("the change is not seen")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_shown_is_trusted_not_what_came_since() {
    let (tree, upstream, mut client) = answering(Answer::Held).await;
    panel(&mut client, &tree).await;
    let asked = client.server_message(ASK).await;
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks").replace("ASK", "EVIL"));
    press(&mut client, &asked, Some("Trust"));
    client.server_message("window/showMessage").await;
    let risks = argument(&tree, json!({"perspectives": ["risks"]}));
    let error = soon_refused(&mut client, &risks).await;
    assert!(error["message"].as_str().unwrap().contains("have changed"), "{error}");
    assert!(upstream.seen().iter().all(|seen| !seen.body_text().contains("EVIL")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_answers_holds_nothing_up() {
    let (tree, _upstream, mut client) = answering(Answer::Never).await;
    for _ in 0..3 {
        let (_, text) = panel(&mut client, &tree).await;
        assert!(text.contains(WITHOUT), "{text}");
    }
    client.server_message(ASK).await;
    assert!(client.unread_of(ASK).is_empty());
    assert_eq!(client.shut_down().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_takes_no_questions_is_not_asked() {
    let (tree, upstream) = (Tree::with_perspective(), model().await);
    let mut client = start(&tree, &upstream, kit::capabilities(), json!({})).await;
    let (_, text) = panel(&mut client, &tree).await;
    assert!(text.contains(WITHOUT) && text.contains("`kaizodo trust "), "{text}");
    assert!(client.unread_of(ASK).is_empty() && client.unread_of("window/showMessage").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_restricted_mode_nobody_is_asked_and_trust_does_not_count() {
    let (tree, upstream) = (Tree::with_perspective(), model().await);
    let restricted = json!({"workspaceTrusted": false});
    let mut client = start(&tree, &upstream, asking(), restricted.clone()).await;
    let (_, text) = panel(&mut client, &tree).await;
    assert!(text.contains("the editor is in restricted mode"), "{text}");
    assert!(refusal(&mut client, &tree).await.contains("the editor is in restricted mode"));
    assert!(client.unread_of(ASK).is_empty());
    // The user trusts the folder in the editor, and then the repository.
    client.answer_with(ASK, Answer::Result(json!({"title": "Trust"})));
    let push = |settings: &Value| json!({"settings": settings});
    client.notify("workspace/didChangeConfiguration", push(&json!({"workspaceTrusted": true})));
    panel(&mut client, &tree).await;
    client.server_message("window/showMessage").await;
    let risks = argument(&tree, json!({"perspectives": ["risks"]}));
    run_with(&mut client, risks).await.ended(&mut client, 1).await;
    // Then the user restricts the folder again.
    client.notify("workspace/didChangeConfiguration", push(&restricted));
    assert!(refusal(&mut client, &tree).await.contains("the editor is in restricted mode"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_question_is_in_the_user_s_language_and_holds_nothing_hidden() {
    let tree = Tree::with_perspective();
    tree.write(".kaizodo/config.toml", "[sets]\n\"a\\nb\\u202e\" = [\"\\u001b[2J\"]\n");
    let upstream = model().await;
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", &*base), ("KAIZODO_MODEL", "m"), ("LANG", "ja_JP.UTF-8")];
    let mut client = Client::start(&["lsp"], &env);
    client.initialize(asking()).await;
    client.open(&tree.uri(), "markdown", TEXT);
    panel(&mut client, &tree).await;
    let asked = client.server_message(ASK).await;
    assert_eq!(asked["params"]["actions"][0]["title"], "信頼する");
    assert_eq!(asked["params"]["actions"][1]["title"], "内容を見る");
    let message = asked["params"]["message"].as_str().unwrap();
    assert!(message.starts_with("解像度: このリポジトリには"), "{message}");
    assert!(!message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{message:?}");
}
