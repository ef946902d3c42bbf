//! Tests of ordering, cancellation, panics and limits.

use super::*;

// In real time and on several threads, so that tasks can overtake each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_are_applied_in_the_order_of_reading() {
    let mut editor = Editor::initialized().await;
    for i in 0..300 {
        editor.notify("t/change", json!(i)).await;
    }
    let notes = editor.request("t/notes", json!(null)).await;
    let want: Vec<_> =
        std::iter::once(json!("initialized")).chain((0..300).map(|i| json!(i))).collect();
    assert_eq!(notes["result"], json!(want));
}

#[tokio::test(start_paused = true)]
async fn a_cancel_overtakes_whatever_is_running() {
    let mut editor = Editor::initialized().await;
    let start = Instant::now();
    let mut waiting = Vec::new();
    for _ in 0..200 {
        waiting.push(editor.ask("t/wait", json!(null)).await);
    }
    editor.assert_lives().await;
    for id in waiting {
        editor.notify("$/cancelRequest", json!({"id": id})).await;
        assert_eq!(editor.answer(id).await["error"]["code"], -32800);
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_are_refused_and_the_rest_is_not_disturbed() {
    let mut editor = Editor::initialized().await;
    for _ in 0..256 {
        editor.ask("t/wait", json!(null)).await;
    }
    assert_eq!(editor.request("t/echo", json!(1)).await["error"]["code"], -32803);
    editor.notify("$/cancelRequest", json!({"id": 100})).await;
    assert_eq!(editor.answer(100).await["error"]["code"], -32800);
    // The permit is released once the response has been queued.
    sleep(Duration::from_millis(1)).await;
    editor.assert_lives().await;
    assert!(editor.request("shutdown", json!(null)).await["error"].is_null());
}

#[tokio::test(start_paused = true)]
async fn handlers_that_await_the_client_do_not_block_its_responses() {
    let mut editor = Editor::initialized().await;
    let mut asked = Vec::new();
    for _ in 0..8 {
        editor.ask("t/ask", json!(null)).await;
        let question = editor.read().await;
        assert_eq!(question["method"], "window/showMessageRequest");
        asked.push(question["id"].clone());
    }
    for i in 0..400 {
        editor.notify("t/change", json!(i)).await;
    }
    for (i, id) in asked.into_iter().enumerate() {
        let item = json!({"title": format!("yes {i}")});
        editor.send(json!({"jsonrpc": "2.0", "id": id, "result": item})).await;
        assert_eq!(editor.read().await["result"], format!("yes {i}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_answer_and_the_server_lives() {
    let mut editor = Editor::initialized().await;
    for late in [false, true] {
        for _ in 0..2 {
            let message = json!({"jsonrpc": "2.0", "id": 77, "method": "t/panic", "params": late});
            editor.send(message).await;
            assert_eq!(editor.answer(77).await["error"]["code"], -32603);
            editor.assert_lives().await;
        }
    }
    assert_eq!(editor.request("t/explode", json!(1)).await["error"]["code"], -32603);
    // Its ID can be used again.
    editor.send(json!({"jsonrpc": "2.0", "id": 77, "method": "t/echo", "params": 1})).await;
    assert_eq!(editor.answer(77).await["result"], 1);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_messages_of_one_handler_keep_their_order() {
    let mut editor = Editor::initialized().await;
    editor.ask("t/flood", json!(5_000)).await;
    let mut next = 0;
    while next < 5_000 {
        let message = editor.read().await;
        if message["method"] == "window/logMessage" {
            assert_eq!(message["params"]["message"], next.to_string());
            next += 1;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_client_that_does_not_read_are_handled() {
    let mut editor = Editor::initialized().await;
    editor.ask("t/flood", json!(100_000)).await;
    // The output is full long before the last of these.
    let filler = "x".repeat(1_000);
    let mut asked = Vec::new();
    for _ in 0..1_000 {
        asked.push(editor.ask("t/echo", json!(filler)).await);
    }
    editor.notify("t/change", json!("after")).await;
    let notes = loop {
        let message = editor.read().await;
        if let Some(id) = message["id"].as_i64() {
            asked.retain(|asked| *asked != id);
        }
        if asked.is_empty() {
            // Every request has been answered, with a result or an error.
            let id = editor.ask("t/notes", json!(null)).await;
            break loop {
                let message = editor.read().await;
                if message["id"] == id {
                    break message;
                }
            };
        }
    };
    assert_eq!(notes["result"], json!(["initialized", "after"]));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_disconnected() {
    let mut editor = Editor::initialized().await;
    let filler = "x".repeat(1_000);
    for _ in 0..20_000 {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "t/echo", "params": filler});
        let bytes = frame::encode(message.to_string().as_bytes());
        if editor.input.as_mut().unwrap().write_all(&bytes).await.is_err() {
            break;
        }
    }
    assert_eq!(editor.exit().await, Exit::OutputClosed);
}

#[tokio::test(start_paused = true)]
async fn large_messages_pass_both_ways() {
    let mut editor = Editor::initialized().await;
    let text = "解像度".repeat(500_000);
    assert_eq!(editor.request("t/echo", json!(text)).await["result"], text);
}

#[tokio::test(start_paused = true)]
async fn every_request_has_one_answer() {
    let mut editor = Editor::initialized().await;
    let mut open = std::collections::HashSet::new();
    for i in 0..100 {
        open.insert(editor.ask("t/echo", json!(i)).await);
        open.insert(editor.ask("t/panic", json!(i % 2 == 0)).await);
        open.insert(editor.ask("t/unknown", json!(i)).await);
        open.insert(editor.ask("t/flood", json!("no number")).await);
        let id = editor.ask("t/wait", json!(null)).await;
        open.insert(id);
        editor.notify("$/cancelRequest", json!({"id": id})).await;
        editor.notify("$/cancelRequest", json!({"id": id})).await;
    }
    while !open.is_empty() {
        let message = editor.read().await;
        assert!(open.remove(&message["id"].as_i64().unwrap()), "a second answer: {message}");
    }
    editor.assert_lives().await;
}
