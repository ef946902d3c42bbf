//! Requests about runs: starting, reading, stopping, retrying, asking and marking.

use super::Web;
use super::accept::choose;
use super::error::ApiError;
use super::events::{self, StreamOptions};
use super::extract::{Body, Params, RunFromPath, RunPath};
use crate::event::{BranchId, Item, Mark, MarkName, RunId, SectionTitle, Seq, Stamped};
use crate::lang::Lang;
use crate::panel::{self, Panel};
use crate::perspective::Effort;
use crate::request::FocusMode;
use crate::session::{Changes, Run, RunOptions, SessionError, Subject};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Header in which a client that reconnects sends the ID of the last event that it received.
const LAST_EVENT_ID: &str = "last-event-id";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const MARKDOWN: &str = "text/markdown";
const PLAIN: &str = "text/plain";

/// Request body that starts or previews a run: the text to ask about, and how to ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRun {
    /// The text to ask about.
    text: String,
    /// The text's language as an LSP identifier, such as `markdown` or `rust`.
    #[serde(default)]
    language: String,
    /// Name of a set of perspectives. If omitted, the default set is used.
    set: Option<String>,
    /// Names of perspectives, in the order of their sections. They take precedence over `set`.
    perspectives: Option<Vec<String>>,
    /// When to write the focus. If omitted, the settings apply.
    focus: Option<FocusMode>,
    /// The language of the answers. If omitted, the language in the settings or, if none is set,
    /// the language of the text.
    lang: Option<Lang>,
    /// Whether the run is stopped when the connection of its event stream closes. By default, the
    /// run continues.
    #[serde(default)]
    stop_on_disconnect: bool,
}

/// The ID of a run that was started.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    run: RunId,
}

/// A preview of the requests that a run would send.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewDocument {
    /// The preview, as a Markdown document.
    document: String,
}

/// A run with all of its events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunDocument {
    run: RunId,
    title: String,
    /// Whether all sections have ended.
    over: bool,
    sections: Vec<SectionTitle>,
    events: Vec<Stamped>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunQuery {
    /// Sequence number of the last known event, for clients that cannot send `Last-Event-ID`.
    #[param(value_type = Option<u64>, format = "uint64")]
    after: Option<Seq>,
    /// Whether the stream stays open after the run has ended, for events of later retries and
    /// follow-up questions.
    #[serde(default)]
    follow: bool,
    /// Whether to omit the notes, states and closing lines of the panel (Markdown and plain text).
    #[serde(default)]
    clean: bool,
}

/// Request body that stops one section or the whole run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    /// The section to stop. If omitted, all sections are stopped.
    #[schema(value_type = Option<String>)]
    branch: Option<BranchId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cancelled {
    /// Number of running sections that were stopped.
    cancelled: usize,
}

/// Request body that retries a section: the section, and what changes for the retry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    #[schema(value_type = String)]
    branch: BranchId,
    /// The model to ask instead, if any.
    model: Option<String>,
    /// The reasoning effort to use instead, if any.
    effort: Option<Effort>,
    /// Whether the answer is rewritten according to the user's marks on it.
    #[serde(default)]
    marks: bool,
}

/// Request body with a follow-up question about the run's answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The section that the question is about. If omitted, the question is about all answers.
    #[schema(value_type = Option<String>)]
    branch: Option<BranchId>,
    question: String,
}

/// The section in which the answer to a retry or follow-up question appears.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answering {
    #[schema(value_type = String)]
    branch: BranchId,
}

/// Request body that sets a mark or a comment on an item of an answer. A comment takes precedence
/// over `mark`. If both are omitted, the item's mark is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMark {
    #[schema(value_type = String)]
    branch: BranchId,
    /// Line number of the item in the answer as the model wrote it (0-based).
    line: usize,
    mark: Option<MarkName>,
    comment: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Marked {
    #[schema(value_type = String)]
    branch: BranchId,
    item: Item,
}

/// Starts a run. Streams the run's events or, if the client prefers JSON, returns the run's ID at
/// once.
#[utoipa::path(post, operation_id = "start_run", path = "/v1/runs", request_body = NewRun, responses(
    (status = 200, description = "The run's events; `data` is a `Stamped`", content_type = "text/event-stream", body = Value),
    (status = 201, description = "The run has begun (`Accept: application/json`)", body = Started),
    (status = "default", description = "It was refused, and nothing was sent", body = ApiError),
))]
pub(crate) async fn start(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Body(new): Body<NewRun>,
) -> Result<Response, ApiError> {
    let lang = web.lang(&headers);
    let kind = wanted(&headers, &[EVENTS, JSON], lang)?;
    let stop_on_disconnect = new.stop_on_disconnect;
    let (subject, ask) = subject_and_options(&web, new, lang).await?;
    let run = web.session.start(subject, &ask).map_err(|refusal| ApiError::of(&refusal, lang))?;
    let mut response = match kind {
        JSON => (StatusCode::CREATED, Json(Started { run: run.id().clone() })).into_response(),
        _ => {
            events::response(&run, StreamOptions { stop_on_disconnect, ..StreamOptions::default() })
        }
    };
    if let Ok(place) = HeaderValue::from_str(&format!("/v1/runs/{}", run.id())) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

/// Shows what a run would send, without sending anything.
#[utoipa::path(post, operation_id = "preview_run", path = "/v1/preview", request_body = NewRun, responses(
    (status = 200, description = "What would be sent", body = PreviewDocument),
    (status = "default", description = "It would be refused", body = ApiError),
))]
pub(crate) async fn preview(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Body(new): Body<NewRun>,
) -> Result<Json<PreviewDocument>, ApiError> {
    let lang = web.lang(&headers);
    let (subject, ask) = subject_and_options(&web, new, lang).await?;
    let preview = web.session.preview(subject, &ask);
    let preview = preview.map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok(Json(PreviewDocument { document: panel::preview(&preview.await) }))
}

/// Returns the text to ask about and the questions. Reads the settings from disk again.
async fn subject_and_options(
    web: &Web,
    new: NewRun,
    lang: Lang,
) -> Result<(Subject, RunOptions), ApiError> {
    let NewRun { text, language, set, perspectives, focus, lang: answer_in, .. } = new;
    web.session.settings.refresh("").await;
    let selection = web.session.select_text(&text, &language);
    let selection = selection.map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok((selection.into(), RunOptions { set, perspectives, focus, lang: answer_in }))
}

/// Returns a run as JSON, its panel as Markdown or plain text, or its events as a stream, as the
/// client prefers.
#[utoipa::path(get, operation_id = "read_run", path = "/v1/runs/{run}", params(
    RunPath,
    ("Last-Event-ID" = Option<String>, Header, description = "The sequence number of the last event that is known"),
    RunQuery,
), responses(
    (status = 200, description = "The run, its panel or its events, in the form that `Accept` asks for", content(
        (RunDocument = "application/json"),
        (String = "text/markdown"),
        (String = "text/plain"),
        (Value = "text/event-stream"),
    )),
    (status = 204, description = "The run is over and has no further events"),
    (status = "default", description = "There is no such run, or it cannot be read", body = ApiError),
))]
pub(crate) async fn show(
    headers: HeaderMap,
    RunFromPath { run, lang }: RunFromPath,
    Params(query): Params<RunQuery>,
) -> Result<Response, ApiError> {
    let kind = wanted(&headers, &[JSON, MARKDOWN, PLAIN, EVENTS], lang)?;
    Ok(match kind {
        EVENTS => {
            let last = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
            let after = last.and_then(|id| id.trim().parse().ok()).or(query.after).unwrap_or(0);
            let is_done =
                run.is_over() && run.some_events_from(after.saturating_add(1), 1).0.is_empty();
            match is_done && !query.follow {
                true => StatusCode::NO_CONTENT.into_response(),
                false => events::response(
                    &run,
                    StreamOptions { after, follow: query.follow, ..StreamOptions::default() },
                ),
            }
        }
        MARKDOWN => text(
            "text/markdown; charset=utf-8",
            run.with_panel(|panel| match query.clean {
                true => panel.export(),
                false => panel.text(),
            }),
        ),
        PLAIN => text("text/plain; charset=utf-8", plain(&run, query.clean)),
        _ => Json(document(&run)).into_response(),
    })
}

fn document(run: &Run) -> RunDocument {
    // Read before the events, so that a run that is reported as over has all of its events.
    let over = run.is_over();
    RunDocument {
        run: run.id().clone(),
        title: run.title().to_owned(),
        over,
        sections: run.sections(),
        events: run.events_from(1),
    }
}

fn plain(run: &Run, is_clean: bool) -> String {
    let mut panel = Panel::in_plain_text(run.title(), run.with_panel(Panel::lang));
    panel.apply_all(&run.events_from(1));
    if is_clean { panel.export() } else { panel.text() }
}

fn text(kind: &'static str, text: String) -> Response {
    ([(CONTENT_TYPE, kind)], text).into_response()
}

/// Stops one section of a run, or the whole run.
#[utoipa::path(post, operation_id = "cancel_run", path = "/v1/runs/{run}/cancel",
    params(RunPath), request_body = Cancel, responses(
    (status = 200, description = "Stopping", body = Cancelled),
    (status = "default", description = "There is no such run or section", body = ApiError),
))]
pub(crate) async fn cancel(
    RunFromPath { run, lang }: RunFromPath,
    Body(Cancel { branch }): Body<Cancel>,
) -> Result<Json<Cancelled>, ApiError> {
    let cancelled = run.cancel(branch.as_ref()).map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok(Json(Cancelled { cancelled }))
}

/// Asks a finished section again. The run's other sections do not change.
#[utoipa::path(post, operation_id = "retry_section", path = "/v1/runs/{run}/retry",
    params(RunPath), request_body = Retry, responses(
    (status = 202, description = "Accepted; the answer arrives in the run's events", body = Answering),
    (status = "default", description = "It was refused, and nothing was sent", body = ApiError),
))]
pub(crate) async fn retry(
    State(web): State<Arc<Web>>,
    RunFromPath { run, lang }: RunFromPath,
    Body(Retry { branch, model, effort, marks }): Body<Retry>,
) -> Result<(StatusCode, Json<Answering>), ApiError> {
    let refused = |refusal: SessionError| ApiError::of(&refusal, lang);
    let changes = Changes { model, effort, with_marks: marks };
    web.session.retry(run.id(), &branch, changes).await.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(Answering { branch })))
}

/// Asks a follow-up question about one section of a run, or about all of its answers.
#[utoipa::path(post, operation_id = "ask", path = "/v1/runs/{run}/ask",
    params(RunPath), request_body = Question, responses(
    (status = 202, description = "Accepted; the answer is a section of its own", body = Answering),
    (status = "default", description = "It was refused, and nothing was sent", body = ApiError),
))]
pub(crate) async fn ask(
    State(web): State<Arc<Web>>,
    RunFromPath { run, lang }: RunFromPath,
    Body(Question { branch, question }): Body<Question>,
) -> Result<(StatusCode, Json<Answering>), ApiError> {
    let refused = |refusal: SessionError| ApiError::of(&refusal, lang);
    let asked = web.session.follow_up(run.id(), branch.as_ref(), &question).await;
    let (_, branch) = asked.map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(Answering { branch })))
}

/// Marks an item of an answer, or removes the item's mark.
#[utoipa::path(post, operation_id = "mark_item", path = "/v1/runs/{run}/mark",
    params(RunPath), request_body = NewMark, responses(
    (status = 200, description = "It is marked", body = Marked),
    (status = "default", description = "There is nothing to mark", body = ApiError),
))]
pub(crate) async fn mark(
    State(web): State<Arc<Web>>,
    RunFromPath { run, lang }: RunFromPath,
    Body(NewMark { branch, line, mark, comment }): Body<NewMark>,
) -> Result<Json<Marked>, ApiError> {
    let marked = web.session.mark(run.id(), &branch, line, Mark::of(mark, comment)).await;
    let (_, item) = marked.map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok(Json(Marked { branch, item }))
}

/// Returns the offered content type that the client prefers.
fn wanted(
    headers: &HeaderMap,
    offered: &[&'static str],
    lang: Lang,
) -> Result<&'static str, ApiError> {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let chosen = choose(accepted, offered).and_then(|index| offered.get(index).copied());
    chosen.ok_or_else(|| {
        let there_are = offered.join(", ");
        let message = lang.pick(
            format!("`Accept` の形式では答えられません。答えられるのは {there_are} です。"),
            format!(
                "Cannot respond in a format that the `Accept` header allows. Available: {there_are}."
            ),
        );
        ApiError::new(StatusCode::NOT_ACCEPTABLE, "accept", message)
    })
}
