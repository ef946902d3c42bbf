//! Runs one branch: turns a provider's stream into events, exactly one of which is the end.

use super::adaptive_limit::is_overloaded;
use super::byte_budget::ByteBudget;
use super::ending::{End, Ending, Received, panicked};
use super::fallback;
use super::gate::Ticket;
use super::retry::RetryState;
use super::{Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome};
use crate::provider::{
    Cause, Chunk, Provider, ProviderError, RequestNote, TimeoutExtension, sentence,
};
use crate::request::Prompt;
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// A branch that is being run.
pub(crate) struct Branch {
    work: Work,
    provider: Arc<dyn Provider>,
    plan: Arc<Plan>,
    ticket: Ticket,
    model: String,
    events: mpsc::Sender<Event>,
    budget: Arc<ByteBudget>,
    received: Received,
}

/// What stops a branch from outside.
enum Stop {
    /// The user.
    Cancelled,
    /// The run has exceeded its limit of bytes.
    Full,
}

/// Runs `work` unless the branch is stopped first.
async fn unless_stopped<T>(
    stop: impl Future<Output = Stop>,
    work: impl Future<Output = T>,
) -> Result<T, Stop> {
    tokio::select! {
        biased;
        stop = stop => Err(stop),
        done = work => Ok(done),
    }
}

/// Runs a branch until it ends. If it panics, only this branch fails.
pub(crate) async fn guarded(mut branch: Branch) {
    // A branch that sent no request was not started: it is neither counted nor billed.
    if let Err(stop) = unless_stopped(branch.stop(), branch.turn()).await {
        return branch.send_end(branch.stopped(&stop), Duration::ZERO).await;
    }
    let begun = Instant::now();
    let started = Event::BranchStarted { branch: branch.id(), model: branch.model.clone() };
    if branch.events.send(started).await.is_err() {
        return;
    }
    if let Some(note) = branch.work.note.take() {
        branch.send(Event::BranchNoted { branch: branch.id(), note }).await;
    }
    let run = unless_stopped(branch.stop(), branch.attempts());
    let end = match AssertUnwindSafe(run).catch_unwind().await {
        Ok(Ok(end)) => end,
        Ok(Err(stop)) => branch.stopped(&stop),
        Err(_) => panicked(branch.plan.lang).into(),
    };
    branch.send_end(end, begun.elapsed()).await;
}

impl Branch {
    pub(crate) fn new(
        mut work: Work,
        provider: Arc<dyn Provider>,
        plan: Arc<Plan>,
        ticket: Ticket,
        events: mpsc::Sender<Event>,
        budget: Arc<ByteBudget>,
    ) -> Self {
        let model = provider.model(&work.prompt);
        work.prompt.idempotency_key = Some(new_key());
        let received = Received::default();
        Branch { work, provider, plan, ticket, model, events, budget, received }
    }

    /// Waits until the branch is stopped from outside.
    fn stop(&self) -> impl Future<Output = Stop> + use<> {
        let (asked, budget) = (self.work.token.clone(), Arc::clone(&self.budget));
        async move {
            tokio::select! {
                biased;
                () = asked.cancelled() => Stop::Cancelled,
                () = budget.full() => Stop::Full,
            }
        }
    }

    fn stopped(&self, stop: &Stop) -> End {
        match stop {
            Stop::Cancelled => Outcome::Cancelled.into(),
            Stop::Full => self.ending().limited(Cause::RunBytes(self.plan.budget.run_bytes)),
        }
    }

    /// Waits for the branch's turn. Returns `false` if there was no need to wait.
    async fn turn(&mut self) -> bool {
        if self.ticket.try_turn() {
            return false;
        }
        self.send(Event::BranchQueued { branch: self.id(), waits_for: None }).await;
        self.ticket.turn().await;
        true
    }

    /// Sends requests until one is the last, or until the branch's time is up. Time spent waiting
    /// for a turn, in our queue or at the server, does not count.
    async fn attempts(&mut self) -> End {
        let mut retries = RetryState::new(self.plan.budget.retries);
        let mut deadline = Instant::now() + self.plan.budget.total;
        loop {
            let error = match self.attempt_until(&mut deadline).await {
                Some(Ok(end)) => return end,
                Some(Err(error)) => error,
                None => return self.timed_out(),
            };
            let next = self.next_attempt(&mut retries, &error);
            let failure = self.ending().failure(&error);
            let (attempt, is_other) = match next {
                Some((attempt, after)) => {
                    self.send(self.retrying(attempt, after, &failure)).await;
                    if timeout_at(deadline, sleep(after)).await.is_err() {
                        return self.timed_out();
                    }
                    (attempt, false)
                }
                None if self.fall_back(&error).await => (retries.another_model(), true),
                None => return self.ending().failed(&error),
            };
            let queued = Instant::now();
            self.ticket.back();
            let has_waited = self.turn().await;
            if has_waited {
                deadline += queued.elapsed();
            }
            if has_waited || is_other {
                let model = is_other.then(|| self.model.clone());
                self.send(self.retried(attempt, failure, model)).await;
            }
        }
    }

    /// Switches to the next fallback model that may answer. Returns `false` if there is none, or if
    /// a part of an answer has come.
    async fn fall_back(&mut self, error: &ProviderError) -> bool {
        if !self.received.is_nothing() {
            return false;
        }
        let host = self.provider.runs_at(&self.work.prompt);
        let mut models = std::mem::take(&mut self.work.prompt.fallbacks);
        let is_elsewhere = |model: &str| {
            let other = Prompt { model: Some(model.to_owned()), ..Prompt::default() };
            self.provider.runs_at(&other) != host
        };
        let next = fallback::next(&mut models, fallback::others(error), is_elsewhere);
        self.work.prompt.fallbacks = models;
        let Some(next) = next else { return false };
        let note = sentence::passed_over(error, &self.model, self.plan.lang);
        self.work.prompt.model = Some(next);
        self.work.prompt.idempotency_key = Some(new_key());
        self.model = self.provider.model(&self.work.prompt);
        self.received.fewer = None;
        self.send(Event::BranchNoted { branch: self.id(), note }).await;
        true
    }

    /// Frees the request's place at the server. Returns the number of the next attempt and the
    /// delay before it, or `None` to give up.
    fn next_attempt(
        &mut self,
        retries: &mut RetryState,
        error: &ProviderError,
    ) -> Option<(u8, Duration)> {
        let is_unpaid = self.received.is_nothing();
        let jitter = rand::random();
        if is_unpaid && is_overloaded(error) {
            return self.ticket.overloaded(|counts| match counts {
                true => retries.next(error, jitter),
                false => retries.after_trial(error, jitter),
            });
        }
        self.ticket.away();
        if is_unpaid { retries.next(error, jitter) } else { None }
    }

    fn retrying(&self, attempt: u8, after: Duration, failure: &Failure) -> Event {
        let after_ms = after.as_millis().try_into().unwrap_or(u64::MAX);
        let failure = failure.clone();
        Event::BranchRetrying { branch: self.id(), attempt, after_ms, failure, model: None }
    }

    /// Returns the event for an attempt that is being sent now. `model` is the attempt's model if
    /// it is a different one.
    fn retried(&self, attempt: u8, failure: Failure, model: Option<String>) -> Event {
        Event::BranchRetrying { branch: self.id(), attempt, after_ms: 0, failure, model }
    }

    fn timed_out(&self) -> End {
        let ending = self.ending();
        let cause = Cause::TooSlow(self.plan.budget.total);
        ending.failed(&ending.error(FailureKind::Timeout, cause))
    }

    /// Runs one attempt; returns `None` if the branch's time is up. While the server answers
    /// earlier requests and this one's answer has not begun, the deadline is extended.
    async fn attempt_until(
        &mut self,
        deadline: &mut Instant,
    ) -> Option<Result<End, ProviderError>> {
        let (left, handle) = (Instant::now(), self.ticket.handle());
        let mut waited = Duration::ZERO;
        let mut attempt = pin!(self.attempt());
        loop {
            let ended = tokio::select! {
                biased;
                () = sleep_until(*deadline) => None,
                result = &mut attempt => Some(result),
            };
            let busy = handle.busy_until().map_or(Duration::ZERO, |at| at - left);
            *deadline += busy.saturating_sub(waited);
            if ended.is_some() || busy <= waited {
                return ended;
            }
            waited = busy;
        }
    }

    /// Sends one request and forwards its answer as events.
    async fn attempt(&mut self) -> Result<End, ProviderError> {
        let prompt = self.work.prompt.clone();
        let handle = self.ticket.handle();
        let others = handle.clone();
        let extension = TimeoutExtension::new(move || others.busy_until());
        let mut stream = self.provider.stream(prompt, extension);
        let mut has_begun = false;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if let Chunk::Note(note) = chunk {
                self.note(note).await;
                continue;
            }
            if !std::mem::replace(&mut has_begun, true) {
                handle.answer_begun();
            }
            match chunk {
                Chunk::Begun | Chunk::Note(_) => {}
                Chunk::Thinking(text) if text.is_empty() => {}
                Chunk::Thinking(text) => {
                    let count = text.chars().count();
                    self.received.reasoning(count);
                    let chars = u32::try_from(count).unwrap_or(u32::MAX);
                    self.send(Event::Thinking { branch: self.id(), chars }).await;
                    self.send(Event::Reasoning { branch: self.id(), text }).await;
                    self.budget.add(0);
                }
                Chunk::Text(text) if text.is_empty() => {}
                Chunk::Text(text) => {
                    let bytes = text.len();
                    self.received.text(&text);
                    self.send(Event::Delta { branch: self.id(), text }).await;
                    self.budget.add(bytes);
                }
                Chunk::Retract(chars) => {
                    self.received.retract();
                    self.send(Event::Retracted { branch: self.id(), chars }).await;
                }
                Chunk::Finish { reason, usage } => {
                    return Ok(self.ending().finished(reason, usage));
                }
            }
            let (bytes, tokens) = (self.plan.budget.branch_bytes, self.work.prompt.max_tokens);
            if let Some(cause) = self.received.excess(bytes, tokens) {
                return Ok(self.ending().limited(cause));
            }
        }
        Err(self.ending().error(FailureKind::Interrupted, Cause::NoEnd))
    }

    /// Sends a note on how the answer is requested. It does not mean that the answer has begun.
    async fn note(&mut self, note: RequestNote) {
        if let RequestNote::ReducedTokenLimit(fewer) = note {
            self.received.fewer = Some(fewer);
        }
        let note = sentence::note(&note, &self.model, self.plan.lang);
        self.budget.add(note.len());
        self.send(Event::BranchNoted { branch: self.id(), note }).await;
    }

    fn ending(&self) -> Ending<'_> {
        Ending {
            received: &self.received,
            prompt: &self.work.prompt,
            provider: &*self.provider,
            model: &self.model,
            lang: self.plan.lang,
        }
    }

    fn id(&self) -> BranchId {
        self.work.branch.clone()
    }

    async fn send_end(&self, End { outcome, usage }: End, elapsed: Duration) {
        let elapsed_ms = elapsed.as_millis().try_into().unwrap_or(u64::MAX);
        let branch = self.id();
        self.send(Event::BranchEnded {
            branch,
            outcome,
            usage,
            cost: None,
            elapsed_ms,
            note: None,
        })
        .await;
    }

    async fn send(&self, event: Event) {
        // If the channel is closed, this branch is dropped from outside, so there is nothing to do
        // here.
        let _ = self.events.send(event).await;
    }
}

/// Returns a new idempotency key, by which a server recognizes the attempts at one question to one
/// model.
fn new_key() -> Arc<str> {
    format!("kaizodo-{:032x}", rand::random::<u128>()).into()
}
