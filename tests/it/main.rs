//! The program as its users meet it: the real binary over real pipes and sockets, and the library
//! where nothing else can be seen. One binary, so that it is linked once.
//!
//! What needs a process of its own stands beside this folder: `faults` and `soak` measure time and
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
