//! Extractors: the run that a path names, the query, and the JSON body, whose size and transfer
//! time are limited. Errors name the invalid member.

use super::Web;
use super::error::ApiError;
use crate::lang::Lang;
use crate::session::{Run, SessionError};
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::IntoParams;

/// Maximum time for receiving a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Room in a body for everything besides the text, in bytes.
const BESIDE_TEXT_BYTES: usize = 64 << 10;
/// Maximum number of bytes that JSON needs for one byte of text: `\u0000`.
const ESCAPED_BYTES: usize = 6;

/// A request body, parsed from JSON.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, ApiError> {
        let lang = web.lang(request.headers());
        let kind = request.headers().get(http::header::CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(ApiError::new(
                status,
                "content_type",
                lang.pick(
                    "本文は JSON で送ってください（`Content-Type: application/json`）。",
                    "Send the body as JSON, with `Content-Type: application/json`.",
                )
                .to_owned(),
            ));
        }
        let limit = web.session.config().limits.selection_bytes;
        let limit = limit.saturating_mul(ESCAPED_BYTES).saturating_add(BESIDE_TEXT_BYTES);
        let bytes = match timeout(BODY_TIMEOUT, to_bytes(request.into_body(), limit)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(_)) => return Err(too_large(limit, lang)),
            Err(_) => return Err(too_slow(lang)),
        };
        parse(&bytes, lang).map(Body)
    }
}

/// The name of a run in the request's path, exactly as given.
pub(crate) struct Name(pub(crate) String);

impl FromRequestParts<Arc<Web>> for Name {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, ApiError> {
        let lang = web.lang(&parts.headers);
        let found = Path::<String>::from_request_parts(parts, web).await;
        found.map(|Path(name)| Name(name)).map_err(|error| {
            let reason = error.body_text();
            let message = lang.pick(
                format!("パスの実行の名前が正しくありません: {reason}"),
                format!("Invalid run name in the path: {reason}"),
            );
            ApiError::new(StatusCode::BAD_REQUEST, "path", message)
        })
    }
}

/// The path parameter that names a run.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RunPath {
    /// The run's name, a prefix of its name, `last`, or `last~1` (the one before), `last~2` …
    #[expect(dead_code, reason = "it is only described here")]
    run: String,
}

/// The run that the request's path names, found in this server or in its journal, and the language
/// of the response.
pub(crate) struct RunFromPath {
    pub(crate) run: Arc<Run>,
    pub(crate) lang: Lang,
}

impl FromRequestParts<Arc<Web>> for RunFromPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, ApiError> {
        let Name(name) = Name::from_request_parts(parts, web).await?;
        let lang = web.lang(&parts.headers);
        let found = web.session.find_run_by_name(&name).await;
        // A deleted run stays where it is already open, but the API no longer finds it once it is
        // over.
        let found = found.and_then(|run| match run.is_deleted() && run.is_over() {
            true => Err(SessionError::RunLost(run.id().clone())),
            false => Ok(run),
        });
        let run = found.map_err(|refusal| ApiError::of(&refusal, lang))?;
        Ok(RunFromPath { run, lang })
    }
}

/// The parsed query parameters of the request's URL.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Web>> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, ApiError> {
        let lang = web.lang(&parts.headers);
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(Query(params)) => Ok(Params(params)),
            Err(error) => {
                let reason = error.body_text();
                let message = lang.pick(
                    format!("URL の ? より後ろ（クエリ）が正しくありません: {reason}"),
                    format!("Invalid query: {reason}"),
                );
                Err(ApiError::new(StatusCode::BAD_REQUEST, "query", message))
            }
        }
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8], lang: Lang) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| (error.path().to_string(), error.into_inner()));
    let parsed =
        parsed.and_then(|value| json.end().map(|()| value).map_err(|e| (".".to_owned(), e)));
    parsed.map_err(|(path, reason)| {
        let message = match path.as_str() {
            "." => lang.pick(
                format!("本文の JSON が正しくありません: {reason}"),
                format!("Invalid JSON body: {reason}"),
            ),
            path => lang.pick(
                format!("本文の {path} が正しくありません: {reason}"),
                format!("Invalid `{path}` in the body: {reason}"),
            ),
        };
        ApiError::new(StatusCode::BAD_REQUEST, "body", message)
    })
}

fn too_large(limit: usize, lang: Lang) -> ApiError {
    let message = lang.pick(
        format!("本文が大きすぎるか、途中で切れました（上限 {limit} バイト）。文章の一部を選んで送ってください。"),
        format!("The body is too large or was cut off (the limit is {limit} bytes). Send only part of the text."),
    );
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

fn too_slow(lang: Lang) -> ApiError {
    let message = lang.pick(
        "本文が時間内に届きませんでした。もう一度送ってください。",
        "The body did not arrive in time. Send the request again.",
    );
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", message.to_owned())
}
