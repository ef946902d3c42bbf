//! Opens runs from the journal. Their files are read on blocking threads.

use super::{Run, Session, SessionError, evict};
use crate::event::{Event, RunId, Stamped};
use crate::journal::{Folder, JournalError, LineNotice, LineNoticeKind, LoadedRun, end, named};
use std::io;
use std::sync::Arc;
use tokio::task::spawn_blocking;

impl Session {
    /// Finds a run of this session or of the journal. `name` is the run's ID, a prefix of the ID,
    /// or `last` for the newest run.
    ///
    /// # Errors
    /// Fails if no run or more than one matches, if another process is writing the run, or if the
    /// journal cannot be read.
    pub async fn find_run_by_name(&self, name: &str) -> Result<Arc<Run>, SessionError> {
        if let Ok(run) = self.run(&RunId(name.to_owned())) {
            return Ok(run);
        }
        let own: Vec<_> = self.runs.lock().iter().map(|run| run.id().clone()).collect();
        let wanted = name.to_owned();
        let found = match &self.journal.folder {
            Some(folder) => on_disk(folder, move |folder| folder.find_with(&wanted, own)).await?,
            None => named(own.into_iter().collect(), name)
                .map_err(|kind| SessionError::Journal(JournalError::new("", kind)))?,
        };
        self.load_run(&found).await
    }

    /// Returns a run of this session, or loads it from the journal.
    ///
    /// # Errors
    /// Fails if no run has this ID, if another process is writing it, or if the journal cannot be
    /// read.
    pub async fn load_run(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        let found = self.run(id);
        let Some(folder) = self.journal.folder.clone().filter(|_| found.is_err()) else {
            return found;
        };
        let wanted = id.clone();
        let load = move |folder: &Folder| {
            let kept = folder.load_ended(&wanted)?;
            Ok(kept.and_then(|kept| replayed(wanted, kept)).map(Arc::new))
        };
        let run = on_disk(&folder, load).await?;
        let run = run.ok_or_else(|| SessionError::UnknownRun(id.clone()))?;
        let mut runs = self.runs.lock();
        // Another task may have opened the run in the meantime.
        if let Some(run) = runs.iter().find(|run| run.id() == id) {
            return Ok(Arc::clone(run));
        }
        evict::forget(&mut runs);
        runs.push_back(Arc::clone(&run));
        Ok(run)
    }
}

pub(crate) async fn on_disk<T: Send + 'static>(
    folder: &Folder,
    read: impl FnOnce(&Folder) -> Result<T, JournalError> + Send + 'static,
) -> Result<T, SessionError> {
    let (path, folder) = (folder.path(), folder.clone());
    let read = spawn_blocking(move || read(&folder)).await;
    let read = read.unwrap_or_else(|e| Err(JournalError::io(path, &io::Error::other(e))));
    read.map_err(SessionError::Journal)
}

/// Rebuilds a run as it was saved, with an end if it has none, and with a note on what could not be
/// read. Returns `None` for a journal without events, which a process leaves that could not write
/// any.
fn replayed(id: RunId, kept: LoadedRun) -> Option<Run> {
    let LoadedRun { mut events, asked, problems, .. } = kept;
    if events.is_empty() {
        return None;
    }
    complete(&mut events, &problems, asked.is_some());
    let title = events.iter().find_map(|stamped| match &stamped.event {
        Event::RunStarted { title, .. } => Some(title.as_str()),
        _ => None,
    });
    let run = Run::of_journal(id, title.unwrap_or_default());
    events.into_iter().for_each(|stamped| run.replay(stamped));
    run.end_replay();
    Some(run)
}

/// Completes a run's events from the journal: adds the missing ends of its branches and of the run,
/// and notes for the user on lines that cannot be read.
pub(crate) fn complete(events: &mut Vec<Stamped>, problems: &[LineNotice], is_asked_kept: bool) {
    let lost = problems.iter().filter(|problem| problem.is_lost_event()).count();
    let is_request_lost = problems.iter().any(|problem| problem.kind == LineNoticeKind::Request);
    let mut digest = None;
    for stamped in &mut *events {
        if let Event::RunStarted { lang, notes, selection, .. } = &mut stamped.event {
            if lost > 0 {
                // Hides the digest from `end`, so that the ends offer no retry: nothing can be
                // appended to this journal.
                digest = selection.take();
                notes.push(lang.pick(
                    format!("この実行の記録には読めない行があり（{lost} 行）、その分が欠けています。"),
                    format!("This run's journal has lines that cannot be read ({lost}), so part of it is missing."),
                ));
            } else if is_request_lost && !is_asked_kept {
                notes.push(lang.pick(
                    "この実行の記録のうち、送った文章を残した行が読めません。節をやり直すときは、元の文書を開いてください。".to_owned(),
                    "The text that was sent with this run cannot be read from its journal. Open the document to retry a section.".to_owned(),
                ));
            }
        }
    }
    end(events, is_asked_kept && lost == 0);
    if let Some(Event::RunStarted { selection, .. }) = events.first_mut().map(|e| &mut e.event)
        && digest.is_some()
    {
        *selection = digest;
    }
}
