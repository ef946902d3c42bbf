//! A key that the user's command (such as `pass show openai`) prints. The command is run when the
//! key is first needed; the key is then kept in memory.

mod command;
mod place;
mod run;

pub use command::{KeyCommand, KeyCommandError};
pub use place::KeyPlace;
pub use run::{KEY_BYTES, KEY_TIMEOUT};

use super::SecretError;
use super::secret::Secret;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long a failure is reused, so that sections that fail together run the command once.
const FAILURE_TTL: Duration = Duration::from_secs(3);

/// Why a key command produced no key. Contains none of the command's output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key command {program:?} gave no key: {kind}")]
pub struct KeyError {
    /// The program's name, without its path and its arguments.
    pub program: String,
    /// The kind of failure.
    pub kind: KeyErrorKind,
}

/// The kinds of failure of a key command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyErrorKind {
    /// The program was not found.
    #[error("not found")]
    Missing,
    /// The program could not be started, or its output could not be read. Holds the I/O error's
    /// description.
    #[error("not started: {0}")]
    NotStarted(String),
    /// The program exited with this status; `None` if a signal killed it.
    #[error("status {0:?}")]
    Failed(Option<i32>),
    /// The program did not exit within [`KEY_TIMEOUT`].
    #[error("not ended in time")]
    Late,
    /// The program printed more than [`KEY_BYTES`] bytes.
    #[error("more than {KEY_BYTES} bytes printed")]
    TooMuch,
    /// The first line of the output is not a valid key.
    #[error(transparent)]
    Unfit(#[from] SecretError),
}

/// A key command and its cached result, shared by all clones of this value.
#[derive(Clone)]
pub struct CachedKey(Arc<Inner>);

struct Inner {
    command: KeyCommand,
    answer: Mutex<Option<Shared<BoxFuture<'static, Answer>>>>,
}

#[derive(Clone)]
struct Answer {
    key: Result<Secret, KeyError>,
    at: Instant,
}

impl CachedKey {
    /// Creates a cache for the key of `command`, which is not run yet.
    pub fn new(command: KeyCommand) -> Self {
        CachedKey(Arc::new(Inner { command, answer: Mutex::default() }))
    }

    /// Returns the command.
    pub fn command(&self) -> &KeyCommand {
        &self.0.command
    }

    /// Returns the cached key. Runs the command first if no result is cached, or if the command
    /// failed more than a few seconds ago; concurrent callers share one run.
    ///
    /// # Errors
    /// Fails if the command fails or prints no valid key.
    ///
    /// # Cancel safety
    /// The command continues in a separate task, within its timeout.
    pub async fn get(&self) -> Result<Secret, KeyError> {
        let first = self.answer(None).await;
        if first.key.is_ok() || first.at.elapsed() <= FAILURE_TTL {
            return first.key;
        }
        self.answer(Some(first.at)).await.key
    }

    /// Discards the cached key, so that the command is run again. Called after a server has
    /// rejected the key, because the command may now print a newer one. A cached failure is kept.
    pub fn forget(&self) {
        let mut answer = self.0.answer.lock();
        if answer.as_ref().and_then(Shared::peek).is_some_and(|answer| answer.key.is_ok()) {
            *answer = None;
        }
    }

    /// Returns the current result, finished or not. Starts a new run if there is no result, or if
    /// it is from the moment `past`.
    fn answer(&self, past: Option<Instant>) -> Shared<BoxFuture<'static, Answer>> {
        let mut answer = self.0.answer.lock();
        if let Some(known) = &*answer
            && (past.is_none() || known.peek().map(|answer| answer.at) != past)
        {
            return known.clone();
        }
        let asked = tokio::spawn(run::run(self.0.command.clone()));
        let program = self.0.command.name();
        let new = async move {
            // The task does not panic. If it did, the error would be that of a killed command.
            let key =
                asked.await.unwrap_or(Err(KeyError { program, kind: KeyErrorKind::Failed(None) }));
            Answer { key, at: Instant::now() }
        };
        answer.insert(new.boxed().shared()).clone()
    }
}

impl fmt::Debug for CachedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedKey({})", self.0.command.name())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
