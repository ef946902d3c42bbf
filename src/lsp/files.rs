//! The files that clients without virtual documents are shown. A run that is kept has its panel
//! beside the journal, for as long as that; everything else goes with the connection.

use crate::journal::{Folder, Temporary};
use parking_lot::Mutex;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where a text is to be.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// Beside the journal.
    Kept(String),
    /// In the connection's own folder.
    Temporary(String),
}

/// The files of one connection. It waits for the disk: call it on a thread that may.
#[derive(Debug)]
pub(crate) struct Files {
    state: PathBuf,
    own: Mutex<Own>,
}

#[derive(Debug)]
enum Own {
    /// Nothing was written yet.
    None,
    Open(Temporary),
    /// The connection has ended.
    Closed,
}

impl Files {
    pub(crate) fn new(state: PathBuf) -> Self {
        Files { state, own: Mutex::new(Own::None) }
    }

    /// Removes what servers have left that were killed.
    pub(crate) fn sweep(&self) {
        if let Err(error) = Folder::new(self.state.clone()).sweep() {
            tracing::warn!(%error, "files of earlier servers stay");
        }
    }

    /// The path of this destination.
    ///
    /// # Errors
    /// A folder that is not to be trusted or cannot be made, or the end of the connection.
    fn path(&self, destination: &Destination, own: &Path) -> io::Result<PathBuf> {
        match destination {
            Destination::Temporary(name) => Ok(own.join(name)),
            Destination::Kept(name) => {
                let panels = self.state.join("panels");
                private_folder(&panels)?;
                Ok(panels.join(name))
            }
        }
    }

    /// Puts a text in place of what was there, whole or not at all, and says where it is.
    ///
    /// # Errors
    /// What the disk says, or the end of the connection.
    pub(crate) fn write(&self, destination: &Destination, text: &str) -> io::Result<PathBuf> {
        // Held until the text is there, so that the end comes before it or after it.
        let mut own = self.own.lock();
        if matches!(*own, Own::None) {
            let made = Folder::new(self.state.clone()).temporary();
            *own = Own::Open(made.map_err(io::Error::other)?);
        }
        let Own::Open(folder) = &*own else { return Err(io::ErrorKind::ConnectionAborted.into()) };
        let path = self.path(destination, &folder.path())?;
        // Half a text that a killed server leaves is in its own folder, too.
        let mut file = tempfile::Builder::new().prefix(".panel-").tempfile_in(folder.path())?;
        file.write_all(text.as_bytes())?;
        file.persist(&path).map_err(|e| e.error)?;
        Ok(path)
    }

    /// Removes the connection's own files; nothing is written afterwards.
    pub(crate) fn close(&self) {
        let mut own = self.own.lock();
        *own = Own::Closed;
    }
}

/// Makes the folder, for this user alone.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
