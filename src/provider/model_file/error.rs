//! Why a model file cannot be used, as data.

use std::path::PathBuf;
use std::time::Duration;

/// Why a model file cannot be used, or its server did not come up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlamaError {
    /// There is no file at this path.
    #[error("there is no file {}", .0.display())]
    NoFile(PathBuf),
    /// The file cannot be read; the system's own word.
    #[error("{} cannot be read: {why}", .0.display(), why = .1)]
    Unreadable(PathBuf, String),
    /// The file does not begin as GGUF does.
    #[error("{} is not a GGUF file", .0.display())]
    NotGguf(PathBuf),
    /// There is no such program.
    #[error("there is no program {0:?}")]
    NoProgram(String),
    /// The program cannot be started; the system's own word.
    #[error("{} cannot be started: {why}", .0.display(), why = .1)]
    NotStarted(PathBuf, String),
    /// The program ended before it was ready.
    #[error("{} ended before it was ready (status {status:?}): {words}", program.display())]
    Died {
        /// The program.
        program: PathBuf,
        /// Its exit status; `None` if a signal ended it.
        status: Option<i32>,
        /// What it said: its first line about an error, or its last one.
        words: String,
    },
    /// The program did not listen in time.
    #[error("{} did not listen within {limit:?}", .0.display(), limit = .1)]
    Silent(PathBuf, Duration),
    /// The model was not loaded in time.
    #[error("{} was still loading after {limit:?}", .0.display(), limit = .1)]
    Slow(PathBuf, Duration),
    /// Something else answers at every port that was tried.
    #[error("another program answers in place of {}", .0.display())]
    Stranger(PathBuf),
}
