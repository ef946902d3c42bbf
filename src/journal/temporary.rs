//! Files with text of runs that are not to be kept: a folder for each process that needs one, which
//! goes with the process.
//!
//! `temporary/<id>` is the folder and `temporary/<id>.lock` says that its process lives: it is there
//! before the folder and for longer, and it is locked. A process that was killed leaves both, and
//! whoever looks next can lock the file and removes them.

use super::error::{Cause, JournalError};
use super::folder::{Dir, Folder, identity, lock};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of all these folders, in the state folder.
const NAME: &str = "temporary";
const LOCK: &str = ".lock";
/// The length of a folder's name: 64 random bits in hexadecimal.
const ID_LEN: usize = 16;
/// How often a new lock is made anew because somebody took it for one that was left.
const TRIES: usize = 3;

/// A folder of this process's own. It is removed when this is dropped.
#[derive(Debug)]
pub struct Temporary {
    outer: PathBuf,
    id: String,
    lock: Option<File>,
}

impl Folder {
    /// Makes a folder that this process alone writes to.
    ///
    /// # Errors
    /// A state folder that is not to be trusted, or a folder that cannot be made.
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
        Err(JournalError::new(outer, Cause::Locked))
    }

    /// Removes what processes that are gone have left, whatever it is; says of how many.
    ///
    /// # Errors
    /// A folder that is not to be trusted or cannot be read.
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
                    // Its process lives, or nobody can tell: then it stays.
                    Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
                },
                // A lock goes last.
                None => remove(&dir, &outer, &id, None)?,
            }
            swept += 1;
        }
        Ok(swept)
    }

    /// Removes what earlier versions left beside the panels: halves of files, and the last preview.
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
    /// The folder.
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

/// Removes a folder with the files in it, and its lock, which the caller holds.
fn remove(dir: &Dir, outer: &Path, id: &str, lock: Option<File>) -> Result<(), JournalError> {
    if let Some(inner) = Dir::open(outer, id)? {
        let names = inner.names().map_err(|e| JournalError::io(outer.join(id), &e))?;
        for name in names.iter().filter(|name| *name != "." && *name != "..") {
            inner.remove(name)?;
        }
        drop(inner);
        dir.remove_folder(id)?;
    }
    // Where an open file cannot be removed it must be closed first.
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
    fn a_folder_goes_with_its_owner_and_with_nobody_else() {
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
        // Killed at the end, between the folder and its lock, and before the folder was there.
        let lock = |id: &str| fs::write(outer.join(format!("{id}.lock")), "").unwrap();
        let left = |id: &str| {
            fs::create_dir(outer.join(id)).unwrap();
            fs::write(outer.join(id).join("b.md"), "x").unwrap();
        };
        left("00000000000000aa");
        lock("00000000000000aa");
        left("00000000000000bb");
        lock("00000000000000cc");
        // What is none of ours stays, and what a link leads to.
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
    fn looking_makes_nothing_and_the_leavings_of_earlier_versions_go() {
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
