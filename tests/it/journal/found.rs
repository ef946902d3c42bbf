//! An editor finds, pins and deletes saved runs.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, capabilities, vouching};
use crate::support::upstream::*;
use kaizodo::event::{Event, RunId};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

async fn list(client: &mut Client, filter: Value) -> Value {
    client.request("kaizodo/journal/list", filter).await.unwrap()
}

/// Returns the names of the runs that match a filter.
async fn found(client: &mut Client, filter: Value) -> Vec<String> {
    let answer = list(client, filter).await;
    let runs = answer["runs"].as_array().unwrap();
    runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect()
}

async fn pin(client: &mut Client, run: &str, pinned: bool) -> Result<Value, Value> {
    kit::command(client, "kaizodo.pin", json!({"run": run, "pinned": pinned})).await
}

async fn delete(client: &mut Client, run: &str) -> Result<Value, Value> {
    kit::command(client, "kaizodo.delete", json!({"run": run})).await
}

/// Asks one perspective about the first line of a document.
async fn ask(client: &mut Client, uri: &str, text: &str) -> kit::Run {
    client.open(uri, "markdown", text);
    let argument =
        json!({"uri": uri, "range": kit::range((0, 0), (1, 0)), "perspectives": ["depth"]});
    let run = kit::run_with(client, argument).await;
    run.ended(client, 1).await;
    // The names of runs from the same millisecond have no order.
    tokio::time::sleep(Duration::from_millis(2)).await;
    run
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_found_by_its_words_document_and_folder() {
    let upstream = Upstream::always(answer(["- 責任が曖昧なＡＰＩ\n- ﾃｽﾄがない\n"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let memo = ask(&mut client, kit::MEMO, kit::TEXT).await;
    let other = ask(&mut client, "file:///w/%E8%A8%AD%E8%A8%88/b.md", "設計を見直す。\n").await;
    let argument = json!({"run": memo.id, "branch": "depth", "question": "なぜ今か"});
    kit::command(&mut client, "kaizodo.ask", argument).await.unwrap();
    memo.ended(&mut client, 2).await;
    let passage = json!({"run": memo.id, "branch": "depth", "range": kit::range((0, 0), (0, 3))});
    let argument = json!({"passage": passage, "perspectives": ["time"]});
    let child = kit::run_with(&mut client, argument).await;
    child.ended(&mut client, 1).await;
    client.shut_down().await;

    let home = client.home().to_owned();
    let state = home.join("state");
    let mut client = kit::launch(&upstream, &[("XDG_STATE_HOME", state.to_str().unwrap())]);
    client.initialize(capabilities()).await;
    let all = [&child.id, &other.id, &memo.id].map(String::as_str);
    for (filter, expected) in [
        (json!({}), all.to_vec()),
        (json!({"query": ""}), all.to_vec()),
        (json!({"query": "api　テスト"}), all.to_vec()),
        (json!({"query": "てすと 設計"}), vec![all[1]]),
        (json!({"query": "ナゼ 会議"}), vec![all[2]]),
        (json!({"query": "深さ"}), vec![]),
        (json!({"uri": kit::MEMO}), vec![all[0], all[2]]),
        (json!({"uri": memo.uri}), vec![all[0], all[2]]),
        (json!({"folder": "file:///w/設計"}), vec![all[1]]),
        (json!({"folder": "file:///w", "query": "設計"}), vec![all[1]]),
        (json!({"folder": "file:///x"}), vec![]),
        (json!({"limit": 1, "query": null}), vec![all[0]]),
        (json!({"before": all[0], "later": 1}), vec![all[1], all[2]]),
    ] {
        assert_eq!(found(&mut client, filter.clone()).await, expected, "{filter}");
    }
    let part = list(&mut client, json!({"limit": 1})).await;
    assert_eq!((&part["more"], &part["next"]), (&json!(true), &json!(all[0])));
    let answer = list(&mut client, json!({"query": "曖昧な"})).await;
    assert_eq!(
        (&answer["more"], answer["runs"][1]["snippet"].as_str()),
        (&Value::Null, Some("- 責任が曖昧なＡＰＩ"),)
    );
    let runs = answer["runs"].as_array().unwrap();
    let parents: Vec<&Value> = runs.iter().map(|run| &run["parent"]).collect();
    assert_eq!(parents, [&json!(memo.id), &Value::Null, &Value::Null]);
    assert_eq!(
        (&runs[0]["perspectives"], &runs[2]["perspectives"]),
        (&json!(["時間"]), &json!(["深さ"]),)
    );
    let error = client.request("kaizodo/journal/list", json!({"limit": -1})).await.unwrap_err();
    assert_eq!(error["code"], -32602);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pinned_run_outlives_every_limit() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::launch(&upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"journal": {"keepBytes": 0, "keepDays": 0}},
    });
    client.initialize_with(params).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    // A run can be pinned as soon as it has begun.
    let kept = kit::run(&mut client).await;
    let answer = pin(&mut client, &kept.id, true).await.unwrap();
    assert_eq!(answer, json!({"run": kept.id, "pinned": true}));
    kept.ended(&mut client, 1).await;
    client.shut_down().await;

    let folder = of_server(client.home());
    let state = client.home().join("state");
    let state = state.to_str().unwrap();
    for (settings, left) in [
        (json!({"keepBytes": 0, "keepDays": 0}), 2),
        (json!({"enabled": false, "keepBytes": 0, "keepDays": 0}), 1),
    ] {
        // A server may end before it has removed everything; then the next one does.
        for tries in 1.. {
            let mut client = kit::launch(&upstream, &[("XDG_STATE_HOME", state)]);
            let params = json!({
                "processId": null, "rootUri": null, "capabilities": vouching(),
                "initializationOptions": {"journal": settings},
            });
            client.initialize_with(params).await;
            client.open(kit::MEMO, "markdown", kit::TEXT);
            kit::run(&mut client).await.ended(&mut client, 1).await;
            let pinned = found(&mut client, json!({"pinned": true})).await;
            assert_eq!(pinned, [kept.id.as_str()]);
            client.shut_down().await;
            let runs = runs(&folder);
            if runs.len() == left {
                break;
            }
            assert!(tries < 5, "{settings}: {runs:?}");
        }
    }
    let mut client = kit::launch(&upstream, &[("XDG_STATE_HOME", state)]);
    client.initialize(capabilities()).await;
    assert_eq!(list(&mut client, json!({})).await["runs"][0]["pinned"], true);
    pin(&mut client, &kept.id, false).await.unwrap();
    assert_eq!(list(&mut client, json!({})).await["runs"][0]["pinned"], false);
    let error = pin(&mut client, "../../x", true).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("no run \"../../x\""), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_run_is_gone_from_the_disk_and_stays_readable() {
    let gate = Gate::new();
    let reply = kit::stream().write(sse_text("前")).step(Step::Until(gate.clone()));
    let upstream = Upstream::always(kit::finished(reply.write(sse_text("後")))).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| text.matches("前").count() == 4).await;
    let error = delete(&mut client, &run.id).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("still in progress"), "{error}");
    // Another server must not delete it either.
    let state = client.home().join("state");
    let mut other = kit::launch(&upstream, &[("XDG_STATE_HOME", state.to_str().unwrap())]);
    other.initialize(capabilities()).await;
    let error = delete(&mut other, &run.id).await.unwrap_err();
    assert!(
        error["message"].as_str().unwrap().contains("Another kaizodo process is writing"),
        "{error}"
    );

    gate.open();
    let text = kit::fold(&run.ended(&mut client, 1).await);
    client.wait_document(&run.uri, |shown| shown == text).await;
    pin(&mut client, &run.id, true).await.unwrap();
    assert_eq!(delete(&mut client, &run.id).await.unwrap(), json!({"run": run.id}));
    let folder = of_server(client.home());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nor is its pin there");
    assert_eq!(client.open_virtual(&run.uri).await, text);
    let argument = json!({"run": run.id, "branch": "time"});
    kit::command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let events = run.ended(&mut client, 2).await;
    assert!(matches!(events.last().unwrap().event, Event::RunEnded { .. }));
    let error = pin(&mut client, &run.id, true).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("no run"), "{error}");
    assert_eq!(client.shut_down().await, Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "it was not written again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_run_of_the_journal_is_not_written_again() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::run(&mut client).await;
    run.ended(&mut client, 1).await;
    client.shut_down().await;
    let folder = of_server(client.home());
    let mut can = capabilities();
    can["workspace"].as_object_mut().unwrap().remove("textDocumentContent");
    let state = client.home().join("state");
    let mut client = kit::launch(&upstream, &[("XDG_STATE_HOME", state.to_str().unwrap())]);
    client.initialize(can).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    let open = json!({"run": run.id});
    kit::command(&mut client, "kaizodo.open", open.clone()).await.unwrap();
    client.server_message("window/showDocument").await;
    let panel = state.join(format!("kaizodo/panels/{}.md", run.id));
    assert!(panel.exists());
    delete(&mut client, &run.id).await.unwrap();
    assert!(!panel.exists());
    let argument = json!({"run": run.id, "branch": "time"});
    kit::command(&mut client, "kaizodo.retry", argument).await.unwrap();
    run.ended(&mut client, 2).await;
    kit::command(&mut client, "kaizodo.open", open).await.unwrap();
    let shown = client.server_message("window/showDocument").await;
    let uri = shown["params"]["uri"].as_str().unwrap();
    assert!(uri.contains("/temporary/"), "it is shown from a file that goes: {uri}");
    client.shut_down().await;
    assert!(!panel.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Fills a journal up to two thousand runs with copies of one run. Every hundredth copy contains
/// the word.
fn many(folder: &kaizodo::journal::Folder, of: &RunId) -> Vec<String> {
    let text = fs::read_to_string(folder.file(of)).unwrap();
    let mut marked = Vec::new();
    for number in 0..1999 {
        let id = format!("01000000000000000000{number:06}");
        let text = if number % 100 == 50 {
            marked.insert(0, id.clone());
            text.replace("答え", "ＫＥＹＷＯＲＤ")
        } else {
            text.clone()
        };
        fs::write(folder.file(&RunId(id)), text).unwrap();
    }
    marked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_runs_are_listed_and_searched_in_time() {
    let long = "答えは長い。".repeat(500);
    let upstream = Upstream::always(answer([long.as_str()])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let run = kit::run(&mut client).await;
    run.ended(&mut client, 1).await;
    client.shut_down().await;
    let marked = many(&of_server(client.home()), &RunId(run.id));
    let state = client.home().join("state");
    let mut client = kit::launch(&upstream, &[("XDG_STATE_HOME", state.to_str().unwrap())]);
    client.initialize(capabilities()).await;

    let mut filter = json!({"query": "ｋｅｙword"});
    let mut hits = Vec::new();
    loop {
        let begun = Instant::now();
        let answer = list(&mut client, filter.clone()).await;
        // A search stops after a second and a half; the rest is a margin for a busy machine.
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        let runs = answer["runs"].as_array().unwrap();
        hits.extend(runs.iter().map(|run| run["run"].as_str().unwrap().to_owned()));
        match answer["more"].as_bool() {
            Some(true) => filter["before"] = answer["next"].clone(),
            _ => break,
        }
    }
    assert_eq!(hits, marked);
    let all = list(&mut client, json!({})).await;
    assert_eq!((all["runs"].as_array().unwrap().len(), &all["more"]), (1000, &json!(true)));
}
