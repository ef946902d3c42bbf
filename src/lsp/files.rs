//! The files shown to clients without virtual documents. The panel of a saved run is stored beside
//! the journal and kept as long as the run's journal; all other files are removed when the
//! connection ends.

use crate::event::RunId;
use crate::journal::{Folder, Latest, LatestFile};
use crate::private_folder::{FolderError, PrivateFolder, Temporary};
use parking_lot::Mutex;
use std::io;
use std::path::PathBuf;

/// The folder to write a file to, with the file's name.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// The folder of panels beside the journal, where the file is kept as long as the run's
    /// journal.
    Kept(String),
    /// The connection's own folder, which is removed when the connection ends.
    Temporary(String),
}

/// The files of one connection. Methods that access the disk block: call them on a blocking thread.
#[derive(Debug)]
pub(crate) struct Files {
    state: PathBuf,
    own: Mutex<Own>,
    /// What this connection last wrote to `latest.md`. Locked while the newest panel is being
    /// written.
    latest: Mutex<Option<Latest>>,
    latest_run: Mutex<Option<RunId>>,
}

#[derive(Debug)]
enum Own {
    /// Nothing has been written yet.
    None,
    Open(Temporary),
    /// The connection has ended.
    Closed,
}

impl Files {
    pub(crate) fn new(state: PathBuf) -> Self {
        Files {
            state,
            own: Mutex::new(Own::None),
            latest: Mutex::default(),
            latest_run: Mutex::default(),
        }
    }

    /// Removes files left behind by servers that were killed, and by earlier versions of this
    /// server.
    pub(crate) fn sweep(&self) {
        if let Err(error) = Folder::new(self.state.clone()).sweep() {
            tracing::warn!(%error, "files of earlier servers stay");
        }
    }

    /// Replaces a file's text atomically and returns the file's path.
    ///
    /// # Errors
    /// Fails if the file cannot be written or the connection has ended.
    pub(crate) fn write(&self, destination: &Destination, text: &str) -> io::Result<PathBuf> {
        // Locked until the text is written, so that `close` takes effect either before or after the
        // write.
        let mut own = self.own.lock();
        if matches!(*own, Own::None) {
            *own = Own::Open(Temporary::make(&self.state).map_err(io::Error::other)?);
        }
        let Own::Open(temporary) = &*own else {
            return Err(io::ErrorKind::ConnectionAborted.into());
        };
        // Drafts are always in the connection's own folder, so that a killed server leaves a
        // partial file nowhere else.
        let drafts = temporary.folder();
        let written = match destination {
            Destination::Temporary(name) => put(drafts, name, text, drafts),
            Destination::Kept(name) => PrivateFolder::make(&self.state)
                .and_then(|state| state.make_in("panels"))
                .and_then(|panels| put(&panels, name, text, drafts)),
        };
        written.map_err(io::Error::other)
    }

    /// Writes the panel of a saved run like [`Files::write`], and also to `latest.md`, the short
    /// name of the newest panel. Returns both paths; the second is `None` if `latest.md` belongs to
    /// a newer run or could not be written.
    ///
    /// # Errors
    /// Fails if [`Files::write`] fails.
    pub(crate) fn write_latest(
        &self,
        run: &RunId,
        destination: &Destination,
        text: &str,
    ) -> io::Result<(PathBuf, Option<PathBuf>)> {
        let mut latest = self.latest.lock();
        // Locked before the panel is written. Until both files are written, the text in `latest.md`
        // may match no panel's file, and another process would remove `latest.md` as a leftover.
        let short = PrivateFolder::make(&self.state)
            .and_then(|state| state.make_in("panels"))
            .and_then(|panels| Ok((LatestFile::open(&panels)?, panels)));
        let path = self.write(destination, text)?;
        let written = short.and_then(|(short, panels)| {
            let path = short.path();
            let written = short.write(&panels, latest.as_ref(), run, text)?;
            Ok(written.map(|written| {
                *self.latest_run.lock() = Some(written.run.clone());
                *latest = Some(written);
                path
            }))
        });
        let short =
            written.inspect_err(|error| tracing::warn!(%error, "it has its long name only"));
        Ok((path, short.ok().flatten()))
    }

    /// Returns the run whose panel this connection last wrote to `latest.md`.
    pub(crate) fn latest_run(&self) -> Option<RunId> {
        self.latest_run.lock().clone()
    }

    /// Removes the connection's own folder and its files. Later writes fail.
    pub(crate) fn close(&self) {
        let mut own = self.own.lock();
        *own = Own::Closed;
    }
}

fn put(
    folder: &PrivateFolder,
    name: &str,
    text: &str,
    drafts: &PrivateFolder,
) -> Result<PathBuf, FolderError> {
    folder.write(name, text.as_bytes(), drafts, false)?;
    Ok(folder.path().join(name))
}
