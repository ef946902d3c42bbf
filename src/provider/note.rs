//! What a reader should know of how a section was asked, as data.

use super::Fewer;
use crate::perspective::Effort;

/// Why an answer differs from what the settings asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server does not stream this model's answers: each comes in one piece.
    OnePiece,
    /// Fewer tokens were asked for than the settings allow.
    Fewer(Fewer),
    /// Another effort was asked for than was wanted, or none: the server does not take it.
    Effort {
        /// What the settings or the perspective say.
        wanted: Effort,
        /// What was sent in its place.
        sent: Option<Effort>,
    },
}
