//! The list of all runs, from the first and the last line of each journal.

use super::error::JournalError;
use super::folder::{Folder, is_alive, name_of};
use crate::event::{Event, RunId, RunOutcome, Source, Stamped};
use crate::private_folder::PrivateFolder;
use jiff::Timestamp;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// The most bytes of a first line that is read for the list.
const FIRST_BYTES: u64 = 1 << 20;
/// The most bytes of a last line that is read for the list: how a run ended takes about sixty.
const LAST_BYTES: u64 = 4096;

/// One run of the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The run.
    pub run: RunId,
    /// Its title.
    pub title: String,
    /// When it began, in UTC.
    pub at: Timestamp,
    /// Where its selection came from; `None` where that was not written.
    pub source: Option<Source>,
    /// How it ended; `None` while it goes on, and if its process ended first.
    pub outcome: Option<RunOutcome>,
    /// A process is writing to it.
    pub alive: bool,
    /// Its size on disk.
    pub bytes: u64,
}

impl Folder {
    /// The newest runs, the newest first. A file that cannot be read is left out.
    ///
    /// # Errors
    /// A folder that is not to be trusted or cannot be read.
    pub fn list(&self, max: usize) -> Result<Vec<Entry>, JournalError> {
        let Some(dir) = self.open()? else { return Ok(Vec::new()) };
        let runs = self.ids()?;
        Ok(runs.into_iter().rev().filter_map(|run| entry(&dir, run)).take(max).collect())
    }
}

fn entry(dir: &PrivateFolder, run: RunId) -> Option<Entry> {
    let found = dir.file(&name_of(&run)?, false);
    let found = found.inspect_err(|error| tracing::warn!(%error, "a journal is left out"));
    let (mut file, about) = found.ok()??;
    let bytes = about.len();
    let (title, at, source) = match first(&mut file) {
        Some(Event::RunStarted { title, at, source, .. }) => (title, at, Some(source)),
        _ => (String::new(), begun(&run), None),
    };
    let outcome = match last(&mut file, bytes) {
        Some(Event::RunEnded { outcome }) => Some(outcome),
        _ => None,
    };
    Some(Entry { run, title, at, source, outcome, alive: is_alive(&file), bytes })
}

fn first(file: &mut File) -> Option<Event> {
    let mut line = Vec::new();
    BufReader::new(file).take(FIRST_BYTES).read_until(b'\n', &mut line).ok()?;
    event(&line)
}

fn last(file: &mut File, bytes: u64) -> Option<Event> {
    let mut tail = Vec::new();
    let mut read = || -> io::Result<()> {
        file.seek(SeekFrom::Start(bytes.saturating_sub(LAST_BYTES)))?;
        file.take(LAST_BYTES).read_to_end(&mut tail)?;
        Ok(())
    };
    read().ok()?;
    event(tail.trim_ascii_end().rsplit(|byte| *byte == b'\n').next()?)
}

fn event(line: &[u8]) -> Option<Event> {
    serde_json::from_slice(line).ok().map(|Stamped { event, .. }| event)
}

/// When a run began, as its name tells.
fn begun(run: &RunId) -> Timestamp {
    let ms = ulid::Ulid::from_string(&run.0).map(|id| id.timestamp_ms()).unwrap_or_default();
    let ms = i64::try_from(ms).unwrap_or_default();
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
