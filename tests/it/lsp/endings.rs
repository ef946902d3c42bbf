//! However a connection ends, the process ends, and all of its requests end with it.

use crate::support::client::{Client, TIMEOUT};
use crate::support::kit::*;
use crate::support::upstream::Upstream;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts a server with a run whose four requests are open.
async fn with_a_run(process_id: Value) -> (Upstream, Client) {
    with_a_run_in(process_id, &[]).await
}

/// Like [`with_a_run`], with additional environment variables.
async fn with_a_run_in(process_id: Value, env: &[(&str, &str)]) -> (Upstream, Client) {
    let upstream = by_section([stuck("a"), stuck("b"), stuck("c"), stuck("d")]).await;
    let mut client = launch(&upstream, env);
    let params = json!({"processId": process_id, "rootUri": null, "capabilities": capabilities()});
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("書いています").count() == 4).await;
    (upstream, client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_input_ends_it_with_1() {
    let (upstream, mut client) = with_a_run(json!(null)).await;
    client.close_input();
    assert_eq!(client.exit_status(TIMEOUT).await, Some(1));
    upstream.closed(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_stops_every_request_and_exit_ends_with_0() {
    let (upstream, mut client) = with_a_run(json!(null)).await;
    assert_eq!(client.request("shutdown", json!(null)).await, Ok(json!(null)));
    upstream.closed(4).await;
    // Until `exit`, the server keeps running but accepts no work.
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let refused = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
    assert_eq!(refused["code"], -32600, "{refused}");
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_status(TIMEOUT).await, Some(0));
    assert_eq!(upstream.seen().len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_alone_ends_with_1() {
    let (upstream, mut client) = with_a_run(json!(null)).await;
    client.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
    assert_eq!(client.exit_status(TIMEOUT).await, Some(1));
    upstream.closed(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_input_after_shutdown_is_a_good_one() {
    let (_upstream, mut client) = with_a_run(json!(null)).await;
    client.request("shutdown", json!(null)).await.unwrap();
    client.close_input();
    assert_eq!(client.exit_status(TIMEOUT).await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_editor_s_process_ends_it() {
    let mut editor = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let (upstream, mut client) = with_a_run(json!(editor.id())).await;
    // The pipes stay open, because a child process of the editor may hold them.
    editor.kill().unwrap();
    editor.wait().unwrap();
    assert_eq!(client.exit_status(TIMEOUT).await, Some(1));
    upstream.closed(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_output_ends_it() {
    let (upstream, mut client) = with_a_run(json!(null)).await;
    client.close_output();
    // The answer in progress may still be read, but none after it.
    for _ in 0..3 {
        client.send_request("shutdown", json!(null));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let status = client.exit_status(TIMEOUT).await;
    assert!(status.is_some(), "a signal ended it");
    upstream.closed(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_on_the_standard_error() {
    // An empty variable turns logging off, which may be on for the search after all tests.
    let (_upstream, mut client) = with_a_run_in(json!(null), &[("KAIZODO_LOG", "")]).await;
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(client.stderr(), "");
}
