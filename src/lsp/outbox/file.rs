//! A run's panel as a real file, for clients without virtual documents: shown once when the first
//! text is in it, and complete at the end.

use super::pace::Pace;
use super::{Connection, PATIENCE, ShowDocument};
use crate::session::Run;
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The least time between two writings, but for those that nobody should wait for.
pub(super) const TICK: Duration = Duration::from_millis(500);
/// How long a file's place is kept back: what Emacs 28 reads together with the command's reply, it
/// does not look at before the server's next word (`jsonrpc--process-filter`).
const APART: Duration = Duration::from_millis(200);

/// Writes the panel until the run is forgotten.
pub(super) async fn follow(connection: Arc<Connection>, mut pace: Pace, state: PathBuf) {
    let mut shown = false;
    let mut failed = false;
    while let Some((run, beat)) = pace.next().await {
        let has_text = run.with_panel(|panel| panel.states().any(|(_, _, state)| state.has_text()));
        if !has_text && !beat.over {
            continue;
        }
        match put(&run, &state).await {
            Ok(path) if !std::mem::replace(&mut shown, true) => show(&connection, &path).await,
            Ok(_) => {}
            Err(unwritten) if !std::mem::replace(&mut failed, true) => {
                unwritten.tell(&connection).await;
            }
            Err(_) => {}
        }
    }
}

/// Writes the panel as it is now, and shows it.
pub(super) async fn open(connection: Arc<Connection>, run: Arc<Run>, state: PathBuf) {
    match put(&run, &state).await {
        Ok(path) => show(&connection, &path).await,
        Err(unwritten) => unwritten.tell(&connection).await,
    }
}

/// A file that could not be written, and why.
struct Unwritten(PathBuf, io::Error);

impl Unwritten {
    async fn tell(&self, connection: &Connection) {
        let (path, error) = (self.0.display(), &self.1);
        let message = connection.session.lang().pick(
            format!("結果を {path} に書けません({error})。置き場所は XDG_STATE_HOME で変えられます。"),
            format!("The panel cannot be written to {path} ({error}). XDG_STATE_HOME names another place."),
        );
        connection.outbox.warn(&message).await;
    }
}

/// Writes the panel of this moment into its file.
async fn put(run: &Run, state: &Path) -> Result<PathBuf, Unwritten> {
    let text = run.with_panel(|panel| panel.text());
    put_text(state, &format!("{}.md", run.id()), text).await
}

/// Writes a text that is whole into a file of this name, and shows it.
pub(super) async fn put_and_show(connection: &Connection, state: &Path, name: &str, text: String) {
    match put_text(state, name, text).await {
        Ok(path) => show(connection, &path).await,
        Err(unwritten) => unwritten.tell(connection).await,
    }
}

async fn put_text(state: &Path, name: &str, text: String) -> Result<PathBuf, Unwritten> {
    let folder = state.join("panels");
    let path = folder.join(name);
    let target = path.clone();
    let written = tokio::task::spawn_blocking(move || write(&folder, &target, &text)).await;
    match written.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Ok(path),
        Err(error) => Err(Unwritten(path, error)),
    }
}

/// Puts the text in place of what was there, whole or not at all.
fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    private_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix(".panel-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Makes the folder, for this user alone.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens the file in the client, or tells where it is.
async fn show(connection: &Connection, path: &Path) {
    let client = connection.client();
    if client.show_document
        && let Ok(uri) = url::Url::from_file_path(path)
    {
        let mut params = json!({"uri": uri, "takeFocus": false});
        if client.is_eglot
            && let Some(params) = params.as_object_mut()
        {
            params.remove("takeFocus");
        }
        connection.outbox.request::<ShowDocument>(params, PATIENCE).await;
        return;
    }
    tokio::time::sleep(APART).await;
    let path = path.display();
    let message = connection
        .session
        .lang()
        .pick(format!("解像度: {path}"), format!("Kaizodo: the answers are in {path}"));
    connection.outbox.inform(&message).await;
}
