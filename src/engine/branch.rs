//! One branch: a provider's stream becomes events, and exactly one end.

use super::adaptive_limit::is_overloaded;
use super::byte_budget::ByteBudget;
use super::fallback;
use super::gate::Ticket;
use super::retry::RetryState;
use super::truncation;
use super::{Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, Usage};
use crate::provider::{
    Cause, Chunk, Fewer, Finish, Note, Provider, ProviderError, TimeoutExtension, TokenLimit,
    sentence,
};
use crate::request::Prompt;
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// Bytes of text that no token is on average, in any language: a model that writes more than this
/// for each of its tokens was not stopped by its server.
const TOKEN_BYTES: usize = 16;

/// A branch on its way.
pub(crate) struct Branch {
    work: Work,
    provider: Arc<dyn Provider>,
    plan: Arc<Plan>,
    place: Ticket,
    model: String,
    events: mpsc::Sender<Event>,
    budget: Arc<ByteBudget>,
    /// Bytes of answer.
    written: usize,
    /// Characters of reasoning.
    thought: usize,
    /// Whether the answer is more than blanks.
    says: bool,
    /// What it was asked for with in place of the settings' tokens.
    fewer: Option<Fewer>,
}

/// What a branch came to.
struct End {
    outcome: Outcome,
    usage: Option<Usage>,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        End { outcome, usage: None }
    }
}

/// What ends a branch from outside.
enum Stop {
    /// The user.
    Cancelled,
    /// The run's bytes are used up.
    Full,
}

/// Runs a branch to its end. A panic inside is a failure of this branch alone.
pub(crate) async fn guarded(mut branch: Branch) {
    let (id, events) = (branch.work.branch.clone(), branch.events.clone());
    // What never left was not started: nobody counts it, and nobody pays for it.
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
            "A fault inside kaizodo ended this section. It can be retried by itself.",
        );
        Outcome::Failed(internal(message)).into()
    });
    let elapsed_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    let End { outcome, usage } = end;
    // Nobody is left to hear it when the receiver is gone.
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

    /// Waits until the first request may leave; returns what stopped it before that.
    async fn first_turn(&mut self) -> Option<Stop> {
        let stop = self.stop();
        tokio::select! {
            biased;
            stop = stop => Some(stop),
            _ = self.turn() => None,
        }
    }

    /// Waits for what stops the branch from outside.
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

    /// Waits for the branch's turn, and says whether it had to.
    async fn turn(&mut self) -> bool {
        if self.place.try_turn() {
            return false;
        }
        self.send(Event::BranchQueued { branch: self.id(), waits_for: None }).await;
        self.place.turn().await;
        true
    }

    /// Attempts until one is the last, or until something stops them.
    async fn run(&mut self) -> End {
        let stop = self.stop();
        let stop = tokio::select! {
            biased;
            stop = stop => stop,
            end = self.attempts() => return end,
        };
        self.stopped(&stop)
    }

    /// Requests until one is the last, or until the branch's time is over. Waiting for its turn
    /// takes none of that time, be it here or at the server.
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

    /// Goes on to the next model that may answer in the place of the one that could not; `false` if
    /// there is none.
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

    /// Nothing of an answer has come.
    fn is_unpaid(&self) -> bool {
        self.written == 0 && self.thought == 0
    }

    /// Gives the place at the server back, and says whether and when to try again.
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

    /// The next attempt is sent now, to this model if it is another one.
    fn leaving(&self, attempt: u8, failure: Failure, model: Option<String>) -> Event {
        Event::BranchRetrying { branch: self.id(), attempt, after_ms: 0, failure, model }
    }

    fn late(&self) -> End {
        self.failed(&self.error(FailureKind::Timeout, Cause::TooSlow(self.plan.budget.total)))
    }

    /// One request and its answer; `None` where the time is over. While the server answers others
    /// that came before, and nothing has come of this one, it waits for its turn there.
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

    /// One request and its answer.
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

    /// Tells how the answer is asked for. The server has not begun it by that.
    async fn note(&mut self, note: Note) {
        if let Note::Fewer(fewer) = note {
            self.fewer = Some(fewer);
        }
        let note = sentence::note(&note, &self.model, self.plan.lang);
        self.budget.add(note.len());
        self.send(Event::BranchNoted { branch: self.id(), note }).await;
    }

    /// The limit that the branch has passed.
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
        // An answer to a part of the text is no answer to the text, however it ends.
        if self.says
            && matches!(reason, Finish::Stop | Finish::Length)
            && let Some(truncation::Cut { read, least }) = truncation::cut(&self.work.prompt, usage)
        {
            let cause = Cause::PromptCut { read, least, kind: self.provider.kind() };
            return self.broken(FailureKind::TooLarge, cause);
        }
        if let (Finish::Length, Some(fewer)) = (reason, self.fewer) {
            let error = self.error(FailureKind::Length, Cause::Fewer(fewer));
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

    /// Where the tokens went of an answer that is none. Reasoning is seen as it comes, or in tokens
    /// that were counted though no text came; some servers leave it out of their count.
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

    /// The end at a limit of kaizodo's own.
    fn full(&self, cause: Cause) -> End {
        Outcome::Length(self.failure(&self.error(FailureKind::Limit, cause))).into()
    }

    fn failed(&self, error: &ProviderError) -> End {
        let failure = self.failure(error);
        match error.kind {
            // What was written stands, and more was to come.
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
        // A closed channel drops this branch from outside; there is nothing to do about it here.
        let _ = self.events.send(event).await;
    }
}

/// A name by which a server knows the attempts at one question to one model.
fn new_key() -> Arc<str> {
    format!("kaizodo-{:032x}", rand::random::<u128>()).into()
}

fn internal(message: &str) -> Failure {
    let kind = FailureKind::Internal;
    Failure { kind, message: message.to_owned(), host: None, status: None, retry_after_ms: None }
}
