//! Reads a run back from its journal.

use super::error::JournalError;
use super::folder::{Folder, LoadedRun, name_of};
use super::lines::{self, Lines};
use crate::event::RunId;
use crate::private_folder::{Access, FolderError, FolderErrorKind};
use std::io::BufReader;

impl Folder {
    /// Loads a run from its journal. Returns `None` if the journal has no run with this ID.
    ///
    /// # Errors
    /// Fails if the folder or the file is unsafe or cannot be opened.
    pub fn load(&self, run: &RunId) -> Result<Option<LoadedRun>, JournalError> {
        let Some(name) = name_of(run) else { return Ok(None) };
        let Some(dir) = self.open()? else { return Ok(None) };
        let Some((file, _)) = dir.file(&name, Access::Read)? else { return Ok(None) };
        // Checked before reading, so that a run that ends meanwhile counts as alive: what was read
        // may lack its end.
        let alive = dir.is_locked(&name);
        let lines = lines::read_lines(BufReader::with_capacity(64 << 10, file));
        let Lines { events, asked, problems, .. } = lines;
        Ok(Some(LoadedRun { events, asked, problems, alive }))
    }

    /// Like [`Folder::load`], but rejects a run that is still being written.
    ///
    /// # Errors
    /// Same as [`Folder::load`]. Also fails if a process is writing the run.
    pub fn load_ended(&self, run: &RunId) -> Result<Option<LoadedRun>, JournalError> {
        match self.load(run)? {
            Some(LoadedRun { alive: true, .. }) => Err(self.busy(run)),
            kept => Ok(kept),
        }
    }

    /// Returns the error that another process is writing the run.
    pub fn busy(&self, run: &RunId) -> JournalError {
        FolderError::new(self.file(run), FolderErrorKind::Locked).into()
    }
}
