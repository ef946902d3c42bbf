//! The provider that was selected for a run, and why.

use crate::lang::Lang;
use crate::provider::sentence::runs_elsewhere;
use crate::provider::{Endpoint, EndpointError, Launch, Provider, UnusableProvider, Worksheet};
use crate::request::Prompt;
use std::sync::Arc;

/// A selected provider, and why it was chosen.
#[derive(Clone)]
pub struct Selected {
    /// The selected provider.
    pub provider: Arc<dyn Provider>,
    /// The provider's endpoint; `None` if it has none, as with the worksheet or the editor's
    /// models, or if the settings cannot be used.
    pub endpoint: Option<Endpoint>,
    /// Why the provider was chosen.
    pub reason: Reason,
}

/// Where the API key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The environment variable `OPENAI_API_KEY`.
    Environment,
    /// The key command from the settings. Holds the name of its program.
    Command(String),
}

/// Why a provider was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The settings name the provider or a base URL.
    Settings,
    /// The settings name a model file. Holds how the server for it is launched.
    ModelFile(Launch),
    /// OpenAI was chosen, because there is an API key or because the settings name this provider,
    /// and the settings name no base URL.
    Key,
    /// A local server was found, and no other server is configured.
    Local {
        /// Display name of the server.
        label: String,
        /// The server's models.
        models: Vec<String>,
    },
    /// No usable local server was found, and no other server is configured or allowed.
    Nothing,
    /// The settings cannot be used. Holds why.
    Misconfigured(EndpointError),
}

impl Selected {
    /// Returns a selection that fails every request, because the settings cannot be used.
    pub(super) fn unusable(error: EndpointError) -> Self {
        let provider = Arc::new(UnusableProvider(error.clone()));
        Selected { provider, endpoint: None, reason: Reason::Misconfigured(error) }
    }

    /// Returns the selection of a provider that answers whatever the settings say.
    pub(super) fn always(provider: &Arc<dyn Provider>) -> Self {
        Selected { provider: Arc::clone(provider), endpoint: None, reason: Reason::Settings }
    }

    /// Returns the selection of the worksheet, which the user chose or which is all there is.
    pub(super) fn worksheet(is_chosen: bool) -> Self {
        let reason = if is_chosen { Reason::Settings } else { Reason::Nothing };
        Selected { provider: Arc::new(Worksheet { is_chosen }), endpoint: None, reason }
    }

    /// Returns `true` if the selection stays valid as long as the settings stay the same. Local
    /// servers come and go, and a server that did not list its models may do so later.
    pub(super) fn stays_valid(&self) -> bool {
        let is_known = self
            .endpoint
            .as_ref()
            .is_none_or(|e| e.model.is_some() && (e.elsewhere.is_some() || !e.may_be_ollama()));
        let is_chosen =
            matches!(self.reason, Reason::Settings | Reason::ModelFile(_) | Reason::Key);
        is_chosen && is_known
    }

    /// Returns `true` if this selection is the same as an earlier one, so that its connections can
    /// be reused.
    pub(super) fn is_same_connection(&self, earlier: &Selected) -> bool {
        match (&self.endpoint, &earlier.endpoint) {
            (Some(a), Some(b)) => {
                (&a.base_url, &a.model, a.limits, &a.label, &a.extra_body)
                    == (&b.base_url, &b.model, b.limits, &b.label, &b.extra_body)
            }
            _ => false,
        }
    }

    /// Returns the names of the models that may be asked for a prompt, in the order in which they
    /// are tried.
    pub(crate) fn models(&self, prompt: &Prompt) -> Vec<String> {
        let named = |model: Option<&str>| {
            self.provider.model(&Prompt { model: model.map(str::to_owned), ..Prompt::default() })
        };
        prompt.candidates().map(named).collect()
    }

    /// Returns notes for the user on the provider and on the hosts on which `models` run. `None` in
    /// `models` means the model from the settings.
    pub(crate) fn notes<'a>(
        &'a self,
        models: impl IntoIterator<Item = Option<&'a str>>,
        lang: Lang,
    ) -> Vec<String> {
        let mut notes: Vec<String> = self.provider.note(lang).into_iter().collect();
        let Some(endpoint) = &self.endpoint else { return notes };
        for model in models.into_iter().filter_map(|model| model.or(endpoint.model.as_deref())) {
            let Some(at) = endpoint.runs_at(model) else { continue };
            let note = runs_elsewhere(model, &endpoint.host(), at, lang);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
    }
}
