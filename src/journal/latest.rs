//! `latest.md`: the newest panel's file under a short name that stays the same. It is written in
//! place, so that editors and `tail -f` follow it.

use super::folder::run_of_panel;
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
    /// wrote last. Only what comes after the part that both texts begin with is written.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn write(
        mut self,
        before: Option<Latest>,
        run: &RunId,
        text: &str,
    ) -> Result<Latest, FolderError> {
        let failed = |error: &io::Error| FolderError::io(&self.path, error);
        let mut now = Vec::new();
        self.file.read_to_end(&mut now).map_err(|e| failed(&e))?;
        if let Some(before) = before {
            let is_another_process_s = before.run == *run && before.text.as_bytes() != now;
            if run.0 < before.run.0 || is_another_process_s {
                return Ok(before);
            }
        }
        let same = now.iter().zip(text.as_bytes()).take_while(|(a, b)| a == b).count();
        let (same, rest) = text.split_at(text.floor_char_boundary(same));
        let cut = u64::try_from(same.len()).unwrap_or(u64::MAX);
        // It is open to be written at its end.
        let written = self.file.set_len(cut).and_then(|()| self.file.write_all(rest.as_bytes()));
        written.map_err(|e| failed(&e))?;
        Ok(Latest { run: run.clone(), text: text.to_owned() })
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
    let Some((file, about)) = panels.file(LATEST, true)? else { return Ok(()) };
    // It is being written.
    let Ok(()) = lock(&file) else { return Ok(()) };
    let now = read(file);
    for name in panels.names()?.iter().filter(|name| run_of_panel(name).is_some()) {
        let Some((panel, panel_about)) = panels.file(name, false)? else { continue };
        if panel_about.len() == about.len() && now.is_some() && read(panel) == now {
            return Ok(());
        }
    }
    panels.remove(LATEST)
}

fn read(mut file: File) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok().map(|_| bytes)
}

fn has_name(about: &Metadata) -> bool {
    identity(about).2
}

#[cfg(test)]
mod tests;
