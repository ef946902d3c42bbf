//! The implementation of the tools: calls of the session, and their results.

use super::arguments::{Ask as Question, Look, Read, Runs};
use super::caller::Caller;
use super::report::{RunReport, name_of_run};
use crate::event::BranchId;
use crate::journal::{Entry, Filter};
use crate::lang::Message;
use crate::panel::{place_of, show_hidden};
use crate::perspective::Perspective;
use crate::request::FocusMode;
use crate::session::{Run, RunOptions, Session, SessionError};
use rmcp::model::{CallToolResult, ContentBlock};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use serde_json::Value;

/// Number of runs that are listed by default.
const RUNS: usize = 20;
/// Maximum number of runs that are listed.
const RUNS_MAX: usize = 100;
/// The URI for text without a document. The settings for the folder that the server was started in
/// apply to it.
const HERE: &str = "";

type Called = Result<CallToolResult, SessionError>;

/// Starts a run about the given text, waits until the run has ended, and returns its report.
pub(crate) async fn look(session: &Session, caller: &Caller, look: Look) -> Called {
    session.settings.refresh(HERE).await;
    let selection = session.select_text(&look.text, look.language.as_deref().unwrap_or(""))?;
    let focus = look.focus.map(|focus| if focus { FocusMode::Auto } else { FocusMode::Off });
    let ask = RunOptions {
        set: look.set,
        perspectives: look.perspectives,
        focus,
        lang: look.lang.map(Into::into),
    };
    let run = session.start(selection, &ask)?;
    caller.wait(&run, None).await;
    Ok(asked(session, &run, None))
}

/// Asks a follow-up question about a run, and waits for the answer.
pub(crate) async fn ask(session: &Session, caller: &Caller, question: Question) -> Called {
    let run = session.find_run_by_name(&question.run).await?;
    let after = question.section.as_deref().map(|name| section(&run, name)).transpose()?;
    let (run, branch) = session.follow_up(run.id(), after.as_ref(), &question.question).await?;
    caller.wait(&run, Some(&branch)).await;
    Ok(asked(session, &run, Some(&branch)))
}

/// Returns a report on what a run, or one of its sections, has written so far.
pub(crate) async fn read(session: &Session, read: Read) -> Called {
    let run = session.find_run_by_name(&read.run).await?;
    let only = read.section.as_deref().map(|name| section(&run, name)).transpose()?;
    let report = report(&run, only.as_ref());
    Ok(result(&report, report.markdown()))
}

/// Finds the branch with this name, or the branch of the section with this heading.
fn section(run: &Run, name: &str) -> Result<BranchId, SessionError> {
    let found = run.section_named(name).map(|section| section.branch);
    found.ok_or_else(|| SessionError::UnknownBranch(BranchId(show_hidden(name).into())))
}

fn report(run: &Run, only: Option<&BranchId>) -> RunReport {
    RunReport::new(&run.id().0, run.title(), &run.events_from(1), only)
}

/// Returns the result of a request that has ended, with notes about the settings and the journal.
/// The call has failed only if no section was answered.
fn asked(session: &Session, run: &Run, only: Option<&BranchId>) -> CallToolResult {
    let mut report = report(run, only);
    report.notes.extend(notices(session));
    let trouble = session.journal.trouble().borrow().clone();
    report.notes.extend(trouble.map(|error| error.not_saved(session.lang())));
    let is_error = report.has_failed();
    let mut result = result(&report, report.markdown());
    result.is_error = Some(is_error);
    result
}

/// Returns the notices about settings and perspectives, each only once.
fn notices(session: &Session) -> Vec<String> {
    let lang = session.lang();
    session.settings.take_notices().iter().map(|notice| notice.message(lang)).collect()
}

/// The saved runs that the tool `runs` lists.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunList {
    /// The runs, newest first.
    runs: Vec<RunLine>,
    /// Whether there may be older runs.
    more: bool,
}

/// A saved run.
#[derive(Debug, Serialize, JsonSchema)]
struct RunLine {
    /// Name of the run, for use in `read` and `ask`.
    run: String,
    /// When the run began, in UTC.
    at: String,
    /// A short title, taken from the text.
    title: String,
    /// `done`, `partial`, `cancelled`, `running`, or `interrupted` if its process ended first.
    outcome: &'static str,
    /// The headings of the run's views.
    perspectives: Vec<String>,
    /// The document and the lines that the run is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The passage in which the first word of the query was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<String>,
}

impl RunLine {
    fn new(entry: &Entry) -> Self {
        let source = entry.source.as_ref().filter(|source| source.is_document());
        RunLine {
            run: entry.run.0.clone(),
            at: entry.at.to_string(),
            title: show_hidden(&entry.title),
            outcome: match entry.outcome {
                _ if entry.alive => "running",
                Some(outcome) => name_of_run(outcome),
                None => "interrupted",
            },
            perspectives: entry.perspectives.iter().map(|title| show_hidden(title)).collect(),
            source: source.map(|source| show_hidden(&place_of(source))),
            snippet: entry.snippet.as_deref().map(show_hidden),
        }
    }

    fn markdown(&self) -> String {
        let RunLine { run, at, outcome, title, .. } = self;
        let source = self.source.iter().map(|source| format!(" · {source}"));
        let snippet = self.snippet.iter().map(|snippet| format!("\n  {snippet}"));
        let rest: String = source.chain(snippet).collect();
        format!("- `{run}` · {at} · {outcome} · {title}{rest}\n")
    }
}

/// Lists the user's saved runs, newest first.
pub(crate) async fn runs(session: &Session, runs: Runs) -> Called {
    let limit = runs.limit.unwrap_or(RUNS).clamp(1, RUNS_MAX);
    let query = runs.query.filter(|query| !query.trim().is_empty());
    let found = session.saved_runs(Filter { query, limit, ..Filter::default() }).await?;
    let list =
        RunList { more: found.next.is_some(), runs: found.runs.iter().map(RunLine::new).collect() };
    let text: String = list.runs.iter().map(RunLine::markdown).collect();
    let none = || session.lang().pick("該当する実行はありません。", "No saved runs found.");
    Ok(result(&list, if text.is_empty() { none().to_owned() } else { text }))
}

/// The sets and perspectives that `look` can use.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PerspectiveList {
    /// The sets that `look` can use.
    sets: Vec<SetLine>,
    /// All perspectives that `look` can use.
    perspectives: Vec<PerspectiveLine>,
    /// Problems found in the settings and perspectives.
    notes: Vec<String>,
}

/// A set of perspectives.
#[derive(Debug, Serialize, JsonSchema)]
struct SetLine {
    name: String,
    /// The names of the set's perspectives.
    perspectives: Vec<String>,
}

/// A perspective.
#[derive(Debug, Serialize, JsonSchema)]
struct PerspectiveLine {
    name: String,
    title: String,
    /// What the perspective looks at.
    description: String,
}

/// Lists the sets and perspectives that `look` can use.
pub(crate) async fn perspectives(session: &Session) -> Called {
    session.settings.refresh(HERE).await;
    let (lang, scope) = (session.lang(), session.settings.scope(HERE));
    let line = |p: &Perspective| PerspectiveLine {
        name: p.name.clone(),
        title: show_hidden(p.title(lang)),
        description: show_hidden(p.description(lang).trim()),
    };
    let set = |(name, perspectives): (String, Vec<String>)| SetLine {
        name: show_hidden(&name),
        perspectives,
    };
    let list = PerspectiveList {
        sets: scope.sets().into_iter().map(set).collect(),
        perspectives: scope.catalog().iter().map(|p| line(p)).collect(),
        notes: notices(session).into_iter().chain(scope.about_repository(lang)).collect(),
    };
    let sets =
        list.sets.iter().map(|set| format!("- {}: {}\n", set.name, set.perspectives.join(", ")));
    let all = list
        .perspectives
        .iter()
        .map(|p| format!("- {} ({}): {}\n", p.name, p.title, p.description));
    let notes = list.notes.iter().map(|note| format!("- {note}\n"));
    let text: String = sets.chain(["\n".to_owned()]).chain(all).chain(notes).collect();
    Ok(result(&list, text))
}

fn result(structured: &impl Serialize, text: String) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    // Cannot fail: the structure contains only strings, numbers, flags and lists.
    result.structured_content = Some(serde_json::to_value(structured).unwrap_or(Value::Null));
    result
}
