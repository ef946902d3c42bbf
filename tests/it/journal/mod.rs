//! Saved runs of the real binary: what a kill, a full disk or a planted file can destroy.

mod again;
mod alone;
mod commands;
mod disk;
mod endings;
mod follow_up;
mod found;
mod kill;
mod leftovers;
mod managed;
mod open;
mod retention;
mod shared;
pub(crate) mod shelf;
