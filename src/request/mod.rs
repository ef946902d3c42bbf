//! What a run is asked to do: owned and complete, with no way back to the editor's documents.

mod preview;
mod prompt;
mod wording;

pub use preview::{Outgoing, Planned, Preview, Sent};
pub use prompt::{
    FIRST_SHARED, Note, Prompt, Speaker, Turn, context_text, focus_prompt, follow_up, prompts,
    question_to_all,
};

use crate::event::Passage;
use crate::lang::Lang;
use crate::perspective::{Effort, Perspective};
use crate::text::Selection;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// One run's work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The text that was chosen, frozen.
    pub selection: Arc<Selection>,
    /// What it was chosen from.
    #[serde(default)]
    pub origin: Origin,
    /// The language of the answers and of the panel.
    pub lang: Lang,
    /// What is asked, in the order of the sections. Names are unique.
    pub perspectives: Vec<Arc<Perspective>>,
    /// The focus, which puts their answers together; `None` for a run without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// What the user should know of how it was made, each a plain sentence in [`Self::lang`].
    #[serde(skip)]
    pub notes: Vec<String>,
    /// How much may be used. Only what shapes an answer is kept of it.
    #[serde(default)]
    pub budget: Budget,
}

/// What a selection was chosen from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The document that it names, at its range.
    #[default]
    Document,
    /// A passage of an earlier answer. The selection names the place of the text that this answer is
    /// about, and what stands around the passage is what stands around it in the answer.
    Answer(Passage),
}

impl Origin {
    /// The passage, if the text is from an answer.
    pub fn passage(&self) -> Option<&Passage> {
        match self {
            Origin::Document => None,
            Origin::Answer(passage) => Some(passage),
        }
    }
}

/// What puts the answers of a run together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Focus {
    /// What is asked of it.
    pub perspective: Arc<Perspective>,
    /// Whether it is written only when the user asks for it.
    pub is_on_demand: bool,
}

/// Whether a run has a focus, as the settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FocusMode {
    /// It is written when the views have ended.
    #[default]
    Auto,
    /// It is written when the user asks for it.
    Ask,
    /// There is none.
    Off,
}

impl FocusMode {
    /// All of them.
    pub const ALL: [FocusMode; 3] = [FocusMode::Auto, FocusMode::Ask, FocusMode::Off];

    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            FocusMode::Auto => "auto",
            FocusMode::Ask => "ask",
            FocusMode::Off => "off",
        }
    }
}

/// How the requests of a run leave, as the settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// As it is best for the server, as far as it is known.
    #[default]
    Auto,
    /// All at the same moment.
    AtOnce,
    /// The first alone; the others when its answer begins, or after two seconds.
    LeaderFirst,
    /// One after the other.
    InTurn,
}

/// Which of a run's requests may be under way together.
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

/// The bounds of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Requests that may be under way at its server at once, whatever run they belong to.
    #[serde(skip)]
    pub concurrency: usize,
    /// Bytes of answer text kept of one branch; the branch is stopped there.
    #[serde(skip)]
    pub branch_bytes: usize,
    /// Bytes that the events of all branches may take together; all are stopped there.
    #[serde(skip)]
    pub run_bytes: usize,
    /// Tokens that a model may write for one branch, its reasoning among them, unless its
    /// perspective says otherwise. The default is the most that hosted models take with few
    /// exceptions; answers are short, so that most of it is room for reasoning.
    pub max_tokens: u32,
    /// How much a model should reason, unless a perspective says otherwise; `None` leaves it to the
    /// server.
    pub effort: Option<Effort>,
    /// The longest that one branch may take, from its first request to its end.
    #[serde(skip)]
    pub total: Duration,
    /// How long the focus waits for a view once two have ended, counted anew from each end.
    #[serde(skip)]
    pub focus_wait: Duration,
    /// How often a branch sends again by itself.
    #[serde(skip)]
    pub retries: Retries,
}

/// How a request that failed is sent again by itself, which is never done after its first text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Requests that one branch may send in all, the first among them.
    pub attempts: u8,
    /// The longest that the waits of one branch may take together.
    pub wait: Duration,
    /// About how long is waited before the second attempt; twice as long before each further one.
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
