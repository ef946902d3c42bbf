//! Dialects: the request features that a server accepts or rejects for a model, as far as known.
//!
//! A dialect is learned from refusals. It only grows, and each part can be learned only once, so
//! that the number of retries is limited.

mod caching;
mod known_servers;
mod lesson;
mod shared;
mod token_limit;

pub(crate) use caching::{CacheMark, CacheMarkMembers, Caching, caching};
pub(crate) use known_servers::{Limit, limit, reasoning};
pub(crate) use lesson::{Lesson, SentParameters, learn};
pub use shared::Dialects;
pub(crate) use shared::{FirstRequestGuard, SharedDialect};

use crate::perspective::Effort;
use crate::provider::{ReducedTokenLimit, TokenLimitReason};
use token_limit::Window;

/// A part of a request that can be omitted or replaced if the server rejects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Feature {
    /// `stream_options`.
    StreamOptions = 1,
    /// `stream`: without it the answer comes in one piece.
    Stream = 1 << 1,
    /// The role `system`: without it, the system text is put in front of the user's.
    System = 1 << 2,
    /// `temperature`.
    Temperature = 1 << 3,
    /// `prompt_cache_key`.
    CacheKey = 1 << 4,
    /// The mark at the end of the part that all branches share.
    CacheMark = 1 << 5,
    /// The reasoning effort.
    Effort = 1 << 6,
    /// The chat template's own switch for reasoning.
    TemplateSwitch = 1 << 7,
}

/// The request features that a server accepts or rejects for one model, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// The parts that the server does not accept, one bit each.
    without: u16,
    /// The name of the token limit, if it is not the expected one.
    limit: Option<Limit>,
    /// Maximum token limit that the server accepts.
    cap: Option<u32>,
    /// The model's context window.
    window: Option<Window>,
    /// A token limit that comes from the account and not from the model. It holds only for the
    /// question that it was learned from: the balance and the minute's share will be others for the
    /// next one.
    account: Option<ReducedTokenLimit>,
    /// The efforts that the server accepts, one bit for each [`Effort`]; `None` if it has not named
    /// them.
    efforts: Option<u8>,
}

impl Dialect {
    /// Returns `true` if requests in this dialect contain `feature`.
    pub(crate) fn takes(self, feature: Feature) -> bool {
        self.without & feature as u16 == 0
    }

    pub(crate) fn without(self, feature: Feature) -> Self {
        Self { without: self.without | feature as u16, ..self }
    }

    pub(crate) fn limit(self) -> Option<Limit> {
        self.limit
    }

    pub(crate) fn with_limit(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }

    pub(crate) fn with_cap(self, cap: u32) -> Self {
        Self { cap: Some(cap), ..self }
    }

    pub(crate) fn with_window(self, window: Window) -> Self {
        Self { window: Some(window), ..self }
    }

    pub(crate) fn with_account_limit(self, account: ReducedTokenLimit) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Returns the dialect without what holds for one question only.
    pub(crate) fn lasting(self) -> Self {
        Self { account: None, ..self }
    }

    /// Returns the token limit to send for a prompt of `bytes` bytes: `wanted`, or a lower one
    /// together with the reason for it.
    pub(crate) fn tokens(self, wanted: u32, bytes: usize) -> (u32, Option<ReducedTokenLimit>) {
        let left = self.window.map(|window| ReducedTokenLimit {
            tokens: window.leaves(bytes),
            reason: TokenLimitReason::Window(window.tokens),
        });
        let server = TokenLimitReason::Server;
        let cap = self.cap.map(|tokens| ReducedTokenLimit { tokens, reason: server });
        let all = left.into_iter().chain(cap).chain(self.account);
        let least = all.min_by_key(|fewer| fewer.tokens);
        let fewer = least.filter(|fewer| fewer.tokens < wanted);
        (fewer.map_or(wanted, |fewer| fewer.tokens), fewer)
    }

    /// Restricts the dialect to the efforts that the server accepts.
    pub(crate) fn with_efforts(self, efforts: impl IntoIterator<Item = Effort>) -> Self {
        let bits = efforts.into_iter().fold(0, |bits, effort| bits | 1 << effort as u8);
        Self { efforts: Some(bits), ..self }
    }

    pub(crate) fn knows_efforts(self) -> bool {
        self.efforts.is_some()
    }

    /// Returns the effort to send instead of `wanted`: the nearest that the server accepts, or the
    /// lower of two equally near ones, because it costs less. Returns `None` if no effort is to be
    /// sent.
    pub(crate) fn effort(self, wanted: Effort) -> Option<Effort> {
        if !self.takes(Feature::Effort) {
            return None;
        }
        let bits = self.efforts.unwrap_or(u8::MAX);
        let taken = Effort::ALL.into_iter().filter(|effort| bits & 1 << *effort as u8 != 0);
        // `min_by_key` keeps the first of equals.
        taken.min_by_key(|effort| (*effort as u8).abs_diff(wanted as u8))
    }

    /// Merges two dialects. Where they conflict, `self` wins, except that the lower maximum token
    /// limit is kept.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            without: self.without | other.without,
            limit: self.limit.or(other.limit),
            cap: self.cap.into_iter().chain(other.cap).min(),
            window: self.window.or(other.window),
            account: self.account.or(other.account),
            efforts: self.efforts.or(other.efforts),
        }
    }

    /// Returns a string that identifies a request body in this dialect with a token limit of
    /// `tokens`. It is part of the idempotency key, so that different bodies have different keys.
    pub(crate) fn name(self, tokens: u32) -> String {
        let limit = self.limit.map_or(0, |limit| 1 + limit as u8);
        let efforts = self.efforts.unwrap_or_default();
        format!("{:x}-{limit}-{efforts:x}-{tokens}", self.without)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_effort_is_sent_and_of_two_the_lesser() {
        use Effort::*;
        let gpt5 = Dialect::default().with_efforts([Minimal, Low, Medium, High]);
        assert_eq!(gpt5.effort(None), Some(Minimal));
        assert_eq!(gpt5.effort(High), Some(High));
        let ollama = Dialect::default().with_efforts([High, Medium, Low, None]);
        assert_eq!(ollama.effort(Minimal), Some(None));
        assert_eq!(Dialect::default().effort(Minimal), Some(Minimal));
        assert_eq!(gpt5.without(Feature::Effort).effort(High), Option::None);
    }

    #[test]
    fn the_least_of_all_bounds_is_asked_for() {
        let window = Window::counted(4096, 100, 400);
        let both = Dialect::default().with_window(window).with_cap(3000);
        assert_eq!(
            both.tokens(4096, 400),
            (3000, Some(ReducedTokenLimit { tokens: 3000, reason: TokenLimitReason::Server }))
        );
        assert_eq!(both.tokens(2000, 400), (2000, None));
        let cramped = both.tokens(4096, 12_000);
        let reason = cramped.1.unwrap().reason;
        assert!(cramped.0 < 1000 && reason == TokenLimitReason::Window(4096), "{cramped:?}");
        let poor = ReducedTokenLimit { tokens: 700, reason: TokenLimitReason::Balance };
        let poor_now = both.with_account_limit(poor);
        assert_eq!(poor_now.tokens(4096, 400), (700, Some(poor)));
        assert_eq!(poor_now.lasting(), both);
    }

    #[test]
    fn what_two_have_learned_is_known_to_both() {
        let one = Dialect::default().without(Feature::Stream).with_cap(9);
        let other = Dialect::default().without(Feature::System).with_cap(7);
        let both = one.or(other);
        assert!(!both.takes(Feature::Stream) && !both.takes(Feature::System));
        assert_eq!((both, both.tokens(99, 0).0), (other.or(one), 7));
        let names = [Dialect::default(), one, other, both].map(|d| d.name(5));
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert_ne!(one.name(5), one.name(6));
    }
}
