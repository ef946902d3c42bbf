//! Writes one run down.

use super::error::{Cause, JournalError};
use super::folder::{Folder, identity, lock, name_of};
use super::lines::{self, JOURNAL_BYTES};
use crate::event::{RunId, Stamped};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// How often a new file is made anew because it was pruned before it was locked.
const TRIES: usize = 3;

/// A run's open journal. It is locked against pruning until it is dropped.
#[derive(Debug)]
pub struct Writer {
    file: Arc<File>,
    path: PathBuf,
    /// Bytes of whole lines.
    len: u64,
    /// There may be a piece of a line behind them.
    torn: bool,
    limit: u64,
}

/// A journal that was closed and may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    identity: (u64, u64, bool),
    len: u64,
}

impl Writer {
    /// Makes a new run's journal.
    ///
    /// # Errors
    /// A folder or a file that is not to be trusted, or that cannot be made.
    pub fn create(folder: &Folder, run: &RunId) -> Result<Self, JournalError> {
        let path = folder.file(run);
        let name = name_of(run).ok_or_else(|| JournalError::new(&path, Cause::NoFile))?;
        let dir = folder.make()?;
        for _ in 0..TRIES {
            let file = dir.create(&name)?;
            lock(&file).map_err(|cause| JournalError::new(&path, cause))?;
            let about = file.metadata().map_err(|e| JournalError::io(&path, &e))?;
            if let (_, _, true) = identity(&about) {
                let file = Arc::new(file);
                return Ok(Writer { file, path, len: 0, torn: false, limit: JOURNAL_BYTES });
            }
        }
        Err(JournalError::new(&path, Cause::Locked))
    }

    /// Opens a journal that this process closed; `None` where it is gone.
    ///
    /// # Errors
    /// Another file in its place, or one that cannot be opened.
    pub fn reopen(folder: &Folder, run: &RunId, mark: Mark) -> Result<Option<Self>, JournalError> {
        let path = folder.file(run);
        let name = name_of(run).ok_or_else(|| JournalError::new(&path, Cause::NoFile))?;
        let Some((file, _)) = folder.make()?.file(&name, true)? else { return Ok(None) };
        lock(&file).map_err(|cause| JournalError::new(&path, cause))?;
        let about = file.metadata().map_err(|e| JournalError::io(&path, &e))?;
        match identity(&about) {
            (_, _, false) => Ok(None),
            same if same == mark.identity && about.len() >= mark.len => {
                let (len, torn) = (mark.len, about.len() > mark.len);
                let file = Arc::new(file);
                Ok(Some(Writer { file, path, len, torn, limit: JOURNAL_BYTES }))
            }
            _ => Err(JournalError::new(&path, Cause::NoFile)),
        }
    }

    /// Writes events behind what is there: all of them, or, as far as that can be, none.
    ///
    /// # Errors
    /// A disk that does not take them. They may be written again.
    pub fn append(&mut self, events: &[Stamped]) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        events.iter().for_each(|event| lines::write(event, &mut bytes));
        let added = bytes.len() as u64;
        if self.len + added > self.limit {
            return Err(JournalError::new(&self.path, Cause::Full(self.limit)));
        }
        let mut write = || {
            if self.torn {
                self.file.set_len(self.len)?;
            }
            self.torn = true;
            (&*self.file).write_all(&bytes)
        };
        write().map_err(|e| JournalError::io(&self.path, &e))?;
        self.torn = false;
        self.len += added;
        Ok(())
    }

    /// Brings what was written to the disk itself, past a loss of power. It may take long, and
    /// more can be written meanwhile.
    pub fn syncer(&self) -> impl FnOnce() -> Result<(), JournalError> + Send + 'static {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        move || file.sync_data().map_err(|e| JournalError::io(&path, &e))
    }

    /// Ends with a whole line that is on the disk itself, and says where, to go on from there.
    ///
    /// # Errors
    /// A disk that does not do it.
    pub fn close(self) -> Result<Mark, JournalError> {
        let close = || {
            if self.torn {
                self.file.set_len(self.len)?;
            }
            self.file.sync_data()?;
            Ok(Mark { identity: identity(&self.file.metadata()?), len: self.len })
        };
        close().map_err(|e| JournalError::io(&self.path, &e))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
