//! The settings, merged from layers in which every value is optional.
//!
//! From lowest to highest priority: defaults, the user's file, a trusted repository, the editor,
//! environment variables, command-line flags. A layer that cannot be read is skipped and reported;
//! the others stay in force.

mod allowed;
mod destination;
mod edit;
mod editor;
mod env;
mod error;
mod files;
mod layers;
mod mistakes;
mod notice;
mod perspectives;
mod prices;
mod reading;
mod real_path;
mod reason;
mod set;
mod settings;

pub use allowed::allowed_from_toml;
pub use edit::{Change, Edit, EditError, edited};
pub use editor::EditorSettings;
pub use env::{Env, is_set};
pub use error::{EarlierSettings, Mistake, SettingsError};
pub use files::{Folders, SaveError, save_settings, settings_text, user_settings};
pub use layers::{Layer, Layers};
pub use notice::Notice;
pub use perspectives::PerspectiveFiles;
pub use prices::{Price, Prices};
pub use reading::{Links, ReadError, read_text};
pub use real_path::real_path;
pub use set::PerspectiveSet;
pub use settings::{Language, Settings};

use crate::event::Usd;
use crate::lang::Lang;
use crate::privacy::{NeverSend, SecretPolicy};
use crate::provider::{self, ExtraBody, Gguf, KeyCommand, LlamaCommand};
use crate::request::{Budget, FocusMode, Schedule};
use crate::text::ContextMode;
use destination::Destination;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which provider answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderChoice {
    /// The server that a model file, a base URL or an API key configures; otherwise a local server
    /// that is running; otherwise the worksheet.
    #[default]
    Auto,
    /// The server at `base_url`, or OpenAI.
    OpenAi,
    /// A server that runs a model file, or a local server on its usual port.
    Local,
    /// A model of the editor, reached through the LSP client.
    Editor,
    /// The built-in worksheet, which asks the user instead of a model.
    Worksheet,
}

/// The settings in force, merged from all layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Whether a layer of the settings could not be read. No text then leaves this machine, because
    /// the layer may have restricted where text is sent.
    pub unreadable: bool,
    /// Which provider answers.
    pub provider: ProviderChoice,
    /// Base URL of a server with OpenAI's Chat Completions API; OpenAI itself if `None`.
    pub base_url: Option<String>,
    /// A model file on this machine, for which a server is started. Mutually exclusive with
    /// `base_url`. If `provider` is [`ProviderChoice::OpenAi`], one layer names both it and the
    /// file, so it is unclear who is meant, and no one is asked.
    pub gguf: Option<Gguf>,
    /// The program that serves `gguf`.
    pub llama_server: LlamaCommand,
    /// Name of the model to ask. If `None`, the first chat model that runs on the server itself is
    /// asked, or [`DEFAULT_MODEL`] at OpenAI.
    pub model: Option<String>,
    /// The models to fall back to if `model` cannot answer, in order.
    pub fallbacks: Vec<String>,
    /// Members merged into the body of every request.
    pub extra_body: ExtraBody,
    /// Command that prints the API key; run only if no environment variable sets the key.
    pub key_command: Option<KeyCommand>,
    /// Headers added to every request.
    pub headers: BTreeMap<String, String>,
    /// Query parameters added to every request.
    pub query: BTreeMap<String, String>,
    /// Hosts besides loopback that may be contacted over plain HTTP.
    pub allow_insecure_hosts: Vec<String>,
    /// The language of answers and panels; `None` for the language of the selection.
    pub lang: Option<Lang>,
    /// The language of messages, and of selections whose language is ambiguous.
    pub locale: Lang,
    /// Names of the perspectives in the default set.
    pub perspectives: Vec<String>,
    /// Further sets of perspectives, by name.
    pub sets: BTreeMap<String, PerspectiveSet>,
    /// Names of further built-in sets that the editor's menu offers.
    pub offer: Vec<String>,
    /// Whether a run has a focus, unless its set overrides this.
    pub focus: FocusMode,
    /// The order in which the requests of a run are sent.
    pub schedule: Schedule,
    /// How much of the surrounding text may be sent with a selection.
    pub context: ContextMode,
    /// Policy for secrets in a selection.
    pub secrets: SecretPolicy,
    /// Patterns for files that are never sent.
    pub never_send: NeverSend,
    /// The user's own prices for models, in addition to the built-in ones.
    pub prices: Prices,
    /// Limits on a run.
    pub limits: Limits,
    /// Timeouts and size limits of one request to a server.
    pub request: provider::Limits,
    /// Whether runs are recorded, and how long they are kept.
    pub journal: Journal,
}

/// The model used at OpenAI if none is set.
pub const DEFAULT_MODEL: &str = "gpt-5-mini";

/// Limits on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a selection in bytes; a larger one is rejected.
    pub selection_bytes: usize,
    /// Maximum cost of a run; a run that may cost more is not sent. `None` for no limit.
    pub run_cost: Option<Usd>,
    /// Limits on time, bytes and retries.
    pub budget: Budget,
}

/// Settings of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Whether runs are recorded.
    pub enabled: bool,
    /// Whether each run's request is recorded as well, with the text that was sent and the
    /// perspectives.
    pub selection: bool,
    /// Whether the models' reasoning is recorded as well, if the models send it.
    pub reasoning: bool,
    /// Maximum number of days since a run was last written; older runs are removed.
    pub keep_days: u32,
    /// Maximum total size in bytes of all runs that are not pinned, beyond which the oldest are
    /// removed.
    pub keep_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            unreadable: false,
            provider: ProviderChoice::Auto,
            base_url: None,
            gguf: None,
            llama_server: LlamaCommand::default(),
            model: None,
            fallbacks: Vec::new(),
            extra_body: ExtraBody::default(),
            key_command: None,
            headers: BTreeMap::new(),
            query: BTreeMap::new(),
            allow_insecure_hosts: Vec::new(),
            lang: None,
            locale: Lang::En,
            perspectives: Vec::new(),
            sets: BTreeMap::new(),
            offer: Vec::new(),
            focus: FocusMode::Auto,
            schedule: Schedule::Auto,
            context: ContextMode::None,
            secrets: SecretPolicy::default(),
            never_send: NeverSend::default(),
            prices: Prices::default(),
            limits: Limits { selection_bytes: 200_000, run_cost: None, budget: Budget::default() },
            request: provider::Limits::default(),
            journal: Journal {
                enabled: true,
                selection: true,
                reasoning: false,
                keep_days: 30,
                keep_bytes: 256 << 20,
            },
        }
    }
}

impl Config {
    /// Merges layers over the defaults. Later layers override earlier ones.
    pub fn from_layers<'a>(layers: impl IntoIterator<Item = &'a Settings>, locale: Lang) -> Self {
        let layers: Vec<_> = layers.into_iter().collect();
        let mut config = Config { locale, ..Config::default() };
        let mut destination = Destination::default();
        for (settings, is_replaced) in layers.iter().zip(destination::is_server_replaced(&layers)) {
            settings.write_over(&mut config);
            if is_replaced {
                config.key_command = None;
                config.headers.clear();
                config.query.clear();
            }
            destination.add(settings);
        }
        destination.write_to(&mut config);
        config
    }
}
