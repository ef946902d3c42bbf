//! A run's panel as a real file, for clients without virtual documents. The file is shown once,
//! when it has its first text, and is complete once the run is over.

use crate::event::RunId;
use crate::lsp::connection::Connection;
use crate::lsp::files::{Destination, Files};
use crate::session::{Run, RunReader};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Minimum time between two writes, except urgent ones.
pub(crate) const TICK: Duration = Duration::from_millis(500);
/// Delay before a file's location is sent: Emacs 28 does not handle a message that it reads
/// together with the command's reply until the server's next message (`jsonrpc--process-filter`).
const APART: Duration = Duration::from_millis(200);

/// Writes a run's panel to its file whenever the panel changes, until the run is discarded. Shows
/// the file once, after it was first written.
pub(crate) async fn follow(connection: Arc<Connection>, mut reader: RunReader, files: Arc<Files>) {
    let mut shown = false;
    let mut failed = false;
    while let Some((run, progress)) = reader.changed().await {
        let has_text = run.with_panel(|panel| panel.states().any(|(_, _, state)| state.has_text()));
        if !has_text && !progress.over {
            continue;
        }
        match put(&connection, &run, &files, true).await {
            Ok(file) if !std::mem::replace(&mut shown, true) => show(&connection, &file).await,
            Ok(_) => {}
            Err(error) if !std::mem::replace(&mut failed, true) => tell(&connection, &error).await,
            Err(_) => {}
        }
    }
    connection.forget_panels();
}

/// Writes a run's panel to its file, with the panel's current text, and shows the file.
pub(crate) async fn open(connection: Arc<Connection>, run: Arc<Run>, files: Arc<Files>) {
    match put(&connection, &run, &files, false).await {
        Ok(file) => show(&connection, &file).await,
        Err(error) => tell(&connection, &error).await,
    }
}

/// Writes a run's panel to its file once more. There is nobody left to tell of a failure.
pub(crate) async fn write_at_end(connection: &Connection, run: &Run, files: &Arc<Files>) {
    if let Err(error) = put(connection, run, files, true).await {
        tracing::warn!(%error, "a panel's file may lack the end of its run");
    }
}

/// Reports that a file could not be written, and why.
async fn tell(connection: &Connection, error: &io::Error) {
    let Some(folders) = &connection.folders else { return };
    let place = folders.state.display();
    let message = connection.session.lang().pick(
        format!("結果を {place} に書けません（{error}）。置き場所は XDG_STATE_HOME で変えられます。"),
        format!(
            "The panel cannot be written to {place} ({error}). To use another folder, set XDG_STATE_HOME."
        ),
    );
    connection.client.warn(&message).await;
}

/// Paths that a panel was written to.
#[derive(Debug)]
struct Written {
    path: PathBuf,
    /// The shorter path of the same text, `latest.md`, if this panel is the newest.
    short: Option<PathBuf>,
}

/// Writes the current panel to its file and, if `is_newest`, to `latest.md` as well.
async fn put(
    connection: &Connection,
    run: &Run,
    files: &Arc<Files>,
    is_newest: bool,
) -> io::Result<Written> {
    let view = run.view();
    let name = format!("{}.md", run.id());
    // A saved run has its file beside the journal. If the run was read from the journal, this
    // applies only while the journal is enabled.
    let is_kept = run.is_persisted() && (run.request().is_some() || keeps(connection));
    let destination = if is_kept { Destination::Kept(name) } else { Destination::Temporary(name) };
    let newest = Some(run.id().clone()).filter(|_| is_newest && is_kept);
    let text = view.text().to_string();
    connection.panels.writes(run.id(), view, &connection.texts_of_panel(run.id()));
    put_text(files, destination, text, newest).await
}

/// Writes a run's panel to its file, with the panel's current text, and returns the file's URI.
/// Returns `None` if the file cannot be written.
pub(crate) async fn uri_of(
    connection: &Connection,
    run: &Run,
    files: &Arc<Files>,
) -> Option<String> {
    let written = put(connection, run, files, false).await;
    let file = written.inspect_err(|error| tracing::debug!(%error, "no panel was written")).ok()?;
    url::Url::from_file_path(file.path).ok().map(Into::into)
}

fn keeps(connection: &Connection) -> bool {
    connection.session.config().journal.enabled
}

/// Writes `text` to a file called `name` and shows the file. The file is removed when the
/// connection ends.
pub(crate) async fn put_and_show(
    connection: &Connection,
    files: &Arc<Files>,
    name: &str,
    text: String,
) {
    match put_text(files, Destination::Temporary(name.to_owned()), text, None).await {
        Ok(file) => show(connection, &file).await,
        Err(error) => tell(connection, &error).await,
    }
}

/// Writes `text` to a file and, if `newest` is given, also to `latest.md`, as the panel of that
/// run.
async fn put_text(
    files: &Arc<Files>,
    destination: Destination,
    text: String,
    newest: Option<RunId>,
) -> io::Result<Written> {
    let files = Arc::clone(files);
    let write = move || {
        let (path, short) = match newest {
            Some(run) => files.write_latest(&run, &destination, &text)?,
            None => (files.write(&destination, &text)?, None),
        };
        Ok(Written { path, short })
    };
    let written = tokio::task::spawn_blocking(write).await;
    written.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Opens the file in the client. If the client cannot do that, shows a message with the file's
/// path, the short one if possible, because some clients truncate messages at the edge of a
/// terminal.
async fn show(connection: &Connection, Written { path, short }: &Written) {
    if connection.capabilities().show_document
        && let Ok(uri) = url::Url::from_file_path(path)
    {
        return connection.show_document(uri.as_str()).await;
    }
    tokio::time::sleep(APART).await;
    let path = short.as_ref().unwrap_or(path).display();
    let name = connection.session.lang().pick("解像度", "Kaizodo");
    connection.client.inform(&format!("{name}: {path}")).await;
}
