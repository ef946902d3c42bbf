//! Any server that speaks OpenAI's chat completions. Nothing outside of this folder names
//! `async_openai`.
//!
//! A question walks down this list: [`asking`] puts it in the server's [`dialect`], as often as that
//! takes → [`request`] is its JSON → [`send`] makes the request, sends it and judges the response's
//! head → [`source`] reads its bytes → [`body`] turns whatever comes into events → [`event`] reads
//! them → [`answer`] adds them up → [`stream`] hands chunks on and keeps the time. async-openai's own
//! way from body to events would be a task, an unbounded queue and a second reading for each.

mod answer;
mod asking;
mod body;
mod call;
mod dialect;
mod event;
mod object;
mod request;
mod send;
mod source;
mod stream;

use super::endpoint::{Endpoint, EndpointError};
use super::transport::client;
use super::{Chunk, Chunks, Provider, ServerKind, TimeoutExtension};
use crate::lang::{Lang, Message};
use crate::perspective::file_name;
use crate::request::{Prompt, Sent};
use asking::{Asking, Step};
pub use dialect::Dialects;
use dialect::Known;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::iter;
use request::Question;
use send::{EndpointConfig, build, outgoing};
use std::sync::Arc;

/// A provider behind an [`Endpoint`].
#[derive(Clone)]
pub struct OpenAi(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    /// What was found out about how servers want to be asked.
    dialects: Dialects,
    http: reqwest::Client,
}

impl OpenAi {
    /// Makes a provider. Nothing is sent.
    ///
    /// # Errors
    /// Where the endpoint may not or cannot be asked.
    pub fn new(endpoint: Endpoint, dialects: Dialects) -> Result<Self, EndpointError> {
        let http = client(&endpoint)?;
        // What cannot be sent is told before anything is asked.
        EndpointConfig::new(&endpoint)?;
        Ok(Self(Arc::new(Inner { endpoint, dialects, http })))
    }
}

impl Provider for OpenAi {
    fn label(&self, _: Lang) -> String {
        self.0.endpoint.label.clone()
    }

    fn host(&self) -> Option<String> {
        Some(self.0.endpoint.host())
    }

    fn kind(&self) -> ServerKind {
        self.0.endpoint.serving.kind
    }

    fn model(&self, prompt: &Prompt) -> String {
        file_name(self.0.model(prompt).unwrap_or_default()).to_owned()
    }

    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        self.0.endpoint.runs_at(self.0.model(prompt)?).map(str::to_owned)
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        Asking::new(self.0.clone(), prompt, extension)
            .into_stream()
            .flat_map(|step| match step {
                Ok(Step::Answer(flow)) => flow.into_stream().left_stream(),
                Ok(Step::Tell(note)) => iter([Ok(Chunk::Note(note))]).right_stream(),
                Err(error) => iter([Err(error)]).right_stream(),
            })
            .boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        let inner = self.0.clone();
        Box::pin(async move { inner.preview(prompt).await })
    }

    /// Only over TLS, which costs round trips. Without key and headers, so that only the host's
    /// name is sent.
    fn preconnect(&self) -> BoxFuture<'static, ()> {
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

impl Inner {
    fn model<'a>(&'a self, prompt: &'a Prompt) -> Option<&'a str> {
        prompt.model.as_deref().or(self.endpoint.model.as_deref())
    }

    /// What is known of the model that is asked.
    fn known(&self, prompt: &Prompt) -> Arc<Known> {
        let model = self.model(prompt).unwrap_or_default();
        self.dialects.of(self.endpoint.base_url.as_str(), model)
    }

    /// The first request of [`Asking`], not sent. It has no key, so that no key command runs.
    async fn preview(&self, mut prompt: Prompt) -> Sent {
        // In its place stands a random one.
        prompt.idempotency_key.get_or_insert_with(|| "kaizodo".into());
        let endpoint = Endpoint { api_key: None, ..self.endpoint.clone() };
        let config = match EndpointConfig::new(&endpoint) {
            Ok(config) => Arc::new(config),
            Err(error) => return Sent::Refused(error.message(prompt.lang)),
        };
        let dialect = self.known(&prompt).foreseen();
        let question = Question::new(&prompt, &endpoint, self.model(&prompt), dialect);
        match build(&self.http, config, &question).await {
            Ok(request) => Sent::Request(outgoing(&request, self.endpoint.carries_key())),
            Err(_) => Sent::Refused(
                prompt.lang.pick("要求を作れません。", "The request cannot be made.").to_owned(),
            ),
        }
    }
}
