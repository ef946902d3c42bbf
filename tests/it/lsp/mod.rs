//! The real binary, driven as an editor drives it, with a model server on a loopback port.
//!
//! The tests assert order and counts, and times only if the contract names them.

mod beside;
#[cfg(unix)]
mod browse;
mod cancel;
mod compare;
mod connections;
mod endings;
mod events;
mod failure;
mod fallbacks;
mod focus;
mod follow_up;
mod frames;
mod insert;
mod lenses;
mod marks;
mod models;
mod money;
mod next_provider;
mod odd_clients;
mod outline;
mod plain_clients;
mod reasoning;
mod reasons;
mod refusals;
mod retry;
mod secure;
mod sets;
mod settings;
mod source;
mod turns;
mod wedge;
mod whole;
mod zoom;
