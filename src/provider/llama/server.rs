//! One model server for all who ask: started when it is first needed, and again when it has ended.

use super::ready::{Running, start};
use crate::provider::{Launch, LlamaError};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// How long a failure is reused, so that sections that fail together start it once.
const STANDS: Duration = Duration::from_secs(3);

/// The server of a model file. The child runs as long as this is kept, once it was needed.
pub struct LlamaServer {
    launch: Launch,
    state: Mutex<Option<Starting>>,
}

type Starting = Shared<BoxFuture<'static, Started>>;

#[derive(Clone)]
struct Started {
    outcome: Result<Arc<Running>, LlamaError>,
    at: Instant,
}

impl LlamaServer {
    /// Nothing is started yet.
    pub fn new(launch: Launch) -> Self {
        LlamaServer { launch, state: Mutex::default() }
    }

    /// What is started.
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// The running child, if there is one.
    pub(crate) fn now(&self) -> Option<Arc<Running>> {
        let state = self.state.lock();
        let started = state.as_ref()?.peek()?.outcome.as_ref().ok()?;
        started.process.is_alive().then(|| Arc::clone(started))
    }

    /// Starts the child unless it runs, and waits until it answers; all who call share one start.
    ///
    /// # Errors
    /// Why it does not.
    ///
    /// # Cancel safety
    /// The start goes on in a task of its own, within its limits and as long as this is kept.
    pub(crate) async fn ready(&self) -> Result<Arc<Running>, LlamaError> {
        let starting = self.starting();
        starting.await.outcome
    }

    fn starting(&self) -> Starting {
        let mut state = self.state.lock();
        if let Some(known) = &*state {
            let stands = match known.peek() {
                None => true,
                Some(Started { outcome: Ok(running), .. }) => running.process.is_alive(),
                Some(Started { outcome: Err(_), at }) => at.elapsed() <= STANDS,
            };
            if stands {
                return known.clone();
            }
        }
        let launch = self.launch.clone();
        // It ends when nobody wants it any more: the settings may name another file by now.
        let task = AbortOnDropHandle::new(tokio::spawn(start(launch.clone())));
        let new = async move {
            // It does not panic; if it did, it would be as if the child had been killed.
            let died =
                || LlamaError::Died { program: launch.program, status: None, words: String::new() };
            let outcome = task.await.unwrap_or_else(|_| Err(died())).map(Arc::new);
            Started { outcome, at: Instant::now() }
        };
        state.insert(new.boxed().shared()).clone()
    }
}
