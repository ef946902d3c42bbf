//! A folder through its descriptor.

use super::{FolderError, FolderErrorKind};
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fchmod, fstat, mkdirat, openat, renameat,
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

/// A folder of this user's that nobody else may write to.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    fd: OwnedFd,
    path: PathBuf,
}

impl PrivateFolder {
    /// Opens a folder; `None` where there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, FolderError> {
        Self::open_at(CWD, path, path)
    }

    /// Opens a folder; where there is none, it is made, with those above it.
    pub(crate) fn make(path: &Path) -> Result<Self, FolderError> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let made = DirBuilder::new().recursive(true).mode(PRIVATE.as_raw_mode()).create(path);
        made.map_err(|e| FolderError::io(path, &e))?;
        Self::open(path)?.ok_or_else(|| gone(path))
    }

    /// Opens a folder in this one; `None` where there is none.
    pub(crate) fn open_in(&self, name: &str) -> Result<Option<Self>, FolderError> {
        Self::open_at(self.fd.as_fd(), Path::new(name), &self.path.join(name))
    }

    /// Opens a folder in this one, and makes it where there is none. Others may not even look into
    /// it afterwards.
    pub(crate) fn make_in(&self, name: &str) -> Result<Self, FolderError> {
        let path = self.path.join(name);
        let folder = match self.open_in(name)? {
            Some(folder) => folder,
            None => {
                match mkdirat(&self.fd, name, PRIVATE) {
                    // Another process may have been quicker.
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
                    Some(_) => FolderError::new(path, FolderErrorKind::NoFolder),
                });
            }
        };
        let stat = fstat(&fd).map_err(|e| FolderError::io(path, &e.into()))?;
        if stat.st_uid != me() {
            return Err(FolderError::new(path, FolderErrorKind::Foreign));
        }
        match mode(&stat) {
            mode if mode & OTHERS_WRITE != 0 => {
                Err(FolderError::new(path, FolderErrorKind::Loose(mode)))
            }
            _ => Ok(Some(PrivateFolder { fd, path: path.to_owned() })),
        }
    }

    /// Its path, for others to find it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of what is in it.
    pub(crate) fn names(&self) -> Result<Vec<String>, FolderError> {
        let failed = |error: Errno| FolderError::io(&self.path, &error.into());
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // A name that is no text is none of ours.
            let name = entry.file_name().to_str().ok().filter(|name| !matches!(*name, "." | ".."));
            names.extend(name.map(str::to_owned));
        }
        Ok(names)
    }

    /// Makes a file that was not there, to be written at its end.
    pub(crate) fn create(&self, name: &str) -> Result<File, FolderError> {
        let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(fd) => Ok(File::from(fd)),
            Err(Errno::EXIST) => Err(self.error(name, FolderErrorKind::Taken)),
            Err(error) => Err(FolderError::io(self.path.join(name), &error.into())),
        }
    }

    /// Opens a file of ours to be read, or to be written at its end too; `None` where there is none.
    pub(crate) fn file(
        &self,
        name: &str,
        write: bool,
    ) -> Result<Option<(File, Metadata)>, FolderError> {
        let access = if write { OFlags::RDWR | OFlags::APPEND } else { OFlags::RDONLY };
        // Opening a pipe that nobody writes to would wait.
        let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            // What O_NOFOLLOW says of a link (POSIX, FreeBSD), and O_RDWR of a socket or folder.
            Err(Errno::LOOP | Errno::MLINK | Errno::NXIO | Errno::ISDIR) => {
                return Err(self.error(name, FolderErrorKind::NoFile));
            }
            Err(error) => return Err(FolderError::io(self.path.join(name), &error.into())),
        };
        let about = file.metadata().map_err(|e| FolderError::io(self.path.join(name), &e))?;
        match about.is_file() && about.uid() == me() {
            // It was pruned just now.
            true if about.nlink() == 0 => Ok(None),
            true => Ok(Some((file, about))),
            false => Err(self.error(name, FolderErrorKind::NoFile)),
        }
    }

    /// Moves a file into a folder, in place of what has the new name there.
    pub(super) fn rename(&self, name: &str, to: &PrivateFolder, new: &str) -> io::Result<()> {
        Ok(renameat(&self.fd, name, &to.fd, new)?)
    }

    /// Removes a file; what a link leads to stays.
    pub(crate) fn remove(&self, name: &str) -> Result<(), FolderError> {
        match unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(FolderError::io(self.path.join(name), &error.into())),
        }
    }

    /// Removes a folder in it that is empty.
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

/// What tells this file from any other, and whether it still has a name.
pub(crate) fn identity(file: &Metadata) -> (u64, u64, bool) {
    (file.dev(), file.ino(), file.nlink() > 0)
}

/// A folder that was made a moment ago is not there.
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
