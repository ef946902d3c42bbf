//! Lists runs from the first and the last line of each journal, and searches whole journals.

use super::error::JournalError;
use super::folder::{Folder, name_of, run_of_pin, runs_of};
use super::search::{self, SEARCHED_BYTES};
use crate::event::{Event, RunId, RunOutcome, Source, Stamped};
use crate::private_folder::{Access, PrivateFolder};
use crate::text::Search;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Maximum number of bytes of a journal's first line that are read for the list.
const FIRST_BYTES: u64 = 1 << 20;
/// Maximum number of bytes at the end of a journal that are read for the list. The line that ends a
/// run is much shorter.
const LAST_BYTES: u64 = 4096;
/// Number of bytes after which a search opens no further run.
const SEARCH_BYTES: u64 = 1 << 30;

/// A saved run, as shown in lists of runs.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Entry {
    /// The run's ID.
    pub run: RunId,
    /// The run's title.
    pub title: String,
    /// When the run began, in UTC.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Where the run's selection came from; `None` if the first line cannot be read.
    pub source: Option<Source>,
    /// How the run ended; `None` if it is still in progress, or if its process exited before the
    /// run ended.
    pub outcome: Option<RunOutcome>,
    /// Whether a process is writing to the run's journal.
    pub alive: bool,
    /// Size of the run's journal file in bytes.
    pub bytes: u64,
    /// Whether the run is kept until the user removes it.
    pub pinned: bool,
    /// The run whose answer this run asks about, if any.
    pub parent: Option<RunId>,
    /// The headings of the run's views.
    pub perspectives: Vec<String>,
    /// An excerpt of the run's texts around the first search word that was found; `None` without a
    /// search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

/// Criteria for the runs to list. The default lists all runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Search words that must all occur in a run's texts.
    pub query: Option<String>,
    /// URI of the document that the runs are about.
    pub uri: Option<String>,
    /// URI of a folder that contains the runs' documents, at any depth.
    pub folder: Option<String>,
    /// `true` for pinned runs only, `false` for all others, `None` for both.
    pub pinned: Option<bool>,
    /// Lists only runs that are older than this run.
    pub before: Option<RunId>,
    /// Maximum number of runs to return.
    pub limit: usize,
}

impl Default for Filter {
    fn default() -> Self {
        let (query, uri, folder, pinned, before) = (None, None, None, None, None);
        Filter { query, uri, folder, pinned, before, limit: usize::MAX }
    }
}

/// The runs that match a [`Filter`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The runs, newest first.
    pub runs: Vec<Entry>,
    /// The last run that was examined, if older runs were not examined. To continue, pass it as
    /// [`Filter::before`].
    pub next: Option<RunId>,
}

impl Folder {
    /// Returns the newest runs, newest first, at most `max`. Skips files that cannot be read.
    ///
    /// # Errors
    /// Fails if the folder is unsafe or cannot be read.
    pub fn list(&self, max: usize) -> Result<Vec<Entry>, JournalError> {
        let filter = Filter { limit: max, ..Filter::default() };
        Ok(self.search(&filter, || false)?.runs)
    }

    /// Returns the runs that match a filter, newest first. Examines at least one run. Then returns
    /// early if too many bytes were read or `is_late` returns `true`; see [`Listing::next`].
    ///
    /// # Errors
    /// Same as [`Folder::list`].
    pub fn search(
        &self,
        filter: &Filter,
        is_late: impl Fn() -> bool,
    ) -> Result<Listing, JournalError> {
        let mut found = Listing::default();
        let Some(dir) = self.open()? else { return Ok(found) };
        let names = dir.names()?;
        let pins: HashSet<RunId> = names.iter().filter_map(|name| run_of_pin(name)).collect();
        let passes = Places::of(filter);
        let mut read = 0;
        let older = runs_of(&names).into_iter().rev();
        let older = older.filter(|run| filter.before.as_ref().is_none_or(|before| run < before));
        let mut last = None;
        for run in older {
            if found.runs.len() >= filter.limit
                || last.is_some() && (read > SEARCH_BYTES || is_late())
            {
                found.next = last;
                break;
            }
            last = Some(run.clone());
            let pinned = pins.contains(&run);
            if filter.pinned.is_none_or(|wanted| wanted == pinned) {
                let entry = entry(&dir, run, |entry, file| {
                    if !passes.hold(entry.source.as_ref()) {
                        return false;
                    }
                    let Some(query) = &filter.query else { return true };
                    read += entry.bytes.min(SEARCHED_BYTES);
                    let mut search = Search::new(query);
                    if file.seek(SeekFrom::Start(0)).is_ok() {
                        search::look(file, &mut search);
                    }
                    let is_found = search.is_done();
                    entry.snippet = search.snippet();
                    is_found
                });
                found.runs.extend(entry.map(|entry| Entry { pinned, ..entry }));
            }
        }
        Ok(found)
    }
}

/// The document and the folder of a filter, [`decoded`] for comparison.
struct Places {
    uri: Option<String>,
    /// Ends with a slash.
    folder: Option<String>,
}

impl Places {
    fn of(filter: &Filter) -> Self {
        let folder = filter.folder.as_deref().map(decoded);
        let folder = folder.map(|folder| format!("{}/", folder.trim_end_matches('/')));
        Places { uri: filter.uri.as_deref().map(decoded), folder }
    }

    fn hold(&self, source: Option<&Source>) -> bool {
        if self.uri.is_none() && self.folder.is_none() {
            return true;
        }
        let Some(source) = source else { return false };
        let place = decoded(&source.uri);
        self.uri.as_ref().is_none_or(|uri| place == *uri)
            && self.folder.as_ref().is_none_or(|folder| place.starts_with(folder.as_str()))
    }
}

/// Returns a URI without escapes, and with the letter of a Windows drive in lower case: clients
/// escape differently, and VS Code writes `file:///c%3A/` for `file:///C:/`. This holds on every
/// system, since a journal may have been copied from another.
fn decoded(uri: &str) -> String {
    let mut text = percent_decode_str(uri).decode_utf8_lossy().into_owned();
    let is_file = text.starts_with("file:///");
    if let Some(drive) = text.get_mut(8..10).filter(|drive| is_file && drive.ends_with(':')) {
        drive.make_ascii_lowercase();
    }
    text
}

/// Reads a run's entry; `None` if `passes` rejects it or its journal cannot be opened.
fn entry(
    dir: &PrivateFolder,
    run: RunId,
    passes: impl FnOnce(&mut Entry, &mut File) -> bool,
) -> Option<Entry> {
    let name = name_of(&run)?;
    let found = dir.file(&name, Access::Read);
    let found = found.inspect_err(|error| tracing::warn!(%error, "a journal is left out"));
    let (mut file, about) = found.ok()??;
    let at = begun(&run);
    let mut entry = Entry {
        run,
        title: String::new(),
        at,
        source: None,
        outcome: None,
        alive: false,
        bytes: about.len(),
        pinned: false,
        parent: None,
        perspectives: Vec::new(),
        snippet: None,
    };
    if let Some(Event::RunStarted { title, at, source, origin, sections, .. }) = first(&mut file) {
        let views = sections.into_iter().filter(|section| section.role.is_view());
        entry.perspectives = views.map(|section| section.title).collect();
        entry.parent = origin.map(|passage| passage.run);
        (entry.title, entry.at, entry.source) = (title, at, Some(source));
    }
    if !passes(&mut entry, &mut file) {
        return None;
    }
    if let Some(Event::RunEnded { outcome, .. }) = last(&mut file, entry.bytes) {
        entry.outcome = Some(outcome);
    }
    entry.alive = dir.is_locked(&name);
    Some(entry)
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

/// Returns when a run began, according to its name.
fn begun(run: &RunId) -> Timestamp {
    let ms = ulid::Ulid::from_string(&run.0).map(|id| id.timestamp_ms()).unwrap_or_default();
    let ms = i64::try_from(ms).unwrap_or_default();
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

#[cfg(test)]
mod tests;
