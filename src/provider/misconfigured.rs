//! A provider in the place of one that the settings describe wrongly: it says so in every section,
//! so that nothing goes to anybody else.

use super::sentence::config_error;
use super::{Chunk, EndpointError, Provider, ProviderError};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::preview::Sent;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, StreamExt};

/// Settings that cannot be used.
#[derive(Clone, Debug)]
pub struct Misconfigured(pub EndpointError);

impl Provider for Misconfigured {
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

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        stream::once(std::future::ready(Err(not_asked(&self.0, prompt.lang)))).boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        Box::pin(std::future::ready(Sent::Refused(config_error(&self.0, prompt.lang))))
    }
}

/// The error of a request that could not even be made: its detail is the sentence for people.
pub(crate) fn not_asked(error: &EndpointError, lang: Lang) -> ProviderError {
    ProviderError {
        detail: Some(config_error(error, lang)),
        ..ProviderError::new(FailureKind::Configuration, None)
    }
}
