//! The pieces of an answer as they arrive.

use super::Note;
use crate::event::Usage;

/// A piece of an answer. Empty texts are never sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Answer text.
    Text(String),
    /// Reasoning text, in characters (Unicode scalar values).
    Thinking(u32),
    /// All text before it was reasoning and no answer: so many characters.
    Retract(u32),
    /// What the reader should know of how it is asked. The server has not answered by that.
    Note(Note),
    /// The model said that it has finished; nothing follows.
    Finish {
        /// Why it finished.
        reason: Finish,
        /// What it cost.
        usage: Option<Usage>,
    },
}

/// Why a model stopped writing. A stream that ends without one of these was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It had said everything.
    Stop,
    /// The token limit.
    Length,
    /// The content filter.
    Filtered,
    /// It wanted to call a tool.
    Tool,
}
