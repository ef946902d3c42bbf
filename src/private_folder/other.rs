//! Private folders on platforms without folder descriptors. They are accessed by path; the
//! permissions of the user's profile protect them from other users.

use super::{FolderError, FolderErrorKind};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder for the current user's private files. Only the permissions of the user's profile keep
/// other users out.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    path: PathBuf,
}

impl PrivateFolder {
    /// Opens a folder. Returns `None` if the folder does not exist.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FolderError> {
        match std::fs::symlink_metadata(path) {
            Ok(about) if about.is_symlink() => Err(FolderError::new(path, FolderErrorKind::Link)),
            Ok(about) if !about.is_dir() => {
                Err(FolderError::new(path, FolderErrorKind::NotAFolder))
            }
            Ok(_) => Ok(Some(PrivateFolder { path: path.to_owned() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::io(path, &error)),
        }
    }

    /// Opens a folder. Creates the folder and its parents if it does not exist.
    pub(crate) fn make(path: &Path) -> Result<Self, FolderError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        std::fs::create_dir_all(path).map_err(|e| FolderError::io(path, &e))?;
        Self::open(path)?.ok_or_else(|| FolderError::io(path, &ErrorKind::NotFound.into()))
    }

    /// Opens a subfolder. Returns `None` if the subfolder does not exist.
    pub(crate) fn open_in(&self, name: &str) -> Result<Option<Self>, FolderError> {
        Self::open(&self.path.join(name))
    }

    /// Opens a subfolder. Creates the subfolder if it does not exist.
    pub(crate) fn make_in(&self, name: &str) -> Result<Self, FolderError> {
        Self::make(&self.path.join(name))
    }

    /// Returns the folder's path, for messages and for other programs.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the names of all files and folders in this folder. Skips names that are not Unicode.
    pub(crate) fn names(&self) -> Result<Vec<String>, FolderError> {
        let failed = |error| FolderError::io(&self.path, &error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(failed)? {
            // A name that is not Unicode does not come from this program.
            names.extend(entry.map_err(failed)?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// Creates the file `name` and opens it for appending. Fails if the file already exists.
    pub(crate) fn create(&self, name: &str) -> Result<File, FolderError> {
        let path = self.path.join(name);
        let made = OpenOptions::new().append(true).create_new(true).open(&path);
        made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => FolderError::new(&path, FolderErrorKind::AlreadyExists),
            _ => FolderError::io(&path, &error),
        })
    }

    /// Opens the file `name` for reading and, if `write`, also for appending. Returns the file with
    /// its metadata, or `None` if the file does not exist. Fails if it is not a regular file.
    pub(crate) fn file(
        &self,
        name: &str,
        write: bool,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let path = self.path.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => {}
            Ok(_) => return Err(FolderError::new(&path, FolderErrorKind::NotAFile)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FolderError::io(&path, &error)),
        }
        let file = OpenOptions::new().read(true).append(write).open(&path);
        let file = file.map_err(|e| FolderError::io(&path, &e))?;
        let about = file.metadata().map_err(|e| FolderError::io(&path, &e))?;
        Ok(Some((file, about)))
    }

    /// Moves a file to the folder `to` under the name `new`, replacing any existing file.
    pub(super) fn rename(&self, name: &str, to: &PrivateFolder, new: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(name), to.path.join(new))
    }

    /// Removes a file if it exists. If the file is a link, removes only the link.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FolderError::io(&path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes an empty subfolder if it exists.
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

/// Returns placeholders for a file's device and inode: on these platforms, files cannot be told
/// apart.
pub(crate) fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Returns `true`: on these platforms, an open file is assumed to keep its name.
pub(crate) fn has_name(_: &Metadata) -> bool {
    true
}
