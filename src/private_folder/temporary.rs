//! A temporary folder for each process, for the files of runs that are not kept.
//!
//! `temporary/<id>` is the folder. `temporary/<id>.lock` is a file that is locked while the process
//! lives. It is created before the folder and removed after it. A process that is killed leaves
//! both. The next process that sweeps can acquire the lock, and removes both.

use super::{Access, FolderError, FolderErrorKind, PrivateFolder};
use std::fs::File;
use std::path::Path;

/// Name of the parent of all temporary folders, in the state folder.
const NAME: &str = "temporary";
/// Suffix of the names of lock files.
const LOCK: &str = ".lock";
/// Length of a folder's name: 64 random bits in hexadecimal.
const ID_LEN: usize = 16;

/// This process's temporary folder. Removed with its files on drop.
#[derive(Debug)]
pub(crate) struct Temporary {
    outer: PrivateFolder,
    folder: PrivateFolder,
    id: String,
    _lock: File,
}

impl Temporary {
    /// Creates a temporary folder for this process in the state folder.
    ///
    /// # Errors
    /// Fails if the state folder is unsafe, or if a folder or the lock file cannot be created.
    pub(crate) fn make(state: &Path) -> Result<Temporary, FolderError> {
        let outer = PrivateFolder::make(state)?.make_in(NAME)?;
        // A new name for each attempt: a process that sweeps may still remove what has the old one.
        let (name, lock) =
            outer.create_locked(|| format!("{:016x}{LOCK}", rand::random::<u64>()))?;
        let id = name.trim_end_matches(LOCK).to_owned();
        let folder = outer.make_in(&id)?;
        Ok(Temporary { outer, folder, id, _lock: lock })
    }

    /// Returns the temporary folder.
    pub(crate) fn folder(&self) -> &PrivateFolder {
        &self.folder
    }

    /// Removes the temporary folders of processes that no longer run. Returns the number of folders
    /// removed.
    ///
    /// # Errors
    /// Fails if a folder is unsafe or cannot be read, or if a file cannot be removed.
    pub(crate) fn sweep(state: &Path) -> Result<usize, FolderError> {
        let Some(state) = PrivateFolder::open(state)? else { return Ok(0) };
        let Some(outer) = state.open_in(NAME)? else { return Ok(0) };
        let mut ids: Vec<String> = outer
            .names()?
            .into_iter()
            .map(|name| name.strip_suffix(LOCK).unwrap_or(&name).to_owned())
            .filter(|id| is_id(id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut swept = 0;
        for id in ids {
            let name = format!("{id}{LOCK}");
            // Without a lock file, which is created first and removed last, the process is gone.
            match outer.file(&name, Access::WriteLocked) {
                // The process lives, or that cannot be determined: keep its folder.
                Err(FolderError { kind: FolderErrorKind::Locked, .. }) => {}
                claimed => {
                    let _lock = claimed?;
                    remove(&outer, &id)?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.outer, &self.id) {
            tracing::warn!(%error, "temporary files stay until the next start");
        }
    }
}

/// Removes a temporary folder with its files, and then its lock file, which the caller has locked.
fn remove(outer: &PrivateFolder, id: &str) -> Result<(), FolderError> {
    if let Some(inner) = outer.open_in(id)? {
        for name in inner.names()? {
            inner.remove(&name)?;
        }
        drop(inner);
        outer.remove_folder(id)?;
    }
    outer.remove(&format!("{id}{LOCK}"))
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    fn folder() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("kaizodo");
        (home, state.clone(), state.join(NAME))
    }

    fn names(path: &Path) -> Vec<String> {
        let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_temporary_folder_is_removed_only_with_its_owner() {
        let (_home, state, outer) = folder();
        let (one, other) = (Temporary::make(&state).unwrap(), Temporary::make(&state).unwrap());
        for temporary in [&one, &other] {
            fs::write(temporary.folder().path().join("a.md"), "x").unwrap();
        }
        assert_eq!(Temporary::sweep(&state).unwrap(), 0, "both live");
        assert_eq!(names(&outer).len(), 4);
        drop(one);
        assert_eq!(names(&outer), [other.id.clone(), format!("{}.lock", other.id)]);
        assert_eq!(names(other.folder().path()), ["a.md"]);
        drop(other);
        assert_eq!(names(&outer), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_process_left_is_removed() {
        let (home, state, outer) = folder();
        let living = Temporary::make(&state).unwrap();
        // Killed processes left a folder and its lock, a folder alone, and a lock alone.
        let lock = |id: &str| fs::write(outer.join(format!("{id}.lock")), "").unwrap();
        let left = |id: &str| {
            fs::create_dir(outer.join(id)).unwrap();
            fs::write(outer.join(id).join("b.md"), "x").unwrap();
        };
        left("00000000000000aa");
        lock("00000000000000aa");
        left("00000000000000bb");
        lock("00000000000000cc");
        // Other files stay, and so do the targets of links.
        let mine = home.path().join("mine");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join("c.md"), "x").unwrap();
        std::os::unix::fs::symlink(mine.join("c.md"), outer.join("00000000000000bb/d.md")).unwrap();
        fs::create_dir(outer.join("notes")).unwrap();
        assert_eq!(Temporary::sweep(&state).unwrap(), 3);
        let own = [living.id.clone(), format!("{}.lock", living.id), "notes".to_owned()];
        assert_eq!(names(&outer), own);
        assert_eq!(names(&mine), ["c.md"]);
    }
}
