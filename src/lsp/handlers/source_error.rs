//! The errors of commands that need the text that a run asked about.

use crate::lang::{Lang, Message};
use crate::panel::show_hidden;
use crate::session::SourceState;

/// An operation on the text that a run asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceOperation {
    /// Asking about the text again.
    Run,
    /// Inserting an answer beside the text.
    Insert,
}

/// Why an operation on the text that a run asked about failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SourceError {
    /// The text did not come from a document.
    NoDocument,
    /// The client cannot show a document; holds the document's URI.
    CannotShow(String),
    /// The document is not open; holds its URI.
    Closed(String, SourceOperation),
    /// Nothing is left of the text.
    Gone(SourceOperation),
    /// The text was not found.
    Unknown(SourceOperation),
    /// The comment syntax of the document's language is unknown; holds the language ID.
    NoComment(String),
    /// The client did not apply the edit; holds the client's reason, which may be empty.
    NotApplied(String),
}

impl SourceError {
    /// Creates the error for an operation on text whose position in its document is unknown.
    pub(crate) fn lost(uri: String, state: SourceState, operation: SourceOperation) -> Self {
        match state {
            SourceState::Closed => SourceError::Closed(uri, operation),
            SourceState::Gone => SourceError::Gone(operation),
            _ => SourceError::Unknown(operation),
        }
    }
}

impl Message for SourceError {
    fn message(&self, lang: Lang) -> String {
        match self {
            SourceError::NoDocument => lang
                .pick(
                    "この実行の元の文章は、エディターの文書から来たものではないので、開けません。",
                    "The text of this run did not come from a document, so it cannot be shown.",
                )
                .to_owned(),
            SourceError::CannotShow(uri) => {
                let uri = show_hidden(uri);
                lang.pick(
                    format!(
                        "このエディターは、サーバーから文書を開けません。{uri} を開いてください。"
                    ),
                    format!("This editor cannot open a document at the server's request. Open {uri} yourself."),
                )
            }
            SourceError::Closed(uri, operation) => closed(&show_hidden(uri), *operation, lang),
            SourceError::Gone(operation) => gone(*operation, lang).to_owned(),
            SourceError::Unknown(operation) => unknown(*operation, lang).to_owned(),
            SourceError::NoComment(language_id) => {
                let name = show_hidden(language_id);
                lang.pick(
                    format!("言語「{name}」のコメントの書き方が分かりません。本文として挿入してください。"),
                    format!("kaizodo does not know how to write a comment in \"{name}\". Insert the answer as text."),
                )
            }
            SourceError::NotApplied(reason) => {
                let reason = show_hidden(reason);
                let (ja, en) = match reason.is_empty() {
                    true => (String::new(), String::new()),
                    false => (format!("（{reason}）"), format!(" ({reason})")),
                };
                lang.pick(
                    format!("エディターが挿入を適用しませんでした{ja}。もう一度試すか、答えをコピーして貼り付けてください。"),
                    format!("The editor did not apply the insertion{en}. Try again, or copy the answer and paste it."),
                )
            }
        }
    }
}

fn closed(uri: &str, operation: SourceOperation, lang: Lang) -> String {
    match operation {
        SourceOperation::Run => lang.pick(
            format!("元の文書 {uri} が開かれていません。開いてから、もう一度実行してください。"),
            format!("The document {uri} is not open. Open it and run the action again."),
        ),
        SourceOperation::Insert => lang.pick(
            format!("元の文書 {uri} が開かれていません。開いてから、もう一度挿入してください。"),
            format!("The document {uri} is not open. Open it and insert the answer again."),
        ),
    }
}

fn gone(operation: SourceOperation, lang: Lang) -> &'static str {
    match operation {
        SourceOperation::Run => lang.pick(
            "元の文章は、文書にもう残っていません。文章を選択して実行してください。",
            "The text is no longer in the document. Select some text and run the action.",
        ),
        SourceOperation::Insert => lang.pick(
            "この答えの元になった文章は、文書にもう残っていません。答えをコピーして、入れたい所に貼り付けてください。",
            "The text that this answer is about is no longer in the document. Copy the answer and paste it where you want it.",
        ),
    }
}

fn unknown(operation: SourceOperation, lang: Lang) -> &'static str {
    match operation {
        SourceOperation::Run => lang.pick(
            "元の文章が、文書のどこにあるか分かりません。文章を選択して実行してください。",
            "The text was not found in the document. Select it and run the action.",
        ),
        SourceOperation::Insert => lang.pick(
            "この答えの元になった文章が、文書のどこにあるか分かりません。答えをコピーして、入れたい所に貼り付けてください。",
            "The text that this answer is about was not found in the document. Copy the answer and paste it where you want it.",
        ),
    }
}
