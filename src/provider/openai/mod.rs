//! Any server that speaks OpenAI's chat completions. Nothing outside of this folder names
//! `async_openai`.
//!
//! An answer walks: the crate makes the request → [`service`] sends it and judges the response's
//! head → [`body`] turns whatever comes into events → [`flow`] reads them and keeps the time →
//! [`answer`] adds them up → [`ready`] joins what comes together into chunks. The crate's own way
//! from body to events would be a task, an unbounded queue and a second reading for each.

mod answer;
mod body;
mod caching;
mod call;
mod config;
mod event;
mod finish;
mod flow;
mod halves;
mod object;
mod ready;
mod request;
mod service;
mod sniff;
mod source;
mod thoughts;
mod utf8;
mod witness;

use super::endpoint::{ConfigError, Endpoint};
use super::transport::{client, error, fault};
use super::unusable::not_asked;
use super::{Begun, Chunk, Provider, ProviderError};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::preview::Sent;
use crate::provider::sentence::config_error;
use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use caching::caching;
use call::Call;
use config::Headed;
use flow::Flow;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use request::{Body, Shape};
use reqwest::Response;
use serde::de::IgnoredAny;
use service::{Refused, Service};
use std::sync::{Arc, Mutex, PoisonError};
use witness::Witness;

/// A provider behind an [`Endpoint`].
#[derive(Clone)]
pub struct OpenAi(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    http: reqwest::Client,
    /// What this server was found to take.
    shape: Mutex<Shape>,
}

impl OpenAi {
    /// Makes a provider. Nothing is sent.
    ///
    /// # Errors
    /// Where the endpoint may not or cannot be asked.
    pub fn new(endpoint: Endpoint) -> Result<Self, ConfigError> {
        let http = client(&endpoint)?;
        // What cannot be sent is told before anything is asked.
        Headed::new(&endpoint)?;
        Ok(Self(Arc::new(Inner { endpoint, http, shape: Mutex::default() })))
    }
}

impl Provider for OpenAi {
    fn label(&self, _: Lang) -> String {
        self.0.endpoint.label.clone()
    }

    fn host(&self) -> Option<String> {
        Some(self.0.endpoint.host())
    }

    fn model(&self, prompt: &Prompt) -> String {
        file_name(self.0.model(prompt).unwrap_or("default")).to_owned()
    }

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        self.stream_and_tell(prompt, Box::new(|| {}))
    }

    fn stream_and_tell(
        &self,
        prompt: Prompt,
        begun: Begun,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let inner = self.0.clone();
        let opened = stream::once(async move { inner.open(&prompt, begun).await });
        opened
            .flat_map(|opened| match opened {
                Ok(flow) => flow.into_stream().left_stream(),
                Err(error) => stream::iter([Err(error)]).right_stream(),
            })
            .boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        let inner = self.0.clone();
        Box::pin(async move { inner.preview(prompt).await })
    }

    /// Only over TLS, where a connection costs round trips; without key and headers, so that there
    /// is nothing in it but the name of the host.
    fn warm(&self) -> BoxFuture<'static, ()> {
        let inner = self.0.clone();
        Box::pin(async move {
            let limits = inner.endpoint.limits;
            let mut root = inner.endpoint.base_url.clone();
            if root.scheme() != "https" {
                return;
            }
            root.set_path("/");
            root.set_query(None);
            let head = inner.http.head(root).timeout(limits.connect).send();
            let worked = head.await.is_ok();
            tracing::debug!(host = inner.endpoint.host(), worked, "opened a connection ahead");
        })
    }
}

/// A model's name for people. A server of one's own may call it by the path of its file, and the
/// folders on the way are not what a reader wants to know, or to hand on with the answer.
fn file_name(model: &str) -> &str {
    let is_path = model.starts_with('/') || model.get(1..3) == Some(":\\");
    let name = model.rsplit(['/', '\\']).next().unwrap_or_default();
    if is_path && !name.is_empty() { name } else { model }
}

impl Inner {
    fn model<'a>(&'a self, prompt: &'a Prompt) -> Option<&'a str> {
        prompt.model.as_deref().or(self.endpoint.model.as_deref())
    }

    /// Makes a prompt's request, in the one way in which requests are made, and hands it to a service.
    async fn ask<S>(
        &self,
        prompt: &Prompt,
        shape: Shape,
        config: Arc<dyn Config>,
        service: S,
    ) -> Result<(), OpenAIError>
    where
        S: tower::Service<HttpRequestFactory, Response = Response, Error = OpenAIError>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        let model = self.model(prompt);
        let caching = caching(&self.endpoint.host(), model.unwrap_or_default(), prompt);
        let body = Body::new(prompt, model, shape, caching);
        let client = Client::build(self.http.clone(), config).with_http_service(service);
        client.chat().create_stream_byot::<_, IgnoredAny>(body).await.map(drop)
    }

    /// Sends the request; once more for each parameter that the server turns out not to take.
    async fn open(&self, prompt: &Prompt, begun: Begun) -> Result<Flow, ProviderError> {
        let unusable = |error: ConfigError| not_asked(&error, prompt.lang);
        let endpoint = self.endpoint.with_key().await.map_err(unusable)?;
        let config: Arc<dyn Config> = Arc::new(Headed::new(&endpoint).map_err(unusable)?);
        let mut shape = *self.shape.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let call = Arc::new(Call::new(&endpoint, shape.name(prompt)));
            let service = Service::new(self.http.clone(), call.clone());
            match self.ask(prompt, shape, config.clone(), service).await {
                Ok(()) => {
                    *self.shape.lock().unwrap_or_else(PoisonError::into_inner) = shape;
                    return Ok(Flow::new(call, begun));
                }
                Err(cause) => {
                    let refused = refused(cause, &call);
                    if refused.error.kind == FailureKind::Unauthorized {
                        endpoint.refused_key();
                    }
                    match shape.adapted(refused.error.status, &refused.body, prompt) {
                        Some(next) => shape = next,
                        None => return Err(refused.error),
                    }
                }
            }
        }
    }

    /// The request that [`Inner::open`] sends first, kept back. It takes no key, so that none is asked
    /// for.
    async fn preview(&self, mut prompt: Prompt) -> Sent {
        // In its place stands a random one.
        prompt.question.get_or_insert_with(|| "kaizodo".into());
        let refused = |error: ConfigError| Sent::Refused(config_error(&error, prompt.lang));
        let endpoint = Endpoint { api_key: None, ..self.endpoint.clone() };
        let config: Arc<dyn Config> = match Headed::new(&endpoint) {
            Ok(config) => Arc::new(config),
            Err(error) => return refused(error),
        };
        let shape = *self.shape.lock().unwrap_or_else(PoisonError::into_inner);
        let witness = Witness::new(Arc::new(Call::new(&endpoint, shape.name(&prompt))));
        // What comes back is empty.
        let _ = self.ask(&prompt, shape, config, witness.clone()).await;
        match witness.saw(self.endpoint.carries_key()) {
            Some(outgoing) => Sent::Request(outgoing),
            None => Sent::Refused(
                prompt.lang.pick("要求を作れません。", "The request cannot be made.").to_owned(),
            ),
        }
    }
}

/// Our own error, as it comes back through the crate.
fn refused(cause: OpenAIError, call: &Call) -> Refused {
    let error = match cause {
        OpenAIError::Boxed(inner) => match inner.downcast::<Refused>() {
            Ok(refused) => return *refused,
            Err(other) => {
                error(FailureKind::Internal, &call.host, call.detail.clean(&other.to_string()))
            }
        },
        OpenAIError::Reqwest(cause) => fault(cause, &call.host, &call.detail),
        // The others carry text of the server's, which is no use without its status.
        _ => error(FailureKind::Internal, &call.host, None),
    };
    Refused { error, body: String::new() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_model_that_is_a_path_is_shown_as_its_file() {
        for (model, shown) in [
            ("/home/me/models/qwen3.gguf", "qwen3.gguf"),
            (r"C:\models\模型.gguf", "模型.gguf"),
            ("meta-llama/Llama-3.2-3B", "meta-llama/Llama-3.2-3B"),
            ("llama3.2:3b", "llama3.2:3b"),
            ("/", "/"),
        ] {
            assert_eq!(super::file_name(model), shown);
        }
    }
}
