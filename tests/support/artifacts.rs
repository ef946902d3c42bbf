//! What the tests leave behind if `KAIZODO_TEST_ARTIFACTS` names a folder: every home folder, the
//! output of every program, and everything that every server sent to its client. `tests/run.sh`
//! searches all of it for the one key that the tests use.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The API key of the tests. No program of ours may write or print the key, in any form.
pub(crate) const CANARY: &str = "sk-canary-Qv7+Zp3/Xk9=Lw5tN8dH";

/// Maximum number of bytes that are kept of a stream: the beginning, where a key would be.
const KEPT: usize = 4 << 20;

/// Returns the folder for everything that is kept, if there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
    std::env::var_os("KAIZODO_TEST_ARTIFACTS").filter(|value| !value.is_empty()).map(Into::into)
}

/// Creates a home folder for one test, named after the test if it is kept.
pub(crate) fn home() -> TempDir {
    let Some(folder) = folder() else { return tempfile::tempdir().unwrap() };
    std::fs::create_dir_all(&folder).unwrap();
    let test = std::thread::current().name().unwrap_or("main").replace("::", "-");
    let prefix = format!("{test}-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).disable_cleanup(true);
    builder.tempdir_in(folder).unwrap()
}

/// Keeps a copy of a program's stream, next to the program's home folder.
pub(crate) struct Keeper(Option<(File, usize)>);

impl Keeper {
    /// Creates a keeper, which does nothing unless there is a folder to keep streams in.
    pub(crate) fn beside(home: &Path, name: &str) -> Self {
        let path = home.with_extension(name);
        Keeper(folder().map(|_| {
            let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            (file, KEPT)
        }))
    }

    /// Keeps the next piece of the stream.
    pub(crate) fn keep(&mut self, piece: &[u8]) {
        let Some((file, room)) = &mut self.0 else { return };
        let piece = &piece[..piece.len().min(*room)];
        *room -= piece.len();
        file.write_all(piece).unwrap();
    }
}

/// Records that a program was given the key, so that a search without a match is meaningful.
pub(crate) fn key_given(home: &Path) {
    Keeper::beside(home, "key-given").keep(b"yes\n");
}
