//! Everything that can go wrong upstream, over real sockets with the real binary: in an editor in
//! Japanese, and on the command line in English. `docs/faults.md` lists the faults with the test of
//! each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[allow(dead_code, reason = "`it` uses the rest")]
#[path = "../support/mod.rs"]
mod support;

mod bench;
mod broken;
mod busy;
mod dialect;
mod editor;
mod endless;
mod h2;
mod http2;
mod index;
#[cfg(target_os = "linux")]
mod large;
#[cfg(target_os = "linux")]
mod memory;
mod odd;
mod one_at_a_time;
mod proxies;
mod refused;
mod short_window;
mod silent;
mod socks;
mod stream;
mod tls;
mod told;
mod unreached;
mod which_model;
mod wrong;
