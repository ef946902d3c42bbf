//! Private folders of the current user, which contain journals, trust records and panels.
//!
//! On Unix, a folder is opened once and everything in it is accessed relative to its descriptor, so
//! that a link or another folder that later takes its place is never followed.
//!
//! A file that is in use is locked. On Unix, that is an advisory lock. On Windows, a locked region
//! could not even be read by others, so there a file is opened in a way that denies others to write.

mod temporary;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{PrivateFolder, identity};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{PrivateFolder, identity};

pub(crate) use temporary::Temporary;

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// Maximum number of attempts to lock a file. With [`PAUSE`] between them, the attempts outlast the
/// lock of a process that merely inspects the file.
const TRIES: usize = 20;
/// Pause between two attempts to lock a file.
const PAUSE: Duration = Duration::from_millis(5);
/// Maximum number of attempts to create a file, which may be removed before it is locked.
const CREATE_TRIES: usize = 3;

/// How a file is opened, and whether it is locked until it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// For reading, even if another process has locked the file.
    Read,
    /// For reading, with a lock that others may share but that keeps the file from being written and
    /// removed.
    ReadLocked,
    /// For reading and writing, with an exclusive lock. If the file system supports no locks, the
    /// file is opened without one. The file is written at its end: on Unix always, on Windows after a
    /// seek.
    Write,
    /// Like [`Access::Write`], but fails if the file system supports no locks: another process may
    /// then be using the file.
    WriteLocked,
}

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
    /// Opens the file `name`. Returns the file with its metadata, or `None` if the file does not
    /// exist. Fails if it is not a regular file of this user, or if another process has locked it;
    /// [`Access::Write`] waits briefly for that process.
    pub(crate) fn file(
        &self,
        name: &str,
        access: Access,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let mut tries = if access == Access::Write { TRIES } else { 1 };
        loop {
            tries -= 1;
            match self.open_file(name, access) {
                Err(FolderError { kind: FolderErrorKind::Locked, .. }) if tries > 0 => sleep(PAUSE),
                opened => return opened,
            }
        }
    }

    /// Returns `true` if a process has locked the file `name` to write to it.
    pub(crate) fn is_locked(&self, name: &str) -> bool {
        let opened = self.file(name, Access::ReadLocked);
        matches!(opened, Err(FolderError { kind: FolderErrorKind::Locked, .. }))
    }

    /// Creates a file, named anew by `name` for each attempt, and opens it like [`Access::Write`].
    /// Returns its name, too. Another process may remove the file before it is locked; then the next
    /// attempt is made. Fails if a file of the name already exists.
    pub(crate) fn create_locked<N: AsRef<str>>(
        &self,
        name: impl Fn() -> N,
    ) -> Result<(N, File), FolderError> {
        let mut last = String::new();
        for _ in 0..CREATE_TRIES {
            let name = name();
            drop(self.create(name.as_ref())?);
            if let Some((file, _)) = self.file(name.as_ref(), Access::Write)? {
                return Ok((name, file));
            }
            name.as_ref().clone_into(&mut last);
        }
        Err(FolderError::new(self.path().join(last), FolderErrorKind::Locked))
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::{Seek, SeekFrom};

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

    #[test]
    fn a_writer_waits_for_one_that_is_about_to_end() {
        let home = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::make(&home.path().join("kaizodo")).unwrap();
        let (_, first) = folder.create_locked(|| "a").unwrap();
        let ended = std::thread::spawn(move || {
            sleep(PAUSE);
            drop(first);
        });
        assert!(folder.file("a", Access::Write).unwrap().is_some());
        ended.join().unwrap();
        let taken = folder.create_locked(|| "a").unwrap_err();
        assert_eq!(taken.kind, FolderErrorKind::AlreadyExists);
    }

    #[test]
    fn a_file_that_is_written_is_locked_and_can_be_read() {
        let home = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::make(&home.path().join("kaizodo")).unwrap();
        let path = folder.path().join("a");
        let kind = |access| folder.file("a", access).unwrap_err().kind;
        let mut writer = folder.create_locked(|| "a").unwrap().1;
        writer.write_all(b"one\ntwo\nthr").unwrap();
        assert!(folder.is_locked("a"));
        for access in [Access::ReadLocked, Access::Write, Access::WriteLocked] {
            assert_eq!(kind(access), FolderErrorKind::Locked, "{access:?}");
        }
        let text = io::read_to_string(folder.file("a", Access::Read).unwrap().unwrap().0);
        assert_eq!((text.unwrap(), fs::read(&path).unwrap().len()), ("one\ntwo\nthr".into(), 11));
        drop(writer);

        let readers = ["a"; 2].map(|name| folder.file(name, Access::ReadLocked).unwrap().unwrap());
        assert!(!folder.is_locked("a"));
        assert_eq!(kind(Access::WriteLocked), FolderErrorKind::Locked);
        drop(readers);
        let (mut writer, about) = folder.file("a", Access::WriteLocked).unwrap().unwrap();
        assert_eq!(about.len(), 11);
        writer.set_len(8).unwrap();
        writer.seek(SeekFrom::Start(8)).unwrap();
        writer.write_all(b"three\n").unwrap();
        writer.sync_data().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\nthree\n");
        folder.remove("a").unwrap();
        drop(writer);
        assert!(folder.file("a", Access::Write).unwrap().is_none() && !folder.is_locked("a"));
        assert_eq!(folder.create("b").map(drop), Ok(()));
        assert_eq!(folder.create("b").unwrap_err().kind, FolderErrorKind::AlreadyExists);
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
