//! The page's files, which are embedded in the program, and the headers of all responses.

use super::Web;
use super::error::unknown_path;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! file {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_bytes!(concat!("page/", $name)))
    };
}

/// The files: name, content type and content.
const FILES: &[(&str, &str, &[u8])] = &[
    file!("announcer.js", JS),
    file!("api.js", JS),
    file!("app.js", JS),
    file!("choice.js", JS),
    file!("composer.js", JS),
    file!("dom.js", JS),
    file!("favicon.svg", SVG),
    file!("follow.js", JS),
    file!("history.js", JS),
    file!("index.html", HTML),
    file!("inert.js", JS),
    file!("marks.js", JS),
    file!("page.css", CSS),
    file!("pane.css", CSS),
    file!("pane.js", JS),
    file!("place.js", JS),
    file!("question.js", JS),
    file!("run-view.js", JS),
    file!("scrolled.js", JS),
    file!("shared.css", CSS),
    file!("shared.js", JS),
    file!("sse.js", JS),
    file!("words.js", JS),
];

/// Content security policy: the page may load only its own files and connect only to its own
/// server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types kaizodo";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Serves the HTML of the page, `index.html`.
pub(crate) async fn index(web: State<Arc<Web>>, request: Request) -> Response {
    give("index.html", web, request).await
}

/// Serves one of the page's embedded files.
pub(crate) async fn file(
    Path(name): Path<String>,
    web: State<Arc<Web>>,
    request: Request,
) -> Response {
    give(&name, web, request).await
}

async fn give(name: &str, web: State<Arc<Web>>, request: Request) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, content)) => {
            ([(CONTENT_TYPE, *kind), (CACHE_CONTROL, "no-cache")], *content).into_response()
        }
        None => unknown_path(web, request).await.into_response(),
    }
}

/// Adds the security headers of all responses, and forbids caching unless the response already has
/// a `Cache-Control` header.
pub(crate) fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Responses with the user's text are never cached.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
