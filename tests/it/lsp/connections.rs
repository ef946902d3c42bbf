//! Connections: HTTP/2 if the server offers it, reused, and opened ahead of time only to a server
//! that has answered before.

use super::secure::Secure;
use crate::support::artifacts::CANARY;
use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Starts a server that asks `server`, closes unused connections after `unused_ms`, and has a key.
async fn client_of(server: &Secure, unused_ms: u64) -> Client {
    let (url, authority) = (server.url(), server.authority());
    let env = [
        ("OPENAI_BASE_URL", url.as_str()),
        ("OPENAI_API_KEY", CANARY),
        ("KAIZODO_MODEL", "m"),
        ("SSL_CERT_FILE", authority.to_str().unwrap()),
    ];
    let mut client = Client::start(&["lsp"], &env);
    let settings = json!({"timeouts": {"unusedMs": unused_ms}, "headers": {"x-secret": "canary"}});
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": settings,
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

async fn complete_run(client: &mut Client) {
    let run = shown_run(client).await;
    let events = run.ended(client, 1).await;
    let outcome = &events.last().unwrap().event;
    assert!(matches!(outcome, Event::RunEnded { outcome: RunOutcome::Done, .. }), "{events:?}");
}

async fn ask_for_actions(client: &mut Client) {
    let offered = actions(client, &range((0, 0), (1, 0)), json!({"triggerKind": 1})).await;
    assert_eq!(offered.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_go_over_one_connection_of_http_2() {
    // The server answers only once four requests have come.
    let server = Secure::start(4).await;
    let mut client = client_of(&server, 60_000).await;
    for _ in 0..3 {
        complete_run(&mut client).await;
    }
    let log = server.log();
    assert_eq!(log.asked.len(), 12);
    assert!(log.asked.iter().all(|asked| asked.path == "/v1/chat/completions"));
    // The first four were sent before the client could know that one connection is enough.
    assert!(log.connections <= 4, "{}", log.connections);
    let later: BTreeSet<usize> = log.asked[4..].iter().map(|asked| asked.connection).collect();
    assert_eq!(later.len(), 1, "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_opened_ahead_of_a_run_where_one_has_been() {
    let server = Secure::start(4).await;
    let unused = Duration::from_secs(4);
    let mut client = client_of(&server, 4_000).await;
    ask_for_actions(&mut client).await;
    assert_eq!(server.log().connections, 0, "nothing is contacted before the first run");
    complete_run(&mut client).await;
    let first = server.log().connections;
    ask_for_actions(&mut client).await;
    tokio::time::sleep(unused + Duration::from_millis(200)).await;
    assert_eq!(server.log().asked.len(), 4, "the connection of the run was still there");

    ask_for_actions(&mut client).await;
    let ahead = server.asked(5).await.asked.remove(4);
    assert_eq!((ahead.method.as_str(), ahead.path.as_str()), ("HEAD", "/"));
    assert_eq!(ahead.connection, first + 1);
    assert!(!format!("{:?}", ahead.headers).contains("canary"), "{:?}", ahead.headers);
    for _ in 0..5 {
        ask_for_actions(&mut client).await;
    }
    complete_run(&mut client).await;
    let log = server.log();
    assert_eq!(log.asked.len(), 9, "one request ahead, and no more");
    assert!(log.asked[5..].iter().all(|asked| asked.connection == first + 1), "{log:?}");
    assert_eq!(log.connections, first + 1, "all of the run goes over what was opened ahead");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_connection_costs_nothing_none_is_opened_ahead() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"timeouts": {"unusedMs": 1}},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    for _ in 0..2 {
        ask_for_actions(&mut client).await;
        complete_run(&mut client).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(upstream.seen().iter().all(|seen| seen.method == "POST"));
    // Within a run, a request may still reuse the connection of a request that has just been
    // answered.
    let opened = upstream.connections();
    assert!((5..=8).contains(&opened), "{opened}: connections that are not kept are opened anew");
}
