//! Writes `benches/RESULTS.md`: the machine, the table, and what limits kaizodo.

use super::rival::{Rival, root};
use std::fs::read_to_string;

/// Writes the page.
pub(crate) fn write(table: &str, times: usize) {
    let bounds = include_str!("../bounds.md");
    let page = format!(
        "# Measured\n\n\
         Made by `benches/run.sh`, which measures four programs in one run: kaizodo; a bare reader of the same streams, \
         which keeps the text and does nothing else (*limit*); the program from the article that inspired kaizodo \
         (*article*); and that program with its merge corrected (*corrected*). {times} repetitions: median \
         (minimum–maximum); for the others, 256 branches and token counts were measured once.\n\n{}\n\n{table}\n{bounds}",
        machine()
    );
    std::fs::write(root().join("benches/RESULTS.md"), page).unwrap();
}

/// Describes the machine in general terms.
fn machine() -> String {
    let cores = std::thread::available_parallelism().unwrap();
    let cpu = field("/proc/cpuinfo", "model name", ':');
    let system = field("/etc/os-release", "PRETTY_NAME", '=');
    let memory: u64 =
        field("/proc/meminfo", "MemTotal", ':').trim_end_matches(" kB").parse().unwrap();
    let load = read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').nth(1).unwrap().to_owned();
    format!(
        "On {cores} virtual cores ({cpu}), {} GB, {}; the load average over five minutes was {load}. The other \
         programs use Python with `openai` {}.",
        memory / 1_000_000,
        system.trim_matches('"'),
        Rival::openai_version(),
    )
}

/// Returns the value of the first line that begins with `name`.
fn field(file: &str, name: &str, mark: char) -> String {
    let text = read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_once(mark).unwrap().1.trim().to_owned()
}
