//! What is kept, for how long, and with several servers at once.

use super::shelf::*;
use crate::support::client::Client;
use crate::support::kit::{self, vouching};
use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::RunId;
use serde_json::{Value, json};
use std::time::Duration;

/// Makes a run look `days` days old.
fn age(path: &std::path::Path, days: u64) {
    let file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    let written = file.metadata().unwrap().modified().unwrap();
    file.set_modified(written - Duration::from_secs(days * 24 * 60 * 60)).unwrap();
}

async fn run_once(home: &Home, server: &Upstream) {
    let ended = end(&mut home.asking(server, &["run", "--text", "Builds are slow."])).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
}

/// Makes runs until the journal contains what is expected. A short run may end before it has
/// removed everything; then the next run does.
async fn run_until(home: &Home, server: &Upstream, is: impl Fn(&[RunId]) -> bool) {
    for tries in 1.. {
        run_once(home, server).await;
        let runs = runs(&of_home(home.path()));
        if is(&runs) {
            return;
        }
        assert!(tries < 5, "{runs:?}");
    }
}

#[tokio::test]
async fn a_new_run_removes_what_is_too_old() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let folder = of_home(home.path());
    for _ in 0..3 {
        run_once(&home, &server).await;
    }
    let before = runs(&folder);
    age(&folder.file(&before[0]), 31);
    age(&folder.file(&before[1]), 29);
    // 30 days are kept.
    run_until(&home, &server, |runs| runs[..2] == before[1..]).await;
    home.write(".config/kaizodo/config.toml", "[journal]\nkeep_days = 28\n");
    run_until(&home, &server, |runs| runs[0] == before[2]).await;
    home.write(".config/kaizodo/config.toml", "[journal]\nkeep_bytes = 1\n");
    // The run itself is being written, and stays.
    run_until(&home, &server, |runs| runs.len() == 1).await;
}

#[tokio::test]
async fn nothing_is_kept_where_the_user_does_not_want_it() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "[journal]\nenabled = false\n");
    run_once(&home, &server).await;
    assert!(!home.path().join(".local").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editors_settings_turn_it_off_and_on() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let mut client = kit::launch(&upstream, &[]);
    let options = json!({"journal": {"enabled": false}});
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": options,
    });
    client.initialize_with(params).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    kit::run(&mut client).await.ended(&mut client, 1).await;
    let settings = json!({"settings": {"journal": {"enabled": true, "keepDays": 1}}});
    client.notify("workspace/didChangeConfiguration", settings);
    let second = kit::run(&mut client).await;
    second.ended(&mut client, 1).await;
    client.shut_down().await;
    let ids: Vec<_> = runs(&of_server(client.home())).into_iter().map(|run| run.0).collect();
    assert_eq!(ids, [second.id]);
}

/// Starts a server that shares its journal folder with another server and keeps as little as
/// possible.
async fn sharing(upstream: &Upstream, state: &str) -> Client {
    let mut client = kit::launch(upstream, &[("XDG_STATE_HOME", state)]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"journal": {"keepBytes": 0}},
    });
    client.initialize_with(params).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_at_once_do_not_disturb_each_other() {
    let gate = Gate::new();
    let reply = kit::stream().write(sse_text("前")).step(Step::Until(gate.clone()));
    let upstream = Upstream::always(kit::finished(reply.write(sse_text("後")))).await;
    let state = crate::support::artifacts::home();
    let folder = kaizodo::journal::Folder::new(state.path().join("kaizodo"));
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(sharing(&upstream, state.path().to_str().unwrap()).await);
    }
    let mut started = Vec::new();
    for _ in 0..5 {
        for (at, client) in clients.iter_mut().enumerate() {
            started.push((at, kit::run(client).await));
        }
    }
    upstream.arrived(40).await;
    while runs(&folder).len() < 10 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.open();
    let mut events: Vec<Value> = Vec::new();
    for (at, run) in &started {
        let ended = run.ended(&mut clients[*at], 1).await;
        events.push(json!({"run": run.id, "events": ended}));
    }
    for client in &mut clients {
        client.shut_down().await;
    }
    // Each run was kept until it had ended: the other server did not prune it while it was written.
    for one in &events {
        let run = RunId(one["run"].as_str().unwrap().to_owned());
        let kept = kept(&folder, &run);
        assert_eq!(json!(kept.events), one["events"]);
        assert!(!kept.alive && kept.problems.is_empty());
    }
    // What has ended is removed by the next run, or if that ends too soon, by the one after it.
    for tries in 1.. {
        let mut third = sharing(&upstream, state.path().to_str().unwrap()).await;
        let last = kit::run(&mut third).await;
        last.ended(&mut third, 1).await;
        third.shut_down().await;
        let left: Vec<_> = runs(&folder).into_iter().map(|run| run.0).collect();
        if left == [last.id] {
            break;
        }
        assert!(tries < 5, "{left:?}");
    }
}
