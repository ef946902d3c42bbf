//! Writes runs to the journal as they progress. Events that are not on disk yet are in the run's
//! own log, so that there is no queue, and a slow, full or missing disk delays no run.

use super::context::is_clear;
use super::{Run, RunReader, clock};
use crate::config;
use crate::event::{RunId, Seq, Stamped};
use crate::journal::{Folder, JournalError, Mark, Retention, Writer};
use jiff::SignedDuration;
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};

/// Time between two writes: a process that is killed loses at most the events of this time and one
/// write. The end of a run is written at once.
const TICK: Duration = Duration::from_millis(250);
/// Minimum time between two calls that flush written data to the disk (fsync).
const SYNC: Duration = Duration::from_secs(1);
/// Delay before the next write after a failure, unless the run ends earlier.
const AGAIN: Duration = Duration::from_secs(5);
/// How long a resumed run keeps its journal locked while it has not begun a request. Selecting a
/// provider, which may query servers, comes before that.
const RESUME_TIMEOUT: Duration = Duration::from_secs(10);
/// Minimum time between two searches for old runs with the same retention, each of which reads the
/// whole folder.
const PRUNE: Duration = Duration::from_secs(60);

impl From<config::Journal> for Retention {
    fn from(settings: config::Journal) -> Self {
        let age = SignedDuration::from_hours(24 * i64::from(settings.keep_days));
        Retention { age: Some(age), by_clock: false, bytes: settings.keep_bytes }
    }
}

/// Writes runs to the journal; shared by the sessions of one process.
pub(crate) struct JournalWriter {
    /// The journal's folder; `None` if there is no home directory, in which case no run is saved.
    pub(crate) folder: Option<Folder>,
    /// Why runs are not saved. Reset to `None` once a run was saved completely, so that each
    /// problem is reported once.
    trouble: watch::Sender<Option<Arc<JournalError>>>,
    pruning: Mutex<Option<Pruning>>,
}

/// The last search for old runs.
struct Pruning {
    begun: Instant,
    retention: Retention,
    work: JoinHandle<()>,
}

impl JournalWriter {
    pub(crate) fn new(folder: Option<Folder>) -> Self {
        JournalWriter { folder, trouble: watch::Sender::default(), pruning: Mutex::default() }
    }

    /// Returns a receiver that is notified with the reason when runs cannot be saved.
    pub(crate) fn trouble(&self) -> watch::Receiver<Option<Arc<JournalError>>> {
        self.trouble.subscribe()
    }

    /// Starts writing a new run to the journal. If the settings disable the journal, only removes
    /// old runs.
    pub(crate) fn follow(self: &Arc<Self>, run: &Arc<Run>, settings: config::Journal) {
        let Some(folder) = self.folder.clone() else { return };
        let retention = Retention::from(settings);
        if !settings.enabled {
            // Runs that were saved earlier still expire.
            return self.prune(folder, retention, None);
        }
        self.write(run, folder, settings, (None, 1));
    }

    /// Resumes writing a run that is already in the journal. `from` holds the open writer for the
    /// run's journal file, if the file still exists, and the sequence number of the next event to
    /// write.
    pub(crate) fn resume(
        self: &Arc<Self>,
        run: &Arc<Run>,
        settings: config::Journal,
        from: (Option<Writer>, Seq),
    ) {
        let Some(folder) = self.folder.clone() else { return };
        self.write(run, folder, settings, from);
    }

    fn write(
        self: &Arc<Self>,
        run: &Arc<Run>,
        folder: Folder,
        settings: config::Journal,
        (open, next): (Option<Writer>, Seq),
    ) {
        run.set_persisted(next.saturating_sub(1));
        let writer = RunWriter {
            journal: Arc::clone(self),
            folder,
            retention: Retention::from(settings),
            keeps_selection: settings.selection,
            run: run.id().clone(),
            open,
            mark: None,
            next,
            syncing: None,
            synced: Instant::now(),
        };
        tokio::spawn(follow(writer, Arc::clone(run)));
    }

    /// Starts removing old runs in the background, unless a search for them is in progress or an
    /// identical one began less than [`PRUNE`] ago.
    fn prune(&self, folder: Folder, retention: Retention, new: Option<RunId>) {
        let mut last = self.pruning.lock();
        let is_enough = last.as_ref().is_some_and(|last| {
            let is_recent = last.retention == retention && last.begun.elapsed() < PRUNE;
            is_recent || !last.work.is_finished()
        });
        if is_enough {
            return;
        }
        let work =
            spawn_blocking(move || match folder.prune_for(clock::now(), retention, new.as_ref()) {
                Ok(pruned) => tracing::debug!(runs = pruned.runs.len(), "old runs were removed"),
                Err(error) => tracing::warn!(%error, "old runs were not removed"),
            });
        *last = Some(Pruning { begun: Instant::now(), retention, work });
    }

    /// Waits until the removal of old runs that is in progress has finished, which may take longer
    /// than a short run.
    pub(crate) async fn pruned(&self) {
        let last = self.pruning.lock().take();
        if let Some(Pruning { work, .. }) = last {
            let _ = work.await;
        }
    }

    fn failed(&self, error: JournalError) {
        tracing::warn!(%error, "a run could not be saved");
        self.trouble.send_if_modified(|told| {
            let new = told.is_none();
            told.get_or_insert_with(|| Arc::new(error));
            new
        });
    }

    fn clear_trouble(&self) {
        self.trouble.send_if_modified(|told| {
            *told = None;
            false
        });
    }
}

/// Writes a run's events until the run is dropped from memory. A run that has not ended is kept in
/// memory until its end is written.
async fn follow(mut writer: RunWriter, run: Arc<Run>) {
    if writer.open.is_some() {
        // The run was resumed for something that is about to begin. Until then the file stays locked,
        // so that no other process resumes the run as well.
        let mut progress = run.watch();
        let began = progress.wait_for(|progress| !progress.over || progress.seq >= writer.next);
        let _ = timeout(RESUME_TIMEOUT, began).await;
    }
    let mut reader = RunReader::new(&run, TICK).waiting_for_end();
    let mut alive = Some(run);
    while let Some((run, progress)) = reader.changed().await {
        let mut written = writer.catch_up(&run).await;
        if progress.over {
            written = written.and(writer.close().await);
        }
        reader.set_tick(if written.is_ok() { TICK } else { AGAIN });
        match written {
            Ok(()) if progress.over => writer.journal.clear_trouble(),
            Ok(()) => {}
            Err(error) => writer.journal.failed(error),
        }
        if progress.over {
            run.set_persisted(progress.seq);
        }
        // A retry starts the run again; it is then kept in memory until its next end.
        alive = Some(run).filter(|_| !progress.over);
    }
    drop(alive);
}

/// Writes one run. Disk access happens on blocking threads.
struct RunWriter {
    journal: Arc<JournalWriter>,
    folder: Folder,
    retention: Retention,
    keeps_selection: bool,
    run: RunId,
    open: Option<Writer>,
    /// Where the journal ended when it was closed.
    mark: Option<Mark>,
    /// Sequence number of the first event that is not written yet.
    next: Seq,
    syncing: Option<JoinHandle<Result<(), JournalError>>>,
    synced: Instant,
}

impl RunWriter {
    /// Writes new events, and flushes them to the disk at most once per [`SYNC`].
    async fn catch_up(&mut self, run: &Run) -> Result<(), JournalError> {
        if run.is_deleted() {
            return Ok(());
        }
        let mut writer = match self.open.take() {
            Some(writer) => writer,
            None => match self.reopen(run).await? {
                Some(writer) => writer,
                None => return Ok(()),
            },
        };
        let events: Vec<Stamped> = run.events_from(self.next);
        let last = events.last().map(|last| last.seq);
        let asked = run.request().filter(|_| self.keeps_selection && self.next == 1).cloned();
        let (writer, written) = self
            .on_disk(move || {
                // A secret that the user allows to be sent is still not saved.
                let asked = asked.filter(is_clear);
                let written = match &asked {
                    Some(asked) => writer.begin(&events, asked),
                    None => writer.append(&events),
                };
                Ok((writer, written))
            })
            .await?;
        let sync = writer.syncer();
        self.open = Some(writer);
        written?;
        self.next = last.map_or(self.next, |last| last + 1);
        if self.syncing.as_ref().is_some_and(JoinHandle::is_finished) {
            self.synced().await?;
        }
        if self.syncing.is_none() && self.synced.elapsed() >= SYNC {
            self.synced = Instant::now();
            self.syncing = Some(spawn_blocking(sync));
        }
        Ok(())
    }

    /// Opens the run's journal: a new file, or the one that this writer closed. If that file was
    /// pruned in the meantime, everything is written again.
    ///
    /// Returns `None` if the user has deleted the run, which is recorded before the file is
    /// removed.
    async fn reopen(&mut self, of: &Run) -> Result<Option<Writer>, JournalError> {
        if let Some(mark) = self.mark {
            let (folder, run) = (self.folder.clone(), self.run.clone());
            let closed = self.on_disk(move || Writer::reopen(&folder, &run, mark)).await?;
            if closed.is_some() || of.is_deleted() {
                return Ok(closed);
            }
        }
        let (folder, run) = (self.folder.clone(), self.run.clone());
        let writer = self.on_disk(move || Writer::create(&folder, &run)).await?;
        self.next = 1;
        self.journal.prune(self.folder.clone(), self.retention, Some(self.run.clone()));
        Ok(Some(writer))
    }

    /// Flushes everything to the disk and closes the file, so that runs kept in memory hold no file
    /// open.
    async fn close(&mut self) -> Result<(), JournalError> {
        let before = self.synced().await;
        let Some(writer) = self.open.take() else { return before };
        self.mark = Some(self.on_disk(move || writer.close()).await?);
        before
    }

    /// Waits for the flush in progress.
    async fn synced(&mut self) -> Result<(), JournalError> {
        match self.syncing.take() {
            Some(sync) => self.ended(sync.await),
            None => Ok(()),
        }
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        self.ended(spawn_blocking(work).await)
    }

    fn ended<T>(
        &self,
        work: Result<Result<T, JournalError>, tokio::task::JoinError>,
    ) -> Result<T, JournalError> {
        work.unwrap_or_else(|e| {
            Err(JournalError::io(self.folder.file(&self.run), &io::Error::other(e)))
        })
    }
}
