//! Notes for the reader about a section's request, as data.

use super::ReducedTokenLimit;
use crate::perspective::Effort;

/// Why an answer differs from what the settings asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server does not stream this model's answers: each comes in one piece.
    OnePiece,
    /// The token limit was lower than in the settings.
    ReducedTokenLimit(ReducedTokenLimit),
    /// The effort was changed or left out, because the server does not accept it.
    Effort {
        /// The effort in the settings or the perspective.
        wanted: Effort,
        /// The effort that was sent instead; `None` if it was left out.
        sent: Option<Effort>,
    },
}
