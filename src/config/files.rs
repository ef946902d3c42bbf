//! Where kaizodo's files are, and the user's settings among them.

use super::{Settings, SettingsError};
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::io::ErrorKind;
use std::path::PathBuf;

/// The settings file is read up to this size: a larger one is no settings file.
const FILE_BYTES: u64 = 1 << 20;

/// The user's folders, by the XDG Base Directory Specification on every system.
#[derive(Clone, Debug)]
pub struct Folders {
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
        Some(Folders { config: xdg.config_dir().join("kaizodo"), state: state.join("kaizodo") })
    }

    /// The user's settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

/// The user's settings; an empty layer where there is no file.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn user_settings(folders: Option<&Folders>) -> Result<Settings, SettingsError> {
    let Some(path) = folders.map(Folders::settings) else { return Ok(Settings::default()) };
    let origin = path.display().to_string();
    let error = |reason: String| SettingsError { origin: origin.clone(), line: None, reason };
    match std::fs::metadata(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Settings::default()),
        Ok(meta) if meta.len() > FILE_BYTES => return Err(error(format!("{} bytes", meta.len()))),
        Err(e) => return Err(error(e.to_string())),
        Ok(_) => {}
    }
    let text = std::fs::read_to_string(&path).map_err(|e| error(e.to_string()))?;
    Settings::from_toml(&origin, &text)
}
