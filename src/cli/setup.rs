//! Common setup of all commands: loads the settings and creates the provider selector.

use crate::config::{Config, Env, Folders, Layer, Layers, Settings, SettingsError, user_settings};
use crate::journal::Folder;
use crate::lang::Lang;
use crate::session::{ProviderSelector, Session};
use std::path::PathBuf;

/// The settings in force, and the problems found in the others.
pub(crate) struct Setup {
    /// The settings without a repository's.
    pub(crate) config: Config,
    pub(crate) layers: Layers,
    pub(crate) selector: ProviderSelector,
    pub(crate) folders: Option<Folders>,
    /// Errors of the layers that were skipped.
    pub(crate) problems: Vec<SettingsError>,
}

impl Setup {
    /// Loads the user's settings file, and puts environment and flags on top.
    pub(crate) fn load(env: Env, flags: &Settings) -> Self {
        let folders = Folders::find();
        let (user, broken) = match user_settings(folders.as_ref()) {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        let unread = broken.is_some() || env.problem.is_some() && flags.provider.is_none();
        let layers = Layers {
            user: Layer { settings: user, unread: false },
            editor: Layer::default(),
            environment: env.settings,
            flags: flags.clone(),
            locale: env.locale,
            unread,
        };
        let problems = broken.into_iter().chain(env.problem).collect();
        let (config, selector) =
            (layers.config(), ProviderSelector::new(env.api_key).through(env.proxies));
        Setup { config, layers, selector, folders, problems }
    }

    /// Creates a session in the current directory.
    pub(crate) fn session(&self) -> Session {
        let (layers, selector) = (self.layers.clone(), self.selector.clone());
        let journal = self.folders.as_ref().map(|folders| Folder::new(folders.state.clone()));
        Session::new(layers, selector, self.folders.clone(), here()).with_journal(journal)
    }

    /// The language of messages.
    pub(crate) fn lang(&self) -> Lang {
        self.config.locale
    }
}

/// Returns the current directory, to which texts without a file belong.
pub(crate) fn here() -> Option<PathBuf> {
    std::env::current_dir().ok()
}
