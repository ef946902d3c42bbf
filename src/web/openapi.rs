//! The routes, and the OpenAPI document that is generated from them and from the types of their
//! bodies.

use super::access::RequiredCredential;
use super::connections::Authenticated;
use super::error::{ApiError, unknown_path};
use super::{Web, page, perspectives, runs, saved, token};
use crate::event::Stamped;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json, Router};
use http::StatusCode;
use std::sync::Arc;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Path of the OpenAPI document, which contains no user data.
const DOCUMENT: &str = "/v1/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(title = "kaizodo", description = "Ask about one text from several perspectives at once."),
    modifiers(&Bearer),
    security(("token" = [])),
    components(schemas(Stamped))
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        // A ticket is sent like the token, but only in exchange for the token.
        for name in ["token", "ticket"] {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme(name, SecurityScheme::Http(bearer));
        }
    }
}

/// Creates the router for the page and the API.
pub(crate) fn router(web: Arc<Web>) -> Router {
    let (router, document) = documented().split_for_parts();
    let document = Arc::new(document);
    let openapi = move || std::future::ready(Json(Arc::clone(&document)));
    router
        .route(DOCUMENT, axum::routing::get(openapi))
        .route("/", axum::routing::get(page::index))
        .route("/{file}", axum::routing::get(page::file))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .layer(from_fn_with_state(Arc::clone(&web), guard))
        .with_state(web)
}

fn documented() -> OpenApiRouter<Arc<Web>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(runs::start, saved::list))
        .routes(routes!(runs::preview))
        .routes(routes!(runs::show, saved::delete))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::retry))
        .routes(routes!(runs::ask))
        .routes(routes!(runs::mark))
        .routes(routes!(saved::pin))
        .routes(routes!(perspectives::list))
        .routes(routes!(perspectives::status))
        .routes(routes!(token::redeem))
}

/// Rejects requests that have no access, and adds the common headers to every response.
async fn guard(
    State(web): State<Arc<Web>>,
    Extension(admitted): Extension<Authenticated>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let needs = match path {
        DOCUMENT => RequiredCredential::Nothing,
        token::PATH => RequiredCredential::Ticket,
        path if path.starts_with("/v1/") => RequiredCredential::Token,
        _ => RequiredCredential::Nothing,
    };
    let checked = web.access.check(request.uri(), request.headers(), needs);
    let mut response = match checked {
        Ok(()) => {
            if needs == RequiredCredential::Token {
                admitted.admit();
            }
            next.run(request).await
        }
        Err(refusal) => refusal.error(web.lang(request.headers())).into_response(),
    };
    page::protect(response.headers_mut());
    response
}

async fn unknown_method(State(web): State<Arc<Web>>, request: Request) -> ApiError {
    let message = web.lang(request.headers()).pick(
        "このパスではそのメソッドを使えません。使えるものは /v1/openapi.json にあります。",
        "This path does not support that method. /v1/openapi.json lists what there is.",
    );
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "unknown_method", message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_asks_for_the_ticket_where_the_token_is_refused() {
        let document = serde_json::to_value(documented().split_for_parts().1).unwrap();
        assert_eq!(document["security"], serde_json::json!([{"token": []}]));
        let redeem = &document["paths"][token::PATH]["post"];
        assert_eq!(redeem["security"], serde_json::json!([{"ticket": []}]));
        let schemes = &document["components"]["securitySchemes"];
        assert_eq!(schemes["ticket"], schemes["token"]);
    }
}
