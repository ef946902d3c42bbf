//! `kaizodo.insert`: a section's answer goes into the document that it is about, by one edit of the
//! client.

use super::error::{failed, rpc_error};
use super::source::found;
use crate::event::BranchId;
use crate::lang::{Lang, Message};
use crate::lsp::client::ApplyEdit;
use crate::lsp::connection::Connection;
use crate::lsp::panels::EDIT_TIMEOUT;
use crate::lsp::params::{Form, InsertArgument, insert as put};
use crate::panel::{show_hidden, show_hidden_lines};
use crate::session::{RunSource, SourceState};
use crate::text::{self, Encoding, Position, Range, Side};
use serde_json::{Value, json};
use std::time::Duration;
use tower_lsp::jsonrpc;

/// How long the user may think about an edit that the client asks to confirm.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The name of the edit's annotation.
const ANNOTATION: &str = "kaizodo";

/// Unlike any other command it waits for the client, and with it for the user: its answer says
/// whether the edit was made.
pub(crate) async fn insert(
    connection: &Connection,
    argument: InsertArgument,
) -> jsonrpc::Result<Value> {
    let InsertArgument { run, branch, form, at } = argument;
    let run = found(connection, run).await?;
    let answer = run.answer(&BranchId(branch.into()));
    let answer = answer.map_err(|error| rpc_error(connection, &error))?;
    let source = connection.session.source(&run).await;
    let encoding = connection.capabilities().encoding;
    let edit = edit(source, &answer, form, at, encoding);
    let edit = edit.map_err(|error| failed(connection, &error))?;
    let needs_confirmation = connection.capabilities().change_annotations;
    let params = workspace_edit(edit, needs_confirmation, connection.session.lang());
    let timeout = if needs_confirmation { CONFIRMATION_TIMEOUT } else { EDIT_TIMEOUT };
    let reason = match connection.client.ask::<ApplyEdit>(params, timeout).await {
        Ok(result) if result.get("applied") == Some(&json!(true)) => {
            return Ok(json!({"applied": true}));
        }
        Ok(result) => {
            result.get("failureReason").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Err(message) => message,
    };
    Err(failed(connection, &InsertError::NotApplied(reason)))
}

/// An insertion into one version of a document.
#[derive(Debug, PartialEq, Eq)]
struct Edit {
    uri: String,
    version: i32,
    position: Position,
    text: String,
}

/// The edit that inserts an answer. Characters that hide text are shown by their code point, as in
/// the panel: nobody reviews what cannot be seen.
fn edit(
    source: RunSource,
    answer: &str,
    form: Form,
    at: Side,
    encoding: Encoding,
) -> Result<Edit, InsertError> {
    let RunSource { uri, state, document, bytes } = source;
    let (Some(document), Some(bytes)) = (document, bytes) else {
        return Err(match state {
            SourceState::Closed => InsertError::Closed(uri),
            SourceState::Gone => InsertError::Gone,
            _ => InsertError::Unknown,
        });
    };
    let rope = document.snapshot();
    let indent = text::indentation(&rope, bytes.clone());
    let answer = show_hidden_lines(answer);
    let answer = answer.trim_start_matches('\n').trim_end();
    let block = match form {
        Form::Comment => text::comment(answer, document.language_id(), &indent)
            .ok_or_else(|| InsertError::NoComment(document.language_id().to_owned()))?,
        Form::Text => indented(answer, &indent),
    };
    let (byte, text) = text::insertion(&rope, bytes, at, &block, form == Form::Text);
    let position = text::to_position(&rope, byte, encoding);
    Ok(Edit { uri, version: document.version(), position, text })
}

fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| match line.is_empty() {
        true => String::new(),
        false => format!("{indent}{line}"),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn workspace_edit(edit: Edit, needs_confirmation: bool, lang: Lang) -> Value {
    let Edit { uri, version, position, text } = edit;
    let range = Range { start: position, end: position };
    let label = lang.pick("解像度: 答えを挿入", "Kaizodo: insert the answer");
    let mut change = json!({"range": range, "newText": text});
    if needs_confirmation {
        put(&mut change, "annotationId", json!(ANNOTATION));
    }
    let mut edit = json!({
        "documentChanges": [{"textDocument": {"uri": uri, "version": version}, "edits": [change]}],
    });
    if needs_confirmation {
        let annotation = json!({ANNOTATION: {"label": label, "needsConfirmation": true}});
        put(&mut edit, "changeAnnotations", annotation);
    }
    json!({"label": label, "edit": edit})
}

/// Why an answer is not inserted.
#[derive(Debug, PartialEq, Eq)]
enum InsertError {
    /// The document is not open; its URI.
    Closed(String),
    /// Nothing is left of the text that was asked about.
    Gone,
    /// The text that was asked about was not found.
    Unknown,
    /// It is not known how this language writes comments.
    NoComment(String),
    /// The client has not applied the edit; its reason, if it gave one.
    NotApplied(String),
}

impl Message for InsertError {
    fn message(&self, lang: Lang) -> String {
        match self {
            InsertError::Closed(uri) => lang.pick(
                format!("元の文書 {uri} が開かれていません。開いてから、もう一度挿入してください。"),
                format!("The document {uri} is not open. Open it and insert the answer again."),
            ),
            InsertError::Gone => lang.pick(
                "この答えの元になった文章は、文書にもう残っていません。答えをコピーして、入れたい所に貼り付けてください。".to_owned(),
                "The text that this answer is about is no longer in the document. Copy the answer and paste it where you want it.".to_owned(),
            ),
            InsertError::Unknown => lang.pick(
                "この答えの元になった文章が、文書のどこにあるか分かりません。答えをコピーして、入れたい所に貼り付けてください。".to_owned(),
                "The text that this answer is about was not found in the document. Copy the answer and paste it where you want it.".to_owned(),
            ),
            InsertError::NoComment(language_id) => {
                let name = show_hidden(language_id);
                lang.pick(
                    format!("言語「{name}」のコメントの書き方が分かりません。本文として挿入してください。"),
                    format!("How to write a comment in \"{name}\" is not known. Insert the answer as text."),
                )
            }
            InsertError::NotApplied(reason) => {
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
