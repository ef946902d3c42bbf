//! The real binary on a command line, against a scripted model server.

mod doctor;
mod eval;
mod hostile;
mod input;
#[cfg(unix)]
pub(crate) mod live;
mod models;
mod money;
mod run;
#[cfg(unix)]
mod stop;
mod usage;
