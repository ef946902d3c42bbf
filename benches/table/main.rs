//! Measures kaizodo, a bare reader of the same streams, the article's program, and that program
//! with its merge corrected, and prints a Markdown table. `benches/run.sh` installs what is needed
//! and runs it.
//!
//! It starts itself as `table upstream`, `table reader` and `table echo`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers"
)]

mod clock;
mod echo;
mod editor;
#[path = "../../tests/support/frame.rs"]
mod frame;
mod proc;
mod profile;
mod reader;
mod record;
mod report;
mod results;
mod rival;
mod rows;
mod upstream;

use rows::Bench;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("upstream") => upstream::main(),
        Some("reader") => reader::main(&args[1..]),
        Some("echo") => echo::main(),
        // `cargo test --all-targets` runs this program too, without measuring.
        _ if args.iter().any(|arg| arg == "--bench") => measure(&args),
        _ => {}
    }
}

/// `[--quick] [--ours] [--times N] [--write] [WORD…]`: measures all groups, or those whose name
/// contains a word. `--ours` skips the other programs.
fn measure(args: &[String]) {
    assert!(rival::is_installed(), "benches/run.sh installs what is measured beside us");
    let quick = args.iter().any(|arg| arg == "--quick");
    let times =
        args.iter().position(|arg| arg == "--times").map(|at| args[at + 1].parse().unwrap());
    let times: usize = times.unwrap_or(3);
    let words: Vec<&String> =
        args.iter().filter(|a| a.chars().all(|c| c.is_ascii_lowercase())).collect();
    let mut bench = Bench::new(quick, args.iter().any(|arg| arg == "--ours"));
    for time in 0..times {
        bench.first = time == 0;
        for (name, group) in rows::GROUPS {
            if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
                group(&mut bench);
            }
        }
    }
    let table = bench.table.markdown();
    println!("{table}");
    if args.iter().any(|arg| arg == "--write") {
        results::write(&table, times);
    }
}
