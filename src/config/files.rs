//! Locates kaizodo's files, and reads the user's settings.

use super::reading::{Links, ReadError, read_text};
use super::{Settings, SettingsError};
use crate::lang::{Lang, Message};
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// Maximum size of the settings file.
const FILE_BYTES: u64 = 1 << 20;

/// The user's folders, by the XDG Base Directory Specification on every platform.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The home directory.
    pub home: PathBuf,
    /// `$XDG_CONFIG_HOME/kaizodo`.
    pub config: PathBuf,
    /// `$XDG_STATE_HOME/kaizodo`.
    pub state: PathBuf,
}

impl Folders {
    /// Finds the folders; `None` if there is no home directory.
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

    /// The record of trusted repositories.
    pub fn trust(&self) -> PathBuf {
        self.state.join("trust")
    }
}

/// Reads the user's settings file. A missing file is an empty layer.
///
/// # Errors
/// The file exists but cannot be read or parsed.
pub fn user_settings(folders: Option<&Folders>) -> Result<Settings, SettingsError> {
    let Some(path) = folders.map(Folders::settings) else { return Ok(Settings::default()) };
    let origin = path.display().to_string();
    match read_text(&path, FILE_BYTES, Links::Follow) {
        Ok(text) => Settings::from_toml(&origin, &text),
        Err(ReadError::Missing) => Ok(Settings::default()),
        Err(why) => Err(SettingsError { origin, line: None, reason: why.message(Lang::En) }),
    }
}
