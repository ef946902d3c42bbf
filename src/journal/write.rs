//! Writes a run's journal.

use super::error::{JournalError, JournalErrorKind};
use super::folder::{Folder, name_of};
use super::lines::{self, JOURNAL_BYTES, LineNotice, Lines};
use crate::event::{RunId, Seq, Stamped};
use crate::private_folder::{Access, FolderError, FolderErrorKind, identity};
use crate::request::Request;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes a run's journal file, which stays locked against pruning until the writer is dropped.
#[derive(Debug)]
pub struct Writer {
    file: Arc<File>,
    path: PathBuf,
    /// Length of the complete lines in bytes.
    len: u64,
    /// Whether an incomplete line may follow them.
    torn: bool,
    limit: u64,
}

/// The identity and length of a journal file when it was closed, needed to reopen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    identity: (u64, u64),
    len: u64,
}

/// A journal that this process continues after another process has left it.
#[derive(Debug)]
pub struct Resumed {
    /// The writer that appends to the journal.
    pub writer: Writer,
    /// The run's events so far.
    pub events: Vec<Stamped>,
    /// The request that started the run, if the journal holds it.
    pub asked: Option<Request>,
    /// Notices about the lines that could not be read. No event was lost.
    pub problems: Vec<LineNotice>,
    /// Sequence number for the next event.
    pub next: Seq,
}

impl Writer {
    /// Creates the journal of a new run.
    ///
    /// # Errors
    /// Fails if the folder or the file is unsafe or cannot be created.
    pub fn create(folder: &Folder, run: &RunId) -> Result<Self, JournalError> {
        let path = folder.file(run);
        let name =
            name_of(run).ok_or_else(|| FolderError::new(&path, FolderErrorKind::NotAFile))?;
        let (_, file) = folder.make()?.create_locked(|| &*name)?;
        let file = Arc::new(file);
        Ok(Writer { file, path, len: 0, torn: false, limit: JOURNAL_BYTES })
    }

    /// Reopens a journal that this process closed. Returns `None` if the file no longer exists.
    ///
    /// # Errors
    /// Fails if another file has replaced the journal (on Unix, where files can be told apart),
    /// another process has appended to it, or it cannot be opened and locked.
    pub fn reopen(folder: &Folder, run: &RunId, mark: Mark) -> Result<Option<Self>, JournalError> {
        let path = folder.file(run);
        let Some((file, about)) = open(folder, run, &path)? else { return Ok(None) };
        if identity(&about) != mark.identity || about.len() < mark.len {
            return Err(FolderError::new(&path, FolderErrorKind::NotAFile).into());
        }
        if line_behind(&file, mark.len).map_err(|e| JournalError::io(&path, &e))? {
            return Err(JournalError::new(&path, JournalErrorKind::Grown));
        }
        let (len, torn) = (mark.len, about.len() > mark.len);
        Ok(Some(Writer { file: Arc::new(file), path, len, torn, limit: JOURNAL_BYTES }))
    }

    /// Opens a journal left behind by another process, to append after its last complete line.
    /// Returns `None` if the file does not exist. Leaves the file unchanged until something is
    /// written.
    ///
    /// # Errors
    /// Fails if the journal cannot be opened and locked, or if any of its events cannot be read,
    /// since the next event could then reuse a sequence number.
    pub fn resume(folder: &Folder, run: &RunId) -> Result<Option<Resumed>, JournalError> {
        let path = folder.file(run);
        let Some((file, about)) = open(folder, run, &path)? else { return Ok(None) };
        let lines = lines::read_lines(BufReader::with_capacity(64 << 10, &file));
        if lines.problems.iter().any(LineNotice::is_lost_event) {
            return Err(JournalError::new(&path, JournalErrorKind::Damaged));
        }
        let Lines { events, asked, problems, whole: len, last } = lines;
        let torn = about.len() > len;
        let writer = Writer { file: Arc::new(file), path, len, torn, limit: JOURNAL_BYTES };
        Ok(Some(Resumed { writer, events, asked, problems, next: last.saturating_add(1) }))
    }

    /// Appends events: all of them or, as far as possible, none.
    ///
    /// # Errors
    /// Fails if the journal would exceed its size limit, or if the events cannot be written. The
    /// caller may then try to append the same events again.
    pub fn append(&mut self, events: &[Stamped]) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        events.iter().for_each(|event| lines::write(event, &mut bytes));
        self.put(&bytes)
    }

    /// Writes a run's first events, and the run's request after the first event.
    ///
    /// # Errors
    /// Same as [`Writer::append`].
    pub fn begin(&mut self, events: &[Stamped], asked: &Request) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        for (at, event) in events.iter().enumerate() {
            lines::write(event, &mut bytes);
            if at == 0 {
                lines::write_asked(asked, &mut bytes);
            }
        }
        self.put(&bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        let added = bytes.len() as u64;
        if self.len + added > self.limit {
            return Err(JournalError::new(&self.path, JournalErrorKind::Full(self.limit)));
        }
        let mut write = || {
            if self.torn {
                self.file.set_len(self.len)?;
            }
            self.torn = true;
            let mut file = &*self.file;
            file.seek(SeekFrom::Start(self.len))?;
            file.write_all(bytes)
        };
        write().map_err(|e| JournalError::io(&self.path, &e))?;
        self.torn = false;
        self.len += added;
        Ok(())
    }

    /// Returns a function that flushes the journal file to disk, so that written events survive a
    /// power failure. The flush may be slow; writing can continue in the meantime.
    pub fn syncer(&self) -> impl FnOnce() -> Result<(), JournalError> + Send + 'static {
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        move || file.sync_data().map_err(|e| JournalError::io(&path, &e))
    }

    /// Removes an incomplete last line, flushes the journal file to disk, and returns what is
    /// needed to reopen it.
    ///
    /// # Errors
    /// Fails if the file cannot be truncated or flushed.
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

/// Opens and locks an existing journal; `None` if it is gone.
fn open(
    folder: &Folder,
    run: &RunId,
    path: &Path,
) -> Result<Option<(File, Metadata)>, JournalError> {
    let name = name_of(run).ok_or_else(|| FolderError::new(path, FolderErrorKind::NotAFile))?;
    Ok(folder.make()?.file(&name, Access::Write)?)
}

/// Returns `true` if a line ends after `place`. A piece without an end does not count: a full disk
/// leaves one.
fn line_behind(mut file: &File, place: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(place))?;
    let mut rest = BufReader::new(file);
    loop {
        let piece = rest.fill_buf()?;
        if piece.is_empty() || piece.contains(&b'\n') {
            return Ok(!piece.is_empty());
        }
        let bytes = piece.len();
        rest.consume(bytes);
    }
}

#[cfg(test)]
mod tests;
