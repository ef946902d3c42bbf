//! Writes one run down.

use super::error::{JournalError, JournalErrorKind};
use super::folder::{Folder, name_of};
use super::lines::{self, JOURNAL_BYTES, LineNotice, Lines};
use crate::event::{RunId, Seq, Stamped};
use crate::private_folder::{FolderError, FolderErrorKind, identity, lock};
use crate::request::Request;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
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

/// A journal that goes on in another process than it began in.
#[derive(Debug)]
pub struct Resumed {
    /// Writes behind what is there.
    pub writer: Writer,
    /// What is there.
    pub events: Vec<Stamped>,
    /// What the run was asked, where that is kept.
    pub asked: Option<Request>,
    /// What of it could not be read: no event.
    pub problems: Vec<LineNotice>,
    /// The place of the first event that is to be written.
    pub next: Seq,
}

impl Writer {
    /// Makes a new run's journal.
    ///
    /// # Errors
    /// A folder or a file that is not to be trusted, or that cannot be made.
    pub fn create(folder: &Folder, run: &RunId) -> Result<Self, JournalError> {
        let path = folder.file(run);
        let name = name_of(run).ok_or_else(|| FolderError::new(&path, FolderErrorKind::NoFile))?;
        let dir = folder.make()?;
        for _ in 0..TRIES {
            let file = dir.create(&name)?;
            lock(&file).map_err(|kind| FolderError::new(&path, kind))?;
            let about = file.metadata().map_err(|e| JournalError::io(&path, &e))?;
            if let (_, _, true) = identity(&about) {
                let file = Arc::new(file);
                return Ok(Writer { file, path, len: 0, torn: false, limit: JOURNAL_BYTES });
            }
        }
        Err(FolderError::new(&path, FolderErrorKind::Locked).into())
    }

    /// Opens a journal that this process closed; `None` where it is gone.
    ///
    /// # Errors
    /// Another file in its place, one that somebody else has gone on with, or one that cannot be
    /// opened.
    pub fn reopen(folder: &Folder, run: &RunId, mark: Mark) -> Result<Option<Self>, JournalError> {
        let path = folder.file(run);
        let Some((file, about)) = open(folder, run, &path)? else { return Ok(None) };
        if identity(&about) != mark.identity || about.len() < mark.len {
            return Err(FolderError::new(&path, FolderErrorKind::NoFile).into());
        }
        if line_behind(&file, mark.len).map_err(|e| JournalError::io(&path, &e))? {
            return Err(JournalError::new(&path, JournalErrorKind::Grown));
        }
        let (len, torn) = (mark.len, about.len() > mark.len);
        Ok(Some(Writer { file: Arc::new(file), path, len, torn, limit: JOURNAL_BYTES }))
    }

    /// Opens a journal that another process left, to go on behind its last whole line; `None` where
    /// there is none. Nothing is changed before something is written.
    ///
    /// # Errors
    /// As above, or one that cannot be read to its end: what follows could take a place that is
    /// taken.
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

    /// Writes events behind what is there: all of them, or, as far as that can be, none.
    ///
    /// # Errors
    /// A disk that does not take them. They may be written again.
    pub fn append(&mut self, events: &[Stamped]) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        events.iter().for_each(|event| lines::write(event, &mut bytes));
        self.put(&bytes)
    }

    /// Writes a run's first events, and behind the first of them what it was asked.
    ///
    /// # Errors
    /// As above.
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
            (&*self.file).write_all(bytes)
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

/// Opens and locks a journal that is there; `None` where it is gone.
fn open(
    folder: &Folder,
    run: &RunId,
    path: &Path,
) -> Result<Option<(File, Metadata)>, JournalError> {
    let name = name_of(run).ok_or_else(|| FolderError::new(path, FolderErrorKind::NoFile))?;
    let Some((file, _)) = folder.make()?.file(&name, true)? else { return Ok(None) };
    lock(&file).map_err(|kind| FolderError::new(path, kind))?;
    // What it is now, and not what it was before it was locked.
    let about = file.metadata().map_err(|e| JournalError::io(path, &e))?;
    let (_, _, is_there) = identity(&about);
    Ok(is_there.then_some((file, about)))
}

/// Whether a line ends behind a place: a piece without an end was left by a disk that took no more.
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
#[cfg(unix)]
mod tests;
