//! Reads files that may be anything: a pipe that nothing is written to, a device, a link, ten
//! megabytes.

use crate::lang::{Lang, Message};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Maximum number of entries that a folder may have to be listed.
const ENTRIES_MAX: usize = 1000;

/// Whether a file may be reached through a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Follow links: the folder is the user's own, and many users keep their settings elsewhere.
    Follow,
    /// Reject links: the folder came from someone else, and a link could name any file on this
    /// machine.
    NoFollow,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReadError {
    /// The file does not exist.
    Missing,
    /// The path is a symbolic link, and links must not be followed.
    Link,
    /// The path is not a regular file but, for example, a pipe, a device or a folder.
    NotAFile,
    /// The file is larger than the limit.
    TooLarge {
        /// The file's size in bytes, or a lower bound if the file grew while it was read.
        bytes: u64,
        /// Maximum size in bytes.
        limit: u64,
    },
    /// The file is not UTF-8, or contains NUL.
    NotText,
    /// The path is not a folder, although a folder was expected.
    NotAFolder,
    /// The folder has more entries than this limit; no file is read.
    TooMany(usize),
    /// The folder has more files than this limit; only the first ones are read.
    TooManyFiles(usize),
    /// The folder's files are larger in total than this limit in bytes; only the first files are
    /// read.
    TooManyBytes(u64),
    /// The file or folder cannot be read for another reason. Contains the operating system's
    /// message.
    Failed(String),
}

impl ReadError {
    pub(crate) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Failed(error.to_string()),
        }
    }
}

impl Message for ReadError {
    /// Returns a phrase that says what is wrong, to be appended to the file's name.
    fn message(&self, lang: Lang) -> String {
        match self {
            ReadError::Missing => lang.pick("ありません", "is not there").to_owned(),
            ReadError::Link => lang
                .pick(
                    "シンボリックリンクなので読みません",
                    "is a symbolic link and is not followed",
                )
                .to_owned(),
            ReadError::NotAFile => {
                lang.pick("普通のファイルではありません", "is not a regular file").to_owned()
            }
            ReadError::TooLarge { bytes, limit } => lang.pick(
                format!("大きすぎます（{bytes} バイト、上限 {limit}）"),
                format!("is too large ({bytes} bytes; the limit is {limit})"),
            ),
            ReadError::NotText => {
                lang.pick("UTF-8 の文章ではありません", "is not UTF-8 text").to_owned()
            }
            ReadError::NotAFolder => {
                lang.pick("フォルダーではありません", "is not a folder").to_owned()
            }
            ReadError::TooMany(limit) => lang.pick(
                format!("ファイルが {limit} を超えるので読みません"),
                format!("contains more than {limit} files, so it is not read"),
            ),
            ReadError::TooManyFiles(limit) => lang.pick(
                format!("ファイルが {limit} を超えるので、残りは読みません"),
                format!("contains more than {limit} files; the rest are not read"),
            ),
            ReadError::TooManyBytes(limit) => lang.pick(
                format!("ファイルが合わせて {limit} バイトを超えるので、残りは読みません"),
                format!("contains more than {limit} bytes of files; the rest is not read"),
            ),
            ReadError::Failed(cause) => {
                lang.pick(format!("読めません（{cause}）"), format!("cannot be read ({cause})"))
            }
        }
    }
}

/// Reads a text file of at most `limit` bytes. Does not block on anything that is not a regular
/// file.
///
/// # Errors
/// Fails if `path` is not a regular file, is a link that must not be followed, or is too large, or
/// if its content is not text.
pub fn read_text(path: &Path, limit: u64, links: Links) -> Result<String, ReadError> {
    // Checked before opening, because opening some devices already has effects, and again
    // afterwards, because the path may have changed in between.
    let meta = match links {
        Links::Follow => fs::metadata(path),
        Links::NoFollow => fs::symlink_metadata(path),
    };
    let meta = meta.map_err(|e| ReadError::from_io(&e))?;
    if meta.is_symlink() {
        return Err(ReadError::Link);
    }
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    let mut file = open(path, links).map_err(|e| ReadError::from_io(&e))?;
    let meta = file.metadata().map_err(|e| ReadError::from_io(&e))?;
    if !meta.is_file() {
        return Err(ReadError::NotAFile);
    }
    let too_large = |bytes| Err(ReadError::TooLarge { bytes, limit });
    if meta.len() > limit {
        return too_large(meta.len());
    }
    let mut bytes = Vec::new();
    file.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(|e| ReadError::from_io(&e))?;
    // The file may have grown.
    match u64::try_from(bytes.len()) {
        Ok(read) if read <= limit => {}
        _ => return too_large(limit + 1),
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(ReadError::NotText),
    }
}

fn open(path: &Path, links: Links) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        if links == Links::NoFollow {
            flags |= OFlags::NOFOLLOW;
        }
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    #[cfg(not(unix))]
    let _ = links;
    options.open(path)
}

/// Lists the files in a folder whose names end with `ending` and do not begin with a dot, sorted by
/// name. Returns an empty list if the folder does not exist.
///
/// # Errors
/// Fails if the folder cannot be read, has too many entries, or is a link that must not be
/// followed.
pub(crate) fn list(folder: &Path, ending: &str, links: Links) -> Result<Vec<PathBuf>, ReadError> {
    let meta = match links {
        Links::Follow => fs::metadata(folder),
        Links::NoFollow => fs::symlink_metadata(folder),
    };
    match meta {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(ReadError::from_io(&e)),
        Ok(meta) if meta.is_symlink() => return Err(ReadError::Link),
        Ok(meta) if !meta.is_dir() => return Err(ReadError::NotAFolder),
        Ok(_) => {}
    }
    let mut names = Vec::new();
    for (at, entry) in fs::read_dir(folder).map_err(|e| ReadError::from_io(&e))?.enumerate() {
        if at == ENTRIES_MAX {
            return Err(ReadError::TooMany(ENTRIES_MAX));
        }
        let path = entry.map_err(|e| ReadError::from_io(&e))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(ending) && !name.starts_with('.') {
            names.push(path);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_no_text_file_is_told_apart_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.md"), "解像度").unwrap();
        fs::write(at("bytes.md"), b"a\xff").unwrap();
        fs::write(at("nul.md"), "a\0b").unwrap();
        fs::write(at("large.md"), vec![b'x'; 10 << 20]).unwrap();
        fs::create_dir(at("folder.md")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe.md"), 0o600.into()).unwrap();
        symlink(at("a.md"), at("link.md")).unwrap();
        symlink("/dev/zero", at("zero.md")).unwrap();
        symlink(at("nowhere"), at("loose.md")).unwrap();
        let read = |name: &str, links| read_text(&at(name), 99, links);
        assert_eq!(read("a.md", Links::NoFollow).as_deref(), Ok("解像度"));
        assert_eq!(read_text(&at("a.md"), 9, Links::NoFollow).as_deref(), Ok("解像度"));
        let large = ReadError::TooLarge { bytes: 9, limit: 8 };
        assert_eq!(read_text(&at("a.md"), 8, Links::NoFollow), Err(large));
        for (name, refused, followed) in [
            ("bytes.md", ReadError::NotText, Err(ReadError::NotText)),
            ("nul.md", ReadError::NotText, Err(ReadError::NotText)),
            ("folder.md", ReadError::NotAFile, Err(ReadError::NotAFile)),
            ("pipe.md", ReadError::NotAFile, Err(ReadError::NotAFile)),
            ("link.md", ReadError::Link, Ok("解像度".to_owned())),
            ("zero.md", ReadError::Link, Err(ReadError::NotAFile)),
            ("loose.md", ReadError::Link, Err(ReadError::Missing)),
            ("none.md", ReadError::Missing, Err(ReadError::Missing)),
        ] {
            assert_eq!(read(name, Links::NoFollow), Err(refused), "{name}");
            assert_eq!(read(name, Links::Follow), followed, "{name}");
        }
        let large = ReadError::TooLarge { bytes: 10 << 20, limit: 99 };
        assert_eq!(read("large.md", Links::Follow), Err(large));
    }

    #[test]
    fn a_folder_is_listed_in_order_and_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let names = |at: &Path, links| -> Result<Vec<String>, ReadError> {
            let name = |p: &PathBuf| p.file_name().unwrap().to_string_lossy().into_owned();
            list(at, ".md", links).map(|found| found.iter().map(name).collect())
        };
        for name in ["b.md", "a.md", ".c.md", "d.txt"] {
            fs::write(at(name), "").unwrap();
        }
        symlink(folder.path(), at("link")).unwrap();
        for links in [Links::NoFollow, Links::Follow] {
            assert_eq!(names(folder.path(), links).unwrap(), ["a.md", "b.md"]);
            assert_eq!(names(&at("none"), links).unwrap(), [""; 0]);
            assert_eq!(names(&at("a.md"), links), Err(ReadError::NotAFolder));
        }
        assert_eq!(names(&at("link"), Links::NoFollow), Err(ReadError::Link));
        assert_eq!(names(&at("link"), Links::Follow).unwrap().len(), 2);
        for n in 0..ENTRIES_MAX {
            fs::write(at(&format!("{n}.txt")), "").unwrap();
        }
        assert_eq!(names(folder.path(), Links::Follow), Err(ReadError::TooMany(ENTRIES_MAX)));
    }
}
