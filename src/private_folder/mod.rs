//! Folders for this user alone: journals, trust and panels are in them.
//!
//! A folder is opened once and everything in it is reached from there, so that a link or another
//! folder that is put in its way afterwards is never followed.

mod temporary;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{PrivateFolder, identity};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{PrivateFolder, identity};

pub(crate) use temporary::Temporary;

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// How often a file that is locked is tried, and how long is waited between two tries. Who only
/// looks at a file has it locked for less.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Why a folder or a file in it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {kind}", path.display())]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: FolderErrorKind,
}

/// What is wrong with a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderErrorKind {
    /// A link, which may lead anywhere.
    #[error("a symbolic link")]
    Link,
    /// Something else where a folder should be.
    #[error("not a folder")]
    NoFolder,
    /// Something else where a file of this user's should be: a link, a pipe, another's file.
    #[error("not a file of this user")]
    NoFile,
    /// Another user's folder.
    #[error("a folder of another user")]
    Foreign,
    /// A folder that others may write to, with its mode.
    #[error("writable by other users (mode {0:o})")]
    Loose(u32),
    /// A file that should be new is there already.
    #[error("exists already")]
    Taken,
    /// Another process has it locked.
    #[error("locked by another process")]
    Locked,
    /// The system's own word.
    #[error("{1}")]
    Io(ErrorKind, String),
}

impl FolderError {
    pub(crate) fn new(path: impl AsRef<Path>, kind: FolderErrorKind) -> Self {
        FolderError { path: path.as_ref().to_owned(), kind }
    }

    /// What the system says of a path.
    pub(crate) fn io(path: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::new(path, FolderErrorKind::Io(error.kind(), error.to_string()))
    }
}

impl PrivateFolder {
    /// Puts a file in place of what was there, whole or not at all. Half a file that a killed
    /// process leaves is in `drafts`. With `sync` it outlasts a loss of power.
    pub(crate) fn write(
        &self,
        name: &str,
        bytes: &[u8],
        drafts: &PrivateFolder,
        sync: bool,
    ) -> Result<(), FolderError> {
        let draft = format!(".{:032x}", rand::random::<u128>());
        let mut file = drafts.create(&draft)?;
        let written = file.write_all(bytes);
        let written = written.and_then(|()| if sync { file.sync_all() } else { Ok(()) });
        // Open files cannot be moved on some platforms.
        drop(file);
        let written = written.and_then(|()| drafts.rename(&draft, self, name));
        if written.is_err() {
            let _ = drafts.remove(&draft);
        }
        written.map_err(|e| FolderError::io(self.path().join(name), &e))
    }
}

/// Takes a file for oneself until it is closed.
pub(crate) fn lock(file: &File) -> Result<(), FolderErrorKind> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            // Not every file system has locks, and one that has none is no reason to keep nothing.
            Err(TryLockError::Error(error)) => {
                tracing::debug!(%error, "a file cannot be locked");
                return Ok(());
            }
        }
    }
    Err(FolderErrorKind::Locked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let home = tempfile::tempdir().unwrap();
        let state = PrivateFolder::make(&home.path().join("state/kaizodo")).unwrap();
        let (files, drafts) = (state.make_in("files").unwrap(), state.make_in("drafts").unwrap());
        files.write("a.md", b"one", &drafts, false).unwrap();
        files.write("a.md", b"two", &drafts, true).unwrap();
        fs::create_dir(files.path().join("taken")).unwrap();
        assert!(files.write("taken", b"x", &drafts, false).is_err());
        assert_eq!(fs::read(files.path().join("a.md")).unwrap(), b"two");
        assert_eq!((files.names().unwrap().len(), drafts.names().unwrap()), (2, vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed_and_what_others_may_write_to_is_not_used() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let state = PrivateFolder::make(&home.path().join("kaizodo")).unwrap();
        let (files, mine) = (state.make_in("files").unwrap(), home.path().join("mine"));
        fs::write(&mine, "mine").unwrap();
        symlink(&mine, files.path().join("a.md")).unwrap();
        files.write("a.md", b"text", &files, false).unwrap();
        assert_eq!(fs::read(&mine).unwrap(), b"mine", "the link was replaced");
        symlink(home.path(), state.path().join("link")).unwrap();
        assert_eq!(state.make_in("link").unwrap_err().kind, FolderErrorKind::Link);
        fs::set_permissions(files.path(), fs::Permissions::from_mode(0o770)).unwrap();
        let loose = state.open_in("files").unwrap_err();
        let path = files.path().display().to_string();
        assert_eq!(loose.to_string(), format!("{path}: writable by other users (mode 770)"));
    }
}
