//! Code shared by the tests of the real binary: a model server, an editor, a command line, and the
//! artifacts that the tests leave behind.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

pub(crate) mod artifacts;
pub(crate) mod client;
pub(crate) mod frame;
pub(crate) mod kit;
pub(crate) mod program;
pub(crate) mod upstream;
