//! `CLOCK_MONOTONIC`, which all processes share: Python's `time.monotonic_ns` and Node's
//! `process.hrtime` read it too.

use rustix::time::{ClockId, clock_gettime};

/// Returns the time in nanoseconds.
pub(crate) fn now() -> u64 {
    of(ClockId::Monotonic)
}

/// Returns the CPU time of all threads of this process in nanoseconds.
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
