//! What the tests leave behind, where `KAIZODO_TEST_ARTIFACTS` names a folder: every home, what
//! every program printed, what every server told its client. `tests/run.sh` searches all of it for
//! the one key that the tests use.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The key. No program of ours may write or print it, in any form.
pub(crate) const CANARY: &str = "sk-canary-Qv7+Zp3/Xk9=Lw5tN8dH";

/// Most bytes that are kept of one stream: the head, where a key would be.
const KEPT: usize = 4 << 20;

/// The folder that all is kept in.
pub(crate) fn folder() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
    std::env::var_os("KAIZODO_TEST_ARTIFACTS").filter(|value| !value.is_empty()).map(Into::into)
}

/// A folder of a test's own, named after the test where it is kept.
pub(crate) fn home() -> TempDir {
    let Some(folder) = folder() else { return tempfile::tempdir().unwrap() };
    std::fs::create_dir_all(&folder).unwrap();
    let test = std::thread::current().name().unwrap_or("main").replace("::", "-");
    let prefix = format!("{test}-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).disable_cleanup(true);
    builder.tempdir_in(folder).unwrap()
}

/// Keeps a stream of a program, beside its home.
pub(crate) struct Keeper(Option<(File, usize)>);

impl Keeper {
    /// Keeps nothing where nothing is to be kept.
    pub(crate) fn beside(home: &Path, name: &str) -> Self {
        let path = home.with_extension(name);
        Keeper(folder().map(|_| {
            let file = OpenOptions::new().create(true).append(true).open(path).unwrap();
            (file, KEPT)
        }))
    }

    /// Takes the next piece.
    pub(crate) fn keep(&mut self, piece: &[u8]) {
        let Some((file, room)) = &mut self.0 else { return };
        let piece = &piece[..piece.len().min(*room)];
        *room -= piece.len();
        file.write_all(piece).unwrap();
    }
}

/// Notes that the key was given to a program, so that a search that finds nothing means something.
pub(crate) fn key_given(home: &Path) {
    Keeper::beside(home, "key-given").keep(b"yes\n");
}
