//! The dialects that a session has learned, and the order of requests while a dialect is unknown.
//!
//! If a server has answered, its dialect is known, and no request waits. Otherwise, the first
//! request leads: the others wait until its response head arrives, but no longer than [`HOLD`], so
//! that what a server refuses at once is refused only once. After a refusal, the request that asks
//! again leads, and the others wait a little longer than the refusal took. If refusals take longer
//! than [`HOLD`], waiting would cost more than it saves, and all requests proceed independently.

use super::Dialect;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Maximum time that the first request to a server delays the others.
const HOLD: Duration = Duration::from_millis(100);
/// Margin for the next response, on top of one and a half times the duration of the last refusal.
const SPREAD: Duration = Duration::from_millis(20);
/// Maximum number of remembered pairs of server and model. When it is reached, all are discarded.
const KNOWN_MAX: usize = 256;

/// The dialect of each model at each server in a session.
#[derive(Clone, Default)]
pub struct Dialects(Arc<Mutex<HashMap<Key, Arc<SharedDialect>>>>);

/// A server's base URL, and the model.
type Key = (String, String);

impl Dialects {
    /// Returns the dialect of a model at a server, which all requests share. It is empty at first.
    pub(crate) fn of(&self, base_url: &str, model: &str) -> Arc<SharedDialect> {
        let mut all = self.0.lock();
        if all.len() >= KNOWN_MAX {
            all.clear();
        }
        Arc::clone(all.entry((base_url.to_owned(), model.to_owned())).or_default())
    }
}

/// The dialect of one model at one server, shared by all requests to that model.
#[derive(Default)]
pub(crate) struct SharedDialect {
    state: Mutex<DialectState>,
    changed: Notify,
    /// Whether an answer has ever ended with a finish reason.
    has_sent_finish_reason: AtomicBool,
}

/// The state of [`SharedDialect`] as plain data; the clock is an argument.
#[derive(Debug, Default)]
struct DialectState {
    /// The dialect that the server has accepted; before the first answer, the assumed one.
    proven: Dialect,
    /// The dialect that is being tried.
    tried: Dialect,
    stage: Stage,
    leads: bool,
    /// Until when the other requests wait for the leading one.
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// No request was answered or refused yet.
    #[default]
    New,
    /// Something was refused, and a leading request tries another way.
    Learning,
    /// No request has to wait: an answer has begun, or no way to ask was found.
    Open,
}

/// Whether a request may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Yes, in this dialect.
    Go(Dialect),
    /// Yes, in this dialect, and the other requests wait for it.
    Lead(Dialect),
    /// No, another request leads: wait until this moment at most, then use this dialect.
    Wait(Instant, Dialect),
}

impl DialectState {
    fn turn(&mut self, now: Instant) -> Turn {
        if self.stage == Stage::Open {
            return Turn::Go(self.proven);
        }
        if !std::mem::replace(&mut self.leads, true) {
            if self.stage == Stage::New {
                self.until = Some(now + HOLD);
            }
            return Turn::Lead(self.tried);
        }
        Turn::Wait(self.until.unwrap_or(now), self.tried)
    }

    /// Records that the answer to a request in this dialect has begun.
    fn answered(&mut self, dialect: Dialect) {
        self.proven = dialect.lasting().or(self.proven);
        self.tried = self.proven;
        self.stage = Stage::Open;
    }

    /// Records the dialect taught by a refusal, which arrived after `took`.
    fn learned(&mut self, dialect: Dialect, now: Instant, took: Duration) {
        let tried = dialect.lasting().or(self.tried);
        if tried == self.tried {
            // Nothing that another request could use, so none has to wait.
            return;
        }
        self.tried = tried;
        self.stage = Stage::Learning;
        let hold = if took <= HOLD { took + took / 2 + SPREAD } else { Duration::ZERO };
        self.until = Some(now + hold);
    }

    /// Records that the leading request has ended, whether it was answered or not.
    fn led(&mut self) {
        self.leads = false;
        if self.stage != Stage::Open {
            // It found no way to ask, so there is no reason to hold up the others.
            (self.tried, self.stage) = (self.proven, Stage::Open);
        }
    }
}

impl SharedDialect {
    /// Waits until a request may be sent. Returns the dialect to send it in, which includes
    /// `itself` (the dialect that the request's own refusals have taught). Also returns the
    /// [`FirstRequestGuard`] if other requests wait for this one; a request that already has it passes it as
    /// `lead`.
    pub(crate) async fn turn(
        self: &Arc<Self>,
        itself: Dialect,
        lead: Option<FirstRequestGuard>,
    ) -> (Dialect, Option<FirstRequestGuard>) {
        if lead.is_some() {
            return (itself.or(self.state.lock().tried), lead);
        }
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let turn = self.state.lock().turn(Instant::now());
            match turn {
                Turn::Go(dialect) => return (itself.or(dialect), None),
                Turn::Lead(dialect) => {
                    return (itself.or(dialect), Some(FirstRequestGuard(Arc::clone(self))));
                }
                Turn::Wait(until, dialect) => {
                    if timeout_at(until, changed).await.is_err() {
                        return (itself.or(dialect), None);
                    }
                }
            }
        }
    }

    /// Returns the dialect in which the next request is expected to be sent. Does not wait.
    pub(crate) fn foreseen(&self) -> Dialect {
        self.state.lock().proven
    }

    pub(crate) fn answered(&self, dialect: Dialect) {
        self.state.lock().answered(dialect);
        self.changed.notify_waiters();
    }

    /// Records that an answer has ended with a finish reason.
    pub(crate) fn record_finish_reason(&self) {
        self.has_sent_finish_reason.store(true, Ordering::Relaxed);
    }

    /// Returns `true` if an answer has ever ended with a finish reason. One without a reason is then
    /// not complete: some gateways write `[DONE]` although the connection behind them has broken.
    pub(crate) fn has_sent_finish_reason(&self) -> bool {
        self.has_sent_finish_reason.load(Ordering::Relaxed)
    }

    pub(crate) fn learned(&self, dialect: Dialect, took: Duration) {
        self.state.lock().learned(dialect, Instant::now(), took);
        self.changed.notify_waiters();
    }
}

/// Marks the request that the other requests to the same model wait for. Dropping it lets them
/// proceed.
pub(crate) struct FirstRequestGuard(Arc<SharedDialect>);

impl Drop for FirstRequestGuard {
    fn drop(&mut self) {
        self.0.state.lock().led();
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Feature;
    use super::*;
    use crate::provider::{ReducedTokenLimit, TokenLimitReason};
    use std::future::Future;

    fn without(part: Feature) -> Dialect {
        Dialect::default().without(part)
    }

    fn known() -> Arc<SharedDialect> {
        Dialects::default().of("http://h/v1", "m")
    }

    async fn ask(known: &Arc<SharedDialect>) -> (Dialect, Option<FirstRequestGuard>) {
        known.turn(Dialect::default(), None).await
    }

    /// Returns how long a future takes, in milliseconds, and its output.
    async fn timed<T>(future: impl Future<Output = T>) -> (u128, T) {
        let start = Instant::now();
        let out = future.await;
        (start.elapsed().as_millis(), out)
    }

    #[tokio::test(start_paused = true)]
    async fn at_a_known_server_nobody_waits() {
        let known = known();
        let (_, lead) = ask(&known).await;
        known.answered(without(Feature::Stream));
        drop(lead);
        for _ in 0..4 {
            let (ms, (dialect, lead)) = timed(ask(&known)).await;
            assert_eq!((ms, dialect), (0, without(Feature::Stream)));
            assert!(lead.is_none());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_holds_the_others_up_for_a_moment_only() {
        let known = known();
        let (_, lead) = ask(&known).await;
        assert!(lead.is_some());
        let (ms, (_, other)) = timed(ask(&known)).await;
        assert_eq!((ms, other.is_some()), (100, false));
        drop(lead);
        let known = self::known();
        let (_, _lead) = ask(&known).await;
        let waits = tokio::spawn({
            let known = Arc::clone(&known);
            async move { timed(ask(&known)).await.0 }
        });
        tokio::time::sleep(Duration::from_millis(30)).await;
        known.answered(Dialect::default());
        assert_eq!(waits.await.unwrap(), 30, "its head has come");
    }

    /// When a request was sent, and how.
    type Left = (u128, (Dialect, Option<FirstRequestGuard>));

    /// Starts three requests while the first is in flight.
    fn others(known: &Arc<SharedDialect>) -> Vec<tokio::task::JoinHandle<Left>> {
        let one = |_| {
            let known = Arc::clone(known);
            tokio::spawn(async move { timed(ask(&known)).await })
        };
        (0..3).map(one).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_first_is_taught_the_others_ask_in() {
        const MS: Duration = Duration::from_millis(1);
        // The response head arrives soon; it arrives late, and the others wait no longer than a
        // refusal takes.
        for (head, leave) in [(30 * MS, 50), (5000 * MS, 70)] {
            let known = known();
            let (_, lead) = ask(&known).await;
            let others = others(&known);
            tokio::time::sleep(20 * MS).await;
            known.learned(without(Feature::System), 20 * MS);
            let (dialect, lead) = known.turn(without(Feature::System), lead).await;
            tokio::time::sleep(head).await;
            known.answered(dialect);
            drop(lead);
            for other in others {
                let (ms, (dialect, lead)) = other.await.unwrap();
                assert_eq!((ms, dialect, lead.is_none()), (leave, without(Feature::System), true));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_first_finds_no_way_nobody_waits_for_the_next() {
        let known = known();
        let (_, lead) = ask(&known).await;
        known.learned(without(Feature::System), Duration::ZERO);
        drop(lead);
        for _ in 0..3 {
            let (ms, (dialect, lead)) = timed(ask(&known)).await;
            assert_eq!((ms, dialect, lead.is_none()), (0, Dialect::default(), true), "forgotten");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_refused_keeps_what_it_was_taught_itself_and_waits_at_no_far_server() {
        let known = known();
        known.answered(Dialect::default());
        let taught = without(Feature::Temperature);
        known.learned(taught, 3 * HOLD);
        let (_, lead) = known.turn(taught, None).await;
        assert!(lead.is_some(), "it leads");
        let late = known.turn(without(Feature::Effort), None);
        let (ms, (dialect, _)) = timed(late).await;
        assert_eq!((ms, dialect), (0, taught.without(Feature::Effort)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_account_allows_for_one_question_is_not_known_to_others() {
        let known = known();
        known.answered(Dialect::default());
        let poor = ReducedTokenLimit { tokens: 700, reason: TokenLimitReason::Balance };
        let taught = Dialect::default().with_account_limit(poor);
        known.learned(taught, Duration::ZERO);
        let (ms, (dialect, lead)) = timed(ask(&known)).await;
        assert_eq!((ms, dialect, lead.is_none()), (0, Dialect::default(), true));
        assert_eq!(known.turn(taught, None).await.0, taught, "its own question knows it");
        known.answered(taught);
        assert_eq!(ask(&known).await.0, Dialect::default());
    }

    #[test]
    fn memory_has_a_bound() {
        let all = Dialects::default();
        (0..1000).for_each(|n| drop(all.of("u", &n.to_string())));
        assert!(all.0.lock().len() <= KNOWN_MAX);
    }
}
