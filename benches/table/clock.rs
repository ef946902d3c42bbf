//! CLOCK_MONOTONIC, which all processes of a computer share: Python's `time.monotonic_ns` and node's
//! `process.hrtime` read the same.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds.
pub(crate) fn now() -> u64 {
    of(ClockId::Monotonic)
}

/// What this process and all of its threads have had of the processors, in nanoseconds.
pub(crate) fn own_cpu() -> u64 {
    of(ClockId::ProcessCPUTime)
}

fn of(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

pub(crate) fn ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
