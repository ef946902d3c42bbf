//! Asks the client to refresh its code lenses when they have changed, but not for every chunk of
//! text.

use crate::lsp::client::{REQUEST_TIMEOUT, RefreshLenses};
use crate::lsp::connection::Connection;
use crate::lsp::lenses;
use crate::panel::Panel;
use crate::session::RunReader;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long changes are collected before a refresh, and the minimum time between two checks of a
/// run.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(250);

/// Asks the client for a refresh whenever its code lenses are outdated. Runs until the connection
/// ends.
pub(crate) async fn refresh(connection: Arc<Connection>) {
    loop {
        connection.lenses.changed().await;
        tokio::time::sleep(DEBOUNCE).await;
        let mut is_due = false;
        for id in connection.lenses.runs() {
            let Ok(run) = connection.session.run(&id) else {
                connection.lenses.forget(&id);
                continue;
            };
            let shows = connection.capabilities().show_document;
            let lenses = lenses::of_run(&connection.session, &run, shows).await;
            is_due |= connection.lenses.are_outdated(&id, lenses);
        }
        if is_due {
            connection.client.request::<RefreshLenses>(Value::Null, REQUEST_TIMEOUT).await;
        }
    }
}

/// Requests a check of a run's code lenses whenever one of the run's sections is added, ends,
/// restarts or gets its first text. Runs until the run is discarded.
pub(crate) async fn follow(connection: Arc<Connection>, mut reader: RunReader) {
    let mut known = Vec::new();
    while let Some((run, _)) = reader.changed().await {
        let now = run.with_panel(kinds);
        if now != known {
            known = now;
            connection.lenses.notify_changed();
        }
    }
}

/// Returns what lenses depend on: for each section, whether it has ended and whether it has an
/// answer.
fn kinds(panel: &Panel) -> Vec<(bool, bool)> {
    panel.states().map(|(branch, _, state)| (state.is_over(), panel.has_answer(branch))).collect()
}
