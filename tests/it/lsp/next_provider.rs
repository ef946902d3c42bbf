//! Who would be asked, told to a client that shows it before anybody is asked.

use crate::support::artifacts::CANARY;
use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};

/// Returns the capabilities of a client that shows who would be asked.
fn showing() -> Value {
    let mut can = vouching();
    can["experimental"]["kaizodo"]["provider"] = json!(true);
    can
}

/// Returns the titles of the actions on the memo.
async fn titles(client: &mut Client) -> Vec<String> {
    let document = json!({"uri": MEMO});
    let range = range((0, 0), (1, 0));
    let params = json!({"textDocument": document, "range": range, "context": {"diagnostics": []}});
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    let titles = actions.as_array().unwrap().iter();
    titles.map(|action| action["title"].as_str().unwrap().to_owned()).collect()
}

async fn told(client: &mut Client) -> Value {
    client.server_message("kaizodo/provider").await["params"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_told_at_the_start_and_whenever_it_changes_without_a_request() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = launch(&upstream, &[]);
    client.initialize(showing()).await;
    let host = format!("127.0.0.1:{}", upstream.port());
    let server = json!({"kind": "server", "provider": host, "model": "m"});
    assert_eq!(told(&mut client).await, server);
    let push = |settings: Value| json!({"settings": {"kaizodo": settings}});
    for (settings, expected) in [
        (
            json!({"provider": "worksheet"}),
            json!({"kind": "worksheet", "provider": "", "model": ""}),
        ),
        (json!({"provider": "local"}), json!({"kind": "local", "provider": "", "model": "m"})),
        // This client has no models of its own.
        (json!({"provider": "editor"}), json!({"kind": "unusable", "provider": "", "model": ""})),
        (json!({"provider": "openai"}), server),
    ] {
        client.notify("workspace/didChangeConfiguration", push(settings));
        assert_eq!(told(&mut client).await, expected);
    }
    // The same server once more is no news.
    client.open(MEMO, "markdown", TEXT);
    let same = json!({"provider": "auto", "perspectives": ["time"]});
    client.notify("workspace/didChangeConfiguration", push(same));
    for _ in 0..500 {
        if titles(&mut client).await.iter().any(|title| title.ends_with(": 時間")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    client.notify("workspace/didChangeConfiguration", push(json!({"provider": "worksheet"})));
    assert_eq!(told(&mut client).await["kind"], "worksheet");
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_editors_goes_to_the_server_that_the_users_file_names() {
    let upstream = Upstream::always(answer(["a"])).await;
    let config = format!("base_url = \"{}\"\n", upstream.url());
    let env = [("OPENAI_API_KEY", CANARY), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), config).unwrap();
    });
    client.initialize(showing()).await;
    let host = format!("127.0.0.1:{}", upstream.port());
    let server = json!({"kind": "server", "provider": host, "model": "m"});
    assert_eq!(told(&mut client).await, server);
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    let kaizodo::event::Event::RunStarted { provider, .. } = &events[0].event else { panic!() };
    assert_eq!(*provider, host, "as it was told");
    let seen = upstream.seen();
    let asked = seen.iter().find(|seen| seen.path.ends_with("/chat/completions")).unwrap();
    assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {CANARY}")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_ask_for_it_is_not_told() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = start(&upstream, vouching()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    assert!(client.unread_of("kaizodo/provider").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_server_is_named_a_search_is_told_and_the_editors_models_by_their_kind() {
    let env = [("KAIZODO_MODEL", "/models/m.gguf")];
    let mut client = Client::start_at_home(&["lsp"], &env, |_| {});
    let mut can = showing();
    can["experimental"]["kaizodo"]["models"] = json!(true);
    client.initialize(can).await;
    let expected = |kind: &str| json!({"kind": kind, "provider": "", "model": "m.gguf"});
    assert_eq!(told(&mut client).await, expected("auto"), "without the model's folders");
    let settings = json!({"kaizodo": {"provider": "editor"}});
    client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    assert_eq!(told(&mut client).await, expected("editor"));
}
