//! The real binary, driven as an editor drives it, with a model server on a loopback port.
//!
//! Order and counts are asserted; a time only where the contract names one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;
#[path = "support/upstream.rs"]
mod upstream;

#[path = "support/secure.rs"]
mod secure;

#[path = "lsp/kit.rs"]
mod kit;

#[path = "lsp/beside.rs"]
mod beside;
#[path = "lsp/cancel.rs"]
mod cancel;
#[path = "lsp/connections.rs"]
mod connections;
#[path = "lsp/endings.rs"]
mod endings;
#[path = "lsp/events.rs"]
mod events;
#[path = "lsp/failure.rs"]
mod failure;
#[path = "lsp/focus.rs"]
mod focus;
#[path = "lsp/frames.rs"]
mod frames;
#[path = "lsp/models.rs"]
mod models;
#[path = "lsp/odd_clients.rs"]
mod odd_clients;
#[path = "lsp/plain_clients.rs"]
mod plain_clients;
#[path = "lsp/reasons.rs"]
mod reasons;
#[path = "lsp/refusals.rs"]
mod refusals;
#[path = "lsp/retry.rs"]
mod retry;
#[path = "lsp/settings.rs"]
mod settings;
#[path = "lsp/turns.rs"]
mod turns;
#[path = "lsp/wedge.rs"]
mod wedge;
#[path = "lsp/whole.rs"]
mod whole;
