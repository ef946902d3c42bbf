//! In the place of [`super::service`]: takes a request that is ready to leave, and sends it to nobody.

use super::call::Call;
use super::service::build;
use crate::preview::Outgoing;
use crate::provider::endpoint::shown;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::future::BoxFuture;
use http::header;
use parking_lot::Mutex;
use reqwest::{Body, Request, Response};
use std::sync::Arc;
use std::task::{Context, Poll};

/// What the HTTP client adds to each request.
const ADDED: [header::HeaderName; 3] = [header::CONTENT_LENGTH, header::HOST, header::USER_AGENT];

/// Keeps one request.
#[derive(Clone)]
pub(crate) struct Witness {
    call: Arc<Call>,
    request: Arc<Mutex<Option<Request>>>,
}

impl Witness {
    pub(crate) fn new(call: Arc<Call>) -> Self {
        Self { call, request: Arc::default() }
    }

    /// The request that came; `with_key` where the key would be in it.
    pub(crate) fn saw(&self, with_key: bool) -> Option<Outgoing> {
        let request = self.request.lock().take()?;
        let key = with_key.then_some(header::AUTHORIZATION);
        let names = request.headers().keys().cloned().chain(ADDED).chain(key);
        let mut headers: Vec<String> = names.map(|name| name.as_str().to_owned()).collect();
        headers.sort();
        headers.dedup();
        let body = request.body().and_then(Body::as_bytes).unwrap_or_default();
        Some(Outgoing {
            method: request.method().to_string(),
            url: shown(request.url()),
            headers,
            body: String::from_utf8_lossy(body).into_owned(),
        })
    }
}

impl tower::Service<HttpRequestFactory> for Witness {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let Self { call, request } = self.clone();
        Box::pin(async move {
            let built = build(factory, &call).await?;
            *request.lock() = Some(built);
            Ok(http::Response::new(Body::default()).into())
        })
    }
}
