//! The real binary on a command line, against a scripted model server.

#[cfg(unix)]
mod complete;
mod demo;
mod doctor;
mod eval;
mod follow_up;
mod hostile;
mod input;
#[cfg(unix)]
pub(crate) mod live;
mod models;
mod money;
mod run;
mod short;
#[cfg(unix)]
mod shown;
#[cfg(unix)]
mod stop;
mod usage;
