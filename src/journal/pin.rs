//! Pins: runs that are kept until the user removes them.
//!
//! A pin is an empty file next to the run's journal, so that a run can be pinned while another
//! process writes it.

use super::error::{JournalError, JournalErrorKind};
use super::folder::{Folder, name_of, pin_of};
use crate::event::RunId;
use crate::private_folder::{Access, FolderError, FolderErrorKind, PrivateFolder};
use std::fs::File;
use std::thread::sleep;
use std::time::Duration;

/// How often to try to lock a run, and how long to wait in between. A run that is being removed is
/// locked only for a moment, and a run that is being written is not removed.
const TRIES: usize = 3;
const PAUSE: Duration = Duration::from_millis(5);

impl Folder {
    /// Pins or unpins a run.
    ///
    /// # Errors
    /// Fails if the run does not exist or the folder cannot be written.
    pub fn pin(&self, run: &RunId, pinned: bool) -> Result<(), JournalError> {
        let unknown =
            || JournalError::new(self.path(), JournalErrorKind::UnknownRun(run.0.clone()));
        let dir = self.open()?.ok_or_else(unknown)?;
        let name = name_of(run).ok_or_else(unknown)?;
        dir.file(&name, Access::Read)?.ok_or_else(unknown)?;
        let pin = pin_of(run);
        if !pinned {
            return Ok(dir.remove(&pin)?);
        }
        // The lock is held until the pin exists, so that the run is not removed meanwhile.
        let _held = hold(&dir, &name);
        let made = match dir.create(&pin) {
            Err(FolderError { kind: FolderErrorKind::AlreadyExists, .. }) => Ok(()),
            made => made.and_then(|made| {
                made.sync_all().map_err(|error| FolderError::io(dir.path().join(&pin), &error))
            }),
        };
        if dir.file(&name, Access::Read)?.is_none() {
            dir.remove(&pin)?;
            return Err(unknown());
        }
        Ok(made?)
    }
}

/// Opens and locks a run's file, so that the run is not removed until the file is closed. A run that
/// is being written needs no lock, because it is never removed.
fn hold(dir: &PrivateFolder, name: &str) -> Option<File> {
    for _ in 0..TRIES {
        match dir.file(name, Access::ReadLocked) {
            Err(FolderError { kind: FolderErrorKind::Locked, .. }) => sleep(PAUSE),
            opened => return opened.ok().flatten().map(|(file, _)| file),
        }
    }
    None
}
