//! Shutdown: Ctrl-C stops the runs, saves them, and lets their readers see the end. Also what is told
//! on the terminal in the meantime.

use super::{Served, read};
use crate::support::program::{Home, end};
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::timeout;

#[tokio::test]
async fn an_interrupt_ends_runs_with_their_text_kept() {
    let held = Reply::stream([sse_text("- 途中まで\n")]).step(Step::Until(Gate::new()));
    let (upstream, home) = (Upstream::always(held).await, Home::new());
    let served = Served::start(&home, &upstream).await;
    let run = served.run(json!({"text": "終わる", "perspectives": ["depth"]})).await;
    let mut events = served.follow(&run, 0).await;
    while !matches!(events.next().await.unwrap().event, Event::Delta { .. }) {}
    served.interrupt();
    let rest = events.rest().await;
    assert!(
        matches!(
            rest.last().unwrap().event,
            Event::RunEnded { outcome: RunOutcome::Cancelled, .. }
        ),
        "{rest:?}"
    );
    assert_eq!(served.end().await, Some(0));
    upstream.closed(1).await;
    let later = Served::start(&home, &upstream).await;
    let kept = later
        .get(&format!("/v1/runs/{run}"))
        .header("accept", "text/markdown")
        .send()
        .await
        .unwrap();
    let kept = kept.text().await.unwrap();
    assert!(kept.contains("途中まで"), "{kept}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_the_usual_one_gives_way() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = Home::new();
    let ended = end(&mut home.kaizodo(&["serve", "--port", &port])).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains(&format!("Cannot listen on 127.0.0.1:{port}")), "{}", ended.err);
    assert_eq!(ended.out, "");
    // Whether or not the default port is taken, both servers start.
    let upstream = Upstream::always(answer(["- 一\n"])).await;
    let start = || async { Served::of(&mut home.asking(&upstream, &["serve", "--json"])).await };
    let (one, other) = (start().await, start().await);
    assert_ne!(one.address, other.address);
    assert_ne!(one.token, other.token);
    read(other.get("/v1/status").send().await.unwrap(), 200).await;
    let foreign = other.get("/v1/status").bearer_auth(&one.token).send().await.unwrap();
    assert_ne!(foreign.status(), 200, "each has a token of its own");
}

#[tokio::test]
async fn what_goes_wrong_later_is_told_on_the_terminal() {
    let (upstream, home) = (Upstream::always(answer(["- 一\n"])).await, Home::new());
    // Not even root can write below a file.
    home.write(".local/state", "a file");
    let mut served = Served::start(&home, &upstream).await;
    let mut told = BufReader::new(served.child.stderr.take().unwrap()).lines();
    let mut until = async |words: &str| loop {
        let line = timeout(TIMEOUT, told.next_line()).await.expect(words).unwrap().expect(words);
        if line.contains(words) {
            return;
        }
    };
    until("Open the address above").await;
    let run = served.run(json!({"text": "遅い", "perspectives": ["depth"]})).await;
    served.follow(&run, 0).await.rest().await;
    until("was not saved in the journal").await;
    home.write(".config/kaizodo/perspectives/broken.md", "no front matter");
    // The folder is read again after two seconds.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    read(served.get("/v1/perspectives").send().await.unwrap(), 200).await;
    until("broken.md").await;
    served.interrupt();
    assert_eq!(served.end().await, Some(0));
}
