//! Private folders of the current user, which contain journals, trust records and panels.
//!
//! On Unix, a folder is opened once and everything in it is accessed relative to its descriptor, so
//! that a link or another folder that later takes its place is never followed.

mod temporary;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{PrivateFolder, has_name, identity};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{PrivateFolder, has_name, identity};

pub(crate) use temporary::Temporary;

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Maximum number of attempts to lock a file. With [`PAUSE`] between them, the attempts outlast the
/// lock of a process that merely inspects the file.
const TRIES: usize = 20;
/// Pause between two attempts to lock a file.
const PAUSE: Duration = Duration::from_millis(5);

/// Why a private folder or a file in it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {kind}", path.display())]
pub struct FolderError {
    /// Path of the file or folder.
    pub path: PathBuf,
    /// What is wrong with the file or folder.
    pub kind: FolderErrorKind,
}

/// What is wrong with a private folder or a file in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderErrorKind {
    /// A symbolic link in place of the folder. The link may lead anywhere.
    #[error("a symbolic link")]
    Link,
    /// Something other than a folder or a link, such as a file.
    #[error("not a folder")]
    NotAFolder,
    /// Something other than a regular file of this user, such as a link, a pipe or another user's
    /// file.
    #[error("not a file of this user")]
    NotAFile,
    /// A folder that belongs to another user.
    #[error("a folder of another user")]
    WrongOwner,
    /// A folder that its group or other users may write to. Contains the folder's mode.
    #[error("writable by other users (mode {0:o})")]
    WritableByOthers(u32),
    /// A file that should be new but already exists.
    #[error("exists already")]
    AlreadyExists,
    /// A file that another process has locked.
    #[error("locked by another process")]
    Locked,
    /// Any other I/O error. Contains its kind and message.
    #[error("{1}")]
    Io(ErrorKind, String),
}

impl FolderError {
    pub(crate) fn new(path: impl AsRef<Path>, kind: FolderErrorKind) -> Self {
        FolderError { path: path.as_ref().to_owned(), kind }
    }

    /// Creates an error from a failed I/O operation on `path`.
    pub(crate) fn io(path: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::new(path, FolderErrorKind::Io(error.kind(), error.to_string()))
    }
}

impl PrivateFolder {
    /// Writes the file `name` atomically, replacing any existing file. The bytes are first written
    /// to a draft in the folder `drafts`; a killed process may leave an incomplete draft there.
    /// With `sync`, the draft is flushed to disk before it is renamed, so that a power failure
    /// leaves no incomplete file.
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
        // On some platforms, open files cannot be renamed.
        drop(file);
        let written = written.and_then(|()| drafts.rename(&draft, self, name));
        if written.is_err() {
            let _ = drafts.remove(&draft);
        }
        written.map_err(|e| FolderError::io(self.path().join(name), &e))
    }
}

/// Acquires an exclusive lock on a file, which is held until the file is closed. Retries briefly if
/// another process holds the lock. If the file cannot be locked for any other reason, succeeds
/// without a lock.
pub(crate) fn lock(file: &File) -> Result<(), FolderErrorKind> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            // Some file systems support no locks. Files are still kept there, without a lock.
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
