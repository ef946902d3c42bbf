//! The folder where there are no descriptors of folders: by its path, which the user's own profile
//! keeps from others.

use crate::journal::error::{JournalError, JournalErrorKind};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder.
pub(crate) struct Dir {
    path: PathBuf,
}

impl Dir {
    /// Looks at the folder; `None` where there is none.
    pub(crate) fn open(state: &Path, name: &str) -> Result<Option<Self>, JournalError> {
        let path = state.join(name);
        for folder in [state, &path] {
            match std::fs::symlink_metadata(folder) {
                Ok(about) if about.is_symlink() => {
                    return Err(JournalError::new(folder, JournalErrorKind::Link));
                }
                Ok(about) if !about.is_dir() => {
                    return Err(JournalError::new(folder, JournalErrorKind::NoFolder));
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(JournalError::io(folder, &error)),
            }
        }
        Ok(Some(Dir { path }))
    }

    /// Looks at the folder, and makes it where there is none.
    pub(crate) fn make(state: &Path, name: &str) -> Result<Self, JournalError> {
        if let Some(dir) = Self::open(state, name)? {
            return Ok(dir);
        }
        let path = state.join(name);
        std::fs::create_dir_all(&path).map_err(|e| JournalError::io(&path, &e))?;
        Self::open(state, name)?.ok_or_else(|| JournalError::io(&path, &ErrorKind::NotFound.into()))
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// Makes a file that was not there, to be written at its end.
    pub(crate) fn create(&self, name: &str) -> Result<File, JournalError> {
        let path = self.path.join(name);
        let made = OpenOptions::new().append(true).create_new(true).open(&path);
        made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => JournalError::new(&path, JournalErrorKind::Taken),
            _ => JournalError::io(&path, &error),
        })
    }

    /// Opens a file of ours to be read, or to be written at its end too; `None` where there is none.
    pub(crate) fn file(
        &self,
        name: &str,
        write: bool,
    ) -> Result<Option<(File, Metadata)>, JournalError> {
        let path = self.path.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => {}
            Ok(_) => return Err(JournalError::new(&path, JournalErrorKind::NoFile)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalError::io(&path, &error)),
        }
        let file = OpenOptions::new().read(true).append(write).open(&path);
        let file = file.map_err(|e| JournalError::io(&path, &e))?;
        let about = file.metadata().map_err(|e| JournalError::io(&path, &e))?;
        Ok(Some((file, about)))
    }

    /// Removes a file; what a link leads to stays.
    pub(crate) fn remove(&self, name: &str) -> Result<(), JournalError> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(JournalError::io(&path, &error))
            }
            _ => Ok(()),
        }
    }
}

impl Dir {
    /// Removes a folder in it that is empty.
    pub(crate) fn remove_folder(&self, name: &str) -> Result<(), JournalError> {
        let path = self.path.join(name);
        match std::fs::remove_dir(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(JournalError::io(&path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// What tells this file from any other, as far as that is known, and whether it still has a name:
/// an open file cannot be removed here.
pub(crate) fn identity(_: &Metadata) -> (u64, u64, bool) {
    (0, 0, true)
}
