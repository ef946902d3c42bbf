//! Why a model file cannot be used, as data.

use std::path::PathBuf;
use std::time::Duration;

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
