//! Runs one branch: turns a provider's stream into events, exactly one of which is the end.

use super::adaptive_limit::is_overloaded;
use super::byte_budget::ByteBudget;
use super::fallback;
use super::gate::Ticket;
use super::retry::RetryState;
use super::truncation;
use super::{Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, Usage};
use crate::provider::{
    Cause, Chunk, Finish, Note, Provider, ProviderError, ReducedTokenLimit, TimeoutExtension,
    TokenLimit, sentence,
};
use crate::request::Prompt;
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// More bytes than a token of text has on average in any language. If a model writes more than this
/// for each allowed token, its server has ignored the token limit.
const TOKEN_BYTES: usize = 16;

/// A branch that is being run.
pub(crate) struct Branch {
    work: Work,
    provider: Arc<dyn Provider>,
    plan: Arc<Plan>,
    place: Ticket,
    model: String,
    events: mpsc::Sender<Event>,
    budget: Arc<ByteBudget>,
    /// Bytes of answer text so far.
    written: usize,
    /// Amount of reasoning so far: its characters, and the bytes of text that turned out to be
    /// reasoning.
    thought: usize,
    /// Whether the answer is more than whitespace.
    says: bool,
    /// The token limit that was sent in place of the configured one, if it was lower.
    fewer: Option<ReducedTokenLimit>,
}

/// How a branch ended.
struct End {
    outcome: Outcome,
    usage: Option<Usage>,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        End { outcome, usage: None }
    }
}

/// What stops a branch from outside.
enum Stop {
    /// The user.
    Cancelled,
    /// The run has exceeded its limit of bytes.
    Full,
}

/// Runs a branch until it ends. If it panics, only this branch fails.
pub(crate) async fn guarded(mut branch: Branch) {
    let (id, events) = (branch.work.branch.clone(), branch.events.clone());
    // A branch that sent no request was not started: it is neither counted nor billed.
    if let Some(stop) = branch.first_turn().await {
        let End { outcome, usage } = branch.stopped(&stop);
        branch
            .send(Event::BranchEnded {
                branch: id,
                outcome,
                usage,
                cost: None,
                elapsed_ms: 0,
                note: None,
            })
            .await;
        return;
    }
    let (begun, lang) = (Instant::now(), branch.plan.lang);
    let started = Event::BranchStarted { branch: id.clone(), model: branch.model.clone() };
    if events.send(started).await.is_err() {
        return;
    }
    if let Some(note) = branch.work.note.take() {
        branch.send(Event::BranchNoted { branch: id.clone(), note }).await;
    }
    let end = AssertUnwindSafe(branch.run()).catch_unwind().await.unwrap_or_else(|_| {
        let message = lang.pick(
            "kaizodo の中で不具合が起きました。この節だけをやり直せます。",
            "An internal error in kaizodo ended this section. You can retry this section on its own.",
        );
        Outcome::Failed(internal(message)).into()
    });
    let elapsed_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    let End { outcome, usage } = end;
    // Sending fails only if the receiver is gone.
    let ended =
        Event::BranchEnded { branch: id, outcome, usage, cost: None, elapsed_ms, note: None };
    let _ = events.send(ended).await;
}

impl Branch {
    pub(crate) fn new(
        mut work: Work,
        provider: Arc<dyn Provider>,
        plan: Arc<Plan>,
        place: Ticket,
        events: mpsc::Sender<Event>,
        budget: Arc<ByteBudget>,
    ) -> Self {
        let model = provider.model(&work.prompt);
        work.prompt.idempotency_key = Some(new_key());
        let (written, thought, says) = (0, 0, false);
        let fewer = None;
        Branch { work, provider, plan, place, model, events, budget, written, thought, says, fewer }
    }

    /// Waits until the first request may be sent. Returns what stopped the branch before that, if
    /// anything did.
    async fn first_turn(&mut self) -> Option<Stop> {
        let stop = self.stop();
        tokio::select! {
            biased;
            stop = stop => Some(stop),
            _ = self.turn() => None,
        }
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
            Stop::Full => self.full(Cause::RunBytes(self.plan.budget.run_bytes)),
        }
    }

    /// Waits for the branch's turn. Returns `false` if there was no need to wait.
    async fn turn(&mut self) -> bool {
        if self.place.try_turn() {
            return false;
        }
        self.send(Event::BranchQueued { branch: self.id(), waits_for: None }).await;
        self.place.turn().await;
        true
    }

    /// Runs attempts until one is the last, or until the branch is stopped from outside.
    async fn run(&mut self) -> End {
        let stop = self.stop();
        let stop = tokio::select! {
            biased;
            stop = stop => stop,
            end = self.attempts() => return end,
        };
        self.stopped(&stop)
    }

    /// Sends requests until one is the last, or until the branch's time is up. Time spent waiting
    /// for a turn, in our queue or at the server, does not count.
    async fn attempts(&mut self) -> End {
        let mut tries = RetryState::new(self.plan.budget.retries);
        let mut deadline = Instant::now() + self.plan.budget.total;
        loop {
            let error = match self.attempt_until(&mut deadline).await {
                Some(Ok(end)) => return end,
                Some(Err(error)) => error,
                None => return self.late(),
            };
            let again = self.again(&mut tries, &error);
            let failure = self.failure(&error);
            let (attempt, is_other) = match again {
                Some((attempt, after)) => {
                    self.send(self.retrying(attempt, after, &failure)).await;
                    if timeout_at(deadline, sleep(after)).await.is_err() {
                        return self.late();
                    }
                    (attempt, false)
                }
                None if self.fall_back(&error).await => (tries.another_model(), true),
                None => return self.failed(&error),
            };
            let queued = Instant::now();
            self.place.back();
            let has_waited = self.turn().await;
            if has_waited {
                deadline += queued.elapsed();
            }
            if has_waited || is_other {
                let model = is_other.then(|| self.model.clone());
                self.send(self.leaving(attempt, failure, model)).await;
            }
        }
    }

    /// Switches to the next fallback model that may answer. Returns `false` if there is none, or if
    /// a part of an answer has come.
    async fn fall_back(&mut self, error: &ProviderError) -> bool {
        if !self.is_unpaid() {
            return false;
        }
        let here = self.provider.runs_at(&self.work.prompt);
        let mut models = std::mem::take(&mut self.work.prompt.fallbacks);
        let is_elsewhere = |model: &str| {
            let other = Prompt { model: Some(model.to_owned()), ..Prompt::default() };
            self.provider.runs_at(&other) != here
        };
        let next = fallback::next(&mut models, fallback::others(error), is_elsewhere);
        self.work.prompt.fallbacks = models;
        let Some(next) = next else { return false };
        let note = sentence::passed_over(error, &self.model, self.plan.lang);
        self.work.prompt.model = Some(next);
        self.work.prompt.idempotency_key = Some(new_key());
        self.model = self.provider.model(&self.work.prompt);
        self.fewer = None;
        self.send(Event::BranchNoted { branch: self.id(), note }).await;
        true
    }

    /// Returns `true` if no part of an answer has come.
    fn is_unpaid(&self) -> bool {
        self.written == 0 && self.thought == 0
    }

    /// Frees the request's place at the server. Returns the number of the next attempt and the
    /// delay before it, or `None` to give up.
    fn again(&mut self, tries: &mut RetryState, error: &ProviderError) -> Option<(u8, Duration)> {
        let is_unpaid = self.is_unpaid();
        let jitter = rand::random();
        if is_unpaid && is_overloaded(error) {
            return self.place.overloaded(|counts| match counts {
                true => tries.again(error, jitter),
                false => tries.after_trial(error, jitter),
            });
        }
        self.place.away();
        if is_unpaid { tries.again(error, jitter) } else { None }
    }

    fn retrying(&self, attempt: u8, after: Duration, failure: &Failure) -> Event {
        let after_ms = after.as_millis().try_into().unwrap_or(u64::MAX);
        let failure = failure.clone();
        Event::BranchRetrying { branch: self.id(), attempt, after_ms, failure, model: None }
    }

    /// Returns the event for an attempt that is being sent now. `model` is the attempt's model if
    /// it is a different one.
    fn leaving(&self, attempt: u8, failure: Failure, model: Option<String>) -> Event {
        Event::BranchRetrying { branch: self.id(), attempt, after_ms: 0, failure, model }
    }

    fn late(&self) -> End {
        self.failed(&self.error(FailureKind::Timeout, Cause::TooSlow(self.plan.budget.total)))
    }

    /// Runs one attempt; returns `None` if the branch's time is up. While the server answers
    /// earlier requests and this one's answer has not begun, the deadline is extended.
    async fn attempt_until(
        &mut self,
        deadline: &mut Instant,
    ) -> Option<Result<End, ProviderError>> {
        let (left, seat) = (Instant::now(), self.place.seat());
        let mut waited = Duration::ZERO;
        let mut attempt = pin!(self.attempt());
        loop {
            let ended = tokio::select! {
                biased;
                () = sleep_until(*deadline) => None,
                result = &mut attempt => Some(result),
            };
            let busy = seat.busy_until().map_or(Duration::ZERO, |at| at - left);
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
        let seat = self.place.seat();
        let others = seat.clone();
        let extension = TimeoutExtension::new(move || others.busy_until());
        let mut stream = self.provider.stream(prompt, extension);
        let mut heard = false;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if let Chunk::Note(note) = chunk {
                self.note(note).await;
                continue;
            }
            if !std::mem::replace(&mut heard, true) {
                seat.begun();
            }
            match chunk {
                Chunk::Begun | Chunk::Note(_) => {}
                Chunk::Thinking(text) if text.is_empty() => {}
                Chunk::Thinking(text) => {
                    let count = text.chars().count();
                    self.thought += count;
                    let chars = u32::try_from(count).unwrap_or(u32::MAX);
                    self.send(Event::Thinking { branch: self.id(), chars }).await;
                    self.send(Event::Reasoning { branch: self.id(), text }).await;
                    self.budget.add(0);
                }
                Chunk::Text(text) if text.is_empty() => {}
                Chunk::Text(text) => {
                    let bytes = text.len();
                    self.written += bytes;
                    self.says |= !text.trim().is_empty();
                    self.send(Event::Delta { branch: self.id(), text }).await;
                    self.budget.add(bytes);
                }
                Chunk::Retract(chars) => {
                    self.thought += std::mem::take(&mut self.written);
                    self.says = false;
                    self.send(Event::Retracted { branch: self.id(), chars }).await;
                }
                Chunk::Finish { reason, usage } => {
                    return Ok(End { outcome: self.outcome(reason, usage), usage });
                }
            }
            if let Some(cause) = self.passed() {
                return Ok(self.full(cause));
            }
        }
        Err(self.error(FailureKind::Interrupted, Cause::NoEnd))
    }

    /// Sends a note on how the answer is requested. It does not mean that the answer has begun.
    async fn note(&mut self, note: Note) {
        if let Note::ReducedTokenLimit(fewer) = note {
            self.fewer = Some(fewer);
        }
        let note = sentence::note(&note, &self.model, self.plan.lang);
        self.budget.add(note.len());
        self.send(Event::BranchNoted { branch: self.id(), note }).await;
    }

    /// Returns the limit that the branch has exceeded, if any.
    fn passed(&self) -> Option<Cause> {
        let (bytes, tokens) = (self.plan.budget.branch_bytes, self.work.prompt.max_tokens);
        if self.written.max(self.thought) > bytes {
            return Some(Cause::BranchBytes(bytes));
        }
        let max = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(TOKEN_BYTES);
        (self.written + self.thought > max).then_some(Cause::MoreTokens(tokens))
    }

    fn outcome(&self, reason: Finish, usage: Option<Usage>) -> Outcome {
        let explain = |kind| self.failure(&ProviderError::new(kind, self.provider.host()));
        // An answer to a part of the text is not an answer to the text, however it ends.
        if self.says
            && matches!(reason, Finish::Stop | Finish::Length)
            && let Some(truncation::Cut { read, least }) = truncation::cut(&self.work.prompt, usage)
        {
            let cause = Cause::PromptCut { read, least, kind: self.provider.kind() };
            return self.broken(FailureKind::TooLarge, cause);
        }
        if let (Finish::Length, Some(fewer)) = (reason, self.fewer) {
            let error = self.error(FailureKind::Length, Cause::ReducedTokenLimit(fewer));
            return Outcome::Length(self.failure(&error));
        }
        match reason {
            Finish::Stop if self.says => Outcome::Done,
            Finish::Stop => self.broken(FailureKind::Provider, Cause::NothingWritten),
            Finish::Tool => self.broken(FailureKind::Provider, Cause::WantsTool),
            Finish::Length if self.says => Outcome::Length(explain(FailureKind::Length)),
            Finish::Length => {
                let cause = Cause::NoTextAtLimit(self.no_room(usage));
                Outcome::Length(self.failure(&self.error(FailureKind::Length, cause)))
            }
            Finish::Filtered => Outcome::Filtered(explain(FailureKind::Filtered)),
        }
    }

    /// Returns where the tokens went if no text was written. Reasoning is known if it was streamed,
    /// or if tokens were counted although no text came; some servers leave it out of their count.
    fn no_room(&self, usage: Option<Usage>) -> TokenLimit {
        let Prompt { max_tokens: allowed, perspective, .. } = &self.work.prompt;
        let counted = usage.map(|usage| usage.completion_tokens).filter(|tokens| *tokens > 0);
        let unseen = self.written == 0 && counted.is_some();
        let used = counted.unwrap_or_else(|| u64::from(*allowed));
        TokenLimit {
            used: (self.thought > 0 || unseen).then_some(used),
            allowed: *allowed,
            is_own: perspective.max_tokens == Some(*allowed),
        }
    }

    /// Ends the branch at one of kaizodo's own limits.
    fn full(&self, cause: Cause) -> End {
        Outcome::Length(self.failure(&self.error(FailureKind::Limit, cause))).into()
    }

    fn failed(&self, error: &ProviderError) -> End {
        let failure = self.failure(error);
        match error.kind {
            // The text so far is kept, but more was to come.
            FailureKind::Interrupted | FailureKind::Timeout | FailureKind::BadResponse
                if self.written > 0 =>
            {
                Outcome::CutOff(failure).into()
            }
            FailureKind::Filtered if self.written > 0 => Outcome::Filtered(failure).into(),
            _ => Outcome::Failed(failure).into(),
        }
    }

    fn broken(&self, kind: FailureKind, cause: Cause) -> Outcome {
        let failure = self.failure(&self.error(kind, cause));
        if self.says { Outcome::CutOff(failure) } else { Outcome::Failed(failure) }
    }

    fn error(&self, kind: FailureKind, cause: Cause) -> ProviderError {
        ProviderError::new(kind, self.provider.host()).because(cause)
    }

    fn failure(&self, error: &ProviderError) -> Failure {
        sentence::failure(error, &self.model, self.written > 0, self.plan.lang)
    }

    fn id(&self) -> BranchId {
        self.work.branch.clone()
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

fn internal(message: &str) -> Failure {
    let kind = FailureKind::Internal;
    Failure { kind, message: message.to_owned(), host: None, status: None, retry_after_ms: None }
}
