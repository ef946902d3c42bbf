//! Who would be asked with the current settings, and the models that can be asked, for a front end
//! that shows or offers them.

use super::server::Lookup;
use super::{Reason, Session};
use crate::config::ProviderChoice;
use crate::lang::{Lang, Message};
use crate::perspective::short_model_name;
use crate::provider::models::{ListedModel, list_models};
use crate::provider::{EndpointError, ProviderError, sentence};
use crate::request::Prompt;
use serde::Serialize;

/// The server that the current settings select, and the models that it lists.
#[derive(Debug, Default)]
pub(crate) struct ModelList {
    /// The server's host; `None` if the settings select no server.
    pub(crate) host: Option<String>,
    /// The model that a run would use; `None` if unknown.
    pub(crate) model: Option<String>,
    /// The server's chat models, in the order in which the server lists them.
    pub(crate) models: Vec<ListedModel>,
}

/// What is known, without a request, of the provider that the next run would use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NextProvider {
    /// One of `server`, `editor` and `worksheet`; `local` or `auto`, as set, if a run would first
    /// search for a local server; `unusable` if the settings cannot be used.
    pub(crate) kind: &'static str,
    /// Display name of the server, as in a run's events; empty unless `kind` is `server`.
    pub(crate) provider: String,
    /// The model; empty if unknown or if no model is asked.
    pub(crate) model: String,
}

/// Why a server's models cannot be listed.
#[derive(Debug)]
pub(crate) enum ModelsError {
    /// The settings cannot be used, or the key command did not print a key.
    Endpoint(EndpointError),
    /// The server did not return a list of models.
    Provider(ProviderError),
}

impl Session {
    /// Returns who would be asked with the current settings, as far as it is known without a
    /// request.
    pub(crate) async fn next_provider(&self) -> NextProvider {
        let config = self.config();
        let own = |kind| NextProvider { kind, ..NextProvider::default() };
        let model = short_model_name(config.model.as_deref().unwrap_or_default()).to_owned();
        let searches = self.selector.searches(&config);
        match config.provider {
            ProviderChoice::Worksheet => return own("worksheet"),
            ProviderChoice::Editor if self.selector.has_editor_models() => {
                return NextProvider { model, ..own("editor") };
            }
            ProviderChoice::Local if searches => return NextProvider { model, ..own("local") },
            ProviderChoice::Auto if searches => return NextProvider { model, ..own("auto") },
            ProviderChoice::Auto
            | ProviderChoice::Local
            | ProviderChoice::OpenAi
            | ProviderChoice::Editor => {}
        }
        let selected = self.selector.select(&config, Lookup::KnownOnly).await;
        if selected.endpoint.is_none() {
            return own("unusable");
        }
        let provider = selected.provider.label(self.lang());
        let model = selected.provider.model(&Prompt::default());
        NextProvider { kind: "server", provider, model }
    }

    /// Fetches the list of models from the server that the current settings select. Sends no
    /// request if they select a model file or no server.
    ///
    /// # Errors
    /// Fails if the settings cannot be used, if the key is not available, or if the server returns
    /// no list.
    pub(crate) async fn models(&self) -> Result<ModelList, ModelsError> {
        let selected = self.selector.select(&self.config(), Lookup::KnownOnly).await;
        if let Reason::Misconfigured(error) = selected.reason {
            return Err(ModelsError::Endpoint(error));
        }
        let Some(endpoint) = selected.endpoint else { return Ok(ModelList::default()) };
        let (host, model) = (Some(endpoint.host()), endpoint.model.clone());
        if matches!(selected.reason, Reason::ModelFile(_)) {
            return Ok(ModelList { host, model, models: vec![] });
        }
        let endpoint = endpoint.with_key().await.map_err(ModelsError::Endpoint)?;
        let listed = list_models(&endpoint).await.map_err(ModelsError::Provider)?;
        let model = model.or_else(|| listed.pick().map(str::to_owned));
        let models = listed.all.into_iter().filter(|listed| listed.chats).collect();
        Ok(ModelList { host, model, models })
    }
}

impl Message for ModelsError {
    fn message(&self, lang: Lang) -> String {
        match self {
            ModelsError::Endpoint(error) => error.message(lang),
            ModelsError::Provider(error) => sentence::failure(error, "", false, lang).message,
        }
    }
}
