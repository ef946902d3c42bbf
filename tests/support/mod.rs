//! What the tests over the real binary share: a model server, an editor, a command line, and what
//! they leave behind.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

pub(crate) mod artifacts;
pub(crate) mod client;
pub(crate) mod frame;
pub(crate) mod kit;
pub(crate) mod program;
pub(crate) mod upstream;
