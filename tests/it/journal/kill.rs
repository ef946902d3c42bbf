//! `kill -9` at a random moment, two hundred times: nothing older than a second is lost, and every
//! journal can be replayed.

use super::shelf::*;
use crate::support::kit::{self, capabilities, section_of};
use crate::support::program::{Home, end};
use crate::support::upstream::*;
use kaizodo::event::{Event, Stamped};
use kaizodo::journal::{self, Folder};
use serde_json::json;
use std::time::{Duration, Instant};

/// Number of processes alive at the same time.
const WORKERS: usize = 8;
/// Number of kills by each worker.
const KILLS: usize = 25;
/// Maximum age at which a process is killed.
const LIFE: Duration = Duration::from_millis(2500);
/// How much may be lost according to the contract. On a busy machine any process may pause: one
/// kill in ten may cost more, but none more than twice as much.
const LOSS: Duration = Duration::from_secs(1);

/// Starts a model that writes numbers one by one and never ends. The log has the time of each
/// number.
async fn counting() -> Upstream {
    let numbers = (0..300).map(|n| format!("{n:04} "));
    Upstream::always(kit::paced(kit::stream(), numbers, 20).end(End::Open)).await
}

/// Checks what a killed process left of one run, and returns the age of the oldest missing piece.
fn check(events: &[Stamped], seen: &[Seen], killed: Instant) -> Duration {
    let mut oldest = Duration::ZERO;
    for request in seen {
        let branch = kit::NAMES[section_of(request)];
        let text = said(events, branch);
        let kept = text.len() / 5;
        let all: String = (0..kept).map(|n| format!("{n:04} ")).collect();
        assert_eq!(text, all, "{branch}: whole pieces, in their order");
        let Some(lost) = request.writes.get(kept) else { continue };
        let age = killed.saturating_duration_since(*lost);
        assert!(age <= 2 * LOSS, "{branch}: a piece of {age:?} is lost ({kept} are there)");
        oldest = oldest.max(age);
    }
    // What was saved produces a panel in which every section has ended.
    let mut whole = events.to_vec();
    journal::end(&mut whole, false);
    let panel = panel(&whole);
    assert!(!panel.contains("_…"), "{panel}");
    assert_eq!(panel.matches("⚠").count(), if events.is_empty() { 0 } else { 4 }, "{panel}");
    oldest
}

/// Returns the runs of a folder that came after the first `before` runs.
fn new_runs(folder: &Folder, before: usize) -> Vec<Vec<Stamped>> {
    let runs = runs(folder).split_off(before);
    let kept = runs.iter().map(|run| kept(folder, run));
    kept.inspect(|run| assert!(!run.alive, "its lock is gone with it")).map(|r| r.events).collect()
}

fn some_life() -> Duration {
    rand::random_range(Duration::ZERO..LIFE)
}

/// Kills the command-line program again and again in one home folder.
async fn kill_runs(kills: usize) -> Vec<Duration> {
    let home = Home::new();
    let folder = of_home(home.path());
    let mut losses = Vec::new();
    for before in 0..kills {
        let upstream = counting().await;
        let count = runs(&folder).len();
        let mut command = home.asking(&upstream, &["run", "--text", "Builds are slow."]);
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        tokio::time::sleep(some_life()).await;
        let killed = Instant::now();
        child.kill().await.unwrap();
        let seen = upstream.seen();
        let events = new_runs(&folder, count).pop().unwrap_or_default();
        losses.push(check(&events, &seen, killed));
        assert!(runs(&folder).len() <= before + 1);
    }
    for run in runs(&folder) {
        let replayed = end(&mut home.kaizodo(&["journal", "replay", "--json", &run.0])).await;
        assert_eq!((replayed.code, replayed.err.as_str()), (Some(0), ""));
        let events = replayed.out.lines().map(|line| serde_json::from_str(line).unwrap());
        assert_eq!(events.collect::<Vec<Stamped>>(), kept(&folder, &run).events);
    }
    losses
}

/// Kills an editor's server with two runs in progress, each about a different line.
async fn kill_servers(kills: usize) -> Vec<Duration> {
    const LINES: [&str; 2] = ["Builds are slow.", "Tests are flaky."];
    let mut losses = Vec::new();
    for _ in 0..kills {
        let upstream = counting().await;
        let mut client = kit::launch(&upstream, &[]);
        client.initialize(capabilities()).await;
        client.open(kit::MEMO, "markdown", &LINES.join("\n"));
        for line in 0..2 {
            let range = kit::range((line, 0), (line, 16));
            kit::run_with(&mut client, json!({"uri": kit::MEMO, "range": range})).await;
        }
        tokio::time::sleep(some_life()).await;
        let killed = Instant::now();
        client.kill();
        let runs = new_runs(&of_server(client.home()), 0);
        for line in LINES {
            let is_about = |run: &&Vec<Stamped>| match &run.first().unwrap().event {
                Event::RunStarted { title, .. } => line.starts_with(title.trim_end_matches('.')),
                other => panic!("{other:?}"),
            };
            let events = runs.iter().filter(|run| !run.is_empty()).find(is_about);
            let asked = |seen: &Seen| seen.body_text().contains(line);
            let seen: Vec<Seen> = upstream.seen().into_iter().filter(asked).collect();
            losses.push(check(events.map(Vec::as_slice).unwrap_or_default(), &seen, killed));
        }
    }
    losses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_less_than_a_second() {
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        if worker < WORKERS - 2 {
            workers.spawn(kill_runs(KILLS));
        } else {
            workers.spawn(kill_servers(KILLS));
        }
    }
    let mut losses = workers.join_all().await.concat();
    losses.sort_unstable();
    let (count, most) = (losses.len(), losses.last().copied().unwrap_or_default());
    println!(
        "{count} runs killed; the oldest piece lost: median {:?}, most {most:?}",
        losses[count / 2]
    );
    assert_eq!(count, WORKERS * KILLS + 2 * KILLS);
    assert!(losses[count * 9 / 10] <= LOSS, "{losses:?}");
}
