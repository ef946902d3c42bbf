//! A provider for a server without a configured model: if a prompt names no model, the provider
//! fetches the server's list and picks the first chat model that runs on the server itself.
//!
//! If there is no such model, no prompt is sent.

use super::{
    Chunks, Dialects, Endpoint, EndpointError, OpenAi, Provider, ProviderError, TimeoutExtension,
    models,
};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

/// Provider for a server without a configured model. Uses the first chat model in the server's
/// list.
#[derive(Clone)]
pub struct FirstModelProvider {
    /// The server's endpoint.
    pub endpoint: Endpoint,
    /// The session's dialects, one for each server and model.
    pub dialects: Dialects,
}

impl Provider for FirstModelProvider {
    fn label(&self, _: Lang) -> String {
        self.endpoint.label.clone()
    }

    fn host(&self) -> Option<String> {
        Some(self.endpoint.host())
    }

    fn model(&self, prompt: &Prompt) -> String {
        prompt.model.clone().unwrap_or_default()
    }

    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        self.endpoint.runs_at(prompt.model.as_deref()?).map(str::to_owned)
    }

    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks {
        let FirstModelProvider { endpoint, dialects } = self.clone();
        let asked = stream::once(async move {
            let provider = named(endpoint, dialects, &prompt).await?;
            Ok(provider.stream(prompt, extension))
        });
        asked
            .flat_map(|asked| match asked {
                Ok(answer) => answer,
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        match OpenAi::new(self.endpoint.clone(), self.dialects.clone()) {
            Ok(provider) => provider.preview(prompt),
            Err(error) => super::UnusableProvider(error).preview(prompt),
        }
    }
}

/// Creates the provider for `prompt`. If the prompt names no model, picks one from the server's
/// list.
async fn named(
    mut endpoint: Endpoint,
    dialects: Dialects,
    prompt: &Prompt,
) -> Result<OpenAi, ProviderError> {
    if prompt.model.is_none() {
        let none = || ProviderError::from(EndpointError::NoModel(endpoint.host()));
        let models = models::list_models(&endpoint).await.map_err(|error| match error.kind {
            // The server has no list, or one that cannot be read.
            FailureKind::NotFound | FailureKind::BadResponse => none(),
            FailureKind::Unauthorized => {
                endpoint.refused_key();
                error
            }
            _ => error,
        })?;
        endpoint.model = Some(models.pick().ok_or_else(none)?.to_owned());
        endpoint.serving.kind = models.kind;
    }
    Ok(OpenAi::new(endpoint, dialects)?)
}
