//! The bytes of a response, with every wait and every size bounded.

use super::call::Call;
use super::utf8::Utf8Decoder;
use crate::event::FailureKind;
use crate::provider::Cause;
use crate::provider::transport::fault;
use bytes::Bytes;
use futures::stream::{self, Stream};
use parking_lot::Mutex;
use reqwest::Response;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

/// Characters of a body that are quoted where it is not what was asked for.
pub(crate) const SAMPLE: usize = 200;

/// A body that is being read.
pub(crate) struct Source {
    response: Response,
    call: Arc<Call>,
    /// Bytes that were read to tell what the body is.
    start: Vec<u8>,
    sample: Sample,
}

/// The start of a body, to be quoted.
#[derive(Clone, Default)]
pub(crate) struct Sample(Arc<Mutex<Vec<u8>>>);

impl Sample {
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock();
        String::from_utf8_lossy(&bytes).chars().take(SAMPLE).collect()
    }

    fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock();
        let room = (4 * SAMPLE).saturating_sub(kept.len());
        kept.extend(bytes.iter().take(room));
    }
}

impl Source {
    pub(crate) fn new(response: Response, call: Arc<Call>) -> Self {
        Self { response, call, start: vec![], sample: Sample::default() }
    }

    pub(crate) fn sample(&self) -> Sample {
        self.sample.clone()
    }

    /// What the server calls the body, without parameters.
    pub(crate) fn content_type(&self) -> String {
        let value = self.response.headers().get(http::header::CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.call.quoted(value.split(';').next().unwrap_or_default())
    }

    /// Reads on until `tell` can tell something by the body's start.
    pub(crate) async fn peek<T>(&mut self, tell: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        const ENOUGH: usize = 4096;
        loop {
            let told = tell(&self.start);
            if told.is_some() || self.start.len() > ENOUGH {
                return told;
            }
            let bytes = self.read().await?;
            self.start.extend_from_slice(&bytes);
        }
    }

    /// The whole body; `None`, and a failure in the call, where it breaks or is too large.
    pub(crate) async fn read_all(mut self) -> Option<Vec<u8>> {
        while let Some(bytes) = self.read().await {
            self.start.extend_from_slice(&bytes);
        }
        let failed = self.call.state().failure.is_some();
        (!failed).then_some(self.start)
    }

    /// The body as sound UTF-8, with an end to its last event.
    pub(crate) fn into_text(mut self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        let start = Bytes::from(std::mem::take(&mut self.start));
        let first = (!start.is_empty()).then_some(start);
        stream::unfold(
            // Boxed, since it is moved with each item.
            (Some(Box::new(self)), first, Utf8Decoder::default()),
            |(source, first, mut utf8)| async move {
                let mut source = source?;
                let piece = match first {
                    Some(first) => Some(first),
                    None => source.read().await,
                };
                match piece {
                    Some(piece) => Some((Ok(utf8.push(piece)), (Some(source), None, utf8))),
                    None => {
                        source.call.state().ended = true;
                        let end = format!("{}\n\n", utf8.finish());
                        Some((Ok(end.into()), (None, None, utf8)))
                    }
                }
            },
        )
    }

    /// The next bytes; `None` at the end, or with a failure in the call.
    async fn read(&mut self) -> Option<Bytes> {
        let limits = self.call.limits;
        let (start, mut wait) = (Instant::now(), limits.idle);
        let mut next = timeout_at(start + wait, self.response.chunk()).await.ok();
        // Some servers send an empty first event at once and then think for a long time, or are at
        // another request of ours.
        if next.is_none() && !self.call.state().speaking {
            wait = wait.max(limits.first_byte);
            next = self.call.wait(start + wait, wait, self.response.chunk()).await;
        }
        match next {
            Some(Ok(Some(bytes))) => {
                self.sample.add(&bytes);
                let mut state = self.call.state();
                state.bytes += bytes.len();
                if state.bytes <= limits.event_bytes {
                    return Some(bytes);
                }
                drop(state);
                let cause = Cause::EventTooLong(limits.event_bytes);
                self.call.fail(self.call.error(FailureKind::BadResponse, cause, ""));
            }
            Some(Ok(None)) => {}
            Some(Err(cause)) => self.call.fail(fault(cause, &self.call.host, &self.call.detail)),
            None => {
                let cause = Cause::Silence(wait);
                self.call.fail(self.call.error(FailureKind::Timeout, cause, ""));
            }
        }
        None
    }
}
