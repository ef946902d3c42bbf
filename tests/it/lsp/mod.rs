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

use crate::support::client::Client;
use std::time::Duration;

/// Asserts that an attempt succeeds after the settings have changed. A run waits only briefly for
/// the disk and then uses the settings that it has; if the log says so, the attempt is repeated.
/// The server must log warnings.
async fn unless_the_disk_is_slow(
    client: &mut Client,
    mut attempt: impl AsyncFnMut(&mut Client) -> bool,
) {
    let late = |client: &Client| client.stderr().matches("reading the settings timed out").count();
    loop {
        let before = late(client);
        if attempt(client).await {
            return;
        }
        // The log may be read a moment later.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(late(client) > before, "the change is not seen");
    }
}
