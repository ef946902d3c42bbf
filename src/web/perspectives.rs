//! Requests that list the perspectives and their sets, and that tell which provider would answer.

use super::Web;
use super::error::ApiError;
use crate::lang::Lang;
use crate::panel::show_hidden;
use crate::perspective::{Origin, Perspective};
use crate::request::FocusMode;
use crate::session::{RunOptions, Scope};
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The available perspectives and sets of perspectives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Perspectives {
    perspectives: Vec<OnePerspective>,
    sets: Vec<OneSet>,
    /// When the focus of a run that names no set is written, unless the run says so itself.
    focus: FocusMode,
}

#[derive(Debug, Serialize, ToSchema)]
struct OnePerspective {
    name: String,
    title: String,
    description: String,
    /// The set that the perspective belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<String>,
    origin: Origin,
}

/// A set of perspectives. The first set in the list is the default.
#[derive(Debug, Serialize, ToSchema)]
struct OneSet {
    name: String,
    /// The perspectives' names, in the order of their sections.
    perspectives: Vec<String>,
    /// When the focus of a run of this set is written, unless the run says so itself.
    focus: FocusMode,
}

/// The server's version and language, and the provider that answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Status {
    version: &'static str,
    /// Display name of the provider that answers, for example `Ollama at 127.0.0.1:11434`.
    answered_by: String,
    /// The language of messages to clients that do not request a language.
    lang: Lang,
}

/// Lists the available perspectives and sets of perspectives.
#[utoipa::path(get, operation_id = "list_perspectives", path = "/v1/perspectives", responses(
    (status = 200, description = "They can be named in a run", body = Perspectives),
    (status = "default", description = "The token is missing or wrong", body = ApiError),
))]
pub(crate) async fn list(State(web): State<Arc<Web>>, headers: HeaderMap) -> Json<Perspectives> {
    let lang = web.lang(&headers);
    web.session.settings.refresh("").await;
    let scope = web.session.settings.scope("");
    let perspectives = scope.catalog().iter().map(|p| one(p, lang)).collect();
    let sets = scope.sets().into_iter().map(|(name, perspectives)| {
        let focus = focus_mode(&scope, Some(&name));
        OneSet { name, perspectives, focus }
    });
    let sets = sets.collect();
    Json(Perspectives { perspectives, sets, focus: focus_mode(&scope, None) })
}

/// Returns when the focus is written for several perspectives of `set`, or, without a set, for
/// those of the default set or named one by one.
fn focus_mode(scope: &Scope, set: Option<&str>) -> FocusMode {
    let ask = RunOptions { set: set.map(str::to_owned), ..RunOptions::default() };
    match scope.focus(&ask, 2) {
        None => FocusMode::Off,
        Some(focus) if focus.is_on_demand => FocusMode::Ask,
        Some(_) => FocusMode::Auto,
    }
}

fn one(p: &Perspective, lang: Lang) -> OnePerspective {
    OnePerspective {
        name: p.name.clone(),
        title: show_hidden(p.title(lang)),
        description: show_hidden(p.description(lang).trim()),
        set: p.group.clone(),
        origin: p.origin,
    }
}

/// Returns the provider that would answer a run now, and the server's version and language.
#[utoipa::path(get, operation_id = "status", path = "/v1/status", responses(
    (status = 200, description = "Who answers", body = Status),
    (status = "default", description = "The token is missing or wrong", body = ApiError),
))]
pub(crate) async fn status(State(web): State<Arc<Web>>, headers: HeaderMap) -> Json<Status> {
    let lang = web.lang(&headers);
    let answered_by = web.session.answered_by(lang).await;
    Json(Status { version: env!("CARGO_PKG_VERSION"), answered_by, lang: web.session.lang() })
}
