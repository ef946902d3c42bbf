//! `workspace/executeCommand`: no command waits for a model's answer; slow work continues in tasks.

use super::browse::browse;
use super::compare::compare;
use super::error::{error, rejected};
use super::insert::insert;
use super::reveal::{range_of, reveal};
use super::settings::tell;
use super::{load_run, passage, reasoning, saved};
use crate::event::{Mark, Role, RunId};
use crate::lsp::connection::Connection;
use crate::lsp::params::{
    AskArgument, BranchArgument, CommandParams, MarkArgument, OpenArgument, RunArgument, RunTarget,
};
use crate::lsp::{ext, outbox, uri};
use crate::panel;
use crate::session::{Changes, Run, RunOptions, SessionError, Subject};
use crate::text::{Range, Selection};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc::{self, Error, ErrorCode};

/// A command's arguments, not parsed yet.
struct RawArguments<'a> {
    connection: &'a Connection,
    command: &'a str,
    arguments: Value,
}

impl RawArguments<'_> {
    /// Parses the command's single argument. Some clients omit the list around it.
    fn argument<T: DeserializeOwned>(self) -> jsonrpc::Result<T> {
        let value = match self.arguments {
            Value::Array(list) => list.into_iter().next().unwrap_or(Value::Null),
            object => object,
        };
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = match error.path().to_string() {
                path if path == "." => "arguments[0]".to_owned(),
                path if path.starts_with('[') => format!("arguments[0]{path}"),
                path => path,
            };
            let reason = error.inner().to_string();
            invalid_argument(self.connection, self.command, &path, &reason)
        })
    }

    /// Like [`RawArguments::argument`], for an argument that may be omitted.
    fn argument_or_default<T: DeserializeOwned + Default>(self) -> jsonrpc::Result<T> {
        match &self.arguments {
            Value::Null => Ok(T::default()),
            Value::Array(list) if list.first().is_none_or(Value::is_null) => Ok(T::default()),
            _ => self.argument(),
        }
    }
}

pub(crate) async fn execute(
    connection: &Arc<Connection>,
    params: CommandParams,
) -> jsonrpc::Result<Value> {
    let CommandParams { command, arguments } = params;
    let given = RawArguments { connection, command: &command, arguments };
    match command.as_str() {
        ext::RUN => run(connection, given.argument()?).await,
        ext::CANCEL => cancel(connection, given.argument()?),
        ext::RETRY => retry(connection, given.argument()?).await,
        ext::ASK => ask(connection, given.argument()?).await,
        ext::COMPARE => compare(connection, given.argument()?).await,
        ext::REASONING => reasoning::show(connection, given.argument()?).await,
        ext::MARK => mark(connection, given.argument()?).await,
        ext::PREVIEW => preview(connection, given.argument()?).await,
        ext::OPEN => open(connection, given.argument()?).await,
        ext::INSERT => insert(connection, given.argument()?).await,
        ext::PIN => saved::pin(connection, given.argument()?).await,
        ext::DELETE => saved::delete(connection, given.argument()?).await,
        ext::REVEAL => reveal(connection, given.argument()?).await,
        ext::BROWSE => browse(connection, given.argument_or_default()?).await,
        _ => Err(unknown_command(connection, &command)),
    }
}

async fn run(connection: &Arc<Connection>, argument: RunArgument) -> jsonrpc::Result<Value> {
    let (subject, ask) = subject_and_options(connection, argument).await?;
    let started = rejected(connection, connection.session.start(subject, &ask))?;
    outbox::follow(connection, &started);
    Ok(json!({"run": started.id(), "uri": uri::of_panel(started.id(), started.title())}))
}

/// Shows what a run would send, but sends nothing. The document is made in a task.
async fn preview(connection: &Arc<Connection>, argument: RunArgument) -> jsonrpc::Result<Value> {
    let (subject, ask) = subject_and_options(connection, argument).await?;
    let preview = rejected(connection, connection.session.preview(subject, &ask))?;
    let title = connection.session.lang().pick("送信内容の確認", "What would be sent");
    let text = async { panel::preview(&preview.await) };
    Ok(json!({"uri": outbox::show_text(connection, title, text)}))
}

/// Returns the text to ask about and the perspectives to ask. Also reads changed perspectives from
/// disk, but waits for the disk only briefly.
async fn subject_and_options(
    connection: &Arc<Connection>,
    RunArgument { target, set, perspectives }: RunArgument,
) -> jsonrpc::Result<(Subject, RunOptions)> {
    let session = &connection.session;
    let mut ask = RunOptions { set, perspectives, ..RunOptions::default() };
    if let RunTarget::Again(run) = &target
        && ask == RunOptions::default()
    {
        let run = load_run(connection, run).await?;
        (ask.perspectives, ask.focus) = (Some(views(&run)), Some(run.focus_mode()));
    }
    // Before the first wait, so that a change of the document that follows does not change the text.
    let (asked, before) = (subject(connection, &target).await, session.config());
    let document = asked.as_ref().map_or("", Subject::document).to_owned();
    session.settings.refresh(&document).await;
    // The user may just have changed a limit, or how much of the document goes along.
    let subject = match Arc::ptr_eq(&before, &session.config()) {
        true => asked?,
        false => subject(connection, &target).await.or(asked)?,
    };
    connection.spawn(tell(Arc::clone(connection)));
    outbox::offer_trust(connection, &session.settings.scope(subject.document()));
    Ok((subject, ask))
}

/// Returns the text that a run is asked about.
async fn subject(connection: &Connection, target: &RunTarget) -> jsonrpc::Result<Subject> {
    match target {
        RunTarget::Again(run) => again(connection, &load_run(connection, run).await?).await,
        RunTarget::Passage(passage) => {
            rejected(connection, passage::subject(connection, passage).await)
        }
        RunTarget::Range { uri, version, range } => {
            let subject = match connection.run_of_panel(uri) {
                Some(run) => passage::subject_at(connection, &run, uri, *range).await,
                None => selected(connection, uri, *version, *range).map(Subject::from),
            };
            rejected(connection, subject)
        }
    }
}

/// Returns what a run asked about: the document's text where it is now, or the passage of an
/// answer, if it is unchanged.
async fn again(connection: &Connection, run: &Arc<Run>) -> jsonrpc::Result<Subject> {
    if let Some(passage) = run.origin() {
        let subject = passage::subject(connection, &passage).await;
        let subject = subject.and_then(|subject| connection.session.same_text(run, subject));
        return rejected(connection, subject);
    }
    let (uri, version, range) = range_of(connection, run).await?;
    rejected(connection, selected(connection, &uri, Some(version), range).map(Subject::from))
}

/// Returns the names of the perspectives that a run asked.
fn views(run: &Run) -> Vec<String> {
    let sections = run.sections().into_iter();
    let views = sections.filter(|section| section.role == Role::View);
    views.map(|section| section.branch.0.to_string()).collect()
}

/// Copies the selected text of a document as it is now, without waiting for anything.
fn selected(
    connection: &Connection,
    uri: &str,
    version: Option<i32>,
    range: Range,
) -> Result<Selection, SessionError> {
    if uri::is_ours(uri) {
        return Err(SessionError::OwnDocument);
    }
    connection.session.may_send(uri)?;
    connection.session.select(uri, version, range, connection.capabilities().encoding)
}

/// Shows a run's panel. For a run of the journal, reads one file of bounded size.
async fn open(connection: &Arc<Connection>, argument: OpenArgument) -> jsonrpc::Result<Value> {
    let run = rejected(connection, connection.session.find_run_by_name(&argument.run).await)?;
    outbox::show(connection, &run);
    Ok(json!({"run": run.id(), "uri": uri::of_panel(run.id(), run.title())}))
}

fn cancel(connection: &Connection, argument: BranchArgument) -> jsonrpc::Result<Value> {
    let run = connection.session.run(&argument.run);
    let cancelled = run.and_then(|run| run.cancel(argument.branch.as_ref()));
    Ok(json!({"cancelled": rejected(connection, cancelled)?}))
}

/// Retries a branch. A run of an earlier server is first read from the journal, on a blocking
/// thread.
async fn retry(connection: &Arc<Connection>, argument: BranchArgument) -> jsonrpc::Result<Value> {
    let Some(branch) = argument.branch else {
        let reason = "missing field `branch`";
        return Err(invalid_argument(connection, ext::RETRY, "branch", reason));
    };
    let id = argument.run;
    let changes = Changes {
        model: argument.model,
        effort: argument.effort,
        with_marks: argument.marks.unwrap_or_default(),
    };
    let retried = connection.session.retry(&id, &branch, changes).await;
    follow_on(connection, &id);
    let run = rejected(connection, retried)?;
    Ok(json!({"run": run.id(), "branch": branch}))
}

/// Shows the run's updates to the client, even if the request was refused after the run was resumed
/// in this process. Called only after the request: the run is then no longer over, so that it gets one progress
/// rather than two.
fn follow_on(connection: &Arc<Connection>, id: &RunId) {
    if let Some(run) = connection.session.run(id).ok().filter(|run| run.is_own()) {
        outbox::follow_on(connection, &run);
    }
}

/// Marks an item of an answer, or removes its mark.
async fn mark(connection: &Arc<Connection>, argument: MarkArgument) -> jsonrpc::Result<Value> {
    let MarkArgument { run: id, branch, line, mark, comment } = argument;
    let marked = connection.session.mark(&id, &branch, line, Mark::of(mark, comment)).await;
    let (run, item) = rejected(connection, marked)?;
    outbox::follow_on(connection, &run);
    Ok(json!({"run": run.id(), "branch": branch, "item": item}))
}

/// Asks a follow-up question: the answer gets its own section.
async fn ask(connection: &Arc<Connection>, argument: AskArgument) -> jsonrpc::Result<Value> {
    let AskArgument { run: id, branch: after, question } = argument;
    let asked = connection.session.follow_up(&id, after.as_ref(), &question).await;
    follow_on(connection, &id);
    let (run, branch) = rejected(connection, asked)?;
    Ok(json!({"run": run.id(), "branch": branch}))
}

fn unknown_command(connection: &Connection, command: &str) -> Error {
    let known = ext::COMMANDS.join(", ");
    let message = connection.session.lang().pick(
        format!("コマンド「{command}」はありません。あるのは {known} です。"),
        format!("There is no command \"{command}\". Available: {known}."),
    );
    error(ErrorCode::InvalidParams, &message)
}

fn invalid_argument(connection: &Connection, command: &str, path: &str, reason: &str) -> Error {
    let message = connection.session.lang().pick(
        format!("{command} の引数 {path} が正しくありません: {reason}"),
        format!("Invalid argument `{path}` for {command}: {reason}"),
    );
    error(ErrorCode::InvalidParams, &message)
}
