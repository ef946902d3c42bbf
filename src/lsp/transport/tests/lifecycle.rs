//! Tests of how a connection starts and ends.

use super::*;

#[tokio::test(start_paused = true)]
async fn shutdown_and_exit_end_with_0_while_the_input_stays_open() {
    let mut editor = Editor::initialized().await;
    editor.ask("t/wait", json!(null)).await;
    let id = editor.ask("shutdown", json!(null)).await;
    editor.send(json!({"jsonrpc": "2.0", "method": "exit"})).await;
    assert_eq!(editor.answer(id).await["result"], json!(null));
    let (token, exit) = (editor.token.clone(), editor.exit().await);
    assert_eq!((exit, exit.code(), token.is_cancelled()), (Exit::Clean, 0, true));
}

#[tokio::test(start_paused = true)]
async fn exit_without_shutdown_ends_with_1() {
    let mut editor = Editor::initialized().await;
    editor.ask("t/wait", json!(null)).await;
    editor.notify("exit", json!(null)).await;
    let exit = editor.exit().await;
    assert_eq!((exit, exit.code()), (Exit::NoShutdown, 1));
    // A rejected `shutdown` does not count.
    let mut editor = Editor::start();
    assert_eq!(editor.request("shutdown", json!(null)).await["error"]["code"], -32002);
    editor.notify("exit", json!(null)).await;
    assert_eq!(editor.exit().await, Exit::NoShutdown);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_ends_the_connection_at_once() {
    let mut editor = Editor::initialized().await;
    editor.ask("t/wait", json!(null)).await;
    editor.assert_lives().await;
    editor.input = None;
    let start = Instant::now();
    let (token, exit) = (editor.token.clone(), editor.exit().await);
    assert_eq!((exit, exit.code(), token.is_cancelled()), (Exit::InputClosed, 1, true));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_closed_output_ends_the_connection() {
    let mut editor = Editor::initialized().await;
    editor.output = None;
    editor.ask("t/echo", json!(1)).await;
    let (token, exit) = (editor.token.clone(), editor.exit().await);
    assert_eq!((exit, token.is_cancelled()), (Exit::OutputClosed, true));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_token_ends_the_connection() {
    let editor = Editor::initialized().await;
    editor.token.cancel();
    assert_eq!(editor.exit().await, Exit::Stopped);
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn the_end_of_the_editor_s_process_ends_it() {
    let mut process = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let mut editor = Editor::start();
    let params = json!({"processId": process.id(), "capabilities": {}});
    editor.request("initialize", params).await;
    sleep(Duration::from_secs(30)).await;
    editor.assert_lives().await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(editor.exit().await, Exit::ParentGone);
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_process_that_was_never_ours_is_not_watched() {
    let mut editor = Editor::start();
    editor.request("initialize", json!({"processId": i32::MAX, "capabilities": {}})).await;
    sleep(Duration::from_secs(30)).await;
    editor.assert_lives().await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_before_the_end_of_initialize_waits_for_it() {
    let mut editor = Editor::start();
    assert_eq!(editor.request("t/echo", json!(1)).await["error"]["code"], -32002);
    let params = json!({"capabilities": {}, "initializationOptions": {"slow": true}});
    let initialize = editor.ask("initialize", params).await;
    editor.send(json!({"jsonrpc": "2.0", "method": "initialized"})).await;
    editor.notify("t/change", json!("a")).await;
    let early = editor.ask("t/notes", json!(null)).await;
    assert!(editor.answer(initialize).await["result"].is_object());
    assert_eq!(editor.answer(early).await["result"], json!(["initialized", "a"]));
    let again = editor.request("initialize", json!({"capabilities": {}})).await;
    assert_eq!(again["error"]["code"], -32600);
    editor.assert_lives().await;
}
