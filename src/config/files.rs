//! Where kaizodo's files are, and the user's settings among them.

use super::reading::{Links, Unread, read_text};
use super::{Settings, SettingsError};
use crate::lang::{Lang, Message};
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// The settings file is read up to this size: a larger one is no settings file.
const FILE_BYTES: u64 = 1 << 20;

/// The user's folders, by the XDG Base Directory Specification on every system.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The home folder.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME/kaizodo`.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/kaizodo`.
    pub state: PathBuf,
}

impl Folders {
    /// The folders of this user; none where there is no home.
    pub fn find() -> Option<Self> {
        let xdg = Xdg::new().ok()?;
        let state = xdg.state_dir().unwrap_or_else(|| xdg.home_dir().join(".local/state"));
        Some(Folders {
            home: xdg.home_dir().to_owned(),
            config: xdg.config_dir().join("kaizodo"),
            state: state.join("kaizodo"),
        })
    }

    /// The user's settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's own perspectives.
    pub fn perspectives(&self) -> PathBuf {
        self.config.join("perspectives")
    }

    /// What the user has trusted.
    pub fn trust(&self) -> PathBuf {
        self.state.join("trust")
    }
}

/// The user's settings; an empty layer where there is no file.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn user_settings(folders: Option<&Folders>) -> Result<Settings, SettingsError> {
    let Some(path) = folders.map(Folders::settings) else { return Ok(Settings::default()) };
    let origin = path.display().to_string();
    match read_text(&path, FILE_BYTES, Links::Follow) {
        Ok(text) => Settings::from_toml(&origin, &text),
        Err(Unread::Missing) => Ok(Settings::default()),
        Err(why) => Err(SettingsError { origin, line: None, reason: why.message(Lang::En) }),
    }
}
