//! What the kernel says of a process (proc(5)).

use std::fs::read_to_string;

/// Processor time of all threads that are alive, in nanoseconds.
pub(crate) fn cpu(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of = |task: std::fs::DirEntry| {
        // A thread may end meanwhile.
        let text = read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    tasks.map(|task| of(task.unwrap())).sum()
}

/// Processor time of children that have ended, in nanoseconds; the kernel counts in hundredths of a
/// second.
pub(crate) fn children_cpu() -> u64 {
    let text = read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(13).take(2).map(|n| n.parse::<u64>().unwrap());
    ticks.sum::<u64>() * 10_000_000
}

/// Resident memory at its highest, in bytes.
pub(crate) fn peak_memory(pid: &str) -> u64 {
    field(pid, "VmHWM:")
}

/// Resident memory now, in bytes.
pub(crate) fn memory(pid: &str) -> u64 {
    field(pid, "VmRSS:")
}

fn field(pid: &str, name: &str) -> u64 {
    let text = read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}
