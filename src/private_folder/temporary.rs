//! A temporary folder for each process, for the files of runs that are not kept.
//!
//! `temporary/<id>` is the folder. `temporary/<id>.lock` is a file that is locked while the process
//! lives. It is created before the folder and removed after it. A process that is killed leaves
//! both. The next process that sweeps can acquire the lock, and removes both.

use super::{FolderError, FolderErrorKind, PrivateFolder, has_name, lock};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Name of the parent of all temporary folders, in the state folder.
const NAME: &str = "temporary";
/// Suffix of the names of lock files.
const LOCK: &str = ".lock";
/// Length of a folder's name: 64 random bits in hexadecimal.
const ID_LEN: usize = 16;
/// Maximum number of attempts to create a lock file: another process may sweep the file before it
/// is locked.
const TRIES: usize = 3;

/// This process's temporary folder. Removed with its files on drop.
#[derive(Debug)]
pub(crate) struct Temporary {
    outer: PrivateFolder,
    folder: PrivateFolder,
    id: String,
    lock: Option<File>,
}

impl Temporary {
    /// Creates a temporary folder for this process in the state folder.
    ///
    /// # Errors
    /// Fails if the state folder is unsafe, or if a folder or the lock file cannot be created.
    pub(crate) fn make(state: &Path) -> Result<Temporary, FolderError> {
        let outer = PrivateFolder::make(state)?.make_in(NAME)?;
        for _ in 0..TRIES {
            let id = format!("{:016x}", rand::random::<u64>());
            let name = format!("{id}{LOCK}");
            let file = outer.create(&name)?;
            let path = outer.path().join(&name);
            lock(&file).map_err(|kind| FolderError::new(&path, kind))?;
            let about = file.metadata().map_err(|e| FolderError::io(&path, &e))?;
            if has_name(&about) {
                let folder = outer.make_in(&id)?;
                return Ok(Temporary { outer, folder, id, lock: Some(file) });
            }
        }
        Err(FolderError::new(outer.path(), FolderErrorKind::Locked))
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
            match outer.file(&name, true)? {
                Some((file, _)) => match file.try_lock() {
                    Ok(()) => remove(&outer, &id, Some(file))?,
                    // The process lives, or that cannot be determined: keep its folder.
                    Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
                },
                // There is no lock, which is created first and removed last: the process is gone.
                None => remove(&outer, &id, None)?,
            }
            swept += 1;
        }
        Ok(swept)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.outer, &self.id, self.lock.take()) {
            tracing::warn!(%error, "temporary files stay until the next start");
        }
    }
}

/// Removes a temporary folder with its files, and then its lock file, which the caller has locked.
fn remove(outer: &PrivateFolder, id: &str, lock: Option<File>) -> Result<(), FolderError> {
    if let Some(inner) = outer.open_in(id)? {
        for name in inner.names()? {
            inner.remove(&name)?;
        }
        drop(inner);
        outer.remove_folder(id)?;
    }
    // On some platforms, open files cannot be removed.
    #[cfg(not(unix))]
    drop(lock);
    outer.remove(&format!("{id}{LOCK}"))?;
    #[cfg(unix)]
    drop(lock);
    Ok(())
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
