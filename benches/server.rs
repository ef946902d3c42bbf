//! What the server costs and how far a section lags behind its model: a Markdown table.
//!
//! `cargo bench --bench server`. The numbers are those of this computer and this moment; a row's
//! aim says what they should be on one that is not busy.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/upstream.rs"]
#[allow(dead_code, unused_imports, reason = "shared with tests, which use all of it")]
mod upstream;

#[path = "server/lag.rs"]
mod lag;
#[path = "server/pipe.rs"]
mod pipe;

use pipe::Pipe;
use serde_json::json;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Numbers in the order of their size.
struct Sample(Vec<f64>);

impl Sample {
    fn of_times(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut all: Vec<f64> = times.into_iter().map(|time| time.as_secs_f64() * 1e3).collect();
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    /// The number below which this share of all lies.
    fn at(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }
}

/// The table, as it grows.
struct Table {
    missed: bool,
}

impl Table {
    fn row(&mut self, what: &str, numbers: &str, aim: Option<(&str, bool)>) {
        let aim = match aim {
            None => "—".to_owned(),
            Some((aim, met)) => {
                self.missed |= !met;
                format!("{aim}: {}", if met { "met" } else { "MISSED" })
            }
        };
        println!("| {what} | {numbers} | {aim} |");
    }
}

fn main() -> ExitCode {
    // `cargo test --all-targets` runs this program, too, and wants nothing measured.
    if !std::env::args().any(|arg| arg == "--bench") {
        return ExitCode::SUCCESS;
    }
    println!("| what | measured | aim |\n|---|---|---|");
    let mut table = Table { missed: false };
    start(&mut table);
    memory(&mut table);
    code_action(&mut table);
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_kaizodo")).unwrap().len();
    table.row("size of the program", &format!("{:.1} MB", size as f64 / 1e6), None);
    lag::measure(&mut table);
    if table.missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn start(table: &mut Table) {
    let times = (0..20).map(|_| {
        let start = Instant::now();
        let mut pipe = Pipe::start();
        pipe.initialize();
        start.elapsed()
    });
    let times = Sample::of_times(times);
    let (min, median, max) = (times.at(0.0), times.at(0.5), times.at(1.0));
    table.row(
        "start to the reply to `initialize` (20)",
        &format!("min {min:.1}, median {median:.1}, max {max:.1} ms"),
        Some(("median below 20 ms", median < 20.0)),
    );
}

fn memory(table: &mut Table) {
    let mut pipe = Pipe::start();
    pipe.initialize();
    pipe.open("解像度\n");
    pipe.code_action();
    sleep(Duration::from_secs(1));
    match pipe.memory() {
        Some((rss, pss)) => table.row(
            "idle memory",
            &format!("RSS {rss:.1} MB, PSS {pss:.1} MB"),
            Some(("PSS below 12 MB", pss < 12.0)),
        ),
        None => table.row("idle memory", "unknown without /proc", None),
    }
}

fn code_action(table: &mut Table) {
    for (name, text) in
        [("200 B", "会議が長い。\n".repeat(10)), ("10 MB", "会議が長い。\n".repeat(530_000))]
    {
        let mut pipe = Pipe::start();
        pipe.initialize();
        pipe.open(&text);
        for _ in 0..20 {
            pipe.code_action();
        }
        let times = Sample::of_times((0..500).map(|_| {
            let start = Instant::now();
            pipe.code_action();
            start.elapsed()
        }));
        let (median, p99) = (times.at(0.5), times.at(0.99));
        table.row(
            &format!("code action in {name}, there and back over the pipe (500)"),
            &format!("median {median:.2}, p99 {p99:.2} ms"),
            Some(("median below 1 ms", median < 1.0)),
        );
    }
}

/// The `initialize` parameters of a client that can do everything.
fn initialize_params() -> serde_json::Value {
    json!({"processId": null, "rootUri": null, "capabilities": {
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}},
        "experimental": {"kaizodo": {"events": true}},
    }})
}
