//! A snapshot of a selection.

use super::{Context, Range16};
use serde::{Deserialize, Serialize};

/// A snapshot of the selected text at the moment of the user's command. Later edits do not change
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// The document's URI.
    pub uri: String,
    /// The document's version, if an editor reported one.
    pub version: Option<i32>,
    /// The document's LSP language ID (`markdown`, `rust`); empty if unknown.
    pub language_id: String,
    /// The selected range.
    pub range: Range16,
    /// The exact selected text, with its original line terminators.
    pub text: String,
    /// The surrounding text, if the user allows it to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
}

/// Why a range of a document cannot be selected. The message for the user is written elsewhere, in
/// the user's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The range holds only whitespace.
    #[error("the range holds no text")]
    Empty,
    /// The document may differ from what the editor shows. The editor must send the whole text
    /// first.
    #[error("the document is out of step with the editor")]
    Stale,
    /// The range holds more text than may be sent.
    #[error("the range holds {bytes} bytes; {limit} are allowed")]
    TooLarge {
        /// Size of the range in bytes.
        bytes: usize,
        /// Maximum size in bytes.
        limit: usize,
    },
}
