//! The journal's folder: `journal` in the user's state folder, for this user alone.

use super::error::{JournalError, JournalErrorKind};
use super::lines::LineNotice;
use crate::event::{RunId, Stamped};
use crate::private_folder::{FolderError, PrivateFolder, Temporary};
use crate::request::Request;
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::PathBuf;

/// The folder's name in the state folder.
const NAME: &str = "journal";
/// Where the language server writes panels for editors without virtual documents.
const PANELS: &str = "panels";
/// What a journal's name ends with.
const ENDING: &str = ".jsonl";
/// What a panel's name ends with.
const PANEL: &str = ".md";
/// What the name of the file ends with that says that a run is pinned.
const PIN: &str = ".pin";
/// The length of a run's name: a ULID in Crockford's alphabet.
const ID_LEN: usize = 26;

/// Where journals are. Nothing is opened or made before it is needed, so that a folder that was
/// put right is used from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    state: PathBuf,
}

/// A run as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its events, in their order.
    pub events: Vec<Stamped>,
    /// What it was asked, where that is kept.
    pub asked: Option<Request>,
    /// What of it could not be read.
    pub problems: Vec<LineNotice>,
    /// A process is writing to it.
    pub alive: bool,
}

impl Folder {
    /// The journal in this state folder (`$XDG_STATE_HOME/kaizodo`).
    pub fn new(state: PathBuf) -> Self {
        Folder { state }
    }

    /// The folder's path.
    pub fn path(&self) -> PathBuf {
        self.state.join(NAME)
    }

    /// The path of a run's journal.
    pub fn file(&self, run: &RunId) -> PathBuf {
        self.path().join(format!("{run}{ENDING}"))
    }

    /// The run that a name means: a whole name, the beginning of one, or `last`.
    ///
    /// # Errors
    /// None, or more than one.
    pub fn find(&self, name: &str) -> Result<RunId, JournalError> {
        self.find_with(name, Vec::new())
    }

    /// The same among these runs, too, which may not be saved.
    ///
    /// # Errors
    /// Those of [`Folder::find`].
    pub(crate) fn find_with(&self, name: &str, others: Vec<RunId>) -> Result<RunId, JournalError> {
        let runs = self.ids()?.into_iter().chain(others).collect();
        named(runs, name).map_err(|kind| JournalError::new(self.path(), kind))
    }

    /// The names of all runs, the oldest first.
    pub(crate) fn ids(&self) -> Result<Vec<RunId>, JournalError> {
        let Some(dir) = self.open()? else { return Ok(Vec::new()) };
        Ok(runs_of(&dir.names()?))
    }

    /// The folder, if it is there.
    pub(crate) fn open(&self) -> Result<Option<PrivateFolder>, FolderError> {
        self.open_in_state(NAME)
    }

    /// The folder of the panels' files beside it, if it is there.
    pub(crate) fn panels(&self) -> Result<Option<PrivateFolder>, FolderError> {
        self.open_in_state(PANELS)
    }

    fn open_in_state(&self, name: &str) -> Result<Option<PrivateFolder>, FolderError> {
        match PrivateFolder::open(&self.state)? {
            Some(state) => state.open_in(name),
            None => Ok(None),
        }
    }

    /// The folder, made where it is not there.
    pub(crate) fn make(&self) -> Result<PrivateFolder, FolderError> {
        PrivateFolder::make(&self.state)?.make_in(NAME)
    }

    /// Removes the temporary folders of processes that are gone, and files that earlier versions
    /// left beside the panels: partial files, and the last preview.
    ///
    /// # Errors
    /// A folder is unsafe or cannot be read, or a file cannot be removed.
    pub fn sweep(&self) -> Result<(), FolderError> {
        if let Ok(Some(panels)) = self.panels() {
            for name in panels.names().unwrap_or_default() {
                if name.starts_with(".panel-") || name == "preview.md" {
                    let removed = panels.remove(&name);
                    let _ = removed.inspect_err(|error| tracing::warn!(%error, "a file stays"));
                }
            }
        }
        Temporary::sweep(&self.state)?;
        Ok(())
    }
}

/// The run that a name means among these: a whole name, the beginning of one, or `last`.
///
/// # Errors
/// None, or more than one.
pub(crate) fn named(runs: BTreeSet<RunId>, name: &str) -> Result<RunId, JournalErrorKind> {
    if name == "last" {
        return runs.into_iter().next_back().ok_or(JournalErrorKind::NoRuns);
    }
    let lower = name.to_ascii_lowercase();
    let mut found: Vec<RunId> = runs.into_iter().filter(|r| r.0.starts_with(&lower)).collect();
    match (found.pop(), found.len()) {
        (Some(run), 0) if !lower.is_empty() => Ok(run),
        (Some(_), more) if !lower.is_empty() => {
            Err(JournalErrorKind::AmbiguousRun(name.to_owned(), more + 1))
        }
        _ => Err(JournalErrorKind::UnknownRun(name.to_owned())),
    }
}

/// The name of a run's file; none for what is no name of a run.
pub(crate) fn name_of(run: &RunId) -> Option<String> {
    is_id(&run.0).then(|| format!("{run}{ENDING}"))
}

/// The name of the empty file that says that a run is pinned.
pub(crate) fn pin_of(run: &RunId) -> String {
    format!("{run}{PIN}")
}

/// The run that a file says is pinned.
pub(crate) fn run_of_pin(name: &str) -> Option<RunId> {
    name.strip_suffix(PIN).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

/// The name of a run's panel as a file.
pub(crate) fn panel_of(run: &RunId) -> String {
    format!("{run}{PANEL}")
}

/// The run whose panel a file is.
pub(crate) fn run_of_panel(name: &str) -> Option<RunId> {
    name.strip_suffix(PANEL).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

/// The runs whose journals are among these files, the oldest first.
pub(crate) fn runs_of(names: &[String]) -> Vec<RunId> {
    let mut runs: Vec<RunId> = names.iter().filter_map(|name| run_of(name)).collect();
    // They begin with the time.
    runs.sort_unstable();
    runs
}

fn run_of(name: &str) -> Option<RunId> {
    name.strip_suffix(ENDING).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

/// Whether a process writes to a file.
pub(crate) fn is_alive(file: &File) -> bool {
    match file.try_lock_shared() {
        Ok(()) => {
            // It is closed soon, and that unlocks it too.
            let _ = file.unlock();
            false
        }
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn names(path: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn sweeping_creates_nothing_and_removes_leftovers_of_earlier_versions() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path().join("kaizodo"));
        folder.sweep().unwrap();
        assert!(names(home.path()).is_empty());
        let panels = home.path().join("kaizodo/panels");
        fs::create_dir_all(&panels).unwrap();
        for name in [".panel-x1", "preview.md", "mine.md"] {
            fs::write(panels.join(name), "x").unwrap();
        }
        #[cfg(unix)]
        for folder in [&panels, &home.path().join("kaizodo")] {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        }
        folder.sweep().unwrap();
        assert_eq!(names(&panels), ["mine.md"]);
    }
}
