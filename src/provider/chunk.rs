//! The pieces of a streamed answer.

use super::Note;
use crate::event::Usage;

/// An item of an answer's stream. Text in it is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// The server has begun to answer. Sent only if that is known before the first text.
    Begun,
    /// Answer text.
    Text(String),
    /// Reasoning text.
    Thinking(String),
    /// All text so far was reasoning. Holds its number of characters.
    Retract(u32),
    /// A remark about the request. It does not mean that the answer has begun.
    Note(Note),
    /// The model has finished; nothing follows.
    Finish {
        /// Why the model stopped.
        reason: Finish,
        /// Token usage, if the server reported it.
        usage: Option<Usage>,
    },
}

/// Why a model stopped. A stream that ends without a reason was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The answer is complete.
    Stop,
    /// The token limit was reached.
    Length,
    /// A content filter stopped the answer.
    Filtered,
    /// The model tried to call a tool.
    Tool,
}
