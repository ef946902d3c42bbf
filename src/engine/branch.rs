//! One branch: a provider's stream becomes events, and exactly one end.

use super::retry::Tries;
use super::spent::Spent;
use super::{Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, Usage};
use crate::provider::{Cause, Chunk, Finish, Provider, ProviderError, sentence};
use futures::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Bytes of text that no token is on average, in any language: a model that writes more than this
/// for each of its tokens was not stopped by its server.
const TOKEN_BYTES: usize = 16;

/// A branch on its way.
pub(super) struct Branch {
    work: Work,
    provider: Arc<dyn Provider>,
    plan: Plan,
    model: String,
    events: mpsc::Sender<Event>,
    spent: Arc<Spent>,
    /// Bytes of answer.
    written: usize,
    /// Characters of reasoning.
    thought: usize,
    /// Whether the answer is more than blanks.
    says: bool,
}

/// What a branch came to.
struct End {
    outcome: Outcome,
    usage: Option<Usage>,
    note: Option<String>,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        End { outcome, usage: None, note: None }
    }
}

/// What ends a branch from outside.
enum Stop {
    /// The user.
    Asked,
    /// The run's bytes are used up.
    Full,
    /// The branch's time is.
    Late,
}

/// Runs a branch to its end. A panic inside is a failure of this branch alone.
pub(super) async fn guarded(mut branch: Branch) {
    let begun = Instant::now();
    let id = branch.work.branch.clone();
    let (events, lang) = (branch.events.clone(), branch.plan.lang);
    let started = Event::BranchStarted { branch: id.clone(), model: branch.model.clone() };
    if events.send(started).await.is_err() {
        return;
    }
    let end = AssertUnwindSafe(branch.run()).catch_unwind().await.unwrap_or_else(|_| {
        let message = lang.pick(
            "kaizodo の中で不具合が起きました。この節だけをやり直せます。",
            "A fault inside kaizodo ended this section. It can be retried by itself.",
        );
        Outcome::Failed(internal(message)).into()
    });
    let elapsed_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    let End { outcome, usage, note } = end;
    // Nobody is left to hear it when the receiver is gone.
    let _ = events.send(Event::BranchEnded { branch: id, outcome, usage, elapsed_ms, note }).await;
}

impl Branch {
    pub(super) fn new(
        mut work: Work,
        provider: Arc<dyn Provider>,
        plan: Plan,
        events: mpsc::Sender<Event>,
        spent: Arc<Spent>,
    ) -> Self {
        let model = provider.model(&work.prompt);
        work.prompt.question = Some(format!("kaizodo-{:032x}", rand::random::<u128>()).into());
        let (written, thought, says) = (0, 0, false);
        Branch { work, provider, plan, model, events, spent, written, thought, says }
    }

    /// Attempts until one is the last, or until something stops them.
    async fn run(&mut self) -> End {
        let (asked, spent) = (self.work.token.clone(), Arc::clone(&self.spent));
        let total = self.plan.budget.total;
        let stop = async {
            tokio::select! {
                biased;
                () = asked.cancelled() => Stop::Asked,
                () = spent.full() => Stop::Full,
                () = sleep(total) => Stop::Late,
            }
        };
        let stop = tokio::select! {
            biased;
            stop = stop => stop,
            end = self.attempts() => return end,
        };
        match stop {
            Stop::Asked => Outcome::Cancelled.into(),
            Stop::Full => self.full(Cause::RunBytes(self.plan.budget.run_bytes)),
            Stop::Late => self.failed(&self.error(FailureKind::Timeout, Cause::TooSlow(total))),
        }
    }

    async fn attempts(&mut self) -> End {
        let mut tries = Tries::new(self.plan.budget.retries);
        loop {
            let error = match self.attempt().await {
                Ok(end) => return end,
                Err(error) => error,
            };
            let is_unpaid = self.written == 0 && self.thought == 0;
            let again = if is_unpaid { tries.again(&error, rand::random()) } else { None };
            let Some((attempt, after)) = again else { return self.failed(&error) };
            let (branch, failure) = (self.id(), self.failure(&error));
            let after_ms = after.as_millis().try_into().unwrap_or(u64::MAX);
            self.send(Event::BranchRetrying { branch, attempt, after_ms, failure }).await;
            sleep(after).await;
        }
    }

    /// One request and its answer.
    async fn attempt(&mut self) -> Result<End, ProviderError> {
        let mut stream = self.provider.stream(self.work.prompt.clone());
        while let Some(chunk) = stream.next().await {
            match chunk? {
                Chunk::Thinking(0) => {}
                Chunk::Thinking(chars) => {
                    self.thought += chars as usize;
                    self.send(Event::Thinking { branch: self.id(), chars }).await;
                    self.spent.add(0);
                }
                Chunk::Text(text) if text.is_empty() => {}
                Chunk::Text(text) => {
                    let bytes = text.len();
                    self.written += bytes;
                    self.says |= !text.trim().is_empty();
                    self.send(Event::Delta { branch: self.id(), text }).await;
                    self.spent.add(bytes);
                }
                Chunk::Finish { reason, usage, note } => {
                    return Ok(End { outcome: self.outcome(reason), usage, note });
                }
            }
            if let Some(cause) = self.passed() {
                return Ok(self.full(cause));
            }
        }
        Err(self.error(FailureKind::Interrupted, Cause::NoEnd))
    }

    /// The limit that the branch has passed.
    fn passed(&self) -> Option<Cause> {
        let (bytes, tokens) = (self.plan.budget.branch_bytes, self.work.prompt.max_tokens);
        if self.written.max(self.thought) > bytes {
            return Some(Cause::BranchBytes(bytes));
        }
        let most = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(TOKEN_BYTES);
        (self.written + self.thought > most).then_some(Cause::MoreTokens(tokens))
    }

    fn outcome(&self, reason: Finish) -> Outcome {
        let explain = |kind| self.failure(&ProviderError::new(kind, self.provider.host()));
        match reason {
            Finish::Stop if self.says => Outcome::Done,
            Finish::Stop => self.broken(FailureKind::Provider, Cause::NothingWritten),
            Finish::Tool => self.broken(FailureKind::Provider, Cause::WantsTool),
            Finish::Length => Outcome::Length(explain(FailureKind::Length)),
            Finish::Filtered => Outcome::Filtered(explain(FailureKind::Filtered)),
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

fn internal(message: &str) -> Failure {
    let kind = FailureKind::Internal;
    Failure { kind, message: message.to_owned(), host: None, status: None, retry_after_ms: None }
}
