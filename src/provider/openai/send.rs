//! The one place where requests are built and sent. async-openai builds them; they are intercepted
//! before it sends them, because its own client retries in lockstep and sets no limits.

use super::call::Call;
use super::request::ChatRequest;
use super::response_body::{BodyKind, ResponseBody, coding, is_plain, kind};
use crate::event::FailureKind;
use crate::provider::endpoint::{Endpoint, EndpointError, shown};
use crate::provider::transport::{fault, read_some, refusal};
use crate::provider::{Cause, ProviderError};
use crate::request::Outgoing;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use http::{HeaderMap, HeaderValue, header};
use parking_lot::Mutex;
use reqwest::{Body, Client, Request, Response};
use secrecy::SecretString;
use serde::de::IgnoredAny;
use std::sync::Arc;
use tokio::time::Instant;

/// Header by which a server that supports it (few do) recognizes a retry of the same question, so
/// that the question is not answered and billed twice (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Headers that the HTTP client adds to each request.
const ADDED: [header::HeaderName; 3] = [header::CONTENT_LENGTH, header::HOST, header::USER_AGENT];

/// Why a request got no answer, with the start of the body that arrived instead.
pub(crate) struct SendError {
    pub(crate) error: ProviderError,
    /// The unredacted body, which shows the parameter that the server refused. It is never
    /// displayed.
    pub(crate) body: String,
}

impl From<ProviderError> for SendError {
    fn from(error: ProviderError) -> Self {
        Self { error, body: String::new() }
    }
}

/// Builds a question's request as it will be sent, except for the headers that the HTTP client
/// adds. Sends nothing.
pub(crate) async fn build(
    http: &Client,
    config: Arc<dyn Config>,
    question: &ChatRequest<'_>,
) -> Result<Request, OpenAIError> {
    let made = Arc::new(Mutex::new(None));
    let taken = Arc::clone(&made);
    let instead = tower::service_fn(move |factory: HttpRequestFactory| {
        let taken = Arc::clone(&taken);
        async move {
            *taken.lock() = Some(factory.build().await?);
            Ok::<_, OpenAIError>(Response::from(http::Response::new(Body::default())))
        }
    });
    let client = async_openai::Client::build(http.clone(), config).with_http_service(instead);
    client.chat().create_stream_byot::<_, IgnoredAny>(question.body()).await.map(drop)?;
    let made = made.lock().take();
    let mut request =
        made.ok_or_else(|| OpenAIError::InvalidArgument("no request was made".to_owned()))?;
    if let Some(name) = question.name() {
        request.headers_mut().entry(IDEMPOTENCY_KEY).or_insert(name);
    }
    Ok(request)
}

/// Returns a request for display, with the names of its headers only. `with_key` tells whether the
/// real request would carry the key.
pub(crate) fn outgoing(request: &Request, with_key: bool) -> Outgoing {
    let key = with_key.then_some(header::AUTHORIZATION);
    let names = request.headers().keys().cloned().chain(ADDED).chain(key);
    let mut headers: Vec<String> = names.map(|name| name.as_str().to_owned()).collect();
    headers.sort();
    headers.dedup();
    let body = request.body().and_then(Body::as_bytes).unwrap_or_default();
    Outgoing {
        method: request.method().to_string(),
        url: shown(request.url()),
        headers,
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// Sends a request and checks the response's head. Returns the body and its kind, or why there is
/// no answer.
pub(crate) async fn send(
    http: &Client,
    request: Request,
    call: &Arc<Call>,
) -> Result<(ResponseBody, BodyKind), SendError> {
    let wait = call.limits.first_byte;
    let Some(response) = call.wait(Instant::now() + wait, wait, http.execute(request)).await else {
        return Err(call.error(FailureKind::Timeout, Cause::NoAnswer(wait), "").into());
    };
    let mut response = response.map_err(|cause| fault(cause, &call.host, &call.redactor))?;
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let body = read_some(&mut response, call.limits.refusal_bytes, call.limits.connect).await;
        let error =
            call.with_key_cause(refusal(status, &headers, &body, &call.host, &call.redactor));
        return Err(SendError { error, body: String::from_utf8_lossy(&body).into_owned() });
    }
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let mut source = ResponseBody::new(response, Arc::clone(call));
    if let Some(coding) = encoding.and_then(coding)
        && ahead(&mut source, is_plain, call).await? != Some(true)
    {
        let cause = Cause::Encoded(call.quoted(coding));
        return Err(call.error(FailureKind::BadResponse, cause, "").into());
    }
    let kind = ahead(&mut source, kind, call).await?.unwrap_or(BodyKind::Events);
    Ok((source, kind))
}

/// Reads ahead as [`ResponseBody::peek`] does.
///
/// # Errors
/// Returns why reading failed. Otherwise, the body would be waited for once more.
async fn ahead<T>(
    source: &mut ResponseBody,
    tell: impl Fn(&[u8]) -> Option<T>,
    call: &Call,
) -> Result<Option<T>, ProviderError> {
    let told = source.peek(tell).await;
    let failure = call.state.lock().failure.take();
    failure.map_or(Ok(told), Err)
}

/// An endpoint as a configuration for async-openai. Its headers are known to be valid.
pub(crate) struct EndpointConfig {
    endpoint: Endpoint,
    headers: HeaderMap,
    /// An empty key: the real one is sent only in [`Self::headers`], and async-openai cannot put it
    /// anywhere else.
    no_key: SecretString,
}

impl EndpointConfig {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let mut headers = endpoint.header_map()?;
        let accept = HeaderValue::from_static("text/event-stream, application/json");
        headers.entry(header::ACCEPT).or_insert(accept);
        // Some gateways compress responses unless a request forbids it.
        let plain = HeaderValue::from_static("identity");
        headers.entry(header::ACCEPT_ENCODING).or_insert(plain);
        Ok(Self { endpoint: endpoint.clone(), headers, no_key: SecretString::default() })
    }
}

impl Config for EndpointConfig {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        self.endpoint.url(path).into()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.endpoint.query.iter().map(|(name, value)| (&**name, &**value)).collect()
    }

    fn api_base(&self) -> &str {
        self.endpoint.base_url.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}
