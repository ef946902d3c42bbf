//! Counts the instructions for each piece of an answer, message and key press with valgrind, and
//! compares them with `baseline.txt`.
//!
//! `cargo bench --profile counts --bench counts` fails if a count differs from its baseline by more
//! than 10 %, or grows with the length of the text; `-- --write` writes a new baseline. Counts do
//! not depend on the load of the machine, but on compiler and processor: they are compared only if
//! the baseline was made with the same ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for developers"
)]

mod cases;
mod count;
#[allow(dead_code, reason = "only the tests read frames")]
#[path = "../../tests/support/frame.rs"]
mod frame;

use cases::CASES;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

/// Maximum ratio of a count to its baseline.
const RATIO_MAX: f64 = 1.10;
/// Minimum ratio of a count to its baseline. A lower count must become the new baseline, or it
/// would hide a later regression.
const RATIO_MIN: f64 = 0.90;

/// Maximum ratio of the count with a large input to that with a small one.
const SAME: f64 = 1.25;

/// The first line of the baseline, up to the machine.
const HEAD: &str = "# Instructions for one operation, ";
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/counts/baseline.txt");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        // The inner call, run by valgrind.
        ["--case", name, times] => {
            let case = CASES.iter().find(|case| case.name == *name).unwrap();
            (case.run)(times.parse().unwrap());
            ExitCode::SUCCESS
        }
        args if args.contains(&"--bench") => all(args.contains(&"--write")),
        // `cargo test --all-targets` runs this program too: run each case once, for its assertions.
        _ => {
            CASES.iter().for_each(|case| (case.run)(1));
            ExitCode::SUCCESS
        }
    }
}

fn all(write: bool) -> ExitCode {
    let here = count::machine();
    let mut counts = BTreeMap::new();
    for case in CASES {
        let Some(count) = count::count(case) else {
            println!("valgrind is needed: Debian's package `valgrind`.");
            return ExitCode::FAILURE;
        };
        counts.insert(case.name, count);
    }
    let (machine, before) = baseline();
    let comparable = machine == here;
    let mut fails = false;
    println!("| what | instructions | baseline | |\n|---|---|---|---|");
    for case in CASES {
        let now = counts[case.name];
        let known = before.get(case.name).copied();
        let (fault, verdict) = judge(now, known.filter(|_| comparable));
        fails |= fault;
        let known = known.map_or("–".to_owned(), |known| known.to_string());
        println!("| {} | {now} | {known} | {verdict} |", case.what);
    }
    println!("\nCounted with {here}.");
    if !comparable {
        println!("The baseline is from {machine}: nothing is held against it.");
    }
    for (name, little) in &counts {
        let Some(pair) = name.strip_suffix("-small") else { continue };
        let much = counts[format!("{pair}-large").as_str()];
        let share = much as f64 / *little as f64;
        fails |= share > SAME;
        let verdict = if share > SAME { ": TOO MUCH" } else { "" };
        println!("{pair}: {share:.3} times the instructions beside much{verdict}");
    }
    if write {
        let mut new = format!("{HEAD}{here}.\n");
        CASES.iter().for_each(|case| writeln!(new, "{} {}", case.name, counts[case.name]).unwrap());
        std::fs::write(BASELINE, new).unwrap();
        return ExitCode::SUCCESS;
    }
    if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Returns `true` if a count fails against its baseline, and the verdict to print.
fn judge(now: u64, known: Option<u64>) -> (bool, String) {
    let Some(known) = known else { return (false, String::new()) };
    let share = now as f64 / known as f64;
    let percent = format!("{:+.1} %", (share - 1.0) * 100.0);
    if share > RATIO_MAX {
        return (true, format!("{percent}: TOO MUCH"));
    }
    if share < RATIO_MIN {
        return (true, format!("{percent}: better; write it down with `-- --write`"));
    }
    (false, percent)
}

/// Returns the machine of the baseline, and its counts.
fn baseline() -> (String, BTreeMap<String, u64>) {
    let text = std::fs::read_to_string(BASELINE).unwrap_or_default();
    let machine = text.lines().next().and_then(|line| line.strip_prefix(HEAD));
    let machine = machine.unwrap_or_default().trim_end_matches('.').to_owned();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let counts = lines.filter_map(|(name, count)| Some((name.to_owned(), count.parse().ok()?)));
    (machine, counts.collect())
}
