//! The chosen text, frozen.

use super::{Context, Range16};

/// What the user chose, as it was at that moment. Later typing cannot change it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The document.
    pub uri: String,
    /// The document's version, where the editor keeps one.
    pub version: Option<i32>,
    /// The editor's name of the document's language (`markdown`, `rust`); empty where unknown.
    pub language_id: String,
    /// Where the text stands.
    pub range: Range16,
    /// The text, exactly: line ends, emoji and all.
    pub text: String,
    /// What stands around it, where the user allows that to be sent.
    pub context: Option<Context>,
}

/// Why a range of a document cannot be chosen. The sentence for people is made where the language
/// is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// There is nothing in the range but white space.
    #[error("the range holds no text")]
    Empty,
    /// The document may differ from what the editor shows; its whole text is needed first.
    #[error("the document is out of step with the editor")]
    Stale,
    /// There is more text in the range than may be sent.
    #[error("the range holds {bytes} bytes; {limit} are allowed")]
    TooLarge {
        /// What was chosen.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
}
