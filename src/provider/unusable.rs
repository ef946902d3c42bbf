//! A provider for invalid settings: it reports the error in every section, so that no text goes to
//! another server instead.

use super::{Chunks, EndpointError, Provider, ProviderError, TimeoutExtension};
use crate::lang::{Lang, Message};
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

/// Provider that fails every request with this error.
#[derive(Clone, Debug)]
pub struct UnusableProvider(pub EndpointError);

impl Provider for UnusableProvider {
    fn label(&self, _: Lang) -> String {
        String::new()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn sends(&self) -> bool {
        false
    }

    fn model(&self, prompt: &Prompt) -> String {
        prompt.model.clone().unwrap_or_default()
    }

    fn stream(&self, _: Prompt, _: TimeoutExtension) -> Chunks {
        stream::once(std::future::ready(Err(ProviderError::from(self.0.clone())))).boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        Box::pin(std::future::ready(Sent::Refused(self.0.message(prompt.lang))))
    }
}
