//! The real binary on a command line, against a scripted model server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/artifacts.rs"]
mod artifacts;
#[path = "support/upstream.rs"]
mod upstream;

#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/eval.rs"]
mod eval;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/input.rs"]
mod input;
#[cfg(unix)]
#[path = "cli/live.rs"]
mod live;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/run.rs"]
mod run;
#[cfg(unix)]
#[path = "cli/stop.rs"]
mod stop;
#[path = "cli/usage.rs"]
mod usage;
