//! A model file from the settings, and the program that serves it.

mod settings;

pub use settings::{Gguf, GgufError, LlamaCommand, LlamaCommandError};

use crate::provider::limits::Limits;
use crate::provider::programs::Programs;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The default name of the program that serves a model file.
pub(super) const LLAMA_SERVER: &str = "llama-server";

/// The first bytes of every GGUF file.
const MAGIC: &[u8; 4] = b"GGUF";

/// A program to start with its arguments, and the model file that it serves. Both were checked: the
/// program exists, and the file begins like a GGUF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Full path of the program.
    pub program: PathBuf,
    /// The program's arguments, from the settings.
    pub args: Vec<String>,
    /// Path of the model file.
    pub file: PathBuf,
    /// Timeout from the program's start until it accepts connections.
    pub listen: Duration,
    /// Timeout from the program's start until the model is loaded.
    pub load: Duration,
}

impl Launch {
    /// Checks the model file, and finds the program of `command` that serves it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is not a GGUF file, or if the program is not found.
    pub fn new(
        gguf: &Gguf,
        command: &LlamaCommand,
        programs: &Programs,
        limits: &Limits,
    ) -> Result<Self, LlamaError> {
        let file = gguf.path(programs.home());
        is_gguf(&file)?;
        let program = programs
            .find(command.program())
            .ok_or_else(|| LlamaError::NoProgram(command.program().to_owned()))?;
        let args = command.args().to_vec();
        Ok(Launch { program, args, file, listen: limits.first_byte, load: limits.whole })
    }

    /// Returns the model's name: the file's name without its extension.
    pub fn model(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Why a model file cannot be used, or its server did not become ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlamaError {
    /// There is no file at this path.
    #[error("there is no file {}", .0.display())]
    NoFile(PathBuf),
    /// The file cannot be read. Holds the system's message.
    #[error("{} cannot be read: {why}", .0.display(), why = .1)]
    Unreadable(PathBuf, String),
    /// The file is not a GGUF file, judging by its first bytes.
    #[error("{} is not a GGUF file", .0.display())]
    NotGguf(PathBuf),
    /// The program was not found.
    #[error("there is no program {0:?}")]
    NoProgram(String),
    /// The program cannot be started. Holds the system's message.
    #[error("{} cannot be started: {why}", .0.display(), why = .1)]
    NotStarted(PathBuf, String),
    /// The program exited before it was ready.
    #[error("{} ended before it was ready (status {status:?}): {words}", program.display())]
    Died {
        /// Path of the program.
        program: PathBuf,
        /// The program's exit status; 128 plus the signal's number if a signal killed the program,
        /// as a shell reports it. `None` if it is unknown.
        status: Option<i32>,
        /// The first line of the program's output that mentions an error, or else the last line.
        words: String,
    },
    /// The program did not accept connections within this time.
    #[error("{} did not listen within {limit:?}", .0.display(), limit = .1)]
    Silent(PathBuf, Duration),
    /// The model was not loaded within this time.
    #[error("{} was still loading after {limit:?}", .0.display(), limit = .1)]
    Slow(PathBuf, Duration),
    /// Another program responds at every port that was tried.
    #[error("another program answers in place of {}", .0.display())]
    Stranger(PathBuf),
}

/// Checks that a file begins with [`MAGIC`].
fn is_gguf(file: &Path) -> Result<(), LlamaError> {
    let unreadable = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => LlamaError::NoFile(file.to_owned()),
        _ => LlamaError::Unreadable(file.to_owned(), e.to_string()),
    };
    // Opening a named pipe would block.
    if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(LlamaError::NotGguf(file.to_owned()));
    }
    let mut start = [0; MAGIC.len()];
    match File::open(file).and_then(|mut open| open.read_exact(&mut start)) {
        Ok(()) if &start == MAGIC => Ok(()),
        Ok(()) => Err(LlamaError::NotGguf(file.to_owned())),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Err(LlamaError::NotGguf(file.to_owned())),
        Err(e) => Err(unreadable(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_model_is_told_apart() {
        let home = tempfile::tempdir().unwrap();
        let of = |name: &str, bytes: Option<&[u8]>| {
            let file = home.path().join(name);
            if let Some(bytes) = bytes {
                std::fs::write(&file, bytes).unwrap();
            }
            is_gguf(&file).map_err(|error| (error, file))
        };
        assert_eq!(of("小さい.gguf", Some(b"GGUF\x03\0\0\0")), Ok(()));
        for (name, bytes) in [("empty", &b""[..]), ("page", b"<!doctype html>"), ("short", b"GGU")]
        {
            let (error, file) = of(name, Some(bytes)).unwrap_err();
            assert_eq!(error, LlamaError::NotGguf(file));
        }
        let (error, file) = of("none", None).unwrap_err();
        assert_eq!(error, LlamaError::NoFile(file));
        let (error, file) = of("page/none", None).unwrap_err();
        assert_eq!(error, LlamaError::NoFile(file));
        let folder = home.path().to_owned();
        assert_eq!(is_gguf(&folder), Err(LlamaError::NotGguf(folder)));
    }
}
