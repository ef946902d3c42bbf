//! Many runs in one server process, against an upstream that does something else each time: every
//! section must end as its fault demands, and nothing may be left behind.
//!
//! `KAIZODO_SOAK_RUNS=10000 cargo test --release --test soak -- --nocapture` is the long one.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "what was measured")]

#[allow(dead_code, reason = "`it` uses the rest")]
#[path = "../support/mod.rs"]
mod support;

mod chance;
mod gauge;

use chance::{QUIET, fault_of, is_stopped};
use gauge::Gauge;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use support::client::Client;
use support::kit::{self, MEMO, NAMES, capabilities, range, section_of, user_message};
use support::upstream::Upstream;

/// Runs that are alive together.
const TOGETHER: usize = 8;
const SETTINGS: &str = "[limits]\nmax_tokens = 1000\nevent_bytes = 200000\n\
    [retries]\nbackoff_ms = 5\n[timeouts]\nfirst_byte_ms = 8000\nidle_ms = 8000\n";

/// How many runs; `KAIZODO_SOAK_RUNS` says another number.
fn runs() -> usize {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
    std::env::var("KAIZODO_SOAK_RUNS").ok().map_or(160, |text| text.parse().unwrap())
}

/// How long nothing is done before a gauge is read, in seconds. Threads that wait for the disk end
/// after ten; the short test has no time for that.
fn idle() -> u64 {
    if runs() < 1_000 { 1 } else { 12 }
}

/// A run on its way.
struct Alive {
    number: usize,
    events: Vec<Value>,
}

struct Soak {
    client: Client,
    alive: HashMap<String, Alive>,
    ends: HashMap<String, usize>,
}

impl Soak {
    /// Waits until all is over, and reads the gauge at the end of a run with no others beside it.
    async fn quiet(&mut self, number: usize) -> Gauge {
        self.down_to(0).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.start(runs(), QUIET).await;
        self.down_to(0).await;
        let gauge = Gauge::read(&self.client, number, idle()).await;
        println!("{gauge}");
        gauge
    }

    /// Starts a run about a line of the memo, and opens its panel.
    async fn start(&mut self, line: usize, number: usize) {
        let line = u32::try_from(line).unwrap();
        let argument = json!({"uri": MEMO, "range": range((line, 0), (line + 1, 0))});
        let run = kit::run_with(&mut self.client, argument).await;
        self.client.open_virtual(&run.uri).await;
        if is_stopped(number) {
            run.cancel(&mut self.client, None).await;
        }
        self.alive.entry(run.id).or_insert(Alive { number, events: vec![] }).number = number;
    }

    /// Waits until no more than so many runs are alive.
    async fn down_to(&mut self, most: usize) {
        while self.alive.len() > most {
            let values = self
                .client
                .wait_for("news of a run", |state| {
                    state.inbox.clear();
                    let values = std::mem::take(&mut state.progress);
                    (!values.is_empty()).then_some(values)
                })
                .await;
            for value in values {
                self.take(&value["value"]);
            }
        }
    }

    fn take(&mut self, value: &Value) {
        let Some(run) = value["run"].as_str().map(str::to_owned) else { return };
        let news = value["events"].as_array().cloned().unwrap_or_default();
        let Some(alive) = self.alive.get_mut(&run) else {
            assert!(news.is_empty(), "news of a run that has ended: {news:?}");
            return;
        };
        alive.events.extend(news);
        if alive.events.last().is_some_and(|event| event["event"] == "run_ended") {
            let alive = self.alive.remove(&run).unwrap();
            self.judge(&alive);
            let panel = self.client.document_uris().into_iter().find(|uri| uri.contains(&run));
            self.client.close(&panel.unwrap());
        }
    }

    /// Every section must have ended as its fault demands, with its text.
    fn judge(&mut self, run: &Alive) {
        for (at, event) in run.events.iter().enumerate() {
            assert_eq!(event["seq"], at as u64 + 1, "a gap in the events of run {}", run.number);
        }
        for (section, name) in NAMES.iter().enumerate() {
            let of = |kind: &str| {
                let is = move |e: &&Value| e["event"] == kind && e["branch"] == *name;
                run.events.iter().filter(is).collect::<Vec<_>>()
            };
            let ends = of("branch_ended");
            assert_eq!(ends.len(), 1, "run {}: ends of {name}", run.number);
            let text: String =
                of("delta").iter().map(|e| e["text"].as_str().unwrap().to_owned()).collect();
            let kind = ends[0]["failure"]["kind"].as_str().unwrap_or_default();
            let outcome = ends[0]["outcome"].as_str().unwrap();
            let fault = fault_of(run.number, section);
            let ok = fault.allows(outcome, kind, &text)
                || is_stopped(run.number) && outcome == "cancelled";
            let start: String = text.chars().take(80).collect();
            assert!(ok, "run {}, {name}, {fault:?}: {} after {start:?}", run.number, ends[0]);
            *self.ends.entry(format!("{outcome} {kind}")).or_default() += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_with_all_faults_leave_nothing_behind() {
    let upstream = Upstream::start(|seen| {
        let message = user_message(seen);
        let number = message.split("会議 ").nth(1).unwrap().split(' ').next().unwrap();
        fault_of(number.parse().unwrap(), section_of(seen)).reply(&seen.body)
    })
    .await;
    let url = upstream.url();
    let env = [
        ("OPENAI_BASE_URL", url.as_str()),
        ("KAIZODO_MODEL", "m"),
        ("KAIZODO_LOG", "kaizodo=debug"),
    ];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), SETTINGS).unwrap();
    });
    client.initialize(capabilities()).await;
    let memo: String =
        (0..runs()).chain([QUIET]).map(|n| format!("会議 {n} が長くて決まらない。\n")).collect();
    client.open(MEMO, "markdown", &memo);

    let mut soak = Soak { client, alive: HashMap::new(), ends: HashMap::new() };
    let (total, step) = (runs(), (runs() / 10).max(80));
    let mut gauges = Vec::new();
    for number in 0..total {
        soak.down_to(TOGETHER - 1).await;
        soak.start(number, number).await;
        if (number + 1) % step == 0 {
            let quiet = gauges.len() + 1;
            gauges.push(soak.quiet(number + 1 + quiet).await);
        }
    }
    soak.down_to(0).await;
    let mut ends: Vec<_> = soak.ends.iter().collect();
    ends.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    println!(
        "{} requests on {} connections: {ends:?}",
        upstream.seen().len(),
        upstream.connections()
    );
    let (first, last) = (gauges.first().unwrap(), gauges.last().unwrap());
    last.compare(first);
    assert_eq!(soak.client.shut_down().await, Some(0));
}
