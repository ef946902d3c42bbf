//! Notes for the user about a section's request, as data.

use super::ReducedTokenLimit;
use crate::perspective::Effort;

/// Why an answer differs from what the settings asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestNote {
    /// The server does not stream this model's answers: each arrives all at once.
    NotStreamed,
    /// The token limit was lower than in the settings.
    ReducedTokenLimit(ReducedTokenLimit),
    /// The reasoning effort was changed or omitted, because the server does not accept it.
    Effort {
        /// The effort that the settings or the perspective asked for.
        wanted: Effort,
        /// The effort that was sent instead; `None` if the effort was omitted.
        sent: Option<Effort>,
    },
}
