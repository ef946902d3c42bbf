//! The chunks of a streamed answer.

use super::RequestNote;
use crate::event::Usage;

/// An item of an answer's stream. [`Self::Text`] and [`Self::Thinking`] are never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// The server has begun to answer. Sent only if that is known before the first text.
    Begun,
    /// Text to append to the answer.
    Text(String),
    /// Text to append to the model's reasoning.
    Thinking(String),
    /// Retracts all answer text so far, which turned out to be reasoning. Holds the length of that
    /// text in characters.
    Retract(u32),
    /// A note about the request for the user. It does not mean that the answer has begun.
    Note(RequestNote),
    /// The model has finished; nothing follows.
    Finish {
        /// Why the model stopped.
        reason: Finish,
        /// Token usage, if the server reported it.
        usage: Option<Usage>,
    },
}

/// Why a model stopped writing. A stream that ends without giving a reason was cut off.
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
