//! Which addresses the program contacts, as the kernel sees it: only those that are configured, and
//! none before the first action.
//!
//! strace records every address that the real binary, with all its threads, connects or sends to.
//! If nothing is configured, the binary runs in a network namespace without a network, so that the
//! tests contact no real server on this computer.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[allow(dead_code, reason = "`it` uses the rest")]
#[path = "../support/mod.rs"]
mod support;
mod trace;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use support::artifacts::CANARY;
use support::client::Client;
use support::upstream::{Reply, Upstream, answer};
use trace::{Network, Trace};

/// The addresses at which local servers are looked for.
const LOCAL: [&str; 5] =
    ["127.0.0.1:11434", "127.0.0.1:1234", "127.0.0.1:8080", "127.0.0.1:9931", "127.0.0.1:8000"];
const MEMO: &str = "file:///w/memo.md";
const TEXT: &str = "会議が長くて決まらない。\n";
/// A host that does not exist, and a key, so that any forbidden request would have a target.
const AWAY: [(&str, &str); 2] =
    [("OPENAI_BASE_URL", "https://api.test.invalid"), ("OPENAI_API_KEY", CANARY)];

fn set<'a>(addresses: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    addresses.into_iter().map(str::to_owned).collect()
}

/// Starts a server under strace, with a document open.
async fn editor(trace: &Trace, env: &[(&str, &str)]) -> Client {
    let command = trace.command(&["lsp"]);
    let mut client = Client::start_as(command, env, |_| {});
    let capabilities = json!({
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}, "applyEdit": true, "configuration": true},
        "experimental": {"kaizodo": {"events": true}},
    });
    client.initialize(capabilities).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

fn all() -> Value {
    json!({"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}})
}

/// Runs the action and waits until the run has ended.
async fn run(client: &mut Client) {
    let argument = json!({"uri": MEMO, "range": all()});
    let params = json!({"command": "kaizodo.run", "arguments": [argument]});
    let started = client.request("workspace/executeCommand", params).await.unwrap();
    let created = client.server_message("window/workDoneProgress/create").await;
    client.open_virtual(started["uri"].as_str().unwrap()).await;
    client.wait_progress_end(&created["params"]["token"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_contacts_nobody_before_the_first_action() {
    for env in [&[][..], &AWAY] {
        let Some(trace) = Trace::start(Network::None) else { return };
        let mut client = editor(&trace, env).await;
        let params = json!({
            "textDocument": {"uri": MEMO}, "range": all(), "context": {"diagnostics": []},
        });
        for _ in 0..1_000 {
            let offered = client.request("textDocument/codeAction", params.clone()).await.unwrap();
            assert_eq!(offered.as_array().unwrap().len(), 1);
        }
        assert_eq!(client.shut_down().await, Some(0));
        assert_eq!(trace.contacts(), set([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_contacts_the_server_that_is_set_up_and_nobody_else() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let address = format!("127.0.0.1:{}", upstream.port());
    let base = upstream.url();
    // With a model, and without one, so that the server has to be asked for its models.
    for model in [&[("KAIZODO_MODEL", "m")][..], &[]] {
        let Some(trace) = Trace::start(Network::Own) else { return };
        let mut env = vec![("OPENAI_BASE_URL", base.as_str()), ("OPENAI_API_KEY", CANARY)];
        env.extend(model);
        let mut client = editor(&trace, &env).await;
        run(&mut client).await;
        run(&mut client).await;
        assert_eq!(client.shut_down().await, Some(0));
        assert_eq!(trace.contacts(), set([address.as_str()]));
    }
    for args in [&["run", "--text", "会議が長い。"][..], &["doctor"]] {
        let Some(trace) = Trace::start(Network::Own) else { return };
        trace.run(args, &[("OPENAI_BASE_URL", &base), ("KAIZODO_MODEL", "m")]).await;
        let looks = if args[0] == "doctor" { &LOCAL[..] } else { &[] };
        let expected = looks.iter().copied().chain([address.as_str()]);
        assert_eq!(trace.contacts(), set(expected), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nothing_set_up_this_computer_alone_is_looked_at() {
    let Some(trace) = Trace::start(Network::None) else { return };
    let mut client = editor(&trace, &[]).await;
    run(&mut client).await;
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(trace.contacts(), set(LOCAL));
    for args in [&["run", "--text", "会議が長い。"][..], &["doctor"]] {
        let Some(trace) = Trace::start(Network::None) else { return };
        trace.run(args, &[]).await;
        assert_eq!(trace.contacts(), set(LOCAL), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worksheet_and_what_asks_nobody_contact_nobody() {
    let worksheet = [("KAIZODO_PROVIDER", "worksheet"), AWAY[0], AWAY[1]];
    for args in [
        &["run", "--text", "会議が長い。"][..],
        &["demo"],
        &["perspectives"],
        &["man"],
        &["completions", "bash"],
        &["--version"],
    ] {
        let Some(trace) = Trace::start(Network::None) else { return };
        trace.run(args, &worksheet).await;
        assert_eq!(trace.contacts(), set([]), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_looked_up_by_name_or_left_to_the_proxy() {
    let run = ["run", "--text", "会議が長い。"];
    let Some(trace) = Trace::start(Network::None) else { return };
    trace.run(&run, &[AWAY[0], AWAY[1], ("KAIZODO_MODEL", "m")]).await;
    let contacts = trace.contacts();
    assert!(contacts.iter().all(|address| address.ends_with(":53")), "{contacts:?}");

    let proxy = Upstream::always(Reply::status(403)).await;
    let url = proxy.url();
    let Some(trace) = Trace::start(Network::Own) else { return };
    let env = [AWAY[0], AWAY[1], ("KAIZODO_MODEL", "m"), ("HTTPS_PROXY", url.as_str())];
    trace.run(&run, &env).await;
    assert_eq!(trace.contacts(), set([format!("127.0.0.1:{}", proxy.port()).as_str()]));
}
