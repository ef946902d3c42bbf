//! `kaizodo.insert`: inserts a section's answer into the document that it is about, by one edit
//! that the client applies.

use super::error::{failed, rejected};
use super::load_run;
use super::source_error::{SourceError, SourceOperation};
use crate::lang::Lang;
use crate::lsp::client::ApplyEdit;
use crate::lsp::connection::Connection;
use crate::lsp::params::{Form, InsertArgument, insert as put};
use crate::panel::show_hidden_lines;
use crate::session::RunSource;
use crate::text::{self, Encoding, Position, Range, Side};
use serde_json::{Value, json};
use std::time::Duration;
use tower_lsp::jsonrpc;

/// Timeout for the client to apply the edit. Long, because it may ask the user first, whether it
/// announces that or not, and an edit that is reported as failed but applied anyway would be
/// applied twice.
const APPLY_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// The ID of the edit's annotation.
const ANNOTATION: &str = "kaizodo";

/// Inserts an answer into the document that it is about. Unlike any other command, this one waits
/// for the client, which may first ask the user, because only the client's answer says whether the
/// edit was made.
pub(crate) async fn insert(
    connection: &Connection,
    argument: InsertArgument,
) -> jsonrpc::Result<Value> {
    let InsertArgument { run, branch, form, at } = argument;
    let run = load_run(connection, &run).await?;
    let answer = rejected(connection, run.answer(&branch))?;
    let source = connection.session.source(&run).await;
    let encoding = connection.capabilities().encoding;
    let edit = edit(source, &answer, form, at, encoding);
    let edit = edit.map_err(|error| failed(connection, &error))?;
    let needs_confirmation = connection.capabilities().change_annotations;
    let params = workspace_edit(edit, needs_confirmation, connection.session.lang());
    let reason = match connection.client.ask::<ApplyEdit>(params, APPLY_TIMEOUT).await {
        Ok(result) if result.get("applied") == Some(&json!(true)) => {
            return Ok(json!({"applied": true}));
        }
        Ok(result) => {
            result.get("failureReason").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Err(message) => message,
    };
    Err(failed(connection, &SourceError::NotApplied(reason)))
}

/// An insertion into one version of a document.
#[derive(Debug, PartialEq, Eq)]
struct Edit {
    uri: String,
    version: i32,
    position: Position,
    text: String,
}

/// Creates the edit that inserts an answer. Characters that hide text are replaced by their code
/// points, as in the panel, because what cannot be seen cannot be reviewed.
fn edit(
    source: RunSource,
    answer: &str,
    form: Form,
    at: Side,
    encoding: Encoding,
) -> Result<Edit, SourceError> {
    let RunSource { uri, state, document, bytes } = source;
    let (Some(document), Some(bytes)) = (document, bytes) else {
        return Err(SourceError::lost(uri, state, SourceOperation::Insert));
    };
    let rope = document.snapshot();
    let indent = text::indentation(&rope, bytes.clone());
    let answer = show_hidden_lines(answer);
    let answer = answer.trim_start_matches('\n').trim_end();
    let block = match form {
        Form::Comment => text::comment(answer, document.language_id(), &indent)
            .ok_or_else(|| SourceError::NoComment(document.language_id().to_owned()))?,
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
