//! What a process holds.

use crate::support::client::Client;
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What the server holds while nothing is under way.
#[derive(Debug)]
pub(crate) struct Gauge {
    runs: usize,
    /// Resident memory in kB.
    memory: usize,
    threads: usize,
    tasks: usize,
    descriptors: usize,
    sockets: usize,
    /// Files below its home: a journal for each run, and what was there before.
    files: usize,
}

impl Gauge {
    /// Reads it when what the last runs have left is gone, after so many seconds.
    pub(crate) async fn read(client: &Client, runs: usize, seconds: u64) -> Self {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let process = format!("/proc/{}", client.pid());
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let field = |name: &str| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        let links = fs::read_dir(format!("{process}/fd")).unwrap();
        let links: Vec<_> = links.filter_map(|e| fs::read_link(e.unwrap().path()).ok()).collect();
        let log = client.stderr();
        let tasks = log.rsplit("tasks=").next().unwrap();
        Self {
            runs,
            memory: field("VmRSS:"),
            threads: field("Threads:"),
            tasks: tasks.split_whitespace().next().unwrap().parse().unwrap(),
            descriptors: links.len(),
            sockets: links.iter().filter(|l| l.to_string_lossy().starts_with("socket:")).count(),
            files: files(client.home()),
        }
    }

    /// Whether it is no more than it was.
    pub(crate) fn compare(&self, before: &Self) {
        let told = format!("{before}\n{self}");
        assert!(self.memory <= before.memory + (8 << 10), "memory\n{told}");
        // In the short test those that wrote for some runs at once are still there.
        let spare = if self.runs < 1_000 { 16 } else { 4 };
        assert!(self.threads <= before.threads + spare, "threads\n{told}");
        // Those who would follow a retry of the hundred runs that are kept, three for each.
        assert!(self.tasks <= 3 * self.runs.min(101) + 30, "tasks\n{told}");
        // Connections are kept for the next run, as many as were used at once.
        assert!(self.sockets <= 40 && self.descriptors <= 64, "descriptors\n{told}");
        assert!(
            self.descriptors - self.sockets <= before.descriptors - before.sockets,
            "files\n{told}"
        );
        assert_eq!(self.files - self.runs, before.files - before.runs, "files\n{told}");
    }
}

impl fmt::Display for Gauge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>6} runs: {:>6} kB, {:>3} threads, {:>3} tasks, {:>3} descriptors ({} sockets), {} files",
            self.runs,
            self.memory,
            self.threads,
            self.tasks,
            self.descriptors,
            self.sockets,
            self.files
        )
    }
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
