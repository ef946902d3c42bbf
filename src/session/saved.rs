//! Finds, pins and deletes saved runs.

use super::reopen::on_disk;
use super::{Session, SessionError};
use crate::event::RunId;
use crate::journal::{Filter, JournalError, JournalErrorKind, Listing};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// Time after which a search returns what it has found.
const SEARCH: Duration = Duration::from_millis(1500);
/// Maximum number of retries while the file of a run that has just started does not exist yet.
const TRIES: usize = 20;
/// Delay before each of these retries.
const PAUSE: Duration = Duration::from_millis(50);

impl Session {
    /// Returns the journal's runs that match `filter`, newest first. After a second and a half, the
    /// search stops and returns what it has found. Dropping the future also stops it.
    ///
    /// # Errors
    /// Fails if the journal cannot be read.
    pub async fn saved_runs(&self, filter: Filter) -> Result<Listing, SessionError> {
        let Some(folder) = &self.journal.folder else { return Ok(Listing::default()) };
        let (end, token) = (Instant::now() + SEARCH, CancellationToken::new());
        let _ends_search = token.clone().drop_guard();
        let is_late = move || Instant::now() >= end || token.is_cancelled();
        on_disk(folder, move |folder| folder.search(&filter, is_late)).await
    }

    /// Pins or unpins a run of the journal.
    ///
    /// # Errors
    /// Fails if the run is not saved or the journal cannot be written.
    pub async fn pin(&self, id: &RunId, pinned: bool) -> Result<(), SessionError> {
        let folder = self.journal.folder.as_ref().ok_or_else(|| unknown(id))?;
        let mut tries = 0;
        loop {
            let run = id.clone();
            let done = on_disk(folder, move |folder| folder.pin(&run, pinned)).await;
            // The file of a run that has just started may not be there yet.
            let is_soon = is_unknown(&done) && self.run(id).is_ok_and(|run| run.is_persisted());
            if !is_soon || tries >= TRIES {
                return done;
            }
            tries += 1;
            sleep(PAUSE).await;
        }
    }

    /// Deletes a run's journal file, the file of its panel and its pin. If the run is open in this
    /// session, it stays open, but is not saved again.
    ///
    /// # Errors
    /// Fails if the run is not saved or is still being written, or if a file cannot be removed.
    pub async fn delete(&self, id: &RunId) -> Result<(), SessionError> {
        let folder = self.journal.folder.as_ref().ok_or_else(|| unknown(id))?;
        let open = self.run(id).ok();
        if open.as_ref().is_some_and(|run| !run.is_over()) {
            return Err(SessionError::RunUnderWay);
        }
        // A second deletion would fail, and the mark would then be reset below: the run would be
        // saved again.
        if open.as_ref().is_some_and(|run| run.is_deleted()) {
            return Err(unknown(id));
        }
        let was_persisted = open.as_ref().is_some_and(|run| run.is_persisted());
        // Set before the run is removed, so that nothing writes it again in between.
        let set = |deleted| open.iter().for_each(|run| run.set_deleted(deleted));
        set(true);
        let run = id.clone();
        let done = on_disk(folder, move |folder| folder.delete(&run)).await;
        // If something else has deleted the run in the meantime, it stays marked as deleted.
        if done.is_err() && !(is_unknown(&done) && was_persisted) {
            set(false);
        }
        done
    }
}

fn unknown(id: &RunId) -> SessionError {
    let kind = JournalErrorKind::UnknownRun(id.0.clone());
    SessionError::Journal(JournalError::new("", kind))
}

fn is_unknown(done: &Result<(), SessionError>) -> bool {
    use JournalErrorKind::UnknownRun;
    matches!(done, Err(SessionError::Journal(JournalError { kind: UnknownRun(_), .. })))
}
