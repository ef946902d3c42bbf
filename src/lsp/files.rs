//! The files shown to clients without virtual documents. The panel of a saved run is stored beside
//! the journal, and as long; everything else is removed with the connection.

use crate::event::RunId;
use crate::journal::{Folder, Latest, LatestFile};
use crate::private_folder::{FolderError, PrivateFolder, Temporary};
use parking_lot::Mutex;
use std::io;
use std::path::PathBuf;

/// Where to write a text.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// Beside the journal.
    Kept(String),
    /// In the connection's own folder.
    Temporary(String),
}

/// The files of one connection. Blocks on the disk: call it on a blocking thread.
#[derive(Debug)]
pub(crate) struct Files {
    state: PathBuf,
    own: Mutex<Own>,
    /// Held while the newest panel is written.
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

    /// Removes what killed servers have left.
    pub(crate) fn sweep(&self) {
        if let Err(error) = Folder::new(self.state.clone()).sweep() {
            tracing::warn!(%error, "files of earlier servers stay");
        }
    }

    /// Replaces the file's text as a whole or not at all, and returns its path.
    ///
    /// # Errors
    /// An I/O error, or the end of the connection.
    pub(crate) fn write(&self, destination: &Destination, text: &str) -> io::Result<PathBuf> {
        // Held until the text is there, so that the end comes before it or after it.
        let mut own = self.own.lock();
        if matches!(*own, Own::None) {
            *own = Own::Open(Temporary::make(&self.state).map_err(io::Error::other)?);
        }
        let Own::Open(temporary) = &*own else {
            return Err(io::ErrorKind::ConnectionAborted.into());
        };
        // Half a text that a killed server leaves is always in its own folder.
        let drafts = temporary.folder();
        let written = match destination {
            Destination::Temporary(name) => put(drafts, name, text, drafts),
            Destination::Kept(name) => PrivateFolder::make(&self.state)
                .and_then(|state| state.make_in("panels"))
                .and_then(|panels| put(&panels, name, text, drafts)),
        };
        written.map_err(io::Error::other)
    }

    /// Writes the panel of a saved run like [`Files::write`], and under the short name that the newest
    /// has. Returns the path of that, too, unless it is another run's or could not be written.
    ///
    /// # Errors
    /// Those of [`Files::write`].
    pub(crate) fn write_latest(
        &self,
        run: &RunId,
        destination: &Destination,
        text: &str,
    ) -> io::Result<(PathBuf, Option<PathBuf>)> {
        let mut latest = self.latest.lock();
        // Locked before the panel is written: until both are there, neither is held to be left over.
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

    /// The run whose panel has the short name, as far as this connection has written it.
    pub(crate) fn latest_run(&self) -> Option<RunId> {
        self.latest_run.lock().clone()
    }

    /// Removes the connection's own files; nothing is written afterwards.
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
