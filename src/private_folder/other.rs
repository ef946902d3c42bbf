//! A folder where there are no descriptors of folders: by its path, which the user's own profile
//! keeps from others.

use super::{FolderError, FolderErrorKind};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder of this user's.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    path: PathBuf,
}

impl PrivateFolder {
    /// Looks at a folder; `None` where there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FolderError> {
        match std::fs::symlink_metadata(path) {
            Ok(about) if about.is_symlink() => Err(FolderError::new(path, FolderErrorKind::Link)),
            Ok(about) if !about.is_dir() => Err(FolderError::new(path, FolderErrorKind::NoFolder)),
            Ok(_) => Ok(Some(PrivateFolder { path: path.to_owned() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::io(path, &error)),
        }
    }

    /// Looks at a folder; where there is none, it is made, with those above it.
    pub(crate) fn make(path: &Path) -> Result<Self, FolderError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        std::fs::create_dir_all(path).map_err(|e| FolderError::io(path, &e))?;
        Self::open(path)?.ok_or_else(|| FolderError::io(path, &ErrorKind::NotFound.into()))
    }

    /// Looks at a folder in this one; `None` where there is none.
    pub(crate) fn open_in(&self, name: &str) -> Result<Option<Self>, FolderError> {
        Self::open(&self.path.join(name))
    }

    /// Looks at a folder in this one, and makes it where there is none.
    pub(crate) fn make_in(&self, name: &str) -> Result<Self, FolderError> {
        Self::make(&self.path.join(name))
    }

    /// Its path, for others to find it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Result<Vec<String>, FolderError> {
        let failed = |error| FolderError::io(&self.path, &error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            // A name that is no text is none of ours.
            names.extend(entry.map_err(failed)?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// Makes a file that was not there, to be written at its end.
    pub(crate) fn create(&self, name: &str) -> Result<File, FolderError> {
        let path = self.path.join(name);
        let made = OpenOptions::new().append(true).create_new(true).open(&path);
        made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => FolderError::new(&path, FolderErrorKind::Taken),
            _ => FolderError::io(&path, &error),
        })
    }

    /// Opens a file of ours to be read, or to be written at its end too; `None` where there is none.
    pub(crate) fn file(
        &self,
        name: &str,
        write: bool,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let path = self.path.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => {}
            Ok(_) => return Err(FolderError::new(&path, FolderErrorKind::NoFile)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FolderError::io(&path, &error)),
        }
        let file = OpenOptions::new().read(true).append(write).open(&path);
        let file = file.map_err(|e| FolderError::io(&path, &e))?;
        let about = file.metadata().map_err(|e| FolderError::io(&path, &e))?;
        Ok(Some((file, about)))
    }

    /// Moves a file into a folder, in place of what has the new name there.
    pub(super) fn rename(&self, name: &str, to: &PrivateFolder, new: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(name), to.path.join(new))
    }

    /// Removes a file; what a link leads to stays.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FolderError::io(&path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes a folder in it that is empty.
    pub(crate) fn remove_folder(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        match std::fs::remove_dir(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FolderError::io(&path, &error))
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
