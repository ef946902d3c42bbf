//! Locates kaizodo's files, and reads and saves the user's settings.

use super::reading::{Links, ReadError, read_text};
use super::{Settings, SettingsError};
use crate::lang::{Lang, Message};
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Maximum size of the settings file.
const FILE_BYTES: u64 = 1 << 20;

/// The user's folders, located by the XDG Base Directory Specification on every platform.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The home directory.
    pub home: PathBuf,
    /// The folder of kaizodo's configuration, `$XDG_CONFIG_HOME/kaizodo`.
    pub config: PathBuf,
    /// The folder of kaizodo's state, `$XDG_STATE_HOME/kaizodo`.
    pub state: PathBuf,
}

impl Folders {
    /// Locates the user's home, configuration and state folders. Returns `None` if there is no home
    /// directory.
    pub fn find() -> Option<Self> {
        let xdg = Xdg::new().ok()?;
        let state = xdg.state_dir().unwrap_or_else(|| xdg.home_dir().join(".local/state"));
        // Its components make a path that is written with the system's own separators.
        let own = |folder: PathBuf| folder.components().collect::<PathBuf>().join("kaizodo");
        let home = xdg.home_dir().to_owned();
        Some(Folders { home, config: own(xdg.config_dir()), state: own(state) })
    }

    /// Returns the path of the user's settings file.
    pub fn settings(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Returns the folder of the user's own perspectives.
    pub fn perspectives(&self) -> PathBuf {
        self.config.join("perspectives")
    }

    /// Returns the folder that records the trusted repositories.
    pub fn trust(&self) -> PathBuf {
        self.state.join("trust")
    }
}

/// Why the settings were not saved. The file is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// Another program has changed the file since it was read.
    #[error("the file has changed meanwhile")]
    Changed,
    /// The file cannot be written. Contains the operating system's message.
    #[error("{0}")]
    Failed(String),
}

/// Returns the text of the user's settings file, or an empty text if the file does not exist.
///
/// # Errors
/// Fails if the file exists but cannot be read.
pub fn settings_text(folders: &Folders) -> Result<String, ReadError> {
    match read_text(&folders.settings(), FILE_BYTES, Links::Follow) {
        Err(ReadError::Missing) => Ok(String::new()),
        read => read,
    }
}

/// Replaces the content of the user's settings file with `text`, atomically. `read` is the text
/// that was read from the file before. An existing file keeps its permissions; a new file is
/// accessible only to this user. A link is followed, because many users keep their settings
/// elsewhere.
///
/// # Errors
/// Fails if the file has changed since it was read, or cannot be written.
pub fn save_settings(folders: &Folders, read: &str, text: &str) -> Result<(), SaveError> {
    let failed = |error: io::Error| SaveError::Failed(error.to_string());
    let path = folders.settings();
    let path = match (fs::canonicalize(&path), fs::symlink_metadata(&path)) {
        (Ok(path), _) => path,
        // The link's target does not exist.
        (Err(error), Ok(_)) => return Err(failed(error)),
        (Err(_), Err(_)) => path,
    };
    if fs::metadata(&path).is_ok_and(|about| about.permissions().readonly()) {
        return Err(failed(io::ErrorKind::ReadOnlyFilesystem.into()));
    }
    let folder = path.parent().unwrap_or(&folders.config).to_owned();
    fs::create_dir_all(&folder).map_err(failed)?;
    let draft = folder.join(format!(".config.toml.{:032x}", rand::random::<u128>()));
    let saved =
        write_draft(&draft, &path, text).map_err(failed).and_then(|()| {
            match settings_text(folders) {
                Ok(now) if now == read => fs::rename(&draft, &path).map_err(failed),
                _ => Err(SaveError::Changed),
            }
        });
    if saved.is_err() {
        let _ = fs::remove_file(&draft);
    }
    saved
}

fn write_draft(draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if let Ok(old) = fs::metadata(path) {
        fs::set_permissions(draft, old.permissions())?;
    }
    Ok(())
}

/// Reads the user's settings file. Returns an empty layer if the file does not exist.
///
/// # Errors
/// Fails if the file exists but cannot be read or parsed.
pub fn user_settings(folders: Option<&Folders>) -> Result<Settings, SettingsError> {
    let Some(path) = folders.map(Folders::settings) else { return Ok(Settings::default()) };
    let origin = path.display().to_string();
    match read_text(&path, FILE_BYTES, Links::Follow) {
        Ok(text) => Settings::from_toml(&origin, &text),
        Err(ReadError::Missing) => Ok(Settings::default()),
        Err(why) => Err(SettingsError::new(&origin, None, why.message(Lang::En))),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_replaced_whole_with_its_permissions_and_behind_its_link() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders {
            home: home.path().to_owned(),
            config: home.path().join("config/kaizodo"),
            state: home.path().join("state"),
        };
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        save_settings(&folders, "", "lang = 'ja'\n").unwrap();
        assert_eq!(mode(&folders.settings()), 0o600);
        let elsewhere = home.path().join("設定.toml");
        fs::rename(folders.settings(), &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&elsewhere, folders.settings()).unwrap();
        save_settings(&folders, "lang = 'ja'\n", "lang = 'en'\n").unwrap();
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "lang = 'en'\n");
        assert!(mode(&elsewhere) == 0o640 && folders.settings().is_symlink());
        let late = save_settings(&folders, "lang = 'ja'\n", "lang = 'auto'\n");
        assert_eq!(late, Err(SaveError::Changed));
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "lang = 'en'\n");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "no draft is left");
    }
}
