//! What every command begins with: the settings in force and who might answer.

use crate::config::{Config, Env, Folders, Settings, SettingsError, user_settings};
use crate::lang::Lang;
use crate::session::Choice;

/// The settings in force, and what was wrong with those that are not.
pub(super) struct Setup {
    pub(super) config: Config,
    pub(super) choice: Choice,
    pub(super) folders: Option<Folders>,
    /// Layers that were left out.
    pub(super) problems: Vec<SettingsError>,
}

impl Setup {
    /// Reads the user's file and puts environment and flags on top.
    pub(super) fn load(env: Env, flags: &Settings) -> Self {
        let folders = Folders::find();
        let (user, broken) = match user_settings(folders.as_ref()) {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        let mut config = Config::from_layers([&user, &env.settings, flags], env.locale);
        config.unread = broken.is_some() || env.problem.is_some() && flags.provider.is_none();
        let problems = broken.into_iter().chain(env.problem).collect();
        Setup { config, choice: Choice::new(env.api_key), folders, problems }
    }

    /// The language of messages.
    pub(super) fn lang(&self) -> Lang {
        self.config.locale
    }
}
