//! A provider in the place of one that the settings describe wrongly: it says so in every section,
//! so that nothing goes to anybody else.

use super::sentence::config_error;
use super::{Chunk, ConfigError, Provider, ProviderError};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::perspective::Prompt;
use futures::stream::{self, BoxStream, StreamExt};

/// Settings that cannot be used.
#[derive(Clone, Debug)]
pub struct Unusable(pub ConfigError);

impl Provider for Unusable {
    fn label(&self, _: Lang) -> String {
        String::new()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn model(&self, prompt: &Prompt) -> String {
        prompt.model.clone().unwrap_or_default()
    }

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let error = ProviderError {
            detail: Some(config_error(&self.0, prompt.lang)),
            ..ProviderError::new(FailureKind::Configuration, None)
        };
        stream::once(std::future::ready(Err(error))).boxed()
    }
}
