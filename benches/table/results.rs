//! `benches/RESULTS.md`: where the table was made, the table, and what bounds us.

use super::rival::{Rival, root};
use std::fs::read_to_string;

/// Writes the page.
pub(crate) fn write(table: &str, times: usize) {
    let bounds = include_str!("../bounds.md");
    let page = format!(
        "# Measured\n\n\
         Made by `benches/run.sh`, each figure in the same run beside the others: a bare reader of the same streams \
         that keeps the text and does nothing else (*limit*), the program of the article that kaizodo comes from \
         (*article*), and that program with its merge corrected (*corrected*). {times} repetitions: median \
         (minimum–maximum); the others' 256 branches and counts of tokens once.\n\n{}\n\n{table}\n{bounds}",
        machine()
    );
    std::fs::write(root().join("benches/RESULTS.md"), page).unwrap();
}

/// The computer, in general terms.
fn machine() -> String {
    let cores = std::thread::available_parallelism().unwrap();
    let cpu = field("/proc/cpuinfo", "model name", ':');
    let system = field("/etc/os-release", "PRETTY_NAME", '=');
    let memory: u64 =
        field("/proc/meminfo", "MemTotal", ':').trim_end_matches(" kB").parse().unwrap();
    let load = read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').nth(1).unwrap().to_owned();
    format!(
        "On {cores} virtual cores ({cpu}), {} GB, {}; the load over the last five minutes was {load}. The other \
         programs: Python with `openai` {}.",
        memory / 1_000_000,
        system.trim_matches('"'),
        Rival::openai_version(),
    )
}

/// The value of the first line that begins with a name.
fn field(file: &str, name: &str, mark: char) -> String {
    let text = read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_once(mark).unwrap().1.trim().to_owned()
}
