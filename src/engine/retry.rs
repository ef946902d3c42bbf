//! Whether a failed request is sent again by itself: a pure policy.
//!
//! Never after the first text, which would be paid for twice, and only for failures that pass.

use crate::event::FailureKind;
use crate::provider::ProviderError;
use std::time::Duration;

/// Requests that one branch may send in all.
const ATTEMPTS: u8 = 3;
/// The longest wait. A server that asks for more is not asked again.
const LONGEST: Duration = Duration::from_secs(20);
/// The wait before the second attempt, doubled for the third.
const BASE: Duration = Duration::from_millis(500);

/// How long to wait before the attempt after number `attempt` (from 1), or `None` to give up.
/// `jitter` from 0 to 1 spreads branches that failed together.
pub(super) fn wait(attempt: u8, error: &ProviderError, jitter: f64) -> Option<Duration> {
    let passes = match error.kind {
        FailureKind::RateLimited => true,
        FailureKind::Server => !matches!(error.status, Some(501 | 505)),
        FailureKind::Timeout => error.status == Some(408),
        _ => false,
    };
    if !passes || attempt >= ATTEMPTS {
        return None;
    }
    let asked = error.retry_after.unwrap_or_default();
    if asked > LONGEST {
        return None;
    }
    let own = BASE * 2u32.pow(u32::from(attempt.saturating_sub(1)));
    Some((asked + own.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)).min(LONGEST + own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: FailureKind, status: Option<u16>, retry_after: Option<u64>) -> ProviderError {
        ProviderError {
            kind,
            host: None,
            status,
            retry_after: retry_after.map(Duration::from_secs),
            detail: None,
        }
    }

    #[test]
    fn only_what_passes_is_sent_again() {
        let again = |kind, status| wait(1, &error(kind, status, None), 0.5).is_some();
        assert!(again(FailureKind::RateLimited, Some(429)));
        assert!(again(FailureKind::Server, Some(503)));
        assert!(again(FailureKind::Timeout, Some(408)));
        assert!(!again(FailureKind::Server, Some(501)));
        assert!(!again(FailureKind::Quota, Some(429)));
        assert!(!again(FailureKind::Unauthorized, Some(401)));
        assert!(!again(FailureKind::NotFound, Some(404)));
        assert!(!again(FailureKind::Unreachable, None));
        assert!(!again(FailureKind::Timeout, None), "a server that said nothing for two minutes");
    }

    #[test]
    fn a_server_is_obeyed_and_not_for_ever() {
        let wait_for =
            |attempt, after| wait(attempt, &error(FailureKind::RateLimited, Some(429), after), 1.0);
        assert_eq!(wait_for(1, None), Some(Duration::from_millis(500)));
        assert_eq!(wait_for(2, None), Some(Duration::from_secs(1)));
        assert_eq!(wait_for(3, None), None);
        assert_eq!(wait_for(1, Some(2)), Some(Duration::from_millis(2500)));
        assert_eq!(wait_for(1, Some(121)), None);
    }
}
