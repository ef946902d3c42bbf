//! The calls that are under way, and what they say about the connection.

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

/// Requests that may be under way at once.
const IN_FLIGHT: usize = 256;

/// Notifications whose handlers may be under way at once.
const NOTIFICATIONS: usize = 1024;

/// Messages that may wait for the end of `initialize`.
const HELD: usize = 256;

/// How long an ending waits for a running `shutdown`, and then for the output.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// `RequestFailed` of LSP 3.17.
const REQUEST_FAILED: i64 = -32803;

/// Which calls change the connection itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Initialize,
    Shutdown,
    Other,
}

impl Kind {
    fn of(request: &Request) -> Self {
        match request.method() {
            "initialize" => Kind::Initialize,
            "shutdown" => Kind::Shutdown,
            _ => Kind::Other,
        }
    }
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Done {
    id: Option<Id>,
    kind: Kind,
    answered_well: bool,
    panicked: bool,
}

type Outcome = Result<Result<Option<Response>, ExitedError>, Box<dyn Any + Send>>;

/// The calls that are under way.
pub(crate) struct Calls<S> {
    service: LspService<S>,
    out: Outgoing,
    /// Calls that took more than one poll.
    pub(crate) tasks: JoinSet<Done>,
    requests: Arc<Semaphore>,
    notifications: Arc<Semaphore>,
    initializing: bool,
    initialized: bool,
    shutdown_asked: bool,
    shutdown_running: bool,
    /// What came before `initialize` was finished, to be taken then, in order.
    held: VecDeque<Request>,
    /// The editor's process, where it is to be watched.
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
        self.refuse_request(&request, "the server is not initialized yet")
    }

    fn call(&mut self, request: Request) -> ControlFlow<Exit> {
        let kind = Kind::of(&request);
        let id = request.id().cloned();
        let limit = if id.is_some() { &self.requests } else { &self.notifications };
        let permit = Arc::clone(limit).try_acquire_owned().ok();
        if permit.is_none() && id.is_some() && kind == Kind::Other {
            return self.refuse_request(&request, "too many requests are under way");
        }
        match kind {
            Kind::Initialize => {
                self.parent = self.parent.or_else(|| parent::named_by(request.params()));
            }
            Kind::Shutdown => self.shutdown_asked |= self.initialized,
            Kind::Other => {}
        }
        let request = with_params(request);
        let service = &mut self.service;
        let called = catch_unwind(AssertUnwindSafe(|| service.call(request)));
        let mut future = match called {
            Ok(future) => AssertUnwindSafe(future).catch_unwind(),
            Err(panic) => return self.settle(id, kind, Err(panic), permit),
        };
        if let Some(outcome) = (&mut future).now_or_never() {
            return self.settle(id, kind, outcome, permit);
        }
        match kind {
            Kind::Initialize => self.initializing = !self.initialized,
            Kind::Shutdown => self.shutdown_running = true,
            Kind::Other => {}
        }
        // A notification that finds no room has had its first poll, in which changes are applied.
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

    /// Ends a call that took one poll. Its answer waits in a task if the output is full.
    fn settle(
        &mut self,
        id: Option<Id>,
        kind: Kind,
        outcome: Outcome,
        permit: Option<OwnedSemaphorePermit>,
    ) -> ControlFlow<Exit> {
        let (answer, done) = conclude(id, kind, outcome);
        if let Some(frame) = answer.and_then(|answer| self.out.try_answer(&answer)) {
            let frames = self.out.frames();
            self.tasks.spawn(async move {
                let _ = frames.send(frame).await;
                drop(permit);
                Done { id: None, kind: Kind::Other, answered_well: true, panicked: false }
            });
        }
        self.finish(done)
    }

    /// Takes note of a call's end.
    pub(crate) fn finish(&mut self, done: Done) -> ControlFlow<Exit> {
        if done.panicked
            && let Some(id) = done.id
        {
            // The service forgets a request's id when it ends, but not when it panics.
            let params = serde_json::json!({ "id": id });
            let forget = Request::build("$/cancelRequest").params(params).finish();
            let _ = self.service.call(forget).now_or_never();
        }
        match done.kind {
            Kind::Other => {}
            Kind::Shutdown => self.shutdown_running = false,
            Kind::Initialize => {
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

    fn refuse_request(&self, request: &Request, why: &'static str) -> ControlFlow<Exit> {
        let Some(id) = request.id().cloned() else {
            return ControlFlow::Continue(());
        };
        let code = ErrorCode::from(REQUEST_FAILED);
        self.refuse(&Response::from_error(id, Error { code, message: why.into(), data: None }))
    }

    pub(crate) fn refuse(&self, response: &Response) -> ControlFlow<Exit> {
        if self.out.refuse(response) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(Exit::OutputClosed)
        }
    }

    pub(crate) fn at_end_of_input(&self) -> Exit {
        if self.shutdown_asked { Exit::Clean } else { Exit::InputClosed }
    }

    /// Ends what is under way. A running `shutdown` may finish; nothing else is answered any more.
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

/// `initialized` with parameters, which some clients leave out: the service would drop it.
fn with_params(request: Request) -> Request {
    if request.method() == "initialized" && request.id().is_none() {
        Request::build("initialized").params(serde_json::json!({})).finish()
    } else {
        request
    }
}

/// A call's answer, and what is to be noted of it.
fn conclude(id: Option<Id>, kind: Kind, outcome: Outcome) -> (Option<Response>, Done) {
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
