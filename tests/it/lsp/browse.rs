//! `kaizodo.browse`: a live run of an editor, shown in a browser.

use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, SSE_DONE, Step, Upstream, sse_finish, sse_text};
use serde_json::{Value, json};

/// Starts a server that pauses in the middle of its answers until `gate` opens.
async fn held(gate: &Gate) -> Upstream {
    let end = [sse_finish("stop"), SSE_DONE.to_owned()].concat();
    let reply = Reply::stream([sse_text("- 途中")]).step(Step::Until(gate.clone()));
    Upstream::always(reply.write(sse_text("から最後まで\n")).write(end)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_the_runs_of_the_editor_s_server() {
    let gate = Gate::new();
    let upstream = held(&gate).await;
    let mut can = capabilities();
    can["window"]["showDocument"] = json!({"support": true});
    let mut client = start(&upstream, can).await;
    let run = shown_run(&mut client).await;
    let answer = command(&mut client, "kaizodo.browse", json!({"run": run.id})).await.unwrap();
    let uri = answer["uri"].as_str().unwrap().to_owned();
    let shown = loop {
        let shown = client.server_message("window/showDocument").await["params"].clone();
        if shown["external"] == json!(true) {
            break shown;
        }
    };
    assert_eq!(shown["uri"], json!(uri));
    let (page, fragment) = uri.split_once('#').unwrap();
    assert!(page.starts_with("http://127.0.0.1:"), "{page}");
    let (ticket, of) = fragment.strip_prefix("ticket=").unwrap().split_once("&run=").unwrap();
    assert_eq!(of, run.id);

    let http = crate::web::client();
    let redeem = |ticket: &str| http.post(format!("{page}v1/token")).bearer_auth(ticket).send();
    let given: Value = redeem(ticket).await.unwrap().json().await.unwrap();
    let token = given["token"].as_str().unwrap();
    let refused = redeem(ticket).await.unwrap();
    assert_eq!(refused.status(), 401, "it is good once");
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["error"]["kind"], "ticket");
    assert_eq!(redeem(token).await.unwrap().status(), 401, "the token is no ticket");
    let ticket_for_all = http.get(format!("{page}v1/status")).bearer_auth(ticket).send();
    assert_eq!(ticket_for_all.await.unwrap().status(), 401, "nor the other way round");

    let index = http.get(page).send().await.unwrap();
    assert_eq!(index.headers()["content-type"], "text/html; charset=utf-8");
    let live = http.get(format!("{page}v1/runs/{of}")).bearer_auth(token);
    let live: Value = live.send().await.unwrap().json().await.unwrap();
    assert_eq!(live["over"], false, "it is under way: {live}");
    let again = command(&mut client, "kaizodo.browse", Value::Null).await.unwrap();
    let (same, another) = again["uri"].as_str().unwrap().split_once("#ticket=").unwrap();
    assert!(same == page && another != ticket, "one page for all, and a ticket for each time");
    let events = http.get(format!("{page}v1/runs/{of}")).bearer_auth(token);
    let events = events.header("accept", "text/event-stream").send().await.unwrap();
    gate.open();
    let text = events.text().await.unwrap();
    assert!(text.contains("から最後まで") && text.contains("run_ended"), "{text}");
    let unknown = command(&mut client, "kaizodo.browse", json!({"run": "nothing"})).await;
    assert!(unknown.unwrap_err()["message"].as_str().unwrap().contains("nothing"));
    client.shut_down().await;
    assert!(http.get(page).send().await.is_err(), "it ends with the server");
}
