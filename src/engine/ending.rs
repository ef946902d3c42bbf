//! Determines how a branch ends, from what has been received of its answer. Pure.

use super::truncation::{self, Cut};
use crate::event::{Failure, FailureKind, Outcome, Usage};
use crate::lang::Lang;
use crate::provider::{
    Cause, Finish, Provider, ProviderError, ReducedTokenLimit, TokenLimit, sentence,
};
use crate::request::Prompt;

/// More bytes than a token of text has on average in any language. If a model writes more than this
/// for each allowed token, its server has ignored the token limit.
const TOKEN_BYTES: usize = 16;

/// How a branch ended.
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) usage: Option<Usage>,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        End { outcome, usage: None }
    }
}

/// What a branch has received of its answer so far.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// Bytes of answer text.
    written: usize,
    /// Amount of reasoning: its characters, and the bytes of text that turned out to be reasoning.
    thought: usize,
    /// Whether the answer is more than whitespace.
    says: bool,
    /// The token limit that was sent in place of the configured one, if it was lower.
    pub(super) fewer: Option<ReducedTokenLimit>,
}

impl Received {
    pub(super) fn text(&mut self, text: &str) {
        self.written += text.len();
        self.says |= !text.trim().is_empty();
    }

    pub(super) fn reasoning(&mut self, chars: usize) {
        self.thought += chars;
    }

    /// Counts the text so far as reasoning.
    pub(super) fn retract(&mut self) {
        self.thought += std::mem::take(&mut self.written);
        self.says = false;
    }

    /// Returns `true` if no part of an answer has come, so that nothing has been paid for.
    pub(super) fn is_nothing(&self) -> bool {
        self.written == 0 && self.thought == 0
    }

    /// Returns the limit that the branch has exceeded, if any.
    pub(super) fn excess(&self, bytes: usize, tokens: u32) -> Option<Cause> {
        if self.written.max(self.thought) > bytes {
            return Some(Cause::BranchBytes(bytes));
        }
        let max = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(TOKEN_BYTES);
        (self.written + self.thought > max).then_some(Cause::MoreTokens(tokens))
    }
}

/// A branch's question and what has been received of its answer.
#[derive(Clone, Copy)]
pub(super) struct Ending<'a> {
    pub(super) received: &'a Received,
    pub(super) prompt: &'a Prompt,
    pub(super) provider: &'a dyn Provider,
    pub(super) model: &'a str,
    pub(super) lang: Lang,
}

impl Ending<'_> {
    /// The provider has ended its answer.
    pub(super) fn finished(self, reason: Finish, usage: Option<Usage>) -> End {
        End { outcome: self.finish(reason, usage), usage }
    }

    fn finish(self, reason: Finish, usage: Option<Usage>) -> Outcome {
        let Received { says, fewer, .. } = *self.received;
        let explain = |kind| self.failure(&ProviderError::new(kind, self.provider.host()));
        // An answer to a part of the text is not an answer to the text, however it ends.
        if says
            && matches!(reason, Finish::Stop | Finish::Length)
            && let Some(Cut { read, least }) = truncation::cut(self.prompt, usage)
        {
            let cause = Cause::PromptCut { read, least, kind: self.provider.kind() };
            return self.broken(FailureKind::TooLarge, cause);
        }
        if let (Finish::Length, Some(fewer)) = (reason, fewer) {
            let error = self.error(FailureKind::Length, Cause::ReducedTokenLimit(fewer));
            return Outcome::Length(self.failure(&error));
        }
        match reason {
            Finish::Stop if says => Outcome::Done,
            Finish::Stop => self.broken(FailureKind::Provider, Cause::NothingWritten),
            Finish::Tool => self.broken(FailureKind::Provider, Cause::WantsTool),
            Finish::Length if says => Outcome::Length(explain(FailureKind::Length)),
            Finish::Length => {
                let cause = Cause::NoTextAtLimit(self.no_room(usage));
                Outcome::Length(self.failure(&self.error(FailureKind::Length, cause)))
            }
            Finish::Filtered => Outcome::Filtered(explain(FailureKind::Filtered)),
        }
    }

    /// Returns where the tokens went if no text was written. Reasoning is known if it was streamed,
    /// or if tokens were counted although no text came; some servers leave it out of their count.
    fn no_room(self, usage: Option<Usage>) -> TokenLimit {
        let Prompt { max_tokens: allowed, perspective, .. } = self.prompt;
        let counted = usage.map(|usage| usage.completion_tokens).filter(|tokens| *tokens > 0);
        let unseen = self.received.written == 0 && counted.is_some();
        let used = counted.unwrap_or_else(|| u64::from(*allowed));
        TokenLimit {
            used: (self.received.thought > 0 || unseen).then_some(used),
            allowed: *allowed,
            is_own: perspective.max_tokens == Some(*allowed),
        }
    }

    /// One of kaizodo's own limits is exceeded.
    pub(super) fn limited(self, cause: Cause) -> End {
        Outcome::Length(self.failure(&self.error(FailureKind::Limit, cause))).into()
    }

    /// The last attempt has failed.
    pub(super) fn failed(self, error: &ProviderError) -> End {
        let failure = self.failure(error);
        let has_text = self.received.written > 0;
        match error.kind {
            // The text so far is kept, but more was to come.
            FailureKind::Interrupted | FailureKind::Timeout | FailureKind::BadResponse
                if has_text =>
            {
                Outcome::CutOff(failure).into()
            }
            FailureKind::Filtered if has_text => Outcome::Filtered(failure).into(),
            _ => Outcome::Failed(failure).into(),
        }
    }

    fn broken(self, kind: FailureKind, cause: Cause) -> Outcome {
        let failure = self.failure(&self.error(kind, cause));
        if self.received.says { Outcome::CutOff(failure) } else { Outcome::Failed(failure) }
    }

    pub(super) fn error(self, kind: FailureKind, cause: Cause) -> ProviderError {
        ProviderError::new(kind, self.provider.host()).because(cause)
    }

    pub(super) fn failure(self, error: &ProviderError) -> Failure {
        sentence::failure(error, self.model, self.received.written > 0, self.lang)
    }
}

/// Returns the outcome of a branch that panicked.
pub(super) fn panicked(lang: Lang) -> Outcome {
    let message = lang.pick(
        "kaizodo の中で不具合が起きました。この節だけをやり直せます。",
        "An internal error in kaizodo ended this section. You can retry this section on its own.",
    );
    let (kind, message) = (FailureKind::Internal, message.to_owned());
    Outcome::Failed(Failure::new(kind, message))
}
