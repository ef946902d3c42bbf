//! Private folders on Unix, accessed through their descriptors.

use super::{Access, FolderError, FolderErrorKind};
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fchmod, fstat, mkdirat, openat, renameat,
    statat, unlinkat,
};
use rustix::io::Errno;
use std::fs::{DirBuilder, File, Metadata, TryLockError};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Mode of a new folder: access for this user alone.
const PRIVATE: Mode = Mode::RWXU;
/// All permissions of the group and of other users.
const OTHERS: u32 = 0o077;
/// Write permissions of the group and of other users.
const OTHERS_WRITE: u32 = 0o022;

/// A folder that belongs to this user and that no other user may write to.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateFolder {
    /// Opens a folder. Returns `None` if the folder does not exist.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FolderError> {
        Self::open_at(CWD, path, path)
    }

    /// Opens a folder. Creates the folder and its parents if it does not exist.
    pub(crate) fn make(path: &Path) -> Result<Self, FolderError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let made = DirBuilder::new().recursive(true).mode(PRIVATE.as_raw_mode()).create(path);
        made.map_err(|e| FolderError::io(path, &e))?;
        Self::open(path)?.ok_or_else(|| gone(path))
    }

    /// Opens a subfolder. Returns `None` if the subfolder does not exist.
    pub(crate) fn open_in(&self, name: &str) -> Result<Option<Self>, FolderError> {
        Self::open_at(self.fd.as_fd(), Path::new(name), &self.path.join(name))
    }

    /// Opens a subfolder. Creates the subfolder if it does not exist. Revokes all permissions of
    /// the group and of other users on the subfolder, including read access.
    pub(crate) fn make_in(&self, name: &str) -> Result<Self, FolderError> {
        let path = self.path.join(name);
        let folder = match self.open_in(name)? {
            Some(folder) => folder,
            None => {
                match mkdirat(&self.fd, name, PRIVATE) {
                    // Another process may have created it first.
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(FolderError::io(&path, &error.into())),
                }
                self.open_in(name)?.ok_or_else(|| gone(&path))?
            }
        };
        let stat = fstat(&folder.fd).map_err(|e| FolderError::io(&path, &e.into()))?;
        if mode(&stat) & OTHERS != 0 {
            fchmod(&folder.fd, PRIVATE).map_err(|e| FolderError::io(&path, &e.into()))?;
        }
        Ok(folder)
    }

    fn open_at(at: BorrowedFd<'_>, name: &Path, path: &Path) -> Result<Option<Self>, FolderError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = match openat(at, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => {
                let found = statat(at, name, AtFlags::SYMLINK_NOFOLLOW).ok();
                return Err(match found.map(|stat| FileType::from_raw_mode(stat.st_mode)) {
                    Some(FileType::Symlink) => FolderError::new(path, FolderErrorKind::Link),
                    Some(FileType::Directory) | None => FolderError::io(path, &error.into()),
                    Some(_) => FolderError::new(path, FolderErrorKind::NotAFolder),
                });
            }
        };
        let stat = fstat(&fd).map_err(|e| FolderError::io(path, &e.into()))?;
        if stat.st_uid != me() {
            return Err(FolderError::new(path, FolderErrorKind::WrongOwner));
        }
        match mode(&stat) {
            mode if mode & OTHERS_WRITE != 0 => {
                Err(FolderError::new(path, FolderErrorKind::WritableByOthers(mode)))
            }
            _ => Ok(Some(PrivateFolder { fd, path: path.to_owned() })),
        }
    }

    /// Returns the folder's path, for messages and for other programs.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the names of all files and folders in this folder. Skips names that are not UTF-8.
    pub(crate) fn names(&self) -> Result<Vec<String>, FolderError> {
        let failed = |error: Errno| FolderError::io(&self.path, &error.into());
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A name that is not UTF-8 does not come from this program.
            let name = entry.file_name().to_str().ok().filter(|name| !matches!(*name, "." | ".."));
            names.extend(name.map(str::to_owned));
        }
        Ok(names)
    }

    /// Creates the file `name` and opens it for appending. Fails if the file already exists.
    pub(crate) fn create(&self, name: &str) -> Result<File, FolderError> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(fd) => Ok(File::from(fd)),
            Err(Errno::EXIST) => Err(self.error(name, FolderErrorKind::AlreadyExists)),
            Err(error) => Err(FolderError::io(self.path.join(name), &error.into())),
        }
    }

    /// Opens the file `name` once, as [`PrivateFolder::file`] does.
    pub(super) fn open_file(
        &self,
        name: &str,
        access: Access,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let mode = match access {
            Access::Read | Access::ReadLocked => OFlags::RDONLY,
            Access::Write | Access::WriteLocked => OFlags::RDWR | OFlags::APPEND,
        };
        // `NONBLOCK`, because opening a pipe without a writer would block.
        let flags = mode | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            // The errors of O_NOFOLLOW for a link (POSIX, FreeBSD), and of O_RDWR for a socket or a
            // folder.
            Err(Errno::LOOP | Errno::MLINK | Errno::NXIO | Errno::ISDIR) => {
                return Err(self.error(name, FolderErrorKind::NotAFile));
            }
            Err(error) => return Err(FolderError::io(self.path.join(name), &error.into())),
        };
        let about = || file.metadata().map_err(|e| FolderError::io(self.path.join(name), &e));
        let found = about()?;
        if !found.is_file() || found.uid() != me() {
            return Err(self.error(name, FolderErrorKind::NotAFile));
        }
        if access == Access::Read {
            return Ok((found.nlink() > 0).then_some((file, found)));
        }
        lock(&file, access).map_err(|kind| self.error(name, kind))?;
        // Read again, because the file may have changed before it was locked.
        let found = about()?;
        // Another process may have removed the file after it was opened.
        Ok((found.nlink() > 0).then_some((file, found)))
    }

    /// Moves a file to the folder `to` under the name `new`, replacing any existing file.
    pub(super) fn rename(&self, name: &str, to: &PrivateFolder, new: &str) -> io::Result<()> {
        Ok(renameat(&self.fd, name, &to.fd, new)?)
    }

    /// Removes a file if it exists. If the file is a link, removes only the link.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        match unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(FolderError::io(self.path.join(name), &error.into())),
        }
    }

    /// Removes an empty subfolder if it exists.
    pub(crate) fn remove_folder(&self, name: &str) -> Result<(), FolderError> {
        match unlinkat(&self.fd, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(FolderError::io(self.path.join(name), &error.into())),
        }
    }

    fn error(&self, name: &str, kind: FolderErrorKind) -> FolderError {
        FolderError::new(self.path.join(name), kind)
    }
}

/// Returns a file's device and inode, which identify the file.
pub(crate) fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// Locks a file as `access` says, until it is closed.
fn lock(file: &File, access: Access) -> Result<(), FolderErrorKind> {
    let locked = match access {
        Access::Read => return Ok(()),
        Access::ReadLocked => file.try_lock_shared(),
        Access::Write | Access::WriteLocked => file.try_lock(),
    };
    match locked {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(FolderErrorKind::Locked),
        // Some file systems support no locks. Files are still kept there, without a lock.
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "a file cannot be locked");
            if access == Access::WriteLocked { Err(FolderErrorKind::Locked) } else { Ok(()) }
        }
    }
}

/// Returns the error for a folder that disappeared right after it was created.
fn gone(path: &Path) -> FolderError {
    FolderError::io(path, &io::ErrorKind::NotFound.into())
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
