//! The store's folder: opened once, and everything in it reached from there, so that nobody can
//! put another folder or a link in its place.

use super::StoreErrorKind;
use std::io;
use std::path::Path;

/// Maximum number of names of it that are looked at.
const NAMES_MAX: usize = 10_000;
/// Maximum number of bytes of an entry.
const ENTRY_BYTES: u64 = 64 << 10;

/// Makes the folder and those above it, for this user alone.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(not(unix))]
pub(crate) use elsewhere::Folder;
#[cfg(unix)]
pub(crate) use unix::Folder;

#[cfg(unix)]
mod unix {
    use super::{ENTRY_BYTES, NAMES_MAX, StoreErrorKind};
    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, openat, renameat, unlinkat};
    use std::fs::File;
    use std::io::{self, Read, Write};
    use std::path::Path;

    /// The open folder.
    pub(crate) struct Folder(OwnedFd);

    impl Folder {
        /// Opens it; nothing where there is none. It must be this user's, and nobody else's to
        /// write to.
        pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreErrorKind> {
            use rustix::io::Errno;
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let fd = match rustix::fs::open(path, flags, Mode::empty()) {
                Ok(fd) => fd,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => {
                    return Err(StoreErrorKind::NoFolder);
                }
                Err(error) => {
                    return Err(StoreErrorKind::Failed(io::Error::from(error).to_string()));
                }
            };
            let stat =
                fstat(&fd).map_err(|e| StoreErrorKind::Failed(io::Error::from(e).to_string()))?;
            let mode = Mode::from_raw_mode(stat.st_mode);
            let is_ours = stat.st_uid == rustix::process::geteuid().as_raw();
            if !is_ours || mode.intersects(Mode::WGRP | Mode::WOTH) {
                return Err(StoreErrorKind::Others);
            }
            Ok(Some(Folder(fd)))
        }

        /// Whether there is an entry of this name, this user's own.
        pub(crate) fn has(&self, name: &str) -> bool {
            self.open_entry(name).is_ok()
        }

        pub(crate) fn names(&self) -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in Dir::read_from(&self.0)?.take(NAMES_MAX) {
                let entry = entry?;
                if let Ok(name) = entry.file_name().to_str()
                    && !name.starts_with('.')
                {
                    names.push(name.to_owned());
                }
            }
            Ok(names)
        }

        pub(crate) fn read(&self, name: &str) -> io::Result<String> {
            let mut text = String::new();
            self.open_entry(name)?.take(ENTRY_BYTES).read_to_string(&mut text)?;
            Ok(text)
        }

        /// Puts an entry there whole or not at all.
        pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
            let new = format!(".{:032x}", rand::random::<u128>());
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            let fd = openat(&self.0, &*new, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?;
            let mut file = File::from(fd);
            let written = file
                .write_all(bytes)
                .and_then(|()| file.sync_all())
                .and_then(|()| Ok(renameat(&self.0, &*new, &self.0, name)?));
            if written.is_err() {
                // What was written of it is nobody's, and its name is never read.
                let _ = unlinkat(&self.0, &*new, AtFlags::empty());
            }
            written
        }

        pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, name, AtFlags::empty())?)
        }

        fn open_entry(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let fd = openat(&self.0, name, flags, Mode::empty())?;
            let stat = fstat(&fd)?;
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            if !is_file || stat.st_uid != rustix::process::geteuid().as_raw() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Ok(File::from(fd))
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use super::{ENTRY_BYTES, NAMES_MAX, StoreErrorKind};
    use std::fs::{self, File};
    use std::io::{self, ErrorKind, Read, Write};
    use std::path::{Path, PathBuf};

    /// The folder: a user's own by its place, in systems where that is how it is kept.
    pub(crate) struct Folder(PathBuf);

    impl Folder {
        pub(crate) fn open(path: &Path) -> Result<Option<Self>, StoreErrorKind> {
            match fs::symlink_metadata(path) {
                Ok(meta) if meta.is_dir() => Ok(Some(Folder(path.to_owned()))),
                Ok(_) => Err(StoreErrorKind::NoFolder),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(StoreErrorKind::Failed(error.to_string())),
            }
        }

        pub(crate) fn has(&self, name: &str) -> bool {
            fs::symlink_metadata(self.0.join(name)).is_ok_and(|meta| meta.is_file())
        }

        pub(crate) fn names(&self) -> io::Result<Vec<String>> {
            let entries = fs::read_dir(&self.0)?.take(NAMES_MAX).flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            Ok(names.filter(|name| !name.starts_with('.')).collect())
        }

        pub(crate) fn read(&self, name: &str) -> io::Result<String> {
            let mut text = String::new();
            File::open(self.0.join(name))?.take(ENTRY_BYTES).read_to_string(&mut text)?;
            Ok(text)
        }

        pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".").tempfile_in(&self.0)?;
            file.write_all(bytes)?;
            file.persist(self.0.join(name)).map_err(|error| error.error)?;
            Ok(())
        }

        pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
            fs::remove_file(self.0.join(name))
        }
    }
}
