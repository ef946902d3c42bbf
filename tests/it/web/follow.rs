//! Readers of events: many, slow, disconnected and reconnected.

use super::{Events, Served, all, read};
use crate::support::kit::fold;
use crate::support::program::Home;
use crate::support::upstream::*;
use kaizodo::event::{Event, Outcome, Stamped};
use rand::{Rng, SeedableRng};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

const RUNS: usize = 200;
const DISCONNECTS: usize = 1000;

/// Returns the body of a request for two sections.
fn body(text: &str) -> serde_json::Value {
    json!({"text": text, "perspectives": ["depth", "time"]})
}

/// Starts a server that streams its answers piece by piece.
async fn paced(pieces: usize, pause: Duration) -> Upstream {
    let mut reply = Reply::stream([sse_text("- 始まり ")]);
    for piece in 0..pieces {
        reply = reply.step(Step::Wait(pause)).write(sse_text(&format!("{piece}、")));
    }
    Upstream::always(reply.write([sse_finish("stop"), SSE_DONE.to_owned()].concat())).await
}

fn said(events: &[Stamped]) -> HashMap<String, String> {
    let mut said = HashMap::<String, String>::new();
    for stamped in events {
        if let Event::Delta { branch, text } = &stamped.event {
            said.entry(branch.to_string()).or_default().push_str(text);
        }
    }
    said
}

fn assert_whole(events: &[Stamped], pieces: usize) {
    let seqs: Vec<_> = events.iter().map(|stamped| stamped.seq).collect();
    assert_eq!(seqs, (1..=events.len() as u64).collect::<Vec<_>>(), "each once and in order");
    let whole =
        (0..pieces).fold("- 始まり ".to_owned(), |text, piece| text + &format!("{piece}、"));
    let said = said(events);
    assert_eq!(said.len(), 2);
    said.values().for_each(|text| assert_eq!(*text, whole));
    let is_done = |stamped: &&Stamped| {
        matches!(&stamped.event, Event::BranchEnded { outcome: Outcome::Done, .. })
    };
    assert_eq!(events.iter().filter(is_done).count(), 2);
}

/// Returns the resident memory of a process in bytes.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_runs_at_once_lose_no_event_and_double_none() {
    let upstream = paced(12, Duration::from_millis(20)).await;
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "[limits]\nconcurrency = 400\n");
    let served = Served::start(&home, &upstream).await;
    let work = (0..RUNS).map(|n| {
        let served = &served;
        async move {
            Events::of(served.post("/v1/runs", body(&format!("文章 {n}"))).await).rest().await
        }
    });
    let runs = all(work).await;
    assert_eq!(runs.len(), RUNS);
    runs.iter().for_each(|events| assert_whole(events, 12));
    assert_eq!(upstream.seen().len(), 2 * RUNS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_leaves_a_thousand_times_reads_the_same_text() {
    let upstream = paced(300, Duration::from_millis(5)).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let run = served.run(body("途中で切れる")).await;
    let undisturbed = async { served.follow(&run, 0).await.rest().await };
    let readers = (0..50).map(|seed| {
        let (served, run) = (&served, &run);
        async move {
            let mut random = rand::rngs::StdRng::seed_from_u64(seed);
            let (mut events, mut leaves) = (Vec::<Stamped>::new(), 0);
            while leaves < DISCONNECTS / 50 {
                let last = events.last().map_or(0, |stamped| stamped.seq);
                let request =
                    served.get(&format!("/v1/runs/{run}")).header("accept", "text/event-stream");
                let response = request.header("last-event-id", last).send().await.unwrap();
                if response.status() == 204 {
                    // The reader has everything. It starts again, to disconnect as often as
                    // required.
                    events.clear();
                    continue;
                }
                let mut stream = Events::of(response);
                let take = random.random_range(0..12);
                for _ in 0..take {
                    let Some(stamped) = stream.next().await else { break };
                    events.push(stamped);
                }
                sleep(Duration::from_millis(random.random_range(0..8))).await;
                leaves += 1;
            }
            let last = events.last().map_or(0, |stamped| stamped.seq);
            let rest = served.get(&format!("/v1/runs/{run}")).header("accept", "text/event-stream");
            let rest = rest.header("last-event-id", last).send().await.unwrap();
            if rest.status() == 200 {
                events.extend(Events::of(rest).rest().await);
            }
            events
        }
    });
    let (whole, disturbed) = tokio::join!(undisturbed, all(readers));
    assert_whole(&whole, 300);
    for events in &disturbed {
        assert_eq!(events, &whole);
    }
    let panel = served.get(&format!("/v1/runs/{run}")).header("accept", "text/markdown");
    assert_eq!(panel.send().await.unwrap().text().await.unwrap(), fold(&whole));
}

#[tokio::test]
async fn who_leaves_does_not_stop_the_run_unless_that_was_asked_for() {
    let gate = Gate::new();
    let held = Reply::stream([sse_text("- 一\n")]).step(Step::Until(gate.clone()));
    let upstream =
        Upstream::always(held.write([sse_finish("stop"), SSE_DONE.to_owned()].concat())).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let mut stays = Events::of(served.post("/v1/runs", body("残る")).await);
    let mut first = stays.next().await.unwrap();
    let Event::RunStarted { run, .. } = &first.event else { panic!("{first:?}") };
    let run = run.0.clone();
    drop(stays);
    let asked =
        json!({"text": "止まる", "perspectives": ["depth", "time"], "stop_on_disconnect": true});
    let mut stops = Events::of(served.post("/v1/runs", asked).await);
    while !matches!(first.event, Event::Delta { .. }) {
        first = stops.next().await.unwrap();
    }
    upstream.arrived(4).await;
    drop(stops);
    let seen = upstream.closed(2).await;
    let closed: Vec<_> = seen.iter().filter(|seen| seen.client_closed.is_some()).collect();
    assert!(closed.iter().all(|seen| seen.body_text().contains("止まる")));
    gate.open();
    let events = served.follow(&run, 0).await.rest().await;
    assert!(events.iter().all(|stamped| !matches!(&stamped.event, Event::BranchEnded { outcome, .. } if *outcome != Outcome::Done)));
}

#[tokio::test]
async fn a_reader_may_stay_for_what_comes_after_the_end() {
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let run = served.run(body("後から")).await;
    let whole = served.follow(&run, 0).await.rest().await;
    let last = whole.last().unwrap().seq;
    let path = format!("/v1/runs/{run}");
    let over =
        served.get(&path).header("accept", "text/event-stream").header("last-event-id", last);
    assert_eq!(
        over.send().await.unwrap().status(),
        204,
        "so that an EventSource does not come again"
    );
    let stays = served
        .get(&format!("{path}?follow=true&after={last}"))
        .header("accept", "text/event-stream");
    let mut stays = Events::of(stays.send().await.unwrap());
    served.posted(&format!("{path}/retry"), json!({"branch": "time"}), 202).await;
    let next = stays.next().await.unwrap();
    assert_eq!(next.seq, last + 1);
    while !matches!(stays.next().await.unwrap().event, Event::RunEnded { .. }) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_do_not_read_hold_nobody_up_and_cost_little() {
    let piece = "長い答え。".repeat(200);
    let mut reply = Reply::stream([sse_text(&piece)]);
    for _ in 0..400 {
        reply = reply.write(sse_text(&piece));
    }
    let upstream =
        Upstream::always(reply.write([sse_finish("stop"), SSE_DONE.to_owned()].concat())).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let run = served.run(body("遅い読み手")).await;
    let whole = served.follow(&run, 0).await.rest().await;
    let before = resident(served.child.id().unwrap());
    let mut sleepers = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let head = format!(
            "GET /v1/runs/{run} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\naccept: text/event-stream\r\n\r\n",
            served.address, served.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        sleepers.push(stream);
    }
    let again = served.follow(&run, 0).await.rest().await;
    assert_eq!(again, whole, "the others read on");
    let bytes: usize =
        whole.iter().map(|stamped| serde_json::to_string(stamped).unwrap().len()).sum();
    let each = resident(served.child.id().unwrap()).saturating_sub(before) / sleepers.len();
    assert!(each < bytes / 2, "{each} bytes for each reader of {bytes} bytes");
    assert_eq!(
        read(served.get("/v1/status").send().await.unwrap(), 200).await["version"],
        env!("CARGO_PKG_VERSION")
    );
}
