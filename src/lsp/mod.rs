//! The language server: the front end for editors.

mod backend;
mod browser;
mod capabilities;
mod client;
mod connection;
mod editor_models;
mod ext;
mod files;
mod handlers;
mod lenses;
mod outbox;
mod panels;
mod params;
mod plain;
mod previews;
mod transport;
mod uri;

pub use transport::Exit;

use crate::session::Setup;
use client::Client;
use connection::Connection;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// Timeout for each step of a shutdown: writing the journal, writing the panels' files and removing
/// temporary files.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves one editor until the connection ends, then stops all runs. Returns why the connection
/// ended.
///
/// The process must exit through `std::process::exit` afterwards, because a pending read of stdin
/// cannot be cancelled.
pub async fn serve(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin + Send + 'static,
    setup: &Setup,
) -> Exit {
    let token = CancellationToken::new();
    let mut connection = None;
    let (service, socket) = backend::service(|client| {
        let made = Arc::new(Connection::new(Client::new(client), setup, token.clone()));
        connection = Some(Arc::clone(&made));
        made
    });
    let stopper = connection.clone();
    let stop = token.clone();
    let stopping = tokio::spawn(async move {
        stop.cancelled().await;
        if let Some(connection) = stopper {
            connection.session.stop_all();
        }
    });
    let doubt = || {
        if let Some(connection) = &connection {
            connection.session.documents.lock().mark_unsynced();
        }
    };
    if let Some(files) = connection.as_ref().and_then(|c| c.files.clone()) {
        tokio::task::spawn_blocking(move || files.sweep());
    }
    let exit = transport::serve(input, output, service, socket, token, doubt).await;
    // Stopping takes only moments. If the task panicked, the sockets close when the process exits.
    let _ = stopping.await;
    if let Some(connection) = connection {
        connection.session.flush(SHUTDOWN_TIMEOUT).await;
        let written = outbox::write_files_at_end(&connection);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, written).await.is_err() {
            tracing::warn!("writing the panels timed out");
        }
        if let Some(files) = connection.files.clone() {
            let closed = tokio::task::spawn_blocking(move || files.close());
            if tokio::time::timeout(SHUTDOWN_TIMEOUT, closed).await.is_err() {
                tracing::warn!("the files of this connection stay until the next start");
            }
        }
    }
    exit
}
