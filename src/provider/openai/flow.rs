//! Events into chunks, against the clock.

use super::answer::Answer;
use super::call::Call;
use super::event::Event;
use crate::event::FailureKind;
use crate::provider::transport::{Complaint, kind_in_stream};
use crate::provider::{Chunk, ProviderError};
use async_openai::types::stream::StreamResponse;
use futures::stream::{self, Stream, StreamExt};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};

type Item = Result<Chunk, ProviderError>;

/// An answer on its way.
pub(super) struct Flow {
    /// Dropped at the end: that closes the connection.
    events: Option<StreamResponse<Event>>,
    call: Arc<Call>,
    answer: Answer,
    ready: VecDeque<Item>,
    /// When waiting ends.
    deadline: Instant,
}

impl Flow {
    pub(super) fn new(events: StreamResponse<Event>, call: Arc<Call>) -> Self {
        let deadline = Instant::now() + call.limits.keep_alive;
        Self {
            events: Some(events),
            call,
            answer: Answer::default(),
            ready: VecDeque::new(),
            deadline,
        }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Item> {
        stream::unfold(self, |mut flow| async move {
            let item = flow.next().await?;
            Some((item, flow))
        })
    }

    async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            match timeout_at(self.deadline, self.events.as_mut()?.next()).await {
                Ok(Some(Ok(event))) => {
                    self.call.give_room();
                    self.take(event);
                }
                // The crate cannot read an event that is sound JSON: a field that comes twice.
                Ok(Some(Err(_))) => {
                    self.call.give_room();
                    self.call.state().holes += 1;
                }
                Ok(None) => self.end(),
                Err(_) => {
                    let text = "signs of life, but no text";
                    self.call.fail(self.call.error(FailureKind::Timeout, text));
                    self.end();
                }
            }
        }
    }

    fn take(&mut self, event: Event) {
        let finished = self.answer.finished();
        match self.answer.take(event) {
            Ok(chunks) => {
                if self.answer.finished() {
                    if !finished {
                        self.deadline = Instant::now() + self.call.limits.after_finish;
                    }
                } else if !chunks.is_empty() {
                    self.call.state().speaking = true;
                    self.deadline = Instant::now() + self.call.limits.keep_alive;
                }
                self.ready.extend(chunks.into_iter().map(Ok));
            }
            Err(complaint) => {
                self.events = None;
                self.ready.extend(self.answer.rest().map(Ok));
                self.ready.push_back(Err(self.complained(&complaint)));
            }
        }
    }

    /// The last item: the model's end, or why there is none. A stream that just stops has neither.
    fn end(&mut self) {
        self.events = None;
        self.ready.extend(self.answer.rest().map(Ok));
        let mut state = self.call.state();
        let complete = state.done || self.answer.finished();
        if !complete && let Some(failure) = state.failure.take() {
            self.ready.push_back(Err(failure));
        } else if state.holes > 0 {
            let text = format!("events that could not be read: {}", state.holes);
            self.ready.push_back(Err(self.call.error(FailureKind::BadResponse, &text)));
        } else if complete {
            self.ready.push_back(Ok(self.answer.end()));
        }
    }

    fn complained(&self, complaint: &Complaint) -> ProviderError {
        let error = self.call.error(kind_in_stream(complaint), &complaint.message);
        ProviderError { status: complaint.number.filter(|n| (400..600).contains(n)), ..error }
    }
}
