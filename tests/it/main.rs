//! Tests of the real binary over real pipes and sockets, and of the library where the binary shows
//! too little. One test binary, so that it is linked only once.
//!
//! Tests that need their own process are next to this folder: `faults` and `soak` measure time and
//! memory, `network` runs under strace, `canary` and `tidy` look at files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod cli;
mod hostile;
#[cfg(unix)]
mod journal;
#[cfg(target_os = "linux")]
mod llama;
mod lsp;
mod mcp;
mod privacy;
mod provider;
#[cfg(unix)]
mod setup;
#[path = "../support/mod.rs"]
mod support;
#[cfg(unix)]
mod terminal;
mod text_sync;
#[cfg(unix)]
mod trust;
#[cfg(unix)]
mod web;
