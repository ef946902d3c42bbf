//! The request of a run: owned and complete, independent of the editor's documents.

mod preview;
mod prompt;
mod wording;

pub use preview::{Estimate, Outgoing, Planned, Preview, Sent};
pub use prompt::{
    FIRST_SHARED, NOTE_CHARS, Note, Prompt, Speaker, Turn, context_text, focus_prompt, follow_up,
    prompts, question_to_all, revision,
};

use crate::event::{Mark, Passage};
use crate::lang::Lang;
use crate::perspective::{Effort, Perspective};
use crate::text::Selection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What one run is asked to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// A snapshot of the selection.
    pub selection: Arc<Selection>,
    /// What the selection was taken from.
    #[serde(default)]
    pub origin: Origin,
    /// The language of the answers and of the panel.
    pub lang: Lang,
    /// The perspectives, in the order of the sections. The names of their branches are unique.
    pub perspectives: Vec<Arc<Perspective>>,
    /// The focus, which combines the perspectives' answers; `None` for a run without a focus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// Notes for the user on how the request was made, each a plain sentence in [`Self::lang`].
    #[serde(skip)]
    pub notes: Vec<String>,
    /// The limits. The journal keeps only those that shape an answer.
    #[serde(default)]
    pub budget: Budget,
}

/// What a selection was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The document that the selection names.
    #[default]
    Document,
    /// A passage of an earlier answer. The selection then names the place in the document that the
    /// first answer was about.
    Answer(Ancestry),
}

/// A passage in an earlier answer, and the texts that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestry {
    /// The passage itself.
    pub passage: Passage,
    /// The texts that led to the passage: the text of the document, the passages that were asked
    /// about in turn, and last the answer that contains the passage. Like the selection, they hold
    /// only what may be sent.
    pub above: Vec<Ancestor>,
}

/// A text that led to a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// The heading of the section that contained the text; empty for the document's text.
    pub title: String,
    /// The text, limited to what may be sent.
    pub text: String,
}

impl Origin {
    /// Returns the passage, if the text is from an answer.
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
    /// The heading of the item's section; empty for the section that is rewritten.
    pub title: String,
    /// The item's text.
    pub text: String,
    /// The reader's mark.
    pub mark: Mark,
}

/// A run's focus, which combines the run's other answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Focus {
    /// The perspective that the focus is written from.
    pub perspective: Arc<Perspective>,
    /// Whether the focus is written only when the user asks for it.
    pub is_on_demand: bool,
}

/// Whether a run has a focus, according to the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FocusMode {
    /// The focus is written when the views have ended.
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

/// The order of a run's requests, as set by the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// The best order for the server, as far as its kind is known.
    #[default]
    Auto,
    /// All at the same moment.
    AtOnce,
    /// The first alone; the others when its answer begins, or after two seconds.
    LeaderFirst,
    /// One after the other.
    InTurn,
}

/// The order of a run's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// All at the same moment, but never more than this many.
    AtOnce(usize),
    /// The first alone; the others as soon as its answer begins, or after two seconds.
    LeaderFirst,
    /// One after the other.
    InTurn,
}

/// The limits of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Maximum number of concurrent requests to the run's server, over all runs.
    #[serde(skip)]
    pub concurrency: usize,
    /// Maximum size of one branch's text in bytes; the branch is stopped there.
    #[serde(skip)]
    pub branch_bytes: usize,
    /// Maximum size of all branches' events in bytes; all branches are stopped there.
    #[serde(skip)]
    pub run_bytes: usize,
    /// Maximum number of tokens that a model may write for one branch, including its reasoning,
    /// unless its perspective says otherwise. The default is the highest value that nearly all
    /// hosted models accept; answers are short, so most of it is room for reasoning.
    pub max_tokens: u32,
    /// How much a model should reason, unless a perspective says otherwise; `None` leaves it to the
    /// server.
    pub effort: Option<Effort>,
    /// Maximum duration of one branch, from its first request to its end.
    #[serde(skip)]
    pub total: Duration,
    /// How long the focus waits for a view once two have ended; each end restarts the wait.
    #[serde(skip)]
    pub focus_wait: Duration,
    /// How a branch retries automatically.
    #[serde(skip)]
    pub retries: Retries,
}

/// How a failed request is retried automatically: never after its first text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Maximum number of requests of one branch, including the first.
    pub attempts: u8,
    /// Maximum total delay of one branch.
    pub wait: Duration,
    /// Approximate delay before the second attempt; doubled before each further one.
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
