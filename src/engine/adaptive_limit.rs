//! Learns from refusals how many concurrent requests a server accepts. A pure policy.
//!
//! Servers do not announce their limit, and it changes with their load. At the first refusal, the
//! number of other requests in flight is taken as the limit. From then on, one more request is
//! tried, and if that is refused, tried again after a while. If the server refuses a request within
//! the limit, the limit is halved.

use crate::event::FailureKind;
use crate::provider::ProviderError;

/// Number of answers that must begin, while requests wait, before one more is tried. Doubles with
/// each refused trial.
const TRIAL_AFTER: u32 = 4;
/// Maximum of [`AdaptiveLimit::trial_after`].
const TRIAL_AFTER_MAX: u32 = 256;

/// Learned limit on concurrent requests to one server.
#[derive(Debug)]
pub(crate) struct AdaptiveLimit {
    max: usize,
    /// The known limit; `None` until the server has refused a request.
    known: Option<usize>,
    /// Whether one more request may be tried.
    trial: bool,
    trial_after: u32,
    begun: u32,
    /// Number of refusals learned from. Requests sent before the last of them teach nothing new.
    lessons: u32,
}

/// Snapshot of an [`AdaptiveLimit`], taken when a request was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Departure {
    lessons: u32,
    /// Whether the request exceeded the known limit.
    trial: bool,
    answer_begun: bool,
}

impl AdaptiveLimit {
    /// Creates a limit of `max` requests. Refusals lower it, and it never exceeds `max`.
    pub(crate) fn new(max: usize) -> Self {
        let (trial_after, begun, lessons) = (TRIAL_AFTER, 0, 0);
        AdaptiveLimit { max, known: None, trial: false, trial_after, begun, lessons }
    }

    pub(crate) fn set_max(&mut self, max: usize) {
        self.max = max;
    }

    /// Returns how many requests may be in flight: at least one.
    pub(crate) fn allowed(&self) -> usize {
        self.known.map_or(self.max, |known| known + usize::from(self.trial)).min(self.max).max(1)
    }

    /// Returns the snapshot for a request that is sent now, while `beside` other requests are in
    /// flight.
    pub(crate) fn depart(&self, beside: usize) -> Departure {
        let trial = beside > 0 && self.known.is_some_and(|known| beside >= known);
        Departure { lessons: self.lessons, trial, answer_begun: false }
    }

    /// Records that the answer to the request sent at `departure` has begun. `wanted` is `true` if
    /// other requests are waiting to be sent.
    pub(crate) fn answer_begun(&mut self, departure: &mut Departure, wanted: bool) {
        let Some(known) = &mut self.known else { return };
        if std::mem::replace(&mut departure.answer_begun, true) {
            return;
        }
        // The server accepts at least this one.
        *known = (*known).max(1);
        if departure.trial {
            *known += 1;
        } else if wanted {
            self.begun += 1;
            if self.begun >= self.trial_after {
                (self.begun, self.trial) = (0, true);
            }
        }
    }

    /// Records that the server refused the request sent at `departure`, while `beside` other requests
    /// were in flight. Returns `false` if the request was a trial beyond the known limit, which
    /// should not count as an attempt.
    pub(crate) fn overloaded(&mut self, departure: Departure, beside: usize) -> bool {
        if departure.lessons != self.lessons {
            // Sent together with a request that was refused before. The others are being served.
            self.known = self.known.map(|known| known.min(beside));
            return true;
        }
        self.lessons += 1;
        self.begun = 0;
        match self.known {
            None => (self.known, self.trial) = (Some(beside), true),
            Some(_) if departure.trial => {
                self.trial = false;
                self.trial_after = (self.trial_after * 2).min(TRIAL_AFTER_MAX);
                return false;
            }
            Some(known) => (self.known, self.trial) = (Some(known / 2), true),
        }
        true
    }
}

/// Returns `true` if a server refused a request because it is busy, so that a later one may
/// succeed.
pub(crate) fn is_overloaded(error: &ProviderError) -> bool {
    // Ollama: "server busy, please try again. maximum pending requests exceeded".
    const WORDS: [&str; 4] = ["busy", "overload", "queue", "capacity"];
    let says = |word: &&str| {
        error.detail.as_ref().is_some_and(|detail| detail.to_ascii_lowercase().contains(*word))
    };
    match error.kind {
        FailureKind::RateLimited => true,
        FailureKind::Server => matches!(error.status, Some(503 | 529)) && WORDS.iter().any(says),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_refusal_teaches_what_the_server_takes() {
        let mut limit = AdaptiveLimit::new(64);
        let all: Vec<Departure> = (0..64).map(|beside| limit.depart(beside)).collect();
        for (refused, departure) in all.into_iter().take(60).enumerate() {
            assert!(limit.overloaded(departure, 63 - refused));
        }
        assert_eq!(limit.allowed(), 5, "the four that are served, and one more");
        let mut fifth = limit.depart(4);
        limit.answer_begun(&mut fifth, true);
        assert_eq!(limit.allowed(), 6, "it was taken, so that one more is tried");
        let sixth = limit.depart(5);
        assert!(!limit.overloaded(sixth, 5), "a trial is nobody's fault");
        assert_eq!(limit.allowed(), 5);
    }

    #[test]
    fn grows_more_slowly_with_each_trial_in_vain() {
        let mut limit = AdaptiveLimit::new(64);
        let first = limit.depart(4);
        limit.overloaded(first, 4);
        let mut needed = Vec::new();
        for _ in 0..9 {
            let trial = limit.depart(4);
            assert!(!limit.overloaded(trial, 4));
            let answers = (1..).find(|_| {
                let mut departure = limit.depart(3);
                limit.answer_begun(&mut departure, true);
                limit.answer_begun(&mut departure, true);
                limit.allowed() == 5
            });
            needed.extend(answers);
        }
        assert_eq!(needed, [8, 16, 32, 64, 128, 256, 256, 256, 256]);
    }

    #[test]
    fn halves_where_the_server_takes_less_than_it_did() {
        let mut limit = AdaptiveLimit::new(64);
        let first = limit.depart(16);
        limit.overloaded(first, 16);
        for allowed in [9, 5, 3, 2, 1, 1] {
            let within = limit.depart(0);
            assert!(limit.overloaded(within, 0));
            assert_eq!(limit.allowed(), allowed);
        }
        let mut alone = limit.depart(0);
        limit.answer_begun(&mut alone, true);
        assert_eq!(limit.allowed(), 2, "one by one from there");
        let mut second = limit.depart(1);
        limit.answer_begun(&mut second, false);
        assert_eq!(limit.allowed(), 3);
    }

    #[test]
    fn never_passes_the_settings() {
        let mut limit = AdaptiveLimit::new(2);
        assert_eq!(limit.allowed(), 2);
        let third = limit.depart(5);
        limit.overloaded(third, 5);
        assert_eq!(limit.allowed(), 2);
        limit.set_max(0);
        assert_eq!(limit.allowed(), 1, "none would hang");
    }

    #[test]
    fn tells_busy_servers_from_other_failures() {
        let full = |kind, status, detail: &str| {
            let detail = Some(detail.to_owned());
            is_overloaded(&ProviderError { status, detail, ..ProviderError::new(kind, None) })
        };
        let ollama = "server busy, please try again.  maximum pending requests exceeded";
        assert!(full(FailureKind::RateLimited, Some(429), ""));
        assert!(full(FailureKind::Server, Some(503), ollama));
        assert!(full(FailureKind::Server, Some(529), "Overloaded"));
        assert!(!full(FailureKind::Server, Some(503), "Loading model"));
        assert!(!full(FailureKind::Server, Some(500), "queue broken"));
        assert!(!full(FailureKind::Quota, Some(429), "queue"));
    }
}
