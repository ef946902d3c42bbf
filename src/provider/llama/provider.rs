//! The provider for a model file.

use super::LlamaServer;
use super::ready::Running;
use crate::lang::Lang;
use crate::provider::{
    Chunks, Dialects, Endpoint, EndpointError, ExtraBody, Limits, OpenAi, Preparation, Provider,
    ProviderError, Secret, ServerKind, Serving, TimeoutExtension, UnusableProvider, base_url,
    sentence,
};
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use std::sync::Arc;

/// Provider for a model file. Sends requests to a `llama-server` that is started on demand.
#[derive(Clone)]
pub struct Llama(Arc<Inner>);

struct Inner {
    server: Arc<LlamaServer>,
    /// The endpoint without port and key, which are new at each start of the server.
    endpoint: Endpoint,
    dialects: Dialects,
    /// The client for the running child, kept so that connections are reused.
    client: Mutex<Option<(Arc<Running>, OpenAi)>>,
}

impl Llama {
    /// Creates the provider. The server is not started yet.
    ///
    /// # Errors
    /// Fails only if [`Endpoint::new`] rejects the fixed address used here, which is valid.
    pub fn new(
        server: Arc<LlamaServer>,
        limits: Limits,
        extra_body: ExtraBody,
        dialects: Dialects,
    ) -> Result<Self, EndpointError> {
        let mut endpoint = Endpoint::new("http://127.0.0.1")?;
        (endpoint.limits, endpoint.extra_body) = (limits, extra_body);
        endpoint.model = Some(server.launch().model());
        endpoint.label = format!("llama-server ({})", server.launch().model());
        // One request at a time, so that the server reads the prompts' shared prefix only once.
        endpoint.serving = Serving { kind: ServerKind::LlamaCpp, slots: Some(1) };
        endpoint.elsewhere = Some(Default::default());
        let client = Mutex::default();
        Ok(Llama(Arc::new(Inner { server, endpoint, dialects, client })))
    }

    /// Returns the endpoint without port and key, without starting the server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    async fn ready(&self) -> Result<OpenAi, ProviderError> {
        let inner = &self.0;
        let running = inner.server.ready().await.map_err(EndpointError::from)?;
        let mut client = inner.client.lock();
        if let Some((of, known)) = &*client
            && Arc::ptr_eq(of, &running)
        {
            return Ok(known.clone());
        }
        let mut endpoint = inner.endpoint.clone();
        endpoint.base_url = base_url(&format!("http://127.0.0.1:{}", running.port))?;
        endpoint.api_key = Some(Secret::new(&running.key).map_err(EndpointError::from)?);
        let new = OpenAi::new(endpoint, inner.dialects.clone())?;
        *client = Some((running, new.clone()));
        Ok(new)
    }
}

/// Returns the prompt without any model names, since the server has only one model.
fn without_model_names(prompt: Prompt) -> Prompt {
    Prompt { model: None, fallbacks: Vec::new(), ..prompt }
}

impl Provider for Llama {
    fn label(&self, _: Lang) -> String {
        self.0.endpoint.label.clone()
    }

    fn host(&self) -> Option<String> {
        Some(match self.0.server.now() {
            Some(running) => format!("127.0.0.1:{}", running.port),
            None => self.0.endpoint.host(),
        })
    }

    fn kind(&self) -> ServerKind {
        ServerKind::LlamaCpp
    }

    fn model(&self, _: &Prompt) -> String {
        self.0.server.launch().model()
    }

    fn preparation(&self, lang: Lang) -> Option<Preparation> {
        if self.0.server.now().is_some() {
            return None;
        }
        let this = self.clone();
        Some(Preparation {
            note: sentence::starting(self.0.server.launch(), lang),
            done: Box::pin(async move { this.ready().await.map(drop) }),
        })
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        let this = self.clone();
        let asked = stream::once(async move { this.ready().await });
        asked
            .flat_map(move |ready| match ready {
                Ok(provider) => {
                    provider.stream(without_model_names(prompt.clone()), extension.clone())
                }
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        match OpenAi::new(self.0.endpoint.clone(), self.0.dialects.clone()) {
            Ok(provider) => provider.preview(without_model_names(prompt)),
            Err(error) => UnusableProvider(error).preview(prompt),
        }
    }
}
