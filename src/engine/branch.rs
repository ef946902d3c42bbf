//! One branch: a provider's stream becomes events, and exactly one end.

use super::retry;
use super::{Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, Usage};
use crate::provider::{Chunk, Finish, Provider, ProviderError, sentence};
use futures::{FutureExt, StreamExt};
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A branch on its way.
pub(super) struct Branch {
    work: Work,
    provider: Arc<dyn Provider>,
    plan: Plan,
    model: String,
    events: mpsc::Sender<Event>,
    written: usize,
}

/// What an attempt came to.
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
        Outcome::Failed(failure(FailureKind::Internal, message)).into()
    });
    let elapsed_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    let End { outcome, usage, note } = end;
    // Nobody is left to hear it when the receiver is gone.
    let _ = events.send(Event::BranchEnded { branch: id, outcome, usage, elapsed_ms, note }).await;
}

impl Branch {
    pub(super) fn new(
        work: Work,
        provider: Arc<dyn Provider>,
        plan: Plan,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let model = provider.model(&work.prompt);
        Branch { work, provider, plan, model, events, written: 0 }
    }

    /// Attempts until one is the last.
    async fn run(&mut self) -> End {
        let token = self.work.token.clone();
        let mut attempt = 1;
        loop {
            let result = tokio::select! {
                biased;
                () = token.cancelled() => return Outcome::Cancelled.into(),
                result = self.attempt() => result,
            };
            let error = match result {
                Ok(end) => return end,
                Err(error) => error,
            };
            let again = (self.written == 0)
                .then(|| retry::wait(attempt, &error, jitter(&self.work.branch, attempt)));
            let failure = sentence::failure(&error, &self.model, self.plan.lang);
            let Some(after) = again.flatten() else {
                return match error.kind {
                    FailureKind::Interrupted if self.written > 0 => Outcome::CutOff(failure).into(),
                    _ => Outcome::Failed(failure).into(),
                };
            };
            attempt += 1;
            let after_ms = after.as_millis().try_into().unwrap_or(u64::MAX);
            self.send(Event::BranchRetrying { branch: self.id(), attempt, after_ms, failure })
                .await;
            tokio::select! {
                () = token.cancelled() => return Outcome::Cancelled.into(),
                () = tokio::time::sleep(after) => {}
            }
        }
    }

    /// One request and its answer.
    async fn attempt(&mut self) -> Result<End, ProviderError> {
        let mut stream = self.provider.stream(self.work.prompt.clone());
        while let Some(chunk) = stream.next().await {
            match chunk? {
                Chunk::Thinking(0) => {}
                Chunk::Thinking(chars) => {
                    self.send(Event::Thinking { branch: self.id(), chars }).await
                }
                Chunk::Text(text) if text.is_empty() => {}
                Chunk::Text(text) => {
                    self.written += text.len();
                    self.send(Event::Delta { branch: self.id(), text }).await;
                    if self.written > self.plan.branch_bytes {
                        return Ok(Outcome::Length(self.too_long()).into());
                    }
                }
                Chunk::Finish { reason, usage, note } => {
                    return Ok(End { outcome: self.outcome(reason), usage, note });
                }
            }
        }
        Err(ProviderError {
            kind: FailureKind::Interrupted,
            host: self.provider.host(),
            status: None,
            retry_after: None,
            detail: None,
        })
    }

    fn outcome(&self, reason: Finish) -> Outcome {
        let host = self.provider.host().unwrap_or_default();
        let explain = |kind| sentence::ended(kind, &host, &self.model, self.plan.lang);
        match reason {
            Finish::Stop => Outcome::Done,
            Finish::Length => Outcome::Length(explain(FailureKind::Length)),
            Finish::Filtered => Outcome::Filtered(explain(FailureKind::Filtered)),
        }
    }

    fn too_long(&self) -> Failure {
        let bytes = self.plan.branch_bytes;
        let message = self.plan.lang.pick(
            format!("答えが上限の {bytes} バイトを超えたので止めました。設定 limits.branch_bytes で変えられます。"),
            format!("Stopped: the answer passed the limit of {bytes} bytes. The setting limits.branch_bytes changes it."),
        );
        failure(FailureKind::Limit, &message)
    }

    fn id(&self) -> BranchId {
        self.work.branch.clone()
    }

    async fn send(&self, event: Event) {
        // A closed channel drops this branch from outside; there is nothing to do about it here.
        let _ = self.events.send(event).await;
    }
}

fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: message.to_owned(), host: None, status: None, retry_after_ms: None }
}

/// From 0 to 1, different for each branch, attempt and process.
fn jitter(branch: &BranchId, attempt: u8) -> f64 {
    RandomState::new().hash_one((branch, attempt)) as f64 / u64::MAX as f64
}
