//! `latest.md`: a copy of the newest panel under a short name that stays the same. It is written in
//! place, so that editors and `tail -f` follow it.

use super::folder::{panel_of, run_of_panel};
use crate::event::RunId;
use crate::private_folder::{Access, FolderError, FolderErrorKind, PrivateFolder};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// The name of the file in the folder of panels.
const LATEST: &str = "latest.md";
/// Maximum number of attempts to open the file, which may be removed while its lock is awaited.
const TRIES: usize = 3;

/// What this process last wrote to `latest.md`.
#[derive(Debug)]
pub(crate) struct Latest {
    /// The run whose panel was written.
    pub(crate) run: RunId,
    text: String,
}

/// The open file `latest.md`. It is locked until this value is dropped, so that no other process
/// writes to it or removes it.
pub(crate) struct LatestFile {
    file: File,
    path: PathBuf,
}

impl LatestFile {
    /// Opens and locks `latest.md`, creating it if necessary.
    ///
    /// # Errors
    /// Fails if the file cannot be opened or created, or another process keeps it locked.
    pub(crate) fn open(panels: &PrivateFolder) -> Result<Self, FolderError> {
        let path = panels.path().join(LATEST);
        for _ in 0..TRIES {
            if let Some((file, _)) = panels.file(LATEST, Access::Write)? {
                return Ok(LatestFile { file, path });
            }
            match panels.create(LATEST) {
                // Another process has just created it.
                Err(error) if panels.file(LATEST, Access::Read)?.is_none() => return Err(error),
                _ => {}
            }
        }
        Err(FolderError::io(&path, &io::ErrorKind::NotFound.into()))
    }

    /// Replaces the file's content with `text`, the panel of `run`. `before` is what this process
    /// wrote last. Returns what was written. Returns `None` without writing if the file shows a
    /// newer run, or was changed since this process wrote the same run to it. Only the part after
    /// the common prefix of the old and the new text is written.
    ///
    /// # Errors
    /// Fails if the file or the folder cannot be read, or the file cannot be written.
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
        let mut write = || {
            self.file.set_len(cut)?;
            self.file.seek(SeekFrom::Start(cut))?;
            self.file.write_all(rest.as_bytes())
        };
        write().map_err(|e| failed(&e))?;
        Ok(Some(Latest { run: run.clone(), text: text.to_owned() }))
    }

    /// Returns the file's path.
    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

/// Removes `latest.md` if its text is no longer the panel of any run.
///
/// # Errors
/// Fails if the folder or the file cannot be read, or the file cannot be removed.
pub(super) fn remove_unless_kept(panels: &PrivateFolder) -> Result<(), FolderError> {
    // The lock is held to the end, so that nothing is written meanwhile.
    let mut file = match panels.file(LATEST, Access::Write) {
        Ok(Some((file, _))) => file,
        Ok(None) => return Ok(()),
        // The file is being written.
        Err(FolderError { kind: FolderErrorKind::Locked, .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut now = Vec::new();
    let read = file.read_to_end(&mut now);
    read.map_err(|error| FolderError::io(panels.path().join(LATEST), &error))?;
    if shown_in(panels, &now)?.is_some() {
        return Ok(());
    }
    panels.remove(LATEST)
}

/// Returns the newest run whose panel file has exactly this text.
fn shown_in(panels: &PrivateFolder, text: &[u8]) -> Result<Option<RunId>, FolderError> {
    let mut runs: Vec<_> = panels.names()?.iter().filter_map(|name| run_of_panel(name)).collect();
    runs.sort_by(|a, b| b.0.cmp(&a.0));
    for run in runs {
        let Some((mut file, about)) = panels.file(&panel_of(&run), Access::Read)? else { continue };
        let mut panel = Vec::new();
        let is_as_long = usize::try_from(about.len()).is_ok_and(|len| len == text.len());
        if is_as_long && file.read_to_end(&mut panel).is_ok() && panel == text {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
