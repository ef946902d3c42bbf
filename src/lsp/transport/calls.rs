//! Calls in progress, and the state of the connection that they determine.

use super::outgoing::{self, Outgoing};
use super::{Exit, parent};
use futures::FutureExt;
use std::any::Any;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::Service;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_lsp::{ExitedError, LanguageServer, LspService};

/// Maximum number of concurrent requests.
const IN_FLIGHT: usize = 256;

/// Maximum number of concurrent notification handlers.
const NOTIFICATIONS: usize = 1024;

/// Maximum number of messages queued during `initialize`.
const HELD: usize = 256;

/// Timeout for each step at the end of a connection: finishing a running `shutdown`, stopping the
/// handlers and writing the remaining output.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// `RequestFailed` (LSP 3.17, `LSPErrorCodes`).
const REQUEST_FAILED: i64 = -32803;

/// The calls that change the state of the connection, and all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallKind {
    Initialize,
    Shutdown,
    Other,
}

impl CallKind {
    fn of(request: &Request) -> Self {
        match request.method() {
            "initialize" => CallKind::Initialize,
            "shutdown" => CallKind::Shutdown,
            _ => CallKind::Other,
        }
    }
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Done {
    id: Option<Id>,
    kind: CallKind,
    answered_well: bool,
    panicked: bool,
}

type Outcome = Result<Result<Option<Response>, ExitedError>, Box<dyn Any + Send>>;

/// Dispatches messages to the service and tracks the calls in progress.
pub(crate) struct Calls<S> {
    service: LspService<S>,
    out: Outgoing,
    /// The tasks of calls that did not finish in their first poll.
    pub(crate) tasks: JoinSet<Done>,
    requests: Arc<Semaphore>,
    notifications: Arc<Semaphore>,
    initializing: bool,
    initialized: bool,
    shutdown_asked: bool,
    shutdown_running: bool,
    /// Messages received during `initialize`, which are dispatched afterwards in order.
    held: VecDeque<Request>,
    /// PID of the editor's process, if that process can be watched.
    pub(crate) parent: Option<i32>,
}

impl<S: LanguageServer> Calls<S> {
    pub(crate) fn new(service: LspService<S>, out: Outgoing) -> Self {
        Self {
            service,
            out,
            tasks: JoinSet::new(),
            requests: Arc::new(Semaphore::new(IN_FLIGHT)),
            notifications: Arc::new(Semaphore::new(NOTIFICATIONS)),
            initializing: false,
            initialized: false,
            shutdown_asked: false,
            shutdown_running: false,
            held: VecDeque::new(),
            parent: None,
        }
    }

    pub(crate) fn accept(&mut self, request: Request) -> ControlFlow<Exit> {
        if request.method() == "exit" {
            let exit = if self.shutdown_asked { Exit::Clean } else { Exit::NoShutdown };
            return ControlFlow::Break(exit);
        }
        if !self.initializing {
            return self.call(request);
        }
        if self.held.len() < HELD {
            self.held.push_back(request);
            return ControlFlow::Continue(());
        }
        self.reject_request(&request, "the server is not initialized yet")
    }

    fn call(&mut self, request: Request) -> ControlFlow<Exit> {
        let kind = CallKind::of(&request);
        let id = request.id().cloned();
        let limit = if id.is_some() { &self.requests } else { &self.notifications };
        let permit = Arc::clone(limit).try_acquire_owned().ok();
        if permit.is_none() && id.is_some() && kind == CallKind::Other {
            return self.reject_request(&request, "too many requests are under way");
        }
        match kind {
            CallKind::Initialize => {
                self.parent = self.parent.or_else(|| parent::named_by(request.params()));
            }
            CallKind::Shutdown => self.shutdown_asked |= self.initialized,
            CallKind::Other => {}
        }
        let request = with_params(request);
        let service = &mut self.service;
        let called = catch_unwind(AssertUnwindSafe(|| service.call(request)));
        let mut future = match called {
            Ok(future) => AssertUnwindSafe(future).catch_unwind(),
            Err(panic) => return self.answer_now(id, kind, Err(panic), permit),
        };
        if let Some(outcome) = (&mut future).now_or_never() {
            return self.answer_now(id, kind, outcome, permit);
        }
        match kind {
            CallKind::Initialize => self.initializing = !self.initialized,
            CallKind::Shutdown => self.shutdown_running = true,
            CallKind::Other => {}
        }
        // A notification over the limit has had its first poll, in which changes are applied, and
        // is dropped.
        if permit.is_some() || id.is_some() {
            let frames = self.out.frames();
            self.tasks.spawn(async move {
                let (answer, done) = conclude(id, kind, future.await);
                if let Some(answer) = answer {
                    let _ = frames.send(outgoing::encode(&answer)).await;
                }
                drop(permit);
                done
            });
        }
        ControlFlow::Continue(())
    }

    /// Finishes a call that completed in its first poll. If the output is full, a task waits to
    /// send the answer.
    fn answer_now(
        &mut self,
        id: Option<Id>,
        kind: CallKind,
        outcome: Outcome,
        permit: Option<OwnedSemaphorePermit>,
    ) -> ControlFlow<Exit> {
        let (answer, done) = conclude(id, kind, outcome);
        if let Some(frame) = answer.and_then(|answer| self.out.try_answer(&answer)) {
            let frames = self.out.frames();
            self.tasks.spawn(async move {
                let _ = frames.send(frame).await;
                drop(permit);
                Done { id: None, kind: CallKind::Other, answered_well: true, panicked: false }
            });
        }
        self.finish(done)
    }

    /// Updates the connection's state after a call has ended.
    pub(crate) fn finish(&mut self, done: Done) -> ControlFlow<Exit> {
        if done.panicked
            && let Some(id) = done.id
        {
            // The service forgets the ID of a request that ends, but not of one that panics.
            let params = serde_json::json!({ "id": id });
            let forget = Request::build("$/cancelRequest").params(params).finish();
            let _ = self.service.call(forget).now_or_never();
        }
        match done.kind {
            CallKind::Other => {}
            CallKind::Shutdown => self.shutdown_running = false,
            CallKind::Initialize => {
                self.initialized |= done.answered_well;
                self.initializing = false;
                while !self.initializing
                    && let Some(request) = self.held.pop_front()
                {
                    self.call(request)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn reject_request(&self, request: &Request, why: &'static str) -> ControlFlow<Exit> {
        let Some(id) = request.id().cloned() else {
            return ControlFlow::Continue(());
        };
        let code = ErrorCode::from(REQUEST_FAILED);
        self.reject(&Response::from_error(id, Error { code, message: why.into(), data: None }))
    }

    pub(crate) fn reject(&self, response: &Response) -> ControlFlow<Exit> {
        if self.out.reject(response) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(Exit::OutputClosed)
        }
    }

    pub(crate) fn at_end_of_input(&self) -> Exit {
        if self.shutdown_asked { Exit::Clean } else { Exit::InputClosed }
    }

    /// Stops all calls. A running `shutdown` may finish; no other request is answered.
    pub(crate) async fn end(mut self, exit: Exit) {
        if exit == Exit::Clean && self.shutdown_running {
            let finished = async {
                while self.shutdown_running
                    && let Some(done) = self.tasks.join_next().await
                {
                    if let Ok(done) = done {
                        let _ = self.finish(done);
                    }
                }
            };
            let _ = timeout(GRACE, finished).await;
        }
        let _ = timeout(GRACE, self.tasks.shutdown()).await;
        let _ = self.service.call(Request::build("exit").finish()).now_or_never();
    }
}

/// Adds parameters to `initialized`: some clients omit them, and the service drops the notification
/// without them.
fn with_params(request: Request) -> Request {
    if request.method() == "initialized" && request.id().is_none() {
        Request::build("initialized").params(serde_json::json!({})).finish()
    } else {
        request
    }
}

/// Returns a call's answer, and how the call ended, for [`Calls::finish`].
fn conclude(id: Option<Id>, kind: CallKind, outcome: Outcome) -> (Option<Response>, Done) {
    let panicked = outcome.is_err();
    let answer = match outcome {
        Ok(Ok(answer)) => answer,
        Ok(Err(ExitedError { .. })) => None,
        Err(_) => {
            tracing::error!("a handler panicked");
            id.clone().map(|id| Response::from_error(id, Error::internal_error()))
        }
    };
    let answered_well = answer.as_ref().is_some_and(Response::is_ok);
    (answer, Done { id, kind, answered_well, panicked })
}
