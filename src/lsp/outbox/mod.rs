//! Everything that is sent to the client on the server's own initiative, at a limited rate.

mod document;
mod file;
mod lens_refresh;
mod preview;
mod progress;
mod trust;

pub(crate) use preview::{preview, show_text};
pub(crate) use trust::offer_trust;

use super::client::{REQUEST_TIMEOUT, Register};
use super::connection::Connection;
use crate::event::RunId;
use crate::session::{Run, RunReader};
use serde_json::json;
use std::sync::Arc;

/// How often to look for the run of a panel that the client has open.
const TAKE_UP_TRIES: usize = 3;

/// Shows a run to the client from now on, in every way that the client supports.
pub(crate) fn follow(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, true);
}

/// The same for a run that this client did not begin, unless it is shown already. A client that has
/// its panel open is not shown it again.
pub(crate) fn follow_on(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, false);
}

fn follow_with(connection: &Arc<Connection>, run: &Arc<Run>, is_new: bool) {
    if !connection.follows(run) {
        return;
    }
    let capabilities = connection.capabilities();
    if capabilities.progress {
        let reader = RunReader::new(run, progress::TICK);
        connection.spawn(progress::follow(Arc::clone(connection), reader));
    }
    if capabilities.lens_refresh {
        let reader = RunReader::new(run, lens_refresh::DEBOUNCE);
        connection.spawn(lens_refresh::follow(Arc::clone(connection), reader));
    }
    if capabilities.virtual_documents {
        if let Some(follower) = document::Follower::new(connection, run) {
            connection.spawn(follower.follow(RunReader::new(run, document::TICK), is_new));
        }
    } else if let Some(files) = &connection.files {
        let reader = RunReader::new(run, file::TICK);
        connection.spawn(file::follow(Arc::clone(connection), reader, Arc::clone(files)));
    }
}

/// Takes over an open panel that an earlier server, which may have been killed, had shown. Its text
/// becomes that of the journal, with an end.
pub(crate) fn take_up(connection: &Arc<Connection>, id: RunId) {
    if !connection.capabilities().virtual_documents {
        return;
    }
    let owned = Arc::clone(connection);
    connection.spawn(async move {
        for _ in 0..TAKE_UP_TRIES {
            // A server that was asked to end may still be writing.
            match owned.session.reopen(&id).await {
                Ok(run) => {
                    if let Some(follower) = document::Follower::new(&owned, &run) {
                        follower.follow(RunReader::new(&run, document::TICK), false).await;
                    }
                    return;
                }
                Err(error) => tracing::debug!(%error, "an open panel is not known"),
            }
            tokio::time::sleep(REQUEST_TIMEOUT).await;
        }
    });
}

/// Shows a run's panel once more, as it is now.
pub(crate) fn show(connection: &Arc<Connection>, run: &Arc<Run>) {
    if connection.capabilities().virtual_documents {
        document::show(connection, run);
    } else if let Some(files) = &connection.files {
        let (run, files) = (Arc::clone(run), Arc::clone(files));
        connection.spawn(file::open(Arc::clone(connection), run, files));
    }
}

/// The URI of the file that holds a run's panel for a client without virtual documents; it is written
/// first. `None` if it cannot be.
pub(crate) async fn panel_file(connection: &Connection, run: &Run) -> Option<String> {
    let files = connection.files.as_ref()?;
    file::uri_of(connection, run, files).await
}

/// Registers what the client asks about panels alone.
pub(crate) fn register(connection: &Arc<Connection>) {
    let registrations = connection.capabilities().registrations();
    if registrations.is_empty() {
        return;
    }
    let client = connection.client.clone();
    connection.spawn(async move {
        let params = json!({"registrations": registrations});
        client.request::<Register>(params, REQUEST_TIMEOUT).await;
    });
}

/// Has the client refresh its code lenses from now on.
pub(crate) fn offer_lenses(connection: &Arc<Connection>) {
    if connection.capabilities().lens_refresh {
        connection.spawn(lens_refresh::refresh(Arc::clone(connection)));
    }
}

/// Tells the client from now on when runs cannot be saved.
pub(crate) fn tell_trouble(connection: &Arc<Connection>) {
    let mut trouble = connection.session.journal.trouble();
    let connection_of_task = Arc::clone(connection);
    connection.spawn(async move {
        while trouble.changed().await.is_ok() {
            let error = trouble.borrow_and_update().clone();
            if let Some(error) = error {
                let connection = &connection_of_task;
                let message = error.not_saved(connection.session.lang());
                connection.client.warn(&message).await;
            }
        }
    });
}
