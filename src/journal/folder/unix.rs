//! The folder through one descriptor that was looked at once: nothing that is put in its way
//! afterwards, a link or another folder, is ever followed.

use crate::journal::error::{JournalError, JournalErrorKind};
use rustix::fs::{
    AtFlags, CWD, Dir as Listing, FileType, Mode, OFlags, Stat, fchmod, fstat, mkdirat, openat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// For this user alone.
const PRIVATE: Mode = Mode::RWXU;
/// What others may do to a file or a folder.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

/// The open folder.
pub(crate) struct Dir {
    fd: OwnedFd,
    path: PathBuf,
}

impl Dir {
    /// Opens the folder; `None` where there is none.
    pub(crate) fn open(state: &Path, name: &str) -> Result<Option<Self>, JournalError> {
        let Some(outer) = folder(CWD, state, state)? else { return Ok(None) };
        let path = state.join(name);
        let inner = folder(outer.as_fd(), Path::new(name), &path)?;
        Ok(inner.map(|fd| Dir { fd, path }))
    }

    /// Opens the folder, and makes it where there is none.
    pub(crate) fn make(state: &Path, name: &str) -> Result<Self, JournalError> {
        let outer = match folder(CWD, state, state)? {
            Some(outer) => outer,
            None => {
                let made =
                    DirBuilder::new().recursive(true).mode(PRIVATE.as_raw_mode()).create(state);
                made.map_err(|e| JournalError::io(state, &e))?;
                there(folder(CWD, state, state)?, state)?
            }
        };
        let (name, path) = (Path::new(name), state.join(name));
        let fd = match folder(outer.as_fd(), name, &path)? {
            Some(fd) => fd,
            None => {
                match mkdirat(&outer, name, PRIVATE) {
                    // Another process may have been quicker.
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(JournalError::io(&path, &error.into())),
                }
                there(folder(outer.as_fd(), name, &path)?, &path)?
            }
        };
        let stat = fstat(&fd).map_err(|e| JournalError::io(&path, &e.into()))?;
        if mode(&stat) & OTHERS != 0 {
            fchmod(&fd, PRIVATE).map_err(|e| JournalError::io(&path, &e.into()))?;
        }
        Ok(Dir { fd, path })
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Listing::read_from(&self.fd)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().to_str().ok().map(str::to_owned));
        }
        Ok(names)
    }

    /// Makes a file that was not there, to be written at its end.
    pub(crate) fn create(&self, name: &str) -> Result<File, JournalError> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(fd) => Ok(File::from(fd)),
            Err(Errno::EXIST) => Err(self.error(name, JournalErrorKind::Taken)),
            Err(error) => Err(JournalError::io(self.path.join(name), &error.into())),
        }
    }

    /// Opens a file of ours to be read, or to be written at its end too; `None` where there is none.
    pub(crate) fn file(
        &self,
        name: &str,
        write: bool,
    ) -> Result<Option<(File, Metadata)>, JournalError> {
        let access = if write { OFlags::RDWR | OFlags::APPEND } else { OFlags::RDONLY };
        // Opening a pipe that nobody writes to would wait.
        let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            // What O_NOFOLLOW says of a link (POSIX, FreeBSD), and O_RDWR of a socket or folder.
            Err(Errno::LOOP | Errno::MLINK | Errno::NXIO | Errno::ISDIR) => {
                return Err(self.error(name, JournalErrorKind::NoFile));
            }
            Err(error) => return Err(JournalError::io(self.path.join(name), &error.into())),
        };
        let about = file.metadata().map_err(|e| JournalError::io(self.path.join(name), &e))?;
        match about.is_file() && about.uid() == me() {
            // It was pruned just now.
            true if about.nlink() == 0 => Ok(None),
            true => Ok(Some((file, about))),
            false => Err(self.error(name, JournalErrorKind::NoFile)),
        }
    }

    /// Removes a file; what a link leads to stays.
    pub(crate) fn remove(&self, name: &str) -> Result<(), JournalError> {
        match unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(JournalError::io(self.path.join(name), &error.into())),
        }
    }

    /// Removes a folder in it that is empty.
    pub(crate) fn remove_folder(&self, name: &str) -> Result<(), JournalError> {
        match unlinkat(&self.fd, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(JournalError::io(self.path.join(name), &error.into())),
        }
    }

    fn error(&self, name: &str, kind: JournalErrorKind) -> JournalError {
        JournalError::new(self.path.join(name), kind)
    }
}

/// What tells this file from any other, and whether it still has a name.
pub(crate) fn identity(file: &Metadata) -> (u64, u64, bool) {
    (file.dev(), file.ino(), file.nlink() > 0)
}

/// Opens a folder that is this user's and that nobody else may write to.
fn folder(at: BorrowedFd<'_>, name: &Path, shown: &Path) -> Result<Option<OwnedFd>, JournalError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = match openat(at, name, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => {
            let found = statat(at, name, AtFlags::SYMLINK_NOFOLLOW).ok();
            return Err(match found.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
                Some(FileType::Symlink) => JournalError::new(shown, JournalErrorKind::Link),
                Some(FileType::Directory) | None => JournalError::io(shown, &error.into()),
                Some(_) => JournalError::new(shown, JournalErrorKind::NoFolder),
            });
        }
    };
    let stat = fstat(&fd).map_err(|e| JournalError::io(shown, &e.into()))?;
    if stat.st_uid != me() {
        return Err(JournalError::new(shown, JournalErrorKind::Foreign));
    }
    match mode(&stat) {
        mode if mode & OTHERS_WRITE != 0 => {
            Err(JournalError::new(shown, JournalErrorKind::Loose(mode)))
        }
        _ => Ok(Some(fd)),
    }
}

/// A folder that was made a moment ago.
fn there(fd: Option<OwnedFd>, path: &Path) -> Result<OwnedFd, JournalError> {
    fd.ok_or_else(|| JournalError::io(path, &io::ErrorKind::NotFound.into()))
}

fn mode(stat: &Stat) -> u32 {
    // `st_mode` has 16 bits on some systems.
    #[allow(clippy::useless_conversion, reason = "on this system it has 32")]
    let mode: u32 = stat.st_mode.into();
    mode & 0o7777
}

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}
