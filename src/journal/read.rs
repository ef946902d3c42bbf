//! Reads one run back.

use super::error::JournalError;
use super::folder::{Folder, Kept, is_alive, name_of};
use super::lines::{self, Lines};
use crate::event::RunId;
use crate::private_folder::{FolderError, FolderErrorKind};
use std::io::BufReader;

impl Folder {
    /// A run as it was kept; `None` where there is none of this name.
    ///
    /// # Errors
    /// A folder or a file that is not to be trusted, or that cannot be opened.
    pub fn load(&self, run: &RunId) -> Result<Option<Kept>, JournalError> {
        let Some(name) = name_of(run) else { return Ok(None) };
        let Some(dir) = self.open()? else { return Ok(None) };
        let Some((file, _)) = dir.file(&name, false)? else { return Ok(None) };
        // Asked first: what ends while it is read is told as alive, and read as far as it was.
        let alive = is_alive(&file);
        let lines = lines::read_lines(BufReader::with_capacity(64 << 10, file));
        let Lines { events, asked, problems, .. } = lines;
        Ok(Some(Kept { events, asked, problems, alive }))
    }

    /// The same, for a run that is to have ended.
    ///
    /// # Errors
    /// As above, or a run that is being written.
    pub fn load_ended(&self, run: &RunId) -> Result<Option<Kept>, JournalError> {
        match self.load(run)? {
            Some(Kept { alive: true, .. }) => Err(self.busy(run)),
            kept => Ok(kept),
        }
    }

    /// What is to be said of a run that is being written.
    pub fn busy(&self, run: &RunId) -> JournalError {
        FolderError::new(self.file(run), FolderErrorKind::Locked).into()
    }
}
