//! Decides whether a failed request is retried automatically. A pure policy.
//!
//! A request is paid for once. So it is never retried after its first text (reasoning included),
//! and before that only if the server itself said that it has not answered: too many requests,
//! overloaded, not accepted, an internal error before any text. If the outcome is unknown (a broken
//! connection, a server that fell silent, a gateway that gave up waiting with a 504 or 408), the
//! request may have been started and billed, and the user decides. A failure that will not clear up
//! within seconds (a server that is down, an unknown name) is reported at once.

use crate::event::FailureKind;
use crate::provider::{Cause, ProviderError};
use crate::request::Retries;
use std::time::Duration;

/// Maximum backoff, not including the delay that the server asks for.
const LONGEST: Duration = Duration::from_secs(8);

/// The number of requests that a branch has sent, and the time it waited between them.
pub(crate) struct RetryState {
    rules: Retries,
    /// Number of requests sent.
    sent: u8,
    /// How many of these went to models that were given up.
    given_up: u8,
    /// Total waiting time.
    waited: Duration,
}

impl RetryState {
    /// Creates the state after the first request.
    pub(crate) fn new(rules: Retries) -> Self {
        RetryState { rules, sent: 1, given_up: 0, waited: Duration::ZERO }
    }

    /// Switches to another model, which gets its own attempts, and returns the number of its first
    /// attempt.
    pub(crate) fn another_model(&mut self) -> u8 {
        self.given_up = self.sent;
        self.sent = self.sent.saturating_add(1);
        self.sent
    }

    /// Returns the number of the next attempt and the delay before it; `None` to give up. `jitter`,
    /// from 0 to 1, spreads the backoff from 50 % to 150 %, so that branches that failed together
    /// do not retry together.
    pub(crate) fn next(&mut self, error: &ProviderError, jitter: f64) -> Option<(u8, Duration)> {
        let asked = error.retry_after.unwrap_or_default();
        let sent = self.sent - self.given_up;
        let over = sent >= self.rules.attempts || self.waited + asked > self.rules.wait;
        if !is_transient(error) || over {
            return None;
        }
        let doubled = self.rules.backoff.saturating_mul(1 << u32::from(sent - 1).min(16));
        let own = doubled.min(LONGEST).mul_f64(0.5 + jitter.clamp(0.0, 1.0));
        self.sent = self.sent.saturating_add(1);
        self.waited += asked + own;
        Some((self.sent, asked + own))
    }

    /// Like [`RetryState::next`], but after a trial request beyond the server's known limit, which
    /// does not count as an attempt.
    pub(crate) fn after_trial(&self, error: &ProviderError, jitter: f64) -> Option<(u8, Duration)> {
        let (_, after) = RetryState::new(self.rules).next(error, jitter)?;
        Some((self.sent.max(2), after))
    }
}

/// Returns `true` if the failure is transient and the server did not start an answer.
fn is_transient(error: &ProviderError) -> bool {
    match (error.kind, error.status) {
        (FailureKind::RateLimited, _) => true,
        (FailureKind::Server, Some(status)) => is_unanswered(status),
        (FailureKind::Interrupted, _) => error.cause == Some(Cause::NotProcessed),
        _ => false,
    }
}

/// Returns `true` if a status means that the server has not begun to answer. 504, 520 and 524 do
/// not count: a gateway timed out, but the model may still be writing.
pub(crate) fn is_unanswered(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 521 | 522 | 523 | 529)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: FailureKind, status: u16, asked_ms: u64) -> ProviderError {
        ProviderError {
            status: (status > 0).then_some(status),
            retry_after: (asked_ms > 0).then(|| Duration::from_millis(asked_ms)),
            ..ProviderError::new(kind, None)
        }
    }

    #[test]
    fn only_transient_unanswered_failures_are_retried() {
        use FailureKind::*;
        let again =
            |error: &ProviderError| RetryState::new(Retries::default()).next(error, 0.5).is_some();
        for (kind, status, sent_again) in [
            (RateLimited, 429, true),
            (RateLimited, 0, true),
            (Timeout, 408, false),
            (Timeout, 0, false),
            (Server, 500, true),
            (Server, 501, false),
            (Server, 502, true),
            (Server, 503, true),
            (Server, 504, false),
            (Server, 505, false),
            (Server, 507, false),
            (Server, 520, false),
            (Server, 521, true),
            (Server, 524, false),
            (Server, 529, true),
            (Quota, 429, false),
            (Unauthorized, 401, false),
            (NotFound, 404, false),
            (TooLarge, 413, false),
            (BadRequest, 400, false),
            (Unreachable, 0, false),
            (Interrupted, 0, false),
            (BadResponse, 0, false),
            (Provider, 0, false),
        ] {
            assert_eq!(again(&error(kind, status, 0)), sent_again, "{kind:?} {status}");
        }
        assert!(again(&error(Interrupted, 0, 0).because(Cause::NotProcessed)));
        assert!(!again(&error(Interrupted, 0, 0).because(Cause::Reset)));
    }

    #[test]
    fn retry_after_is_obeyed_up_to_a_limit() {
        let first = |asked_ms| {
            let busy = error(FailureKind::RateLimited, 429, asked_ms);
            RetryState::new(Retries::default()).next(&busy, 0.5).map(|(_, wait)| wait.as_millis())
        };
        assert_eq!(first(0), Some(500));
        assert_eq!(first(2_000), Some(2_500));
        assert_eq!(first(120_000), Some(120_500));
        assert_eq!(first(120_001), None);
        assert_eq!(first(u64::MAX), None);
    }

    #[test]
    fn attempts_and_waits_are_limited() {
        let waits = |rules: Retries, asked_ms| -> Vec<(u8, u128)> {
            let (mut retries, busy) =
                (RetryState::new(rules), error(FailureKind::Server, 503, asked_ms));
            let again = std::iter::from_fn(|| retries.next(&busy, 0.5));
            again.map(|(attempt, wait)| (attempt, wait.as_millis())).collect()
        };
        let rules = Retries::default();
        assert_eq!(waits(rules, 0), [(2, 500), (3, 1_000)]);
        assert_eq!(waits(rules, 61_000), [(2, 61_500)], "120 s in all");
        assert_eq!(waits(Retries { attempts: 1, ..rules }, 0), []);
        assert_eq!(waits(Retries { attempts: 0, ..rules }, 0), []);
        let many = waits(Retries { attempts: u8::MAX, ..rules }, 0);
        assert_eq!((many[4], many[5]), ((6, 8_000), (7, 8_000)), "no wait of our own is longer");
        assert_eq!(many.iter().map(|(_, wait)| wait).sum::<u128>(), 127_500);
    }

    #[test]
    fn another_model_has_attempts_of_its_own_but_shares_the_waits() {
        let busy = error(FailureKind::Server, 503, 0);
        let mut retries = RetryState::new(Retries::default());
        let waits = |retries: &mut RetryState| -> Vec<(u8, u128)> {
            let again = std::iter::from_fn(|| retries.next(&busy, 0.5));
            again.map(|(attempt, wait)| (attempt, wait.as_millis())).collect()
        };
        assert_eq!(waits(&mut retries), [(2, 500), (3, 1_000)]);
        assert_eq!(retries.another_model(), 4);
        assert_eq!(waits(&mut retries), [(5, 500), (6, 1_000)]);
        let slow = error(FailureKind::Server, 503, 117_000);
        assert_eq!(
            (retries.another_model(), retries.next(&slow, 0.5)),
            (7, Some((8, Duration::from_millis(117_500))))
        );
        assert_eq!(retries.next(&slow, 0.5), None);
    }

    #[test]
    fn jitter_spreads_branches_that_failed_together() {
        let wait = |jitter| {
            let busy = error(FailureKind::RateLimited, 429, 1_000);
            RetryState::new(Retries::default()).next(&busy, jitter).unwrap().1.as_millis()
        };
        assert_eq!((wait(0.0), wait(1.0)), (1_250, 1_750), "never before the server said");
    }
}
