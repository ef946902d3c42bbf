//! What leaves this machine and what does not, over the real binary: secrets in a selection,
//! documents that are never sent, keys, and what is shown before anything is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(dead_code, reason = "the helpers serve other tests too")]

mod support;
use support::artifacts;
#[path = "support/upstream.rs"]
mod upstream;

#[path = "lsp/kit.rs"]
mod kit;
#[path = "cli/program.rs"]
mod program;

#[path = "privacy/context.rs"]
mod context;
#[path = "privacy/keys.rs"]
mod keys;
#[path = "privacy/lists.rs"]
mod lists;
#[path = "privacy/never_send.rs"]
mod never_send;
#[path = "privacy/preview.rs"]
mod preview;
#[path = "privacy/redact.rs"]
mod redact;
