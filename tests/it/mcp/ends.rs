//! Calls that are cancelled, and connections that end.

use super::client::Agent;
use super::*;
use crate::support::kit::stuck;
use crate::support::program::{Home, end};
use crate::support::upstream::Upstream;
use serde_json::json;
use std::time::{Duration, Instant};

/// Starts a model that writes a line for each section and then stays silent.
async fn silent() -> Upstream {
    Upstream::always(stuck("ここまで。\n")).await
}

/// Begins a run and waits until each section has text.
async fn begun(agent: &mut Agent<'_>) -> i64 {
    let id = agent.begin("look", json!({"text": THOUGHT, "focus": false})).await;
    agent.told(|line| line == "深さ 6 · 広さ 6 · 構造 6 · 時間 6").await;
    id
}

/// Returns what the journal contains of the last run.
async fn kept(home: &Home) -> String {
    end(&mut home.kaizodo(&["journal", "show"])).await.out
}

#[tokio::test]
async fn a_call_that_is_cancelled_stops_its_run() {
    let (home, model) = (Home::new(), silent().await);
    let mut agent = Agent::start(&home, &model).await;
    let id = begun(&mut agent).await;
    let cancel =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}});
    agent.send(&cancel).await;
    model.closed(4).await;
    // The next answer belongs to the next request.
    let next = agent.ask("ping", json!({})).await;
    while let Some(message) = agent.message().await {
        assert_ne!(message["id"], id, "{message}");
        if message["id"] == next {
            break;
        }
    }
    // The sockets are closed a moment before the run has ended.
    let mut read = agent.call("read", json!({"run": "last"})).await;
    for _ in 0..500 {
        if read["structuredContent"]["outcome"] == "cancelled" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        read = agent.call("read", json!({"run": "last"})).await;
    }
    assert_eq!(read["structuredContent"]["outcome"], "cancelled");
    assert!(states(&read).iter().all(|(_, state)| state == "cancelled"), "{read:#}");
    assert!(text(&read).contains("\n## 時間\n\nここまで。\n"), "{}", text(&read));
}

#[tokio::test]
async fn a_closed_input_stops_runs_and_keeps_what_came() {
    // The server's own limit is one second; the SDK's would be five more. On a busy machine the end
    // may take longer: one success in a few tries is enough.
    let mut took = Vec::new();
    while took.iter().all(|took| *took >= Duration::from_secs(5)) {
        assert!(took.len() < 5, "{took:?} to end");
        let (home, model) = (Home::new(), silent().await);
        let mut agent = Agent::start(&home, &model).await;
        begun(&mut agent).await;
        let closed = Instant::now();
        agent.close();
        assert_eq!(agent.end().await.0, Some(0));
        took.push(closed.elapsed());
        model.closed(4).await;
        let kept = kept(&home).await;
        assert_eq!(kept.matches("ここまで。\n").count(), 4, "{kept}");
        assert_eq!(kept.matches("■ 停止しました").count(), 4, "{kept}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_stops_runs_and_keeps_what_came() {
    use rustix::process::{Pid, Signal, kill_process};
    let (home, model) = (Home::new(), silent().await);
    let mut agent = Agent::start(&home, &model).await;
    let id = begun(&mut agent).await;
    let pid = Pid::from_raw(agent.child.id().unwrap().cast_signed()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let stopped = agent.answer(id).await.unwrap();
    assert_eq!(stopped["structuredContent"]["outcome"], "cancelled");
    assert_eq!(agent.end().await.0, Some(0));
    model.closed(4).await;
    let kept = kept(&home).await;
    assert_eq!(kept.matches("■ 停止しました").count(), 4, "{kept}");
}

#[tokio::test]
async fn a_client_that_reads_no_more_ends_it() {
    let (home, model) = (Home::new(), silent().await);
    let mut agent = Agent::start(&home, &model).await;
    begun(&mut agent).await;
    agent.stop_reading();
    // The answers to these requests cannot be delivered. More than one, because a program that is
    // being started for another test may also hold the pipe.
    let pings = async {
        for _ in 0..600 {
            agent.ask("ping", json!({})).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        _ = model.closed(4) => {}
        () = pings => panic!("it goes on"),
    }
    assert_eq!(agent.exit().await, Some(0));
}

#[tokio::test]
async fn who_does_not_begin_with_a_request_is_told() {
    let (home, model) = (Home::new(), silent().await);
    let mut agent = Agent::launch(&home, &model);
    agent.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    let (code, log) = agent.end().await;
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("MCP の接続を始められません。"), "{log}");
    // A client that disconnects without sending anything is not an error.
    let mut agent = Agent::launch(&home, &model);
    agent.close();
    assert_eq!(agent.end().await.0, Some(0));
}
