//! The journal's folder: `journal` in the user's state folder, accessible only to this user.

use super::error::{JournalError, JournalErrorKind};
use super::lines::LineNotice;
use crate::event::{RunId, Stamped};
use crate::private_folder::{FolderError, PrivateFolder, Temporary};
use crate::request::Request;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The folder's name in the state folder.
const NAME: &str = "journal";
/// Where the language server writes panels for editors without virtual documents.
const PANELS: &str = "panels";
/// Suffix of a journal's file name.
const ENDING: &str = ".jsonl";
/// Suffix of a panel's file name.
const PANEL: &str = ".md";
/// Suffix of the name of the file that marks a run as pinned.
const PIN: &str = ".pin";
/// The length of a run's name: a ULID in Crockford's alphabet.
const ID_LEN: usize = 26;

/// A handle for the folder with the journals of all runs. The folder is opened or created on
/// demand, so that it can be used as soon as the user has repaired it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    state: PathBuf,
}

/// A run as read from its journal.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedRun {
    /// The run's events, in order.
    pub events: Vec<Stamped>,
    /// The request that started the run, if the journal holds it.
    pub asked: Option<Request>,
    /// Notices about the lines that could not be read.
    pub problems: Vec<LineNotice>,
    /// Whether a process was writing to the journal when it was opened.
    pub alive: bool,
}

impl Folder {
    /// Creates a handle for the journal in this state folder (`$XDG_STATE_HOME/kaizodo`).
    pub fn new(state: PathBuf) -> Self {
        Folder { state }
    }

    /// Returns the path of the journal's folder.
    pub fn path(&self) -> PathBuf {
        self.state.join(NAME)
    }

    /// Returns the path of a run's journal file.
    pub fn file(&self, run: &RunId) -> PathBuf {
        self.path().join(format!("{run}{ENDING}"))
    }

    /// Finds a run by its ID. `name` is the whole ID, the beginning of one, `last` for the newest
    /// run, or `last~1`, `last~2` … for those before it.
    ///
    /// # Errors
    /// Fails if no run or more than one matches, or if the folder is unsafe or cannot be read.
    pub fn find(&self, name: &str) -> Result<RunId, JournalError> {
        self.find_with(name, Vec::new())
    }

    /// Like [`Folder::find`], but also searches `others`, which may include runs that are not
    /// saved.
    ///
    /// # Errors
    /// Same as [`Folder::find`].
    pub(crate) fn find_with(&self, name: &str, others: Vec<RunId>) -> Result<RunId, JournalError> {
        let runs = self.ids()?.into_iter().chain(others).collect();
        named(runs, name).map_err(|kind| JournalError::new(self.path(), kind))
    }

    /// Returns the IDs of all saved runs, oldest first.
    pub(crate) fn ids(&self) -> Result<Vec<RunId>, JournalError> {
        let Some(dir) = self.open()? else { return Ok(Vec::new()) };
        Ok(runs_of(&dir.names()?))
    }

    /// Opens the journal's folder. Returns `None` if it does not exist.
    pub(crate) fn open(&self) -> Result<Option<PrivateFolder>, FolderError> {
        self.open_in_state(NAME)
    }

    /// Opens the folder of panel files, which is next to the journal's folder. Returns `None` if it
    /// does not exist.
    pub(crate) fn panels(&self) -> Result<Option<PrivateFolder>, FolderError> {
        self.open_in_state(PANELS)
    }

    fn open_in_state(&self, name: &str) -> Result<Option<PrivateFolder>, FolderError> {
        match PrivateFolder::open(&self.state)? {
            Some(state) => state.open_in(name),
            None => Ok(None),
        }
    }

    /// Opens the journal's folder, creating it if necessary.
    pub(crate) fn make(&self) -> Result<PrivateFolder, FolderError> {
        PrivateFolder::make(&self.state)?.make_in(NAME)
    }

    /// Removes the temporary folders of processes that have exited, and files that earlier versions
    /// left beside the panels: partial files, and the last preview.
    ///
    /// # Errors
    /// Fails if the temporary folders are unsafe, or cannot be read or removed.
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

/// Finds a run among `runs` by its ID. `name` is the whole ID, the beginning of one, `last` for the
/// newest run, or `last~1`, `last~2` … for those before it.
///
/// # Errors
/// Fails if no run or more than one matches.
pub(crate) fn named(runs: BTreeSet<RunId>, name: &str) -> Result<RunId, JournalErrorKind> {
    if let Some(back) = steps_back(name) {
        let count = runs.len();
        return runs.into_iter().nth_back(back).ok_or_else(|| match count {
            0 => JournalErrorKind::NoRuns,
            count => JournalErrorKind::TooFarBack(name.to_owned(), count),
        });
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

/// Returns how many runs before the newest one `name` means: 0 for `last`, 2 for `last~2`; `None`
/// for any other name.
fn steps_back(name: &str) -> Option<usize> {
    match name.strip_prefix("last")?.strip_prefix('~') {
        None => (name == "last").then_some(0),
        Some(steps) if steps.is_empty() || !steps.bytes().all(|b| b.is_ascii_digit()) => None,
        // More runs than can be counted are more than there are.
        Some(steps) => Some(steps.parse().unwrap_or(usize::MAX)),
    }
}

/// Returns the name of a run's journal file; `None` if `run` is not a valid ID.
pub(crate) fn name_of(run: &RunId) -> Option<String> {
    is_id(&run.0).then(|| format!("{run}{ENDING}"))
}

/// Returns the name of the empty file that marks a run as pinned.
pub(crate) fn pin_of(run: &RunId) -> String {
    format!("{run}{PIN}")
}

/// Returns the run that the file `name` marks as pinned; `None` if `name` is not a pin.
pub(crate) fn run_of_pin(name: &str) -> Option<RunId> {
    name.strip_suffix(PIN).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

/// Returns the name of a run's panel file.
pub(crate) fn panel_of(run: &RunId) -> String {
    format!("{run}{PANEL}")
}

/// Returns the run whose panel is in the file `name`; `None` if `name` is not a panel file.
pub(crate) fn run_of_panel(name: &str) -> Option<RunId> {
    name.strip_suffix(PANEL).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

/// Returns the runs whose journals are among the files `names`, oldest first.
pub(crate) fn runs_of(names: &[String]) -> Vec<RunId> {
    let mut runs: Vec<RunId> = names.iter().filter_map(|name| run_of(name)).collect();
    // The names begin with the time.
    runs.sort_unstable();
    runs
}

fn run_of(name: &str) -> Option<RunId> {
    name.strip_suffix(ENDING).filter(|id| is_id(id)).map(|id| RunId(id.to_owned()))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn runs_are_counted_back_from_the_last() {
        let runs = || ["01a", "01b", "02c"].map(|run| RunId(run.to_owned())).into();
        let found = |name: &str| named(runs(), name).map(|run| run.0);
        for (name, run) in
            [("last", "02c"), ("last~0", "02c"), ("last~1", "01b"), ("last~2", "01a")]
        {
            assert_eq!(found(name).as_deref(), Ok(run), "{name}");
        }
        for name in ["last~3", "last~99999999999999999999"] {
            assert_eq!(found(name), Err(JournalErrorKind::TooFarBack(name.to_owned(), 3)));
        }
        for name in ["last~", "last~x", "last~-1", "last~+1", "last1", "las", "last~1~1"] {
            assert_eq!(found(name), Err(JournalErrorKind::UnknownRun(name.to_owned())), "{name}");
        }
        assert_eq!(named(BTreeSet::new(), "last~1"), Err(JournalErrorKind::NoRuns));
    }

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
