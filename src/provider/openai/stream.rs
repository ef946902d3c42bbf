//! Turns events into chunks, and enforces the timeouts of an answer.

use super::answer::{Answer, Coalescer, Item, Took};
use super::body::{EventData, events};
use super::call::{Call, CallState};
use super::dialect::SharedDialect;
use super::event::Event;
use super::response_body::{BodyKind, ResponseBody};
use crate::event::FailureKind;
use crate::provider::transport::{
    ApiError, cause_in_stream, error, kind_in_stream, parse_unnamed_error, wait,
};
use crate::provider::{Cause, ProviderError};
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// Maximum number of events read for one item, so that one stream does not starve the others.
const EVENTS: usize = 64;

/// Factor for the wait for the end of a stream if the server's finish reasons are unreliable.
const UNRELIABLE_FACTOR: u32 = 10;

/// An answer that is being received.
pub(crate) struct AnswerStream {
    /// Dropped at the end of the answer, which closes the connection.
    events: Option<BoxStream<'static, EventData>>,
    call: Arc<Call>,
    known: Arc<SharedDialect>,
    is_stream: bool,
    answer: Answer,
    ready: Coalescer,
    /// Whether the text has begun.
    written: bool,
    /// Whether the text ends with the marker for an unreadable event; consecutive ones share a
    /// marker.
    marked: bool,
    /// Whether text or reasoning has arrived since the last item was returned.
    speaks: bool,
    /// When waiting for text, or for the end after a finish reason, times out.
    deadline: Instant,
    /// Wakes the task at the deadline, or earlier if the deadline has been postponed since.
    alarm: Pin<Box<Sleep>>,
    /// Whether any event has arrived, whatever its content.
    began: bool,
}

impl AnswerStream {
    pub(crate) fn new(
        (source, kind): (ResponseBody, BodyKind),
        call: Arc<Call>,
        known: Arc<SharedDialect>,
    ) -> Self {
        let deadline = Instant::now() + call.limits.keep_alive;
        Self {
            events: Some(events(source, kind, call.clone())),
            call,
            known,
            is_stream: kind == BodyKind::Events,
            answer: Answer::default(),
            ready: Coalescer::default(),
            written: false,
            marked: false,
            speaks: false,
            deadline,
            alarm: Box::pin(sleep_until(deadline)),
            began: false,
        }
    }

    pub(crate) fn into_stream(self) -> impl Stream<Item = Item> {
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
        while let Some(events) = self.events.as_mut().filter(|_| read < EVENTS)
            && self.ready.may_grow()
        {
            match events.poll_next_unpin(cx) {
                Poll::Ready(Some(EventData::Json(json))) => self.read(&json),
                Poll::Ready(Some(EventData::Unreadable)) => self.unreadable(),
                Poll::Ready(None) => self.end(),
                Poll::Pending if !self.ready.is_empty() => break,
                Poll::Pending if self.is_late(cx) => {
                    let cause = Cause::NoText(self.call.limits.keep_alive);
                    self.call.fail(self.call.error(FailureKind::Timeout, cause, ""));
                    self.end();
                }
                Poll::Pending => return Poll::Pending,
            }
            // Events before the first content do not count.
            read += usize::from(!self.ready.is_empty());
        }
        if std::mem::take(&mut self.speaks) {
            self.call.state.lock().speaking = true;
            if !self.answer.ends_here() {
                self.deadline = Instant::now() + self.call.limits.keep_alive;
            }
        }
        Poll::Ready(self.ready.pop())
    }

    /// Returns `true` if the deadline has passed. Otherwise, the task is woken at the deadline.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        if self.alarm.deadline() > self.deadline {
            self.alarm.as_mut().reset(self.deadline);
        }
        loop {
            if Instant::now() >= self.deadline {
                let deadline = self.call.extension.extend(self.call.limits.keep_alive);
                // Once text or reasoning has come, the server is known to be working on this
                // request.
                match deadline.filter(|_| !self.call.state.lock().speaking) {
                    Some(later) => self.deadline = later,
                    None => return true,
                }
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
            Ok(event)
                if event.is_bare()
                    && let Some(api_error) = parse_unnamed_error(json) =>
            {
                self.give_up(&api_error);
            }
            Ok(event) => {
                self.take(event);
                // An error in place of an answer does not count as its beginning.
                if self.events.is_some() && !std::mem::replace(&mut self.began, true) {
                    self.ready.begin();
                }
            }
            Err(_) => self.unreadable(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        if !event.is_sound() {
            return self.record_unreadable_event();
        }
        let before = self.answer.ends_here();
        let took = match self.answer.take(event, &mut self.ready) {
            Ok(took) => took,
            Err(api_error) => return self.give_up(&api_error),
        };
        self.speaks |= took > Took::Nothing;
        if self.answer.ends_here() && (!before || took > Took::Nothing) {
            let factor = if self.answer.reasons_are_unreliable() { UNRELIABLE_FACTOR } else { 1 };
            self.deadline = Instant::now() + self.call.limits.after_finish * factor;
        }
        if took == Took::Text {
            (self.written, self.marked) = (true, false);
        }
    }

    /// Flushes what was held back for a continuation, which will not come.
    fn flush(&mut self) {
        self.answer.flush(&mut self.ready);
    }

    /// Takes an event that cannot be read. A truncated one at the end does not count: the answer
    /// broke off there.
    fn unreadable(&mut self) {
        if !self.call.state.lock().ended {
            self.record_unreadable_event();
        }
    }

    /// Records an unreadable event, and marks the place in the text where its content is missing.
    fn record_unreadable_event(&mut self) {
        self.call.state.lock().unreadable_events += 1;
        self.answer.record_unreadable_event();
        if self.written && !self.marked {
            self.marked = true;
            self.flush();
            self.ready.text("\u{fffd}");
        }
    }

    /// Queues the last item: the finish reason, or the error that left the answer incomplete.
    fn end(&mut self) {
        self.events = None;
        self.flush();
        let mut state = self.call.state.lock();
        // A doubtful finish reason is confirmed if the stream ends properly, but not if it breaks
        // off.
        let ended = self.answer.ends_here() || state.failure.is_none();
        let complete = self.is_done(&state) || self.answer.finished() && ended;
        if complete && self.is_stream && self.answer.finished() {
            self.known.record_finish_reason();
        }
        if !complete && let Some(failure) = state.failure.take() {
            self.ready.push(Err(failure));
        } else if state.unreadable_events > 0 {
            let cause = Cause::UnreadableEvents(state.unreadable_events);
            self.ready.push(Err(self.call.error(FailureKind::BadResponse, cause, "")));
        } else if complete {
            let end = self.answer.end().map_err(|word| {
                let cause = Cause::EndedAs(self.call.quoted(word));
                self.call.error(FailureKind::Interrupted, cause, "")
            });
            self.ready.push(end);
        } else {
            let cause = Cause::NoEnd;
            self.ready.push(Err(self.call.error(FailureKind::Interrupted, cause, "")));
        }
    }

    /// Returns `true` if the server has sent `[DONE]` or a whole body, and that means that the answer
    /// is complete. Some servers announce no other end.
    fn is_done(&self, state: &CallState) -> bool {
        let has_reason = self.answer.finished() || self.answer.reasons_are_unreliable();
        let lacks_reason = self.is_stream && self.written && !has_reason;
        state.done && !(lacks_reason && self.known.has_sent_finish_reason())
    }

    /// Ends the stream with an error that came in place of the rest of the answer.
    fn give_up(&mut self, api_error: &ApiError) {
        self.events = None;
        self.flush();
        self.ready.push(Err(self.complained(api_error)));
    }

    fn complained(&self, api_error: &ApiError) -> ProviderError {
        let (call, words) = (&self.call, self.call.redactor.clean(&api_error.message));
        let kind = kind_in_stream(api_error);
        let error = error(kind, &call.host, words);
        let status = api_error.number.filter(|n| (400..600).contains(n));
        let (cause, retry_after) = (cause_in_stream(api_error), wait(kind, api_error));
        call.with_key_cause(ProviderError { status, retry_after, cause, ..error })
    }
}
