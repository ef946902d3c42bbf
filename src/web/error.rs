//! Errors of the API, which all have the same shape.

use super::Web;
use crate::journal::JournalErrorKind;
use crate::lang::{Lang, Message};
use crate::session::SessionError;
use crate::text::SelectError;
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    /// Details of a failed request, in machine- and human-readable form.
    error: ErrorDetail,
}

/// Details of a failed request, in machine- and human-readable form.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ErrorDetail {
    /// The kind of error, for programs: `unknown_run`, `token`, `body` and so on.
    kind: &'static str,
    /// For people: what happened and what to do next.
    message: String,
    /// Name of the setting that caused the error, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<&'static str>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, kind: &'static str, message: String) -> Self {
        ApiError { status, error: ErrorDetail { kind, message, setting: None } }
    }

    /// Creates the API error for a request that the session refused, with its message in `lang`.
    pub(crate) fn of(refusal: &SessionError, lang: Lang) -> Self {
        let (status, kind) = class(refusal);
        let message = refusal.message(lang);
        ApiError { status, error: ErrorDetail { kind, message, setting: refusal.setting() } }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// Returns the error for a request to a path that does not exist.
pub(crate) async fn unknown_path(State(web): State<Arc<Web>>, request: Request) -> ApiError {
    let message = web.lang(request.headers()).pick(
        "このパスはありません。使えるパスは /v1/openapi.json で確かめられます。",
        "There is nothing at this path. /v1/openapi.json lists what there is.",
    );
    ApiError::new(StatusCode::NOT_FOUND, "unknown_path", message.to_owned())
}

/// Returns the status and the kind of a refusal.
fn class(refusal: &SessionError) -> (StatusCode, &'static str) {
    use SessionError as E;
    use StatusCode as S;
    match refusal {
        E::UnknownRun(_) | E::RunLost(_) => (S::NOT_FOUND, "unknown_run"),
        E::Journal(error) => match error.kind {
            JournalErrorKind::UnknownRun(_) | JournalErrorKind::NoRuns => {
                (S::NOT_FOUND, "unknown_run")
            }
            JournalErrorKind::AmbiguousRun(..) => (S::NOT_FOUND, "ambiguous_run"),
            ref kind if kind.is_locked() => (S::CONFLICT, "running"),
            _ => (S::INTERNAL_SERVER_ERROR, "journal"),
        },
        E::UnknownBranch(_) => (S::NOT_FOUND, "unknown_section"),
        E::NoPreview | E::NoTrustText | E::UnknownDocument(_) => (S::NOT_FOUND, "unknown_document"),
        E::Selection(SelectError::TooLarge { .. }) | E::Text(SelectError::TooLarge { .. }) => {
            (S::PAYLOAD_TOO_LARGE, "too_large")
        }
        E::QuestionTooLong(_) | E::CommentTooLong { .. } => (S::PAYLOAD_TOO_LARGE, "too_large"),
        E::Selection(_) | E::Text(_) | E::BlankQuestion | E::BlankComment => {
            (S::UNPROCESSABLE_ENTITY, "empty")
        }
        E::UnknownPerspective(_) | E::NoPerspectives => {
            (S::UNPROCESSABLE_ENTITY, "unknown_perspective")
        }
        E::TooManyViews { .. } => (S::UNPROCESSABLE_ENTITY, "too_many"),
        E::UnknownSet { .. } => (S::UNPROCESSABLE_ENTITY, "unknown_set"),
        E::NeverSend { .. } => (S::FORBIDDEN, "never_send"),
        E::Secrets(_) | E::SecretsAround(_) => (S::FORBIDDEN, "secrets"),
        E::Withheld { .. } => (S::FORBIDDEN, "not_trusted"),
        E::Busy(_) | E::TooManySections(_) => (S::TOO_MANY_REQUESTS, "too_many"),
        E::StillRunning(_) | E::RunUnderWay => (S::CONFLICT, "running"),
        E::NoAnswer(_)
        | E::NoReasoning(_)
        | E::NothingToAskAbout
        | E::NoAnswerThere
        | E::NoMarks(_) => (S::CONFLICT, "no_answer"),
        E::OwnDocument
        | E::StaleVersion { .. }
        | E::NoDigest
        | E::NoDocument
        | E::DocumentClosed(_)
        | E::TextChanged(_)
        | E::PerspectiveLost(_)
        | E::JournalDiffers
        | E::NothingToCompare(_)
        | E::PanelOutdated => (S::CONFLICT, "changed"),
    }
}
