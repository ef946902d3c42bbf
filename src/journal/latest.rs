//! `latest.md`: the newest panel's file under a short name that stays the same. It is written in
//! place, so that editors and `tail -f` follow it.

use super::folder::{panel_of, run_of_panel};
use crate::event::RunId;
use crate::private_folder::{FolderError, PrivateFolder, identity, lock};
use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// The file's name in the folder of panels.
const LATEST: &str = "latest.md";
/// How often the file is opened anew because it was removed while its lock was awaited.
const TRIES: usize = 3;

/// What a process has written into the file last.
#[derive(Debug)]
pub(crate) struct Latest {
    /// The run whose panel it is.
    pub(crate) run: RunId,
    text: String,
}

/// The file, locked until this is dropped: nobody removes it or writes to it meanwhile.
pub(crate) struct LatestFile {
    file: File,
    path: PathBuf,
}

impl LatestFile {
    /// Opens the file, which is made where there is none.
    ///
    /// # Errors
    /// A file that cannot be opened, or that another process keeps locked.
    pub(crate) fn open(panels: &PrivateFolder) -> Result<Self, FolderError> {
        let path = panels.path().join(LATEST);
        for _ in 0..TRIES {
            let Some((file, _)) = panels.file(LATEST, true)? else {
                match panels.create(LATEST) {
                    Ok(_) => continue,
                    // Another process has made it just now.
                    Err(_) if panels.file(LATEST, true)?.is_some() => continue,
                    Err(error) => return Err(error),
                }
            };
            lock(&file).map_err(|kind| FolderError::new(&path, kind))?;
            let about = file.metadata().map_err(|error| FolderError::io(&path, &error))?;
            if has_name(&about) {
                return Ok(LatestFile { file, path });
            }
        }
        Err(FolderError::io(&path, &io::ErrorKind::NotFound.into()))
    }

    /// Makes the file a run's panel, unless it is a newer run's by now; `before` is what this process
    /// wrote last. Only what comes after the part that both texts begin with is written. Returns what
    /// was written; `None` where the file is another run's.
    ///
    /// # Errors
    /// The file or the folder cannot be read, or the file cannot be written.
    pub(crate) fn write(
        mut self,
        panels: &PrivateFolder,
        before: Option<&Latest>,
        run: &RunId,
        text: &str,
    ) -> Result<Option<Latest>, FolderError> {
        let failed = |error: &io::Error| FolderError::io(&self.path, error);
        let mut now = Vec::new();
        self.file.read_to_end(&mut now).map_err(|e| failed(&e))?;
        let is_another_s = match before {
            Some(before) if before.text.as_bytes() == now => run.0 < before.run.0,
            Some(before) if before.run == *run => true,
            _ => shown_in(panels, &now)?.is_some_and(|shown| run.0 < shown.0),
        };
        if is_another_s {
            return Ok(None);
        }
        let same = now.iter().zip(text.as_bytes()).take_while(|(a, b)| a == b).count();
        let (same, rest) = text.split_at(text.floor_char_boundary(same));
        let cut = u64::try_from(same.len()).unwrap_or(u64::MAX);
        // It is open to be written at its end.
        let written = self.file.set_len(cut).and_then(|()| self.file.write_all(rest.as_bytes()));
        written.map_err(|e| failed(&e))?;
        Ok(Some(Latest { run: run.clone(), text: text.to_owned() }))
    }

    /// The file's path.
    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

/// Removes the file where the panel in it is that of no run any more.
///
/// # Errors
/// The folder or the file cannot be read, or the file not removed.
pub(super) fn remove_unless_kept(panels: &PrivateFolder) -> Result<(), FolderError> {
    let Some((mut file, _)) = panels.file(LATEST, true)? else { return Ok(()) };
    // It is being written. Locked to the end, so that it is not written meanwhile.
    let Ok(()) = lock(&file) else { return Ok(()) };
    let mut now = Vec::new();
    let read = file.read_to_end(&mut now);
    read.map_err(|error| FolderError::io(panels.path().join(LATEST), &error))?;
    if shown_in(panels, &now)?.is_some() {
        return Ok(());
    }
    #[cfg(not(unix))]
    drop(file);
    panels.remove(LATEST)
}

/// The newest run whose panel's file has this text.
fn shown_in(panels: &PrivateFolder, text: &[u8]) -> Result<Option<RunId>, FolderError> {
    let mut runs: Vec<_> = panels.names()?.iter().filter_map(|name| run_of_panel(name)).collect();
    runs.sort_by(|a, b| b.0.cmp(&a.0));
    for run in runs {
        let Some((mut file, about)) = panels.file(&panel_of(&run), false)? else { continue };
        let mut panel = Vec::new();
        let is_as_long = usize::try_from(about.len()).is_ok_and(|len| len == text.len());
        if is_as_long && file.read_to_end(&mut panel).is_ok() && panel == text {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

fn has_name(about: &Metadata) -> bool {
    identity(about).2
}

#[cfg(test)]
mod tests;
