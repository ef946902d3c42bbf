//! The scripted replies of the server.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// One scripted response.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// Steps before the head is written.
    pub(super) before: Vec<Step>,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
    /// Whether only the steps are written, without a head and without chunk framing.
    pub(super) raw: bool,
}

/// One step of a reply.
#[derive(Clone)]
pub(crate) enum Step {
    /// Does nothing for a while.
    Wait(Duration),
    /// Does nothing until the test opens the gate.
    Until(Gate),
    /// Writes these bytes as one chunk of the body.
    Write(Vec<u8>),
    /// Writes these bytes again and again until the client disconnects.
    Forever(Vec<u8>),
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the closing chunk. The connection stays open for the next request.
    Done,
    /// By closing the socket without the closing chunk.
    Cut,
    /// Never: the socket stays open until the client disconnects.
    Open,
    /// With a TCP reset.
    Reset,
}

impl Reply {
    /// Creates an event stream with status 200, which is written piece by piece and ends cleanly.
    pub(crate) fn stream<B: AsRef<[u8]>>(pieces: impl IntoIterator<Item = B>) -> Self {
        let steps = pieces.into_iter().map(|p| Step::Write(p.as_ref().to_vec())).collect();
        Self { steps, ..Self::status(200).header("content-type", "text/event-stream") }
    }

    /// Creates a reply with a whole JSON body.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::status(status).header("content-type", "application/json").write(body)
    }

    /// Creates a reply with a status and without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: vec![], before: vec![], steps: vec![], end: End::Done, raw: false }
    }

    /// Creates a reply of exactly these bytes, including head and framing, and then closes the
    /// connection.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { raw: true, ..Self::status(0) }.write(bytes).end(End::Cut)
    }

    /// Sets a header. With an explicit `content-length`, the body is not chunked.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a piece of the body.
    pub(crate) fn write(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(Step::Write(bytes.as_ref().to_vec()))
    }

    /// Adds a step.
    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a step that comes before the head is written.
    pub(crate) fn before_head(mut self, step: Step) -> Self {
        self.before.push(step);
        self
    }

    /// Sets how the response ends.
    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Writes these bytes again and again, without an end.
    pub(crate) fn forever(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(Step::Forever(bytes.as_ref().to_vec()))
    }

    /// Splits the same body into single bytes: one byte per chunk or, in a raw reply, per packet.
    pub(crate) fn byte_by_byte(mut self) -> Self {
        let split = |step| match step {
            Step::Write(bytes) => bytes.into_iter().map(|b| Step::Write(vec![b])).collect(),
            other => vec![other],
        };
        self.steps = self.steps.into_iter().flat_map(split).collect();
        self
    }
}

/// A gate at which a reply waits until the test lets it continue.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    /// Creates a closed gate.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Opens the gate for good.
    pub(crate) fn open(&self) {
        self.0.close();
    }

    /// Lets one reply through.
    pub(crate) fn pass_one(&self) {
        self.0.add_permits(1);
    }

    pub(super) async fn wait(&self) {
        if let Ok(permit) = self.0.acquire().await {
            permit.forget();
        }
    }
}
