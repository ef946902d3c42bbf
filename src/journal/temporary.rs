//! A temporary folder per process, for files of runs that are not to be kept.
//!
//! `temporary/<id>` is the folder. `temporary/<id>.lock` is locked while its process lives; it is
//! created before the folder and removed after it. A process that was killed leaves both; the next
//! one that sweeps can acquire the lock, and removes them.

use super::error::{JournalError, JournalErrorKind};
use super::folder::{Dir, Folder, identity, lock};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The parent of these folders, in the state folder.
const NAME: &str = "temporary";
const LOCK: &str = ".lock";
/// Length of a folder's name: 64 random bits in hexadecimal.
const ID_LEN: usize = 16;
/// Attempts to create a lock that another process does not sweep before it is locked.
const TRIES: usize = 3;

/// A folder that belongs to this process. Removed on drop.
#[derive(Debug)]
pub struct Temporary {
    outer: PathBuf,
    id: String,
    lock: Option<File>,
}

impl Folder {
    /// Creates a temporary folder for this process.
    ///
    /// # Errors
    /// The state folder is unsafe, or a folder cannot be created.
    pub fn temporary(&self) -> Result<Temporary, JournalError> {
        let outer = self.state().join(NAME);
        let dir = Dir::make(self.state(), NAME)?;
        for _ in 0..TRIES {
            let id = format!("{:016x}", rand::random::<u64>());
            let name = format!("{id}{LOCK}");
            let file = dir.create(&name)?;
            let path = outer.join(&name);
            lock(&file).map_err(|cause| JournalError::new(&path, cause))?;
            let about = file.metadata().map_err(|e| JournalError::io(&path, &e))?;
            if let (_, _, true) = identity(&about) {
                let made = Temporary { outer, id, lock: Some(file) };
                Dir::make(&made.outer, &made.id)?;
                return Ok(made);
            }
        }
        Err(JournalError::new(outer, JournalErrorKind::Locked))
    }

    /// Removes the temporary folders of processes that are gone, and returns their number.
    ///
    /// # Errors
    /// A folder is unsafe or cannot be read, or a file cannot be removed.
    pub fn sweep(&self) -> Result<usize, JournalError> {
        self.sweep_panels();
        let outer = self.state().join(NAME);
        let Some(dir) = Dir::open(self.state(), NAME)? else { return Ok(0) };
        let mut ids: Vec<String> = dir
            .names()
            .map_err(|e| JournalError::io(&outer, &e))?
            .into_iter()
            .map(|name| name.strip_suffix(LOCK).unwrap_or(&name).to_owned())
            .filter(|id| is_id(id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut swept = 0;
        for id in ids {
            let name = format!("{id}{LOCK}");
            match dir.file(&name, true)? {
                Some((file, _)) => match file.try_lock() {
                    Ok(()) => remove(&dir, &outer, &id, Some(file))?,
                    // Its process lives, or that cannot be determined: keep it.
                    Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
                },
                // The lock is removed last, so its process is gone.
                None => remove(&dir, &outer, &id, None)?,
            }
            swept += 1;
        }
        Ok(swept)
    }

    /// Removes files that earlier versions left beside the panels: partial files, and the last
    /// preview.
    fn sweep_panels(&self) {
        let Ok(Some(panels)) = self.panels() else { return };
        for name in panels.names().unwrap_or_default() {
            if name.starts_with(".panel-") || name == "preview.md" {
                let removed = panels.remove(&name);
                let _ = removed.inspect_err(|error| tracing::warn!(%error, "a file stays"));
            }
        }
    }
}

impl Temporary {
    /// Returns the folder's path.
    pub fn path(&self) -> PathBuf {
        self.outer.join(&self.id)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let removed = self.outer.parent().map_or(Ok(()), |state| match Dir::open(state, NAME)? {
            Some(dir) => remove(&dir, &self.outer, &self.id, self.lock.take()),
            None => Ok(()),
        });
        if let Err(error) = removed {
            tracing::warn!(%error, "temporary files stay until the next start");
        }
    }
}

/// Removes a folder with its files, and its lock, which the caller holds.
fn remove(dir: &Dir, outer: &Path, id: &str, lock: Option<File>) -> Result<(), JournalError> {
    if let Some(inner) = Dir::open(outer, id)? {
        let names = inner.names().map_err(|e| JournalError::io(outer.join(id), &e))?;
        for name in names.iter().filter(|name| *name != "." && *name != "..") {
            inner.remove(name)?;
        }
        drop(inner);
        dir.remove_folder(id)?;
    }
    // Open files cannot be removed on some platforms.
    #[cfg(not(unix))]
    drop(lock);
    dir.remove(&format!("{id}{LOCK}"))?;
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

    fn folder() -> (tempfile::TempDir, Folder, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("kaizodo");
        (home, Folder::new(state.clone()), state.join(NAME))
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
        let (_home, folder, outer) = folder();
        let (one, other) = (folder.temporary().unwrap(), folder.temporary().unwrap());
        for temporary in [&one, &other] {
            fs::write(temporary.path().join("a.md"), "x").unwrap();
        }
        assert_eq!(folder.sweep().unwrap(), 0, "both live");
        assert_eq!(names(&outer).len(), 4);
        drop(one);
        assert_eq!(names(&outer), [other.id.clone(), format!("{}.lock", other.id)]);
        assert_eq!(names(&other.path()), ["a.md"]);
        drop(other);
        assert_eq!(names(&outer), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_process_left_is_removed() {
        let (home, folder, outer) = folder();
        let living = folder.temporary().unwrap();
        // Killed at the end, between folder and lock, and before the folder existed.
        let lock = |id: &str| fs::write(outer.join(format!("{id}.lock")), "").unwrap();
        let left = |id: &str| {
            fs::create_dir(outer.join(id)).unwrap();
            fs::write(outer.join(id).join("b.md"), "x").unwrap();
        };
        left("00000000000000aa");
        lock("00000000000000aa");
        left("00000000000000bb");
        lock("00000000000000cc");
        // Files of others stay, and so do the targets of links.
        let mine = home.path().join("mine");
        fs::create_dir(&mine).unwrap();
        fs::write(mine.join("c.md"), "x").unwrap();
        std::os::unix::fs::symlink(mine.join("c.md"), outer.join("00000000000000bb/d.md")).unwrap();
        fs::create_dir(outer.join("notes")).unwrap();
        assert_eq!(folder.sweep().unwrap(), 3);
        let own = [living.id.clone(), format!("{}.lock", living.id), "notes".to_owned()];
        assert_eq!(names(&outer), own);
        assert_eq!(names(&mine), ["c.md"]);
    }

    #[test]
    fn sweeping_creates_nothing_and_removes_leftovers_of_earlier_versions() {
        let (home, folder, _) = folder();
        assert_eq!(folder.sweep().unwrap(), 0);
        assert_eq!(names(home.path()), [""; 0]);
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
