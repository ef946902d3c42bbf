//! What a run is asked to do: owned and complete, with no way back to the editor's documents.

use crate::lang::Lang;
use crate::perspective::Perspective;
use crate::text::Selection;
use std::sync::Arc;

/// One run's work.
#[derive(Clone, Debug)]
pub struct Request {
    /// The text that was chosen, frozen.
    pub selection: Arc<Selection>,
    /// The language of the answers and of the panel.
    pub lang: Lang,
    /// What is asked, in the order of the sections. Names are unique.
    pub perspectives: Vec<Arc<Perspective>>,
    /// What the user should know of how it was made, each a plain sentence in [`Self::lang`].
    pub notes: Vec<String>,
    /// How much may be used.
    pub budget: Budget,
}

/// The bounds of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests that may be under way at once.
    pub concurrency: usize,
    /// Bytes of answer text kept of one branch; the branch is stopped there.
    pub branch_bytes: usize,
    /// Tokens that a model may write for one branch, unless its perspective says otherwise.
    pub max_tokens: u32,
}
