//! What the server is told to answer.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// One scripted response.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// What happens before the head is written.
    pub(super) before: Vec<Step>,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
    /// The steps are all that is written: neither a head nor the frames of chunks.
    pub(super) raw: bool,
}

/// One act of the server.
#[derive(Clone)]
pub(crate) enum Step {
    /// Does nothing for a while.
    Wait(Duration),
    /// Does nothing until the test opens the gate.
    Until(Gate),
    /// Writes these bytes, in one chunk of the body.
    Write(Vec<u8>),
    /// Writes these bytes over and over, until the client goes.
    Forever(Vec<u8>),
}

/// How a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the closing chunk; the connection stays open for the next request.
    Done,
    /// The socket is closed without the closing chunk.
    Cut,
    /// Not at all: the socket is held until the client goes.
    Open,
    /// With a TCP reset.
    Reset,
}

impl Reply {
    /// An event stream with status 200, written piece by piece and cleanly ended.
    pub(crate) fn stream<B: AsRef<[u8]>>(pieces: impl IntoIterator<Item = B>) -> Self {
        let steps = pieces.into_iter().map(|p| Step::Write(p.as_ref().to_vec())).collect();
        Self { steps, ..Self::status(200).header("content-type", "text/event-stream") }
    }

    /// A whole JSON body.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::status(status).header("content-type", "application/json").write(body)
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: vec![], before: vec![], steps: vec![], end: End::Done, raw: false }
    }

    /// Exactly these bytes, head and framing included; the connection is closed after them.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { raw: true, ..Self::status(0) }.write(bytes).end(End::Cut)
    }

    /// Sets a header. With a `content-length` of one's own the body is not chunked.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a piece of the body.
    pub(crate) fn write(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(Step::Write(bytes.as_ref().to_vec()))
    }

    /// Adds an act.
    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds an act that comes before the head is written.
    pub(crate) fn before_head(mut self, step: Step) -> Self {
        self.before.push(step);
        self
    }

    /// Says how it ends.
    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Goes on writing these bytes to the end of days.
    pub(crate) fn forever(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(Step::Forever(bytes.as_ref().to_vec()))
    }

    /// The same body, one byte a chunk; of a raw reply, one byte a packet.
    pub(crate) fn byte_by_byte(mut self) -> Self {
        let split = |step| match step {
            Step::Write(bytes) => bytes.into_iter().map(|b| Step::Write(vec![b])).collect(),
            other => vec![other],
        };
        self.steps = self.steps.into_iter().flat_map(split).collect();
        self
    }
}

/// Something that a reply waits for until the test lets it go on.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    /// A closed gate.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Opens it for good.
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
