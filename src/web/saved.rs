//! Requests about saved runs: listing, searching, pinning and deleting.

use super::Web;
use super::error::ApiError;
use super::extract::{Body, Name, Params, RunFromPath, RunPath};
use crate::event::{Event, Role, RunId};
use crate::journal::{Entry, Filter, Listing};
use crate::session::Run;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Maximum number of runs that are listed at once.
const LISTED: usize = 1000;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words that must all occur in a run's texts.
    query: Option<String>,
    /// URI of the document that the runs are about.
    uri: Option<String>,
    /// URI of a folder that contains the runs' documents, at any depth.
    folder: Option<String>,
    /// `true` lists only pinned runs, `false` only runs that are not pinned. If omitted, both are
    /// listed.
    pinned: Option<bool>,
    /// Name of a run. Only runs older than this run are listed.
    before: Option<String>,
    /// Maximum number of runs to list; at most 1000, which is also the default.
    limit: Option<usize>,
}

/// A page of the list of saved runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Runs {
    runs: Vec<Entry>,
    /// The value of `before` that requests the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<RunId>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    pinned: bool,
}

/// Lists the saved runs, including those of editors and of the command line.
#[utoipa::path(get, operation_id = "list_runs", path = "/v1/runs", params(ListQuery), responses(
    (status = 200, description = "The runs", body = Runs),
    (status = "default", description = "The journal cannot be read", body = ApiError),
))]
pub(crate) async fn list(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Params(query): Params<ListQuery>,
) -> Result<Json<Runs>, ApiError> {
    let lang = web.lang(&headers);
    let ListQuery { query, uri, folder, pinned, before, limit } = query;
    let limit = limit.unwrap_or(LISTED).min(LISTED);
    let filter = Filter { query, uri, folder, pinned, before: before.map(RunId), limit };
    let before = filter.before.clone();
    let is_of_all = filter == Filter { limit, before: before.clone(), ..Filter::default() };
    let found = web.session.saved_runs(filter).await;
    let Listing { mut runs, mut next } = found.map_err(|refusal| ApiError::of(&refusal, lang))?;
    if is_of_all {
        let own = web.session.runs();
        let own = own.iter().filter(|run| run.is_own() && !run.is_deleted());
        let own = own.filter_map(|run| entry(run)).filter(|own| {
            before.as_ref().is_none_or(|before| own.run < *before)
                && next.as_ref().is_none_or(|next| own.run >= *next)
        });
        own.for_each(|own| add(&mut runs, own));
        runs.sort_by(|a, b| b.run.cmp(&a.run));
        if runs.len() > limit {
            runs.truncate(limit);
            next = runs.last().map(|last| last.run.clone());
        }
    }
    Ok(Json(Runs { runs, next }))
}

/// Adds a run of this server, which the journal may contain only in part or not at all.
fn add(runs: &mut Vec<Entry>, own: Entry) {
    match runs.iter_mut().find(|listed| listed.run == own.run) {
        Some(listed) => {
            let (pinned, bytes) = (listed.pinned, listed.bytes);
            *listed = Entry { pinned, bytes, ..own };
        }
        None => runs.push(own),
    }
}

/// Returns the entry that the journal would have for a run of this server; `None` before the run's
/// first event.
fn entry(run: &Run) -> Option<Entry> {
    let Some(Event::RunStarted { at, source, origin, sections, .. }) = run.first() else {
        return None;
    };
    let views = sections.into_iter().filter(|section| section.role == Role::View);
    Some(Entry {
        run: run.id().clone(),
        title: run.title().to_owned(),
        at,
        source: Some(source),
        outcome: run.is_over().then(|| run.outcome()),
        alive: !run.is_over(),
        bytes: 0,
        pinned: false,
        parent: origin.map(|passage| passage.run),
        perspectives: views.map(|section| section.title).collect(),
        snippet: None,
    })
}

/// Pins a run, so that it is kept until it is deleted, or unpins it.
#[utoipa::path(post, operation_id = "pin_run", path = "/v1/runs/{run}/pin",
    params(RunPath), request_body = Pin, responses(
    (status = 204, description = "Done"),
    (status = "default", description = "There is no such run, or the journal cannot be written", body = ApiError),
))]
pub(crate) async fn pin(
    State(web): State<Arc<Web>>,
    RunFromPath { run, lang }: RunFromPath,
    Body(Pin { pinned }): Body<Pin>,
) -> Result<StatusCode, ApiError> {
    let done = web.session.pin(run.id(), pinned).await;
    done.map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a saved run.
#[utoipa::path(delete, operation_id = "delete_run", path = "/v1/runs/{run}",
    params(("run" = String, Path, description = "The run's whole name")), responses(
    (status = 204, description = "It is deleted"),
    (status = "default", description = "There is no such run, or it is under way", body = ApiError),
))]
pub(crate) async fn delete(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Name(name): Name,
) -> Result<StatusCode, ApiError> {
    let lang = web.lang(&headers);
    // Only the full name is accepted, so that the run to delete is never guessed.
    let done = web.session.delete(&RunId(name)).await;
    done.map_err(|refusal| ApiError::of(&refusal, lang))?;
    Ok(StatusCode::NO_CONTENT)
}
