//! Events into chunks, against the clock.

use super::answer::Answer;
use super::body::events;
use super::call::Call;
use super::event::Event;
use crate::event::FailureKind;
use crate::provider::transport::{Complaint, error, kind_in_stream};
use crate::provider::{Begun, Cause, Chunk, ProviderError};
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes and events from which pieces that have come together are not joined further: whoever is
/// slower than the server gets one piece for many, and nobody waits for one.
const JOINED: (usize, usize) = (4096, 64);

type Item = Result<Chunk, ProviderError>;

/// An answer on its way.
pub(super) struct Flow {
    /// Dropped at the end: that closes the connection.
    events: Option<BoxStream<'static, String>>,
    call: Arc<Call>,
    answer: Answer,
    ready: VecDeque<Item>,
    /// Whether the text has begun.
    written: bool,
    /// Whether the text ends in the mark of a hole: a row of holes has one.
    marked: bool,
    /// Room for what one event holds.
    taken: Vec<Chunk>,
    /// When waiting ends.
    deadline: Instant,
    /// Wakes at the deadline, or before one that was moved.
    alarm: Pin<Box<Sleep>>,
    /// To be called at the first event, whatever it holds.
    begun: Option<Begun>,
}

impl Flow {
    pub(super) fn new(call: Arc<Call>, begun: Begun) -> Self {
        let deadline = Instant::now() + call.limits.keep_alive;
        Self {
            events: call.take_body().map(|(source, kind)| events(source, kind, call.clone())),
            call,
            answer: Answer::default(),
            ready: VecDeque::new(),
            written: false,
            marked: false,
            taken: Vec::new(),
            deadline,
            alarm: Box::pin(sleep_until(deadline)),
            begun: Some(begun),
        }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Item> {
        // Boxed, since it is moved with each item.
        stream::unfold(Box::new(self), |mut flow| async move {
            let item = flow.next().await?;
            Some((item, flow))
        })
    }

    async fn next(&mut self) -> Option<Item> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        let mut read = 0;
        while let Some(events) = self.events.as_mut().filter(|_| read < JOINED.1)
            && self.ready.iter().all(may_grow)
            && self.ready.len() < 2
        {
            match events.poll_next_unpin(cx) {
                Poll::Ready(Some(json)) => self.read(&json),
                Poll::Ready(None) => self.end(),
                Poll::Pending if !self.ready.is_empty() => break,
                Poll::Pending if self.is_late(cx) => {
                    let cause = Cause::NoText(self.call.limits.keep_alive);
                    self.call.fail(self.call.error(FailureKind::Timeout, cause, ""));
                    self.end();
                }
                Poll::Pending => return Poll::Pending,
            }
            // Events that hold nothing are passed over.
            read += usize::from(!self.ready.is_empty());
        }
        Poll::Ready(self.ready.pop_front())
    }

    /// Whether waiting has ended; if not, the task is woken when it does.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        if self.alarm.deadline() > self.deadline {
            self.alarm.as_mut().reset(self.deadline);
        }
        loop {
            if Instant::now() >= self.deadline {
                return true;
            }
            if self.alarm.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.alarm.as_mut().reset(self.deadline);
        }
    }

    /// Reads one event.
    fn read(&mut self, json: &str) {
        match Event::read(json) {
            Ok(event) => {
                self.take(event);
                // An error in place of an answer is no beginning.
                if self.events.is_some()
                    && let Some(begun) = self.begun.take()
                {
                    begun();
                }
            }
            // Half an event at the end is no hole: the answer broke off there.
            Err(_) if self.call.state().ended => {}
            // No sound JSON, or a field that comes twice.
            Err(_) => self.hole(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        if !event.is_sound() {
            return self.hole();
        }
        let finished = self.answer.finished();
        let mut chunks = std::mem::take(&mut self.taken);
        let taken = self.answer.take(event, &mut chunks);
        if self.answer.finished() {
            if !finished {
                self.deadline = Instant::now() + self.call.limits.after_finish;
            }
        } else if !chunks.is_empty() {
            self.call.state().speaking = true;
            self.deadline = Instant::now() + self.call.limits.keep_alive;
        }
        if chunks.iter().any(|chunk| matches!(chunk, Chunk::Text(_))) {
            (self.written, self.marked) = (true, false);
        }
        chunks.drain(..).for_each(|chunk| self.add(chunk));
        self.taken = chunks;
        if let Err(complaint) = taken {
            self.events = None;
            self.ready.extend(self.answer.rest().map(Ok));
            self.ready.push_back(Err(self.complained(&complaint)));
        }
    }

    /// Adds to what is ready, and to its last piece where that is of the same kind.
    fn add(&mut self, chunk: Chunk) {
        match (self.ready.back_mut(), chunk) {
            (Some(Ok(Chunk::Text(text))), Chunk::Text(more)) => text.push_str(&more),
            (Some(Ok(Chunk::Thinking(chars))), Chunk::Thinking(more)) => {
                *chars = chars.saturating_add(more);
            }
            (_, chunk) => self.ready.push_back(Ok(chunk)),
        }
    }

    /// An event that could not be read: what it held is missing at this place of the text.
    fn hole(&mut self) {
        if self.answer.finished() {
            return;
        }
        self.call.state().holes += 1;
        if self.written && !self.marked {
            self.marked = true;
            self.ready.extend(self.answer.rest().map(Ok));
            self.add(Chunk::Text(char::REPLACEMENT_CHARACTER.into()));
        }
    }

    /// The last item: the model's end, or why there is none.
    fn end(&mut self) {
        self.events = None;
        self.ready.extend(self.answer.rest().map(Ok));
        let mut state = self.call.state();
        let complete = state.done || self.answer.finished();
        if !complete && let Some(failure) = state.failure.take() {
            self.ready.push_back(Err(failure));
        } else if state.holes > 0 {
            let cause = Cause::Holes(state.holes);
            self.ready.push_back(Err(self.call.error(FailureKind::BadResponse, cause, "")));
        } else if complete {
            self.ready.push_back(Ok(self.answer.end()));
        } else {
            let cause = Cause::NoEnd;
            self.ready.push_back(Err(self.call.error(FailureKind::Interrupted, cause, "")));
        }
    }

    fn complained(&self, complaint: &Complaint) -> ProviderError {
        let (call, words) = (&self.call, self.call.detail.clean(&complaint.message));
        let error = error(kind_in_stream(complaint), &call.host, words);
        ProviderError { status: complaint.number.filter(|n| (400..600).contains(n)), ..error }
    }
}

/// Whether what comes next may join this.
fn may_grow(item: &Item) -> bool {
    match item {
        Ok(Chunk::Text(text)) => text.len() < JOINED.0,
        Ok(Chunk::Thinking(_)) => true,
        Ok(Chunk::Finish { .. }) | Err(_) => false,
    }
}
