//! Reads process statistics from the kernel (proc(5)).

use std::fs::read_to_string;

/// Returns the CPU time of all running threads of a process in nanoseconds.
pub(crate) fn cpu(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of = |task: std::fs::DirEntry| {
        // A thread may end in the meantime.
        let text = read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    tasks.map(|task| of(task.unwrap())).sum()
}

/// Returns the CPU time of ended child processes in nanoseconds, with a resolution of 10 ms.
pub(crate) fn children_cpu() -> u64 {
    let text = read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(13).take(2).map(|n| n.parse::<u64>().unwrap());
    ticks.sum::<u64>() * 10_000_000
}

/// Returns the peak resident memory of a process in bytes.
pub(crate) fn peak_memory(pid: &str) -> u64 {
    field(pid, "VmHWM:")
}

/// Returns the current resident memory of a process in bytes.
pub(crate) fn memory(pid: &str) -> u64 {
    field(pid, "VmRSS:")
}

fn field(pid: &str, name: &str) -> u64 {
    let text = read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}
