//! Selects the provider for a run, and says why: what the settings name, otherwise OpenAI if there
//! is a key, otherwise a local server that is running, otherwise the built-in worksheet, so that a
//! run always works.

mod selected;

pub use selected::{KeySource, Reason, Selected};

use super::server::{Lookup, Server, Servers};
use crate::config::{Config, DEFAULT_MODEL, ProviderChoice};
use crate::provider::discovery::{DiscoveryOptions, FoundServer, discover};
use crate::provider::models::{LEARN_TIMEOUT, list_models};
use crate::provider::{
    CachedKey, Dialects, Endpoint, EndpointError, FirstModelProvider, Gguf, Launch, Llama,
    LlamaServer, OpenAi, Programs, Provider, Proxies, Secret, SecretError, ServerKind,
};
use parking_lot::Mutex;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// OpenAI's own base URL.
const OPENAI: &str = "https://api.openai.com/v1";
/// How long a run waits at its start for a server that may be Ollama, so that the panel's head can
/// say where the text goes. Ollama on this computer answers within a few milliseconds.
const PROBE_TIMEOUT: Duration = Duration::from_millis(100);

/// Selects a provider for each run, and keeps it as long as the settings stay the same, so that
/// connections are reused.
#[derive(Clone)]
pub struct ProviderSelector {
    api_key: Option<Result<Secret, SecretError>>,
    proxies: Proxies,
    programs: Programs,
    /// The server for the model file that the settings named last.
    llama: Arc<Mutex<Option<Arc<LlamaServer>>>>,
    /// The last configured key command, with its output.
    asked: Arc<Mutex<Option<CachedKey>>>,
    discovery: Arc<DiscoveryOptions>,
    editor: Arc<OnceLock<EditorModels>>,
    last: Arc<Mutex<Option<(Config, Selected)>>>,
    /// The state of every server, by host.
    servers: Arc<Servers>,
    /// The dialect of each server, as far as known.
    dialects: Dialects,
    instead: Option<Instead>,
}

/// A replacement for every provider that would be selected.
#[derive(Clone)]
enum Instead {
    /// This provider, whatever the settings say.
    Always(Arc<dyn Provider>),
    /// The selected provider, wrapped with this function.
    Around(Wrap),
}

/// A function that wraps a provider in another one.
pub type Wrap = Arc<dyn Fn(Arc<dyn Provider>) -> Arc<dyn Provider> + Send + Sync>;

/// A function that creates the provider for the editor's own models from the settings.
pub type EditorModels = Arc<dyn Fn(&Config) -> Arc<dyn Provider> + Send + Sync>;

impl ProviderSelector {
    /// Creates a selector. `api_key` is the key from the environment; `None` if there is none.
    pub fn new(api_key: Option<Result<Secret, SecretError>>) -> Self {
        ProviderSelector::with_discovery(api_key, DiscoveryOptions::default())
    }

    /// Like [`ProviderSelector::new`], but searches for local servers according to `options`.
    pub fn with_discovery(
        api_key: Option<Result<Secret, SecretError>>,
        options: DiscoveryOptions,
    ) -> Self {
        ProviderSelector {
            api_key,
            proxies: Proxies::default(),
            programs: Programs::default(),
            llama: Arc::default(),
            asked: Arc::default(),
            discovery: Arc::new(options),
            editor: Arc::default(),
            last: Arc::default(),
            servers: Arc::default(),
            dialects: Dialects::default(),
            instead: None,
        }
    }

    /// Makes every run use `provider`, regardless of the settings.
    pub fn with_provider(self, provider: Arc<dyn Provider>) -> Self {
        ProviderSelector { instead: Some(Instead::Always(provider)), ..self }
    }

    /// Wraps every selected provider with `wrap`.
    pub fn with_wrapper(self, wrap: Wrap) -> Self {
        ProviderSelector { instead: Some(Instead::Around(wrap)), ..self }
    }

    /// Sends requests through `proxies`, which the environment configures.
    pub fn with_proxies(self, proxies: Proxies) -> Self {
        ProviderSelector { proxies, ..self }
    }

    /// Looks for programs, such as the server for a model file, in the folders of `programs`.
    pub fn with_programs(self, programs: Programs) -> Self {
        ProviderSelector { programs, ..self }
    }

    /// Creates a selector for another session, which shares the servers' state, dialects and keys
    /// with this one, but not the editor's models.
    pub(crate) fn for_session(&self) -> Self {
        ProviderSelector { editor: Arc::default(), last: Arc::default(), ..self.clone() }
    }

    pub(crate) fn offer_editor_models(&self, make: EditorModels) {
        // The first offer stays, because a connection has only one editor.
        let _ = self.editor.set(make);
    }

    /// Returns `true` if the client can ask the editor's own models.
    pub(crate) fn has_editor_models(&self) -> bool {
        self.editor.get().is_some()
    }

    /// Returns where the API key comes from with these settings, but not the key itself; `None` if
    /// there is no key.
    pub fn key_source(&self, config: &Config) -> Option<KeySource> {
        match (&self.api_key, &config.key_command) {
            (Some(_), _) => Some(KeySource::Environment),
            (None, Some(command)) => Some(KeySource::Command(command.name())),
            (None, None) => None,
        }
    }

    /// Returns `true` if a run with these settings would search for a local server first, because
    /// they name no server.
    pub(crate) fn searches(&self, config: &Config) -> bool {
        let is_named = config.base_url.is_some() || self.key_source(config).is_some();
        match config.provider {
            ProviderChoice::Auto => config.gguf.is_none() && !is_named,
            ProviderChoice::Local => config.gguf.is_none(),
            _ => false,
        }
    }

    /// Returns the key command from these settings; `None` if there is none, or if the environment
    /// has a key, which takes precedence. The command and its cached output are kept as long as the
    /// settings name the same command.
    fn key_command(&self, config: &Config) -> Option<CachedKey> {
        let command = config.key_command.as_ref().filter(|_| self.api_key.is_none())?;
        let mut asked = self.asked.lock();
        match asked.as_ref().filter(|asked| asked.command() == command) {
            Some(same) => Some(same.clone()),
            None => Some(asked.insert(CachedKey::new(command.clone())).clone()),
        }
    }

    /// Selects the provider for these settings. Queries the server that the settings name only if
    /// `lookup` allows it; if they name none, searches for local servers on this computer. The search
    /// and each query have a timeout.
    pub async fn select(&self, config: &Config, lookup: Lookup) -> Selected {
        match &self.instead {
            None => self.select_by(config, lookup).await,
            Some(Instead::Always(provider)) => Selected::always(provider),
            Some(Instead::Around(wrap)) => {
                let selected = self.select_by(config, lookup).await;
                Selected { provider: wrap(selected.provider), ..selected }
            }
        }
    }

    async fn select_by(&self, config: &Config, lookup: Lookup) -> Selected {
        if let Some(selected) = self.last_for(config).filter(Selected::stays_valid) {
            return selected;
        }
        let mut selected = self.choose(config, lookup).await;
        if let Some(earlier) =
            self.last_for(config).filter(|earlier| selected.is_same_connection(earlier))
        {
            selected.provider = earlier.provider;
        }
        if lookup == Lookup::MayQuery {
            *self.last.lock() = Some((config.clone(), selected.clone()));
        }
        selected
    }

    /// Returns the last selection, if it was for these settings.
    fn last_for(&self, config: &Config) -> Option<Selected> {
        let last = self.last.lock();
        last.as_ref().filter(|(before, _)| before == config).map(|(_, selected)| selected.clone())
    }

    /// Returns the state of the selected provider's server, shared by all runs that use the server.
    pub(crate) fn server(&self, selected: &Selected) -> Arc<Server> {
        self.servers.for_host(&selected.provider.host().unwrap_or_default())
    }

    /// Opens a connection in advance to the server of the last run with these settings, unless an
    /// earlier connection is still open.
    pub(crate) fn preconnect(&self, config: &Config) {
        let Some(selected) = self.last_for(config) else { return };
        if selected.endpoint.is_some()
            && self.server(&selected).should_preconnect(config.request.unused)
        {
            tokio::spawn(selected.provider.preconnect());
        }
    }

    async fn choose(&self, config: &Config, lookup: Lookup) -> Selected {
        let may_be_file = matches!(config.provider, ProviderChoice::Auto | ProviderChoice::Local);
        if let Some(gguf) = config.gguf.as_ref().filter(|_| may_be_file) {
            return self.model_file(gguf, config).unwrap_or_else(Selected::unusable);
        }
        // A server that is no longer wanted exits when the last run that uses it is over.
        *self.llama.lock() = None;
        match config.provider {
            ProviderChoice::Worksheet => Selected::worksheet(true),
            ProviderChoice::Editor => match self.editor.get() {
                Some(_) if config.unreadable => Selected::unusable(EndpointError::EditorUnclear),
                Some(make) => {
                    let reason = Reason::Settings;
                    Selected { provider: make(config), endpoint: None, reason }
                }
                None => Selected::unusable(EndpointError::NoEditorModels),
            },
            ProviderChoice::OpenAi if config.gguf.is_some() => {
                Selected::unusable(EndpointError::Unclear)
            }
            ProviderChoice::OpenAi => self.named(config, lookup).await,
            ProviderChoice::Auto if !self.searches(config) => self.named(config, lookup).await,
            ProviderChoice::Auto | ProviderChoice::Local => {
                // A server without models of its own cannot answer. A model that the server
                // forwards to another host is used only if the user names it.
                let is_named = |found: &FoundServer| {
                    config
                        .model
                        .as_ref()
                        .is_some_and(|model| found.endpoint.runs_at(model).is_some())
                };
                let can_answer = |found: &FoundServer| !found.models.is_empty() || is_named(found);
                let found = discover(&self.discovery).await.into_iter().find(can_answer);
                found.map_or_else(|| Selected::worksheet(false), |found| self.local(config, found))
            }
        }
    }

    /// Selects the server that the settings name, or OpenAI.
    async fn named(&self, config: &Config, lookup: Lookup) -> Selected {
        let reason = if config.base_url.is_some() { Reason::Settings } else { Reason::Key };
        match self.endpoint(config, lookup).await {
            Ok(endpoint) if endpoint.model.is_none() => {
                // Creating a provider shows whether the endpoint can be used at all.
                let mut selected = self.open(endpoint.clone(), reason);
                if selected.endpoint.is_some() {
                    let dialects = self.dialects.clone();
                    selected.provider = Arc::new(FirstModelProvider { endpoint, dialects });
                }
                selected
            }
            Ok(endpoint) => self.open(endpoint, reason),
            Err(error) => Selected::unusable(error),
        }
    }

    /// Creates an endpoint for the server at `base_url`, without key, headers and model. It is
    /// reached as every server is: through the environment's proxies, or not at all.
    pub(crate) fn endpoint_at(
        &self,
        base_url: &str,
        config: &Config,
    ) -> Result<Endpoint, EndpointError> {
        let mut endpoint = Endpoint::new(base_url)?;
        endpoint.allow_insecure_hosts.clone_from(&config.allow_insecure_hosts);
        endpoint.proxies.clone_from(&self.proxies);
        endpoint.limits = config.request;
        endpoint.may_forward = !config.unreadable;
        Ok(endpoint)
    }

    async fn endpoint(&self, config: &Config, lookup: Lookup) -> Result<Endpoint, EndpointError> {
        let mut endpoint =
            self.endpoint_at(config.base_url.as_deref().unwrap_or(OPENAI), config)?;
        endpoint.api_key = self.api_key.clone().transpose()?;
        endpoint.key_command = self.key_command(config);
        endpoint.headers = config.headers.clone().into_iter().collect();
        endpoint.query = config.query.clone().into_iter().collect();
        endpoint.extra_body = config.extra_body.clone();
        if config.unreadable && !endpoint.is_loopback() {
            return Err(EndpointError::SettingsUnreadable(endpoint.host()));
        }
        if let Some(model) = &config.model {
            endpoint.model = Some(model.clone());
        } else if is_openai(config) {
            endpoint.model = Some(DEFAULT_MODEL.to_owned());
        } else if lookup == Lookup::MayQuery
            && let Ok(models) = list_models(&endpoint).await
        {
            endpoint.model = models.pick().map(str::to_owned);
            endpoint.serving.kind = models.kind;
            endpoint.elsewhere = Some(models.elsewhere());
        }
        if config.model.is_some() {
            self.add_known_facts(&mut endpoint, lookup).await;
        }
        check_and_label_forwarding(&mut endpoint, config)?;
        Ok(endpoint)
    }

    /// Selects the server for a model file, and keeps it as long as its launch stays the same.
    fn model_file(&self, gguf: &Gguf, config: &Config) -> Result<Selected, EndpointError> {
        let launch = Launch::new(gguf, &config.llama_server, &self.programs, &config.request)?;
        let server = {
            let mut kept = self.llama.lock();
            match kept.as_ref().filter(|kept| *kept.launch() == launch) {
                Some(same) => Arc::clone(same),
                None => Arc::clone(kept.insert(Arc::new(LlamaServer::new(launch.clone())))),
            }
        };
        let (limits, extra_body) = (config.request, config.extra_body.clone());
        let provider = Llama::new(server, limits, extra_body, self.dialects.clone())?;
        let endpoint = Some(provider.endpoint().clone());
        Ok(Selected { provider: Arc::new(provider), endpoint, reason: Reason::ModelFile(launch) })
    }

    fn local(&self, config: &Config, found: FoundServer) -> Selected {
        let FoundServer { mut endpoint, models, .. } = found;
        endpoint.extra_body = config.extra_body.clone();
        endpoint.limits = config.request;
        endpoint.may_forward = !config.unreadable;
        if config.model.is_some() {
            endpoint.model.clone_from(&config.model);
        }
        let reason = Reason::Local { label: endpoint.label.clone(), models };
        match check_and_label_forwarding(&mut endpoint, config) {
            Ok(()) => self.open(endpoint, reason),
            Err(error) => Selected::unusable(error),
        }
    }

    fn open(&self, endpoint: Endpoint, reason: Reason) -> Selected {
        match OpenAi::new(endpoint.clone(), self.dialects.clone()) {
            Ok(provider) => {
                Selected { provider: Arc::new(provider), endpoint: Some(endpoint), reason }
            }
            Err(error) => Selected::unusable(error),
        }
    }

    /// Adds the kind and models of the server to its endpoint, as far as known. A server that may
    /// be Ollama is queried, since it may forward the text, and since it handles one request at a
    /// time.
    async fn add_known_facts(&self, endpoint: &mut Endpoint, lookup: Lookup) {
        let server = self.servers.for_host(&endpoint.host());
        let wait = match endpoint.model.as_deref().and_then(|model| endpoint.runs_at(model)) {
            Some(_) => LEARN_TIMEOUT,
            None => PROBE_TIMEOUT,
        };
        let learned = match lookup {
            Lookup::MayQuery => server.known_or_probe(endpoint, wait).await,
            Lookup::KnownOnly => server.known(),
        };
        if let Some(learned) = learned.filter(|_| endpoint.serving.kind == ServerKind::Unknown) {
            endpoint.serving = learned.serving;
            endpoint.elsewhere = Some(learned.elsewhere);
        }
    }
}

/// Adds the host that a model runs on to the endpoint's label, if that is not the server itself.
///
/// # Errors
/// Fails if the server would forward the text to another host while a layer of the settings cannot
/// be read. A prompt's own model is checked when it is sent.
fn check_and_label_forwarding(
    endpoint: &mut Endpoint,
    config: &Config,
) -> Result<(), EndpointError> {
    let model = endpoint.model.as_deref().unwrap_or_default();
    for model in config.fallbacks.iter().map(String::as_str).chain([model]) {
        endpoint.check_forwarding(model)?;
    }
    if let Some(at) = endpoint.runs_at(model) {
        endpoint.label = format!("{} → {at}", endpoint.label);
    }
    Ok(())
}

/// Returns whether the settings select OpenAI's own server, by its base URL or by naming no server.
fn is_openai(config: &Config) -> bool {
    config.base_url.as_deref().is_none_or(|url| url.trim_end_matches('/') == OPENAI)
}

#[cfg(test)]
mod tests;
