//! The one place where requests leave: what the crate calls in place of its own HTTP client, with
//! its repeats in lockstep. The crate gets the head of a good answer; its body is kept in the call.

use super::call::Call;
use super::sniff::{Kind, coding, is_plain, kind};
use super::source::Source;
use crate::event::FailureKind;
use crate::provider::transport::{fault, read_some, refusal};
use crate::provider::{Cause, ProviderError};
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::future::BoxFuture;
use http::header;
use reqwest::{Body, Client, Response};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Instant;

/// Tells a server that can tell (few can) that a repeat is no second question, so that it is not
/// answered and billed twice (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Sends one request.
#[derive(Clone)]
pub(crate) struct Service {
    http: Client,
    call: Arc<Call>,
}

/// A request that got no answer, with the start of the body that came instead.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Refused {
    pub(crate) error: ProviderError,
    /// Raw, to see which parameter the server did not take. It is never shown.
    pub(crate) body: String,
}

impl From<ProviderError> for Refused {
    fn from(error: ProviderError) -> Self {
        Self { error, body: String::new() }
    }
}

impl From<Refused> for OpenAIError {
    fn from(refused: Refused) -> Self {
        OpenAIError::Boxed(Box::new(refused))
    }
}

impl Service {
    pub(crate) fn new(http: Client, call: Arc<Call>) -> Self {
        Self { http, call }
    }
}

impl tower::Service<HttpRequestFactory> for Service {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let Self { http, call } = self.clone();
        Box::pin(async move {
            let request = build(factory, &call).await?;
            Ok(answer(http, request, call).await?)
        })
    }
}

/// The request as it leaves, but for what the HTTP client adds.
pub(crate) async fn build(
    factory: HttpRequestFactory,
    call: &Call,
) -> Result<reqwest::Request, OpenAIError> {
    let mut request = factory.build().await?;
    if let Some(question) = &call.question {
        request.headers_mut().entry(IDEMPOTENCY_KEY).or_insert_with(|| question.clone());
    }
    Ok(request)
}

async fn answer(
    http: Client,
    request: reqwest::Request,
    call: Arc<Call>,
) -> Result<Response, Refused> {
    let wait = call.limits.first_byte;
    let Some(response) = call.wait(Instant::now() + wait, wait, http.execute(request)).await else {
        return Err(call.error(FailureKind::Timeout, Cause::NoAnswer(wait), "").into());
    };
    let mut response = response.map_err(|cause| fault(cause, &call.host, &call.detail))?;
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let body = read_some(&mut response, call.limits.refusal_bytes, call.limits.connect).await;
        let error = call.told(refusal(status, &headers, &body, &call.host, &call.detail));
        return Err(Refused { error, body: String::from_utf8_lossy(&body).into_owned() });
    }
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let mut source = Source::new(response, call.clone());
    if let Some(coding) = encoding.and_then(coding)
        && source.peek(is_plain).await != Some(true)
    {
        let cause = Cause::Encoded(call.quoted(coding));
        return Err(call.error(FailureKind::BadResponse, cause, "").into());
    }
    let kind = source.peek(kind).await.unwrap_or(Kind::Events);
    call.keep(source, kind);
    Ok(http::Response::new(Body::default()).into())
}
