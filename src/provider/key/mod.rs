//! A key from the user's command (`pass show openai`): run when the key is first needed, then kept
//! in memory.

mod command;
mod run;

pub use command::{KeyCommand, KeyCommandError};
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
const STANDS: Duration = Duration::from_secs(3);

/// Why a command gave no key. Contains nothing that the command printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key command {program:?} gave no key: {kind}")]
pub struct KeyError {
    /// The program's name, without its path and its arguments.
    pub program: String,
    /// What happened.
    pub kind: KeyErrorKind,
}

/// What can happen to a key command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyErrorKind {
    /// There is no such program.
    #[error("not found")]
    Missing,
    /// It cannot be started.
    #[error("not started: {0}")]
    NotStarted(String),
    /// It exited with this status; `None` if a signal ended it.
    #[error("status {0:?}")]
    Failed(Option<i32>),
    /// It did not end in time.
    #[error("not ended in time")]
    Late,
    /// It printed more than a key.
    #[error("more than {KEY_BYTES} bytes printed")]
    TooMuch,
    /// Its first line cannot be sent.
    #[error(transparent)]
    Unfit(#[from] SecretError),
}

/// A key command and what it has printed. All copies share one answer.
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
    /// Nothing is run yet.
    pub fn new(command: KeyCommand) -> Self {
        CachedKey(Arc::new(Inner { command, answer: Mutex::default() }))
    }

    /// The command.
    pub fn command(&self) -> &KeyCommand {
        &self.0.command
    }

    /// The key. Runs the command if it has not run yet, or failed some time ago; concurrent callers
    /// share one run.
    ///
    /// # Errors
    /// Why there is no key.
    ///
    /// # Cancel safety
    /// The command goes on in a task of its own, within its limit.
    pub async fn get(&self) -> Result<Secret, KeyError> {
        let first = self.answer(None).await;
        if first.key.is_ok() || first.at.elapsed() <= STANDS {
            return first.key;
        }
        self.answer(Some(first.at)).await.key
    }

    /// Forgets the key: a server has refused it, and the command may know a newer one.
    pub fn forget(&self) {
        let mut answer = self.0.answer.lock();
        if answer.as_ref().and_then(Shared::peek).is_some_and(|answer| answer.key.is_ok()) {
            *answer = None;
        }
    }

    /// The current answer, finished or not, unless it is from this `past` moment.
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
            // It does not panic; if it did, it would be as if it had been killed.
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
