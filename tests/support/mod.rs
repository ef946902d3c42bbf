//! What the tests over the real binary share.

#![allow(dead_code, unreachable_pub, reason = "no single test binary uses all of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

pub mod artifacts;
pub mod client;
