//! Reads the perspective files in a folder, without parsing them.

use super::notice::Notice;
use super::reading::{Links, ReadError, list, read_text};
use std::path::Path;

/// Maximum number of perspective files in a folder.
const FILES_MAX: usize = 64;
/// Maximum size of a perspective file in bytes.
const FILE_BYTES: u64 = 128 << 10;
/// Maximum total size in bytes: the files are read on every check and kept in memory.
const ALL_BYTES: u64 = 2 << 20;

/// The perspective files read from a folder, not yet parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerspectiveFiles {
    /// Display name and text of each file, ordered by file name.
    pub files: Vec<(String, String)>,
    /// Display names of the files that were skipped, or of the folder, and why.
    pub passed: Vec<(String, ReadError)>,
}

impl PerspectiveFiles {
    /// Reads the `*.md` files in `folder`. `name` returns the display name of a path.
    pub fn read(folder: &Path, links: Links, name: impl Fn(&Path) -> String) -> Self {
        let mut found = PerspectiveFiles::default();
        let paths = list(folder, ".md", links).unwrap_or_else(|why| {
            found.passed.push((name(folder), why));
            Vec::new()
        });
        if paths.len() > FILES_MAX {
            found.passed.push((name(folder), ReadError::TooManyFiles(FILES_MAX)));
        }
        let mut left = ALL_BYTES;
        for path in paths.iter().take(FILES_MAX) {
            match read_text(path, FILE_BYTES, links) {
                Ok(text) if text.len() as u64 > left => {
                    found.passed.push((name(folder), ReadError::TooManyBytes(ALL_BYTES)));
                    break;
                }
                Ok(text) => {
                    left -= text.len() as u64;
                    found.files.push((name(path), text));
                }
                // Deleted since the listing.
                Err(ReadError::Missing) if !path.is_symlink() => {}
                Err(why) => found.passed.push((name(path), why)),
            }
        }
        found
    }

    /// Returns notices about the skipped files.
    pub fn notices(&self) -> impl Iterator<Item = Notice> {
        let notice = |(file, why): &(String, ReadError)| Notice::Unreadable {
            file: file.clone(),
            why: why.clone(),
        };
        self.passed.iter().map(notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_yields_its_texts_and_reports_skipped_files() {
        let folder = tempfile::tempdir().unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let read = || PerspectiveFiles::read(folder.path(), Links::NoFollow, name);
        assert_eq!(read(), PerspectiveFiles::default());
        for n in 0..FILES_MAX {
            std::fs::write(folder.path().join(format!("{n:02}.md")), n.to_string()).unwrap();
        }
        std::fs::write(folder.path().join("07.md"), vec![b'x'; 10 << 20]).unwrap();
        let found = read();
        assert_eq!(found.files.len(), FILES_MAX - 1);
        assert_eq!(found.files[7], ("08.md".to_owned(), "8".to_owned()));
        let large = ReadError::TooLarge { bytes: 10 << 20, limit: FILE_BYTES };
        assert_eq!(found.passed, [("07.md".to_owned(), large)]);
        std::fs::write(folder.path().join("zz.md"), "").unwrap();
        let found = read();
        assert!(
            matches!(found.passed[0].1, ReadError::TooManyFiles(FILES_MAX)),
            "{:?}",
            found.passed
        );
        assert_eq!(found.files.len(), FILES_MAX - 1);
    }

    #[test]
    fn all_texts_together_have_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..FILES_MAX {
            let text = "x".repeat(usize::try_from(FILE_BYTES).unwrap());
            std::fs::write(folder.path().join(format!("{n:02}.md")), text).unwrap();
        }
        let name = |_: &Path| "p".to_owned();
        let found = PerspectiveFiles::read(folder.path(), Links::NoFollow, name);
        assert_eq!(found.files.len() as u64, ALL_BYTES / FILE_BYTES);
        assert_eq!(found.passed, [("p".to_owned(), ReadError::TooManyBytes(ALL_BYTES))]);
    }
}
