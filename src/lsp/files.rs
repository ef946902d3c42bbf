//! The files shown to clients without virtual documents. The panel of a saved run is stored beside
//! the journal, and as long; everything else is removed with the connection.

use crate::journal::Folder;
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
        Files { state, own: Mutex::new(Own::None) }
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
