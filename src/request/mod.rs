//! The request of a run: owned and complete, independent of the editor's documents.

mod preview;
mod prompt;
mod wording;

pub use preview::{Estimate, Outgoing, Planned, Preview, Sent};
pub use prompt::{
    FIRST_SHARED, Prompt, QUOTED_CHARS, QuotedAnswer, Speaker, Turn, context_text, focus_prompt,
    follow_up, prompts, question_to_all, revision,
};

use crate::event::{Mark, Passage};
use crate::lang::Lang;
use crate::perspective::{Effort, Perspective};
use crate::text::Selection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The input of one run: the selection, the perspectives to answer from, and the limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// A snapshot of the selected text and its context.
    pub selection: Arc<Selection>,
    /// Whether the selection was taken from a document or from an earlier answer.
    #[serde(default)]
    pub origin: Origin,
    /// The language of the answers and of the panel.
    pub lang: Lang,
    /// The perspectives to answer from, one for each section, in the order of the sections. The
    /// names of their branches are unique.
    pub perspectives: Vec<Arc<Perspective>>,
    /// The focus, which combines the perspectives' answers; `None` for a run without a focus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// Notes for the user about how the request was built, each one sentence in [`Self::lang`].
    #[serde(skip)]
    pub notes: Vec<String>,
    /// The run's limits. The journal stores only those that affect the content of answers.
    #[serde(default)]
    pub budget: Budget,
}

/// What a selection was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The document at the selection's URI.
    #[default]
    Document,
    /// A passage of an earlier answer. The selection's URI and range then identify the part of the
    /// document that the first run in the chain asked about.
    Answer(Ancestry),
}

/// A passage in an earlier answer, and the texts that led to the passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestry {
    /// The passage itself.
    pub passage: Passage,
    /// The texts that led to the passage, oldest first: the document's text, each passage that was
    /// asked about, and finally the answer that contains the passage. Like the selection, they hold
    /// only what may be sent.
    pub above: Vec<Ancestor>,
}

/// A text in the chain from a document to a passage of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// The heading of the section that contained the text; empty for the document's text.
    pub title: String,
    /// The text, limited to what may be sent.
    pub text: String,
}

impl Origin {
    /// Returns the selected passage; `None` if the selection is from a document.
    pub fn passage(&self) -> Option<&Passage> {
        match self {
            Origin::Document => None,
            Origin::Answer(ancestry) => Some(&ancestry.passage),
        }
    }

    /// Returns the texts that led to the selection, oldest first; empty if the selection is from a
    /// document.
    pub fn above(&self) -> &[Ancestor] {
        match self {
            Origin::Document => &[],
            Origin::Answer(ancestry) => &ancestry.above,
        }
    }
}

/// An item in an answer, with the reader's mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedItem {
    /// The heading of the section that contains the item; empty if that is the section to be
    /// rewritten.
    pub title: String,
    /// The item's text.
    pub text: String,
    /// The reader's mark.
    pub mark: Mark,
}

/// A run's focus, which combines the run's other answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Focus {
    /// The perspective that provides the instructions for the focus.
    pub perspective: Arc<Perspective>,
    /// Whether the focus is written only when the user asks for it.
    pub is_on_demand: bool,
}

/// Whether and when the focus of a run is written, according to the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FocusMode {
    /// The focus is written automatically when the views have ended.
    #[default]
    Auto,
    /// The focus is written when the user asks for it.
    Ask,
    /// The run has no focus.
    Off,
}

impl FocusMode {
    /// All modes.
    pub const ALL: [FocusMode; 3] = [FocusMode::Auto, FocusMode::Ask, FocusMode::Off];

    /// Returns the name that is used in settings.
    pub fn name(self) -> &'static str {
        match self {
            FocusMode::Auto => "auto",
            FocusMode::Ask => "ask",
            FocusMode::Off => "off",
        }
    }
}

/// The user's setting for the order in which a run's requests are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Requests are sent in the best order for the server, as far as its kind is known.
    #[default]
    Auto,
    /// All requests are sent at once.
    AtOnce,
    /// The first request is sent alone; the others follow when its answer begins, or after two
    /// seconds.
    LeaderFirst,
    /// Each request is sent after the previous one has ended.
    InTurn,
}

/// The order in which a run's requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// All requests are sent at once, but at most this many are in flight at any time.
    AtOnce(usize),
    /// The first request is sent alone; the others follow when its answer begins, or after two
    /// seconds.
    LeaderFirst,
    /// Each request is sent after the previous one has ended.
    InTurn,
}

/// The limits of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Maximum number of concurrent requests to the run's server, across all runs.
    #[serde(skip)]
    pub concurrency: usize,
    /// Maximum size in bytes of a branch's answer, and of its reasoning; beyond it, the branch is
    /// stopped.
    #[serde(skip)]
    pub branch_bytes: usize,
    /// Maximum total size in bytes of the events of all branches; beyond it, all branches are
    /// stopped.
    #[serde(skip)]
    pub run_bytes: usize,
    /// Maximum number of tokens that a model may write for one branch, including its reasoning,
    /// unless the branch's perspective sets another limit. The default is the highest value that
    /// nearly all hosted models accept; answers are short, so most of it is room for reasoning.
    pub max_tokens: u32,
    /// How much a model should reason, unless the branch's perspective sets this; `None` leaves it
    /// to the server.
    pub effort: Option<Effort>,
    /// Maximum duration of a branch over all its attempts. Time spent waiting in a queue does not
    /// count.
    #[serde(skip)]
    pub total: Duration,
    /// How long the focus waits for the remaining views once two views have written their answers.
    /// The wait restarts whenever a view ends.
    #[serde(skip)]
    pub focus_wait: Duration,
    /// How often and with which delays a failed request is retried automatically.
    #[serde(skip)]
    pub retries: Retries,
}

/// Limits and delays of automatic retries. A request is never retried once text has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Maximum number of requests that a branch sends to one model, including the first.
    pub attempts: u8,
    /// Maximum total delay before the retries of one branch.
    pub wait: Duration,
    /// Approximate delay before the second attempt; doubled before each further attempt.
    pub backoff: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            concurrency: 64,
            branch_bytes: 8 << 20,
            run_bytes: 64 << 20,
            max_tokens: 8192,
            effort: None,
            total: Duration::from_secs(600),
            focus_wait: Duration::from_secs(90),
            retries: Retries::default(),
        }
    }
}

impl Default for Retries {
    fn default() -> Self {
        Retries { attempts: 3, wait: Duration::from_secs(120), backoff: Duration::from_millis(500) }
    }
}
