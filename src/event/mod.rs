//! The vocabulary of a run: everything that happens is one of these events, in one order.
//!
//! The journal, `--json`, the progress reports of clients that ask for them and the panel all
//! read the same events; `PROTOCOL.md` shows the JSON of each.

mod failure;

pub use failure::{Failure, FailureKind};

use crate::lang::Lang;
use crate::text::{ContextMode, Range16};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Identifies one run for good: it is part of the panel's URI and of the journal's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

/// Identifies a branch within its run. It is the name of the branch's perspective.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchId(pub Arc<str>);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BranchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an event stands in its run: 1, 2, 3 … without a gap.
pub type Seq = u64;

/// An event with its place in the run, as it is written and sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Place in the run, from 1.
    pub seq: Seq,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen in a run. Closed: a new kind of cause is a new variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run was accepted. Every section is named here, so that the order in which branches
    /// answer can never decide where they stand.
    RunStarted {
        /// The run.
        run: RunId,
        /// When, in UTC.
        at: Timestamp,
        /// A short title, from the selection.
        #[serde(default)]
        title: String,
        /// Where the selection came from.
        source: Source,
        /// The language of the panel and of the answers.
        lang: Lang,
        /// Who is asked, for people: `Ollama at 127.0.0.1:11434`.
        provider: String,
        /// The sections in their order.
        sections: Vec<SectionTitle>,
        /// What the user should know of how the run was made, each a plain sentence.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// A digest of the text that is sent, by which a later process sees whether the text still
        /// stands in its document; earlier versions wrote none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<String>,
        /// How much of what stands around the selection is sent with it.
        #[serde(default, skip_serializing_if = "ContextMode::is_none")]
        context: ContextMode,
    },
    /// A branch waits for its turn: the server takes no more, or is better asked in turn.
    BranchQueued {
        /// The branch.
        branch: BranchId,
    },
    /// A branch's request leaves. A branch that has ended starts anew when it is retried.
    BranchStarted {
        /// The branch.
        branch: BranchId,
        /// The model that is asked.
        model: String,
    },
    /// What the reader should know of how a branch's answer is asked for: a plain sentence.
    BranchNoted {
        /// The branch.
        branch: BranchId,
        /// The sentence.
        note: String,
    },
    /// Reasoning text came. It is counted, not shown.
    Thinking {
        /// The branch.
        branch: BranchId,
        /// How many characters (Unicode scalar values) came since the last such event.
        chars: u32,
    },
    /// Answer text came.
    Delta {
        /// The branch.
        branch: BranchId,
        /// The text, raw as the model wrote it.
        text: String,
    },
    /// What was written since the last [`Event::BranchStarted`] was reasoning and no answer, as only
    /// its end showed. The answer begins anew.
    Retracted {
        /// The branch.
        branch: BranchId,
        /// How many characters (Unicode scalar values) it was.
        chars: u32,
    },
    /// An attempt failed before any text; the next one is waited for, or leaves now if it has been
    /// [queued](Event::BranchQueued) meanwhile.
    BranchRetrying {
        /// The branch.
        branch: BranchId,
        /// The number of the attempt to come; the first retry is 2.
        attempt: u8,
        /// How long is waited, in milliseconds; 0 where it leaves now.
        after_ms: u64,
        /// Why.
        failure: Failure,
    },
    /// A branch has ended: exactly one for each [`Event::BranchStarted`].
    BranchEnded {
        /// The branch.
        branch: BranchId,
        /// How it ended.
        #[serde(flatten)]
        outcome: Outcome,
        /// What it cost, where the provider said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        /// From the request's leaving to this end, in milliseconds.
        #[serde(default)]
        elapsed_ms: u64,
        /// A closing sentence in place of model and tokens: the worksheet's, in journals of earlier
        /// versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// No branch of the run is alive any more.
    RunEnded {
        /// How the run as a whole ended.
        outcome: RunOutcome,
    },
}

impl Event {
    /// The branch that it is about, where it is about one.
    pub fn branch(&self) -> Option<&BranchId> {
        match self {
            Event::BranchStarted { branch, .. }
            | Event::BranchQueued { branch, .. }
            | Event::BranchNoted { branch, .. }
            | Event::Thinking { branch, .. }
            | Event::Delta { branch, .. }
            | Event::Retracted { branch, .. }
            | Event::BranchRetrying { branch, .. }
            | Event::BranchEnded { branch, .. } => Some(branch),
            Event::RunStarted { .. } | Event::RunEnded { .. } => None,
        }
    }
}

/// Where a selection came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The document.
    pub uri: String,
    /// The range, always in UTF-16 units, whatever the client counts in.
    pub range: Range16,
}

impl Source {
    /// Whether an editor can open it: standard input and a text of the command line it cannot.
    pub fn is_document(&self) -> bool {
        !self.uri.starts_with("kaizodo:")
    }
}

/// A section's branch and heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionTitle {
    /// The branch whose answer stands in the section.
    pub branch: BranchId,
    /// The heading.
    pub title: String,
    /// What its answer is to the others.
    #[serde(default, skip_serializing_if = "Role::is_view")]
    pub role: Role,
}

impl SectionTitle {
    /// The section of a view.
    pub fn view(branch: impl Into<Arc<str>>, title: impl Into<String>) -> Self {
        SectionTitle { branch: BranchId(branch.into()), title: title.into(), role: Role::View }
    }
}

/// What a section's answer is to those of the other sections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One of them: it knows nothing of the others.
    #[default]
    View,
    /// What puts the views together, written after them.
    Focus,
}

impl Role {
    /// Whether it is one of the views.
    pub(crate) fn is_view(&self) -> bool {
        *self == Role::View
    }
}

/// How a branch ended. All but the first and the last say why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "failure", rename_all = "snake_case")]
pub enum Outcome {
    /// The model finished.
    Done,
    /// The token limit stopped it.
    Length(Failure),
    /// The provider's content filter stopped it.
    Filtered(Failure),
    /// The stream ended without saying that it was finished, or broke off.
    CutOff(Failure),
    /// Nothing, or an error in place of the rest.
    Failed(Failure),
    /// The user stopped it.
    Cancelled,
    /// It is left until the user asks for it, by a retry. Only a focus ends so, and no
    /// [`Event::BranchStarted`] comes before it.
    OnDemand,
}

impl Outcome {
    /// Why, where the outcome has a reason.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Outcome::Done | Outcome::Cancelled | Outcome::OnDemand => None,
            Outcome::Length(f) | Outcome::Filtered(f) | Outcome::CutOff(f) | Outcome::Failed(f) => {
                Some(f)
            }
        }
    }
}

/// How a run as a whole ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every section is complete.
    Done,
    /// At least one section is not.
    Partial,
    /// The user stopped it.
    Cancelled,
}

impl RunOutcome {
    /// What the ends of all branches make of a run.
    pub fn of<'a>(branches: impl Iterator<Item = &'a Outcome>) -> Self {
        branches.fold(RunOutcome::Done, |before, outcome| match (before, outcome) {
            (before, Outcome::Done | Outcome::OnDemand) => before,
            (RunOutcome::Done | RunOutcome::Cancelled, Outcome::Cancelled) => RunOutcome::Cancelled,
            _ => RunOutcome::Partial,
        })
    }
}

/// What one branch cost, in tokens, as the provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Of these, read from the provider's prefix cache.
    #[serde(default)]
    pub cached_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: u64,
}
