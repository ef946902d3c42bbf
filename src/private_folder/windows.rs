//! Private folders on Windows. They are accessed by path; the permissions of the user's profile
//! protect them from other users.

use super::{Access, FolderError, FolderErrorKind, PAUSE, TRIES};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;

/// The share mode of a locked file: FILE_SHARE_READ and FILE_SHARE_DELETE. Others may read and remove
/// the file, but not open it for writing.
const LOCKED: u32 = 1 | 4;
/// The error of a file that another process has opened without sharing it: ERROR_SHARING_VIOLATION.
const IN_USE: i32 = 32;

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

    /// Creates the file `name` and opens it for writing. Fails if the file already exists.
    pub(crate) fn create(&self, name: &str) -> Result<File, FolderError> {
        let path = self.path.join(name);
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => FolderError::new(&path, FolderErrorKind::AlreadyExists),
            _ => FolderError::io(&path, &error),
        })
    }

    /// Opens the file `name` once, as [`PrivateFolder::file`] does.
    pub(super) fn open_file(
        &self,
        name: &str,
        access: Access,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let path = self.path.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(about) if about.is_file() => {}
            Ok(_) => return Err(FolderError::new(&path, FolderErrorKind::NotAFile)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FolderError::io(&path, &error)),
        }
        let mut options = OpenOptions::new();
        options.read(true).write(matches!(access, Access::Write | Access::Claim));
        if access != Access::Read {
            options.share_mode(LOCKED);
        }
        let file = match options.open(&path) {
            Ok(file) => file,
            // Another process removed the file after it was found.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.raw_os_error() == Some(IN_USE) => {
                return Err(FolderError::new(&path, FolderErrorKind::Locked));
            }
            Err(error) => return Err(FolderError::io(&path, &error)),
        };
        let about = file.metadata().map_err(|e| FolderError::io(&path, &e))?;
        Ok(Some((file, about)))
    }

    /// Moves a file to the folder `to` under the name `new`, replacing any existing file. Retries
    /// briefly, because another program, such as an editor or a virus scanner, may be reading the
    /// existing file.
    pub(super) fn rename(&self, name: &str, to: &PrivateFolder, new: &str) -> io::Result<()> {
        let (from, to) = (self.path.join(name), to.path.join(new));
        for _ in 1..TRIES {
            match std::fs::rename(&from, &to) {
                Err(error) if is_in_use(&error) => sleep(PAUSE),
                renamed => return renamed,
            }
        }
        std::fs::rename(&from, &to)
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

/// Returns the same for all files: Rust does not tell a file's index on Windows, and not every file
/// system keeps the time of creation.
pub(crate) fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

fn is_in_use(error: &io::Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied || error.raw_os_error() == Some(IN_USE)
}
