//! The run's own record, for clients that ask for it, and reasoning, which is counted but not
//! shown.

use crate::support::kit::*;
use crate::support::upstream::{Gate, Step, Upstream, answer, sse_text, sse_thinking};
use kaizodo::event::Event;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_clients_that_ask_hear_events() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut can = capabilities();
    for word in [json!(null), json!({"kaizodo": {}}), json!({"kaizodo": {"events": false}})] {
        can["experimental"] = word;
        let mut client = start(&upstream, can.clone()).await;
        let run = shown_run(&mut client).await;
        let token =
            client.server_message("window/workDoneProgress/create").await["params"]["token"]
                .clone();
        for value in client.wait_progress_end(&token).await {
            let known = ["kind", "title", "cancellable", "message", "percentage"];
            let unknown =
                value.as_object().unwrap().keys().find(|key| !known.contains(&key.as_str()));
            assert_eq!(unknown, None, "{value}");
        }
        // Any client may request the events.
        assert_eq!(run.ended(&mut client, 1).await[0].seq, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_have_no_gap_and_make_the_panel() {
    let reply = || finished(paced(stream(), (0..50).map(|n| format!("言葉{n}👩‍👩‍👧‍👦\r\n")), 2));
    let upstream = by_section([reply(), reply(), reply(), reply()]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.wait_progress_end(&token).await;
    command(&mut client, "kaizodo.retry", json!({"run": run.id, "branch": "time"})).await.unwrap();
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    client.wait_progress_end(&token).await;

    // Over two progresses, each event arrives exactly once.
    let values: Vec<Value> = client.all_progress().iter().map(|p| p["value"].clone()).collect();
    let heard = events_in(&values);
    assert_eq!(heard, run.ended(&mut client, 2).await);
    let folded = fold(&heard);
    client.wait_document(&run.uri, |text| text == folded).await;
    let Event::RunStarted { run: id, source, sections, provider, .. } = &heard[0].event else {
        panic!("{:?}", heard[0]);
    };
    assert_eq!((id.0.as_str(), source.uri.as_str()), (run.id.as_str(), MEMO));
    assert_eq!(sections.iter().map(|s| &*s.branch.0).collect::<Vec<_>>(), NAMES);
    assert!(folded.contains(provider.as_str()), "{provider}");

    // A client that has lost some events requests the rest.
    let total = heard.len() as u64;
    for (from, first, count) in [
        (0, Some(1), total),
        (7, Some(7), total - 6),
        (total, Some(total), 1),
        (total + 1, None, 0),
        (u64::MAX, None, 0),
    ] {
        let answer = client
            .request("kaizodo/run/events", json!({"run": run.id, "from": from}))
            .await
            .unwrap();
        let events = answer["events"].as_array().unwrap();
        assert_eq!(events.len() as u64, count, "from {from}");
        assert_eq!(events.first().map(|e| e["seq"].as_u64().unwrap()), first);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thinking_is_counted_and_not_shown() {
    let gate = Gate::new();
    let thoughts = ["秘密の", "考え", "🤔👨‍👩‍👧"];
    let thinking = stream().write(sse_thinking(thoughts[0])).write(sse_thinking(thoughts[1]));
    let thinking = thinking.write(sse_thinking(thoughts[2])).step(Step::Until(gate.clone()));
    let reply = finished(thinking.write(sse_text("結論")));
    let upstream = by_section([reply, answer(["a"]), answer(["b"]), answer(["c"])]).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let chars = thoughts.concat().chars().count();
    let line = format!("_… 考えています · {chars} 字_");
    let text = client.wait_document(&run.uri, |text| text.contains(&line)).await;
    assert!(section(&text, "深さ").starts_with(&format!("## 深さ\n\n{line}\n")), "{text}");
    let token =
        client.server_message("window/workDoneProgress/create").await["params"]["token"].clone();
    let told = format!("深さ ({chars})");
    client
        .wait_for("the count in the progress", |state| {
            let hit =
                |p: &Value| p["value"]["message"].as_str().is_some_and(|m| m.starts_with(&told));
            state.progress.iter().any(hit).then_some(())
        })
        .await;
    gate.open();
    client.wait_progress_end(&token).await;
    let events = run.ended(&mut client, 1).await;
    let counted: u32 = events
        .iter()
        .map(|e| if let Event::Thinking { chars, .. } = e.event { chars } else { 0 })
        .sum();
    assert_eq!(counted as usize, chars);
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    assert!(section(&text, "深さ").starts_with("## 深さ\n\n結論\n\n`m` · "), "{text}");
    let record = format!("{text}{:?}", client.all_progress());
    for thought in ["秘密", "🤔"] {
        assert!(!record.contains(thought), "{record}");
    }
}
