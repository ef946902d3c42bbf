//! Any server that speaks OpenAI's chat completions. Nothing outside of this folder names
//! `async_openai`.
//!
//! An answer walks: the crate makes the request → [`service`] sends it and judges the response's
//! head → [`body`] turns whatever comes into events → [`answer_stream`] reads them and keeps the time →
//! [`answer`] adds them up, and parts reasoning from text by its tags ([`thoughts`]) → [`coalescer`] joins what comes together into chunks. The crate's own way
//! from body to events would be a task, an unbounded queue and a second reading for each.

mod answer;
mod answer_stream;
mod asking;
mod body;
mod caching;
mod call;
mod coalescer;
mod config;
mod dialect;
mod dialects;
mod event;
mod finish;
mod known_servers;
mod lesson;
mod object;
mod request;
mod service;
mod sniff;
mod source;
mod surrogates;
mod thoughts;
mod token_limit;
mod utf8;
mod witness;

use super::endpoint::{Endpoint, EndpointError};
use super::transport::client;
use super::{Begun, Chunk, Kind, Provider, ProviderError};
use crate::lang::{Lang, Message};
use crate::perspective::Prompt;
use crate::preview::Sent;
use asking::{Asking, Step};
use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use call::Call;
use config::Headed;
pub use dialects::Dialects;
use dialects::Known;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use request::Question;
use reqwest::Response;
use serde::de::IgnoredAny;
use std::sync::Arc;
use witness::Witness;

/// A provider behind an [`Endpoint`].
#[derive(Clone)]
pub struct OpenAi(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    http: reqwest::Client,
}

impl OpenAi {
    /// Makes a provider. Nothing is sent.
    ///
    /// # Errors
    /// Where the endpoint may not or cannot be asked.
    pub fn new(endpoint: Endpoint) -> Result<Self, EndpointError> {
        let http = client(&endpoint)?;
        // What cannot be sent is told before anything is asked.
        Headed::new(&endpoint)?;
        Ok(Self(Arc::new(Inner { endpoint, http })))
    }
}

impl Provider for OpenAi {
    fn label(&self, _: Lang) -> String {
        self.0.endpoint.label.clone()
    }

    fn host(&self) -> Option<String> {
        Some(self.0.endpoint.host())
    }

    fn kind(&self) -> Kind {
        self.0.endpoint.serving.kind
    }

    fn model(&self, prompt: &Prompt) -> String {
        file_name(self.0.model(prompt).unwrap_or_default()).to_owned()
    }

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        self.stream_and_tell(prompt, Begun::default())
    }

    fn stream_and_tell(
        &self,
        prompt: Prompt,
        begun: Begun,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        Asking::new(self.0.clone(), prompt, begun)
            .into_stream()
            .flat_map(|step| match step {
                Ok(Step::Answer(flow)) => flow.into_stream().left_stream(),
                Ok(Step::Tell(note)) => stream::iter([Ok(Chunk::Note(note))]).right_stream(),
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

    /// What is known of the model that is asked.
    fn known(&self, prompt: &Prompt) -> Arc<Known> {
        let model = self.model(prompt).unwrap_or_default();
        self.endpoint.dialects.of(self.endpoint.base_url.as_str(), model)
    }

    /// Makes a question's request, in the one way in which requests are made, and hands it to a
    /// service.
    async fn ask<S>(
        &self,
        question: &Question<'_>,
        config: Arc<dyn Config>,
        service: S,
    ) -> Result<(), OpenAIError>
    where
        S: tower::Service<HttpRequestFactory, Response = Response, Error = OpenAIError>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        let client = Client::build(self.http.clone(), config).with_http_service(service);
        let body = question.body();
        client.chat().create_stream_byot::<_, IgnoredAny>(body).await.map(drop)
    }

    /// The request that [`Asking`] sends first, kept back. It takes no key, so that none is asked
    /// for.
    async fn preview(&self, mut prompt: Prompt) -> Sent {
        // In its place stands a random one.
        prompt.idempotency_key.get_or_insert_with(|| "kaizodo".into());
        let refused = |error: EndpointError| Sent::Refused(error.message(prompt.lang));
        let endpoint = Endpoint { api_key: None, ..self.endpoint.clone() };
        let config: Arc<dyn Config> = match Headed::new(&endpoint) {
            Ok(config) => Arc::new(config),
            Err(error) => return refused(error),
        };
        let dialect = self.known(&prompt).foreseen();
        let question = Question::new(&prompt, &self.endpoint, self.model(&prompt), dialect);
        let witness = Witness::new(Arc::new(Call::new(&endpoint, question.name(), false)));
        // What comes back is empty.
        let _ = self.ask(&question, config, witness.clone()).await;
        match witness.saw(self.endpoint.carries_key()) {
            Some(outgoing) => Sent::Request(outgoing),
            None => Sent::Refused(
                prompt.lang.pick("要求を作れません。", "The request cannot be made.").to_owned(),
            ),
        }
    }
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
