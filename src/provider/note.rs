//! Notes for the reader on how a section was asked, as data.

use super::Fewer;
use crate::perspective::Effort;

/// Why an answer differs from what the settings asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server does not stream this model's answers: each comes in one piece.
    OnePiece,
    /// The token limit was lower than in the settings.
    Fewer(Fewer),
    /// The effort was changed or left out, because the server does not accept it.
    Effort {
        /// What the settings or the perspective say.
        wanted: Effort,
        /// What was sent in its place.
        sent: Option<Effort>,
    },
}
