//! One model server, shared by all requests: started on demand, and restarted on demand if it has
//! exited.

use super::ready::{Running, start};
use crate::provider::{Launch, LlamaError};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// How long a failure is reused, so that sections that fail together start the server once.
const FAILURE_TTL: Duration = Duration::from_secs(3);

/// A `llama-server` for a model file, started on demand. Once started, the child process runs as
/// long as this value exists.
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
    /// Creates a server that is not started yet.
    pub fn new(launch: Launch) -> Self {
        LlamaServer { launch, state: Mutex::default() }
    }

    /// Returns the program that is started, its arguments and the model file.
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// Returns the child if it is ready and has not exited. Does not start it.
    pub(crate) fn now(&self) -> Option<Arc<Running>> {
        let state = self.state.lock();
        let started = state.as_ref()?.peek()?.outcome.as_ref().ok()?;
        started.process.is_alive().then(|| Arc::clone(started))
    }

    /// Starts the child unless it is running, and waits until it is ready. Concurrent callers share
    /// one start.
    ///
    /// # Errors
    /// Fails if the child does not become ready.
    ///
    /// # Cancel safety
    /// The start continues in a separate task, within its timeouts and as long as this value
    /// exists.
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
                Some(Started { outcome: Err(_), at }) => at.elapsed() <= FAILURE_TTL,
            };
            if stands {
                return known.clone();
            }
        }
        let launch = self.launch.clone();
        // The start is aborted when it is no longer needed: the settings may name another file by
        // now.
        let task = AbortOnDropHandle::new(tokio::spawn(start(launch.clone())));
        let new = async move {
            // The task does not panic. If it did, the error would be that of a killed child.
            let died =
                || LlamaError::Died { program: launch.program, status: None, words: String::new() };
            let outcome = task.await.unwrap_or_else(|_| Err(died())).map(Arc::new);
            Started { outcome, at: Instant::now() }
        };
        state.insert(new.boxed().shared()).clone()
    }
}
