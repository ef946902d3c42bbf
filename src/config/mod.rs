//! The settings: one struct, made of layers, each of which may say something or nothing.
//!
//! Lowest to highest: the defaults, the user's file, a repository that is trusted, the editor, the
//! environment, flags. A layer that cannot be read is left out and told of; the others stay in
//! force.

mod allowed;
mod editor;
mod env;
mod files;
mod layers;
mod notice;
mod perspectives;
mod reading;
mod reason;
mod set;
mod settings;

pub use allowed::allowed_from_toml;
pub use editor::EditorSettings;
pub use env::Env;
pub use files::{Folders, user_settings};
pub use layers::{Layer, Layers};
pub use notice::Notice;
pub use perspectives::PerspectiveFiles;
pub use reading::{Links, Unread, read_text};
pub use set::PerspectiveSet;
pub use settings::{Language, Settings, SettingsError};

use crate::lang::Lang;
use crate::privacy::{NeverSend, Secrets};
use crate::provider::{self, ExtraBody, KeyCommand};
use crate::request::{Budget, FocusMode, Schedule};
use crate::text::ContextMode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderChoice {
    /// What is set up: a base URL or a key, else a local server that is running, else the worksheet.
    #[default]
    Auto,
    /// The server at `base_url`, or OpenAI.
    OpenAi,
    /// A local server on its usual port.
    Local,
    /// A model of the editor's own, asked through it.
    Editor,
    /// The built-in worksheet: no model.
    Worksheet,
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// A layer could not be read. What it said of where text may go is not known, so none leaves
    /// this computer.
    pub unread: bool,
    /// Who answers.
    pub provider: ProviderChoice,
    /// The server, for any that speaks OpenAI's chat completions; OpenAI where nothing is said.
    pub base_url: Option<String>,
    /// The model; else the server's first, or [`DEFAULT_MODEL`] at OpenAI.
    pub model: Option<String>,
    /// What is merged into every request.
    pub extra_body: ExtraBody,
    /// What prints the key, where the environment has none.
    pub key_command: Option<KeyCommand>,
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
    /// Query parameters of every request.
    pub query: BTreeMap<String, String>,
    /// Hosts that may be asked over plain HTTP though they are not this computer.
    pub allow_insecure_hosts: Vec<String>,
    /// The language of answers and panels; else the selection's own.
    pub lang: Option<Lang>,
    /// The language of messages, and of selections that could be either.
    pub locale: Lang,
    /// What the default action asks.
    pub perspectives: Vec<String>,
    /// Further sets of perspectives, by name.
    pub sets: BTreeMap<String, PerspectiveSet>,
    /// Names of sets that are in the menu beside these.
    pub offer: Vec<String>,
    /// Whether a run has a focus, unless its set says otherwise.
    pub focus: FocusMode,
    /// How the requests of a run leave.
    pub schedule: Schedule,
    /// How much of what stands around a selection may be sent with it.
    pub context: ContextMode,
    /// What is done with what looks secret in a selection.
    pub secrets: Secrets,
    /// Documents that are never sent.
    pub never_send: NeverSend,
    /// Bounds of a run.
    pub limits: Limits,
    /// Bounds of a request.
    pub request: provider::Limits,
    /// What is kept of runs.
    pub journal: Journal,
}

/// The model that is asked at OpenAI where none is set.
pub const DEFAULT_MODEL: &str = "gpt-5-mini";

/// Bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a selection; a larger one is refused.
    pub selection_bytes: usize,
    /// What one run may use.
    pub budget: Budget,
}

/// What is kept of runs on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Runs are written down as they come.
    pub enabled: bool,
    /// A run that was not written to for more days is removed.
    pub keep_days: u32,
    /// Where all runs together take more bytes, the oldest are removed.
    pub keep_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            unread: false,
            provider: ProviderChoice::Auto,
            base_url: None,
            model: None,
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
            secrets: Secrets::default(),
            never_send: NeverSend::default(),
            limits: Limits { selection_bytes: 200_000, budget: Budget::default() },
            request: provider::Limits::default(),
            journal: Journal { enabled: true, keep_days: 30, keep_bytes: 256 << 20 },
        }
    }
}

impl Config {
    /// The defaults with these layers on top, the later ones over the earlier ones.
    pub fn from_layers<'a>(layers: impl IntoIterator<Item = &'a Settings>, locale: Lang) -> Self {
        let mut config = Config { locale, ..Config::default() };
        layers.into_iter().for_each(|settings| settings.write_over(&mut config));
        config
    }
}
