//! Everything that is sent to the client on the server's own initiative, at a limited rate.

mod document;
mod file;
mod lens_refresh;
mod next_provider;
mod preview;
mod progress;
mod trust;

pub(crate) use preview::show_text;
pub(crate) use trust::offer_trust;

use super::client::{REQUEST_TIMEOUT, Register};
use super::connection::Connection;
use crate::event::RunId;
use crate::session::{Run, RunReader};
use serde_json::json;
use std::sync::Arc;

/// Number of attempts to load the run of a panel that the client has open.
const READOPT_TRIES: usize = 3;

/// Starts to show a run's updates to the client, in every way that the client supports: progress,
/// code lenses and the panel. Does nothing if the client is already shown the run's updates.
pub(crate) fn follow(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, true);
}

/// Like [`follow`], but for a run that this client did not start: if the panel is a virtual
/// document, it is kept up to date without being opened.
pub(crate) fn follow_on(connection: &Arc<Connection>, run: &Arc<Run>) {
    follow_with(connection, run, false);
}

fn follow_with(connection: &Arc<Connection>, run: &Arc<Run>, is_new: bool) {
    if !connection.mark_followed(run) {
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
        if let Some(follower) = document::Follower::new(connection, run, is_new) {
            connection.spawn(follower.follow(RunReader::new(run, document::TICK), is_new));
        }
    } else if let Some(files) = &connection.files {
        let reader = RunReader::new(run, file::TICK);
        connection.spawn(file::follow(Arc::clone(connection), reader, Arc::clone(files)));
    }
}

/// Takes over a panel that the client still has open from an earlier server, which may have been
/// killed. The panel is restored from the journal, and its unfinished sections are shown as cut
/// off. Does nothing if the client does not support virtual documents.
pub(crate) fn readopt_panel(connection: &Arc<Connection>, id: RunId) {
    if !connection.capabilities().virtual_documents {
        return;
    }
    let owned = Arc::clone(connection);
    connection.spawn(async move {
        for _ in 0..READOPT_TRIES {
            // A server that was asked to shut down may still be writing the journal.
            match owned.session.load_run(&id).await {
                Ok(run) => {
                    if let Some(follower) = document::Follower::new(&owned, &run, false) {
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

/// Opens a run's panel in the client, with the panel's current text.
pub(crate) fn show(connection: &Arc<Connection>, run: &Arc<Run>) {
    if connection.capabilities().virtual_documents {
        document::show(connection, run);
    } else if let Some(files) = &connection.files {
        let (run, files) = (Arc::clone(run), Arc::clone(files));
        connection.spawn(file::open(Arc::clone(connection), run, files));
    }
}

/// Writes a run's panel to its file, for a client without virtual documents, and returns the file's
/// URI. Returns `None` if the file cannot be written.
pub(crate) async fn panel_file(connection: &Connection, run: &Run) -> Option<String> {
    let files = connection.files.as_ref()?;
    file::uri_of(connection, run, files).await
}

/// Rewrites panel files that are out of date. Called when all runs have ended: the tasks that keep
/// the files current end with the connection, possibly before the last events. Other files are left
/// as they are, since they may have been removed or edited.
pub(crate) async fn write_files_at_end(connection: &Connection) {
    let Some(files) = &connection.files else { return };
    let runs = connection.session.runs();
    for run in runs {
        if connection.panels.has_old_file(run.id(), run.view().text()) {
            file::write_at_end(connection, &run, files).await;
        }
    }
}

/// Dynamically registers the LSP features that the client should use for panels only, if there are
/// any.
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

/// Starts the task that asks the client to refresh its code lenses whenever they change, if the
/// client supports that.
pub(crate) fn offer_lenses(connection: &Arc<Connection>) {
    if connection.capabilities().lens_refresh {
        connection.spawn(lens_refresh::refresh(Arc::clone(connection)));
    }
}

/// Starts the task that tells the client who would be asked, if the client shows that.
pub(crate) fn tell_provider(connection: &Arc<Connection>) {
    if connection.capabilities().provider {
        connection.spawn(next_provider::tell(Arc::clone(connection)));
    }
}

/// Starts the task that warns the user when runs cannot be saved.
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
