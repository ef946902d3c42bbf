//! Provider for any server that speaks OpenAI's chat completions API. No code outside this folder
//! uses `async_openai`.
//!
//! A question passes through these modules: [`asking`] phrases it in the server's [`dialect`],
//! again after each refusal → [`request`] builds the JSON → [`send`] builds and sends the HTTP
//! request and checks the response's head → [`response_body`] reads the bytes of the body → [`body`]
//! splits them into events → [`event`] parses each event → [`answer`] folds the events into an
//! answer → [`stream`] yields its chunks and enforces the timeouts. async-openai's own path from
//! body to events would cost a task, an unbounded queue and a second parse of each event.

mod answer;
mod asking;
mod body;
mod call;
mod dialect;
mod event;
mod object;
mod request;
mod response_body;
mod send;
mod stream;

use super::endpoint::{Endpoint, EndpointError};
use super::transport::client;
use super::{Chunk, Chunks, Provider, ServerKind, TimeoutExtension};
use crate::lang::{Lang, Message};
use crate::perspective::short_model_name;
use crate::request::{Prompt, Sent};
pub(crate) use answer::{ParsedFinish, parse_finish};
use asking::{Asking, Step};
pub use dialect::Dialects;
use dialect::SharedDialect;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::iter;
use request::ChatRequest;
use send::{EndpointConfig, build, outgoing};
use std::sync::Arc;

/// A provider that sends its requests to an [`Endpoint`].
#[derive(Clone)]
pub struct OpenAi(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    /// The request features that each server has accepted or rejected.
    dialects: Dialects,
    http: reqwest::Client,
}

impl OpenAi {
    /// Creates a provider. Sends nothing.
    ///
    /// # Errors
    /// Fails if the endpoint may not be used (for example, because the text would travel in the
    /// clear), or if its proxy, key or headers are unusable.
    pub fn new(endpoint: Endpoint, dialects: Dialects) -> Result<Self, EndpointError> {
        let http = client(&endpoint)?;
        // Reports a key or header that cannot be sent now, not at the first request.
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
        short_model_name(self.0.model(prompt).unwrap_or_default()).to_owned()
    }

    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        self.0.endpoint.runs_at(self.0.model(prompt)?).map(str::to_owned)
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        if let Err(error) = self.0.check_forwarding(&prompt) {
            return iter([Err(error.into())]).boxed();
        }
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

    /// Connects only over TLS, because a TLS handshake costs extra round trips. The request carries
    /// neither the key nor the user's headers, so that only the host's name is sent.
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

    fn check_forwarding(&self, prompt: &Prompt) -> Result<(), EndpointError> {
        self.endpoint.check_forwarding(self.model(prompt).unwrap_or_default())
    }

    /// Returns the shared dialect of the prompt's model at this server.
    fn known(&self, prompt: &Prompt) -> Arc<SharedDialect> {
        let model = self.model(prompt).unwrap_or_default();
        self.dialects.of(self.endpoint.base_url.as_str(), model)
    }

    /// Builds the first request of [`Asking`] without sending it. The request carries no key, so
    /// that no key command runs.
    async fn preview(&self, mut prompt: Prompt) -> Sent {
        if let Err(error) = self.check_forwarding(&prompt) {
            return Sent::Refused(error.message(prompt.lang));
        }
        // A placeholder: a real request has a random key.
        prompt.idempotency_key.get_or_insert_with(|| "kaizodo".into());
        let endpoint = Endpoint { api_key: None, ..self.endpoint.clone() };
        let config = match EndpointConfig::new(&endpoint) {
            Ok(config) => Arc::new(config),
            Err(error) => return Sent::Refused(error.message(prompt.lang)),
        };
        let dialect = self.known(&prompt).foreseen();
        let question = ChatRequest::new(&prompt, &endpoint, self.model(&prompt), dialect);
        match build(&self.http, config, &question).await {
            Ok(request) => Sent::Request(outgoing(&request, self.endpoint.carries_key())),
            Err(_) => Sent::Refused(
                prompt
                    .lang
                    .pick("要求を作れません。", "The request could not be created.")
                    .to_owned(),
            ),
        }
    }
}
