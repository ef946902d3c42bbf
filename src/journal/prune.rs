//! Retention: removes old runs, oldest first. A run that is being written is never removed, and a
//! pinned run only by [`Folder::delete`].
//!
//! A run consists of its journal and its panel file, one of which may be missing. Ages are computed
//! so that a wrong clock does not empty the journal: a gap of more than six weeks between two runs,
//! or between the last run and now, may come from a wrong clock, and counts as at most a quarter of
//! the maximum age. A file from the future counts as written now.

use super::error::{JournalError, JournalErrorKind};
use super::folder::{Folder, name_of, panel_of, pin_of, run_of_panel, run_of_pin};
use super::latest::remove_unless_kept;
use crate::event::RunId;
use crate::private_folder::{Access, FolderError, FolderErrorKind, PrivateFolder};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs::Metadata;

/// Maximum gap that is taken at face value.
const PAUSE: SignedDuration = SignedDuration::from_hours(42 * 24);
/// How far in the future a file's time may be before it is corrected: the clocks of file servers
/// differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Which runs are kept when the journal is pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Maximum age of a run since it was last written; `None` for no limit.
    pub age: Option<SignedDuration>,
    /// Whether to trust the clock when computing ages; `true` if the user has just given an
    /// explicit age. If `false`, a long gap between runs counts only in part.
    pub by_clock: bool,
    /// Maximum total size in bytes of all runs that are not pinned, beyond which the oldest are
    /// removed.
    pub bytes: u64,
}

impl Retention {
    /// A retention that keeps only pinned runs.
    pub const NOTHING: Self = Retention { age: None, by_clock: true, bytes: 0 };

    /// Returns how much of a gap between runs counts.
    fn counted(self, pause: SignedDuration) -> SignedDuration {
        match self.age {
            Some(age) if !self.by_clock && pause > PAUSE && !age.is_zero() => pause.min(age / 4),
            _ => pause,
        }
    }
}

/// The result of pruning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The runs that were removed.
    pub runs: Vec<RunId>,
    /// Total size of the removed runs in bytes.
    pub bytes: u64,
    /// Number of remaining journals.
    pub kept: usize,
    /// Number of remaining journals that are pinned.
    pub pinned: usize,
}

impl Folder {
    /// Removes the runs that `keep` does not keep, and the temporary files of processes that have
    /// exited.
    ///
    /// # Errors
    /// Fails if the folder is unsafe or cannot be read, or if a file cannot be removed.
    pub fn prune(&self, now: Timestamp, keep: Retention) -> Result<Pruned, JournalError> {
        self.prune_for(now, keep, None)
    }

    /// Like [`Folder::prune`], but never removes the run `new`, even if it ends in the meantime.
    ///
    /// # Errors
    /// Same as [`Folder::prune`].
    pub fn prune_for(
        &self,
        now: Timestamp,
        keep: Retention,
        new: Option<&RunId>,
    ) -> Result<Pruned, JournalError> {
        if let Err(error) = self.sweep() {
            tracing::warn!(%error, "temporary files stay");
        }
        let journals = self.open()?;
        let panels = self.panels().unwrap_or_else(|error| {
            tracing::warn!(%error, "the panels' files stay");
            None
        });
        let runs = self.runs(journals.as_ref(), panels.as_ref(), now)?;
        // Pinned runs do not count toward the size limit.
        let mut total: u64 = runs.iter().filter(|run| !run.is_pinned).map(|run| run.bytes).sum();
        let mut pruned = Pruned::default();
        for (run, age) in aged(runs, now, keep) {
            let old = keep.age.is_some_and(|max| age > max);
            let goes = old || total > keep.bytes || keep == Retention::NOTHING;
            let goes = goes && !run.is_pinned;
            if goes && new != Some(&run.run) && run.remove(journals.as_ref(), panels.as_ref())? {
                total -= run.bytes;
                pruned.bytes += run.bytes;
                pruned.runs.push(run.run);
            } else {
                pruned.kept += usize::from(run.has_journal);
                pruned.pinned += usize::from(run.is_pinned);
            }
        }
        if let Some(panels) = &panels {
            clear_latest(panels);
        }
        Ok(pruned)
    }

    /// Removes a run, even a pinned one: its journal file, its panel file and its pin.
    ///
    /// # Errors
    /// Fails if the run does not exist or is being written, or if a file cannot be removed.
    pub fn delete(&self, run: &RunId) -> Result<(), JournalError> {
        let unknown =
            || JournalError::new(self.path(), JournalErrorKind::UnknownRun(run.0.clone()));
        let dir = self.open()?.ok_or_else(unknown)?;
        let name = name_of(run).ok_or_else(unknown)?;
        // The lock is held to the end, so that nothing is written meanwhile.
        let _locked = dir.file(&name, Access::Write)?.ok_or_else(unknown)?;
        // The journal goes first, so that later pruning removes whatever a crash leaves behind.
        dir.remove(&name)?;
        if let Some(panels) = self.panels()? {
            panels.remove(&panel_of(run))?;
            clear_latest(&panels);
        }
        Ok(dir.remove(&pin_of(run))?)
    }

    /// Returns all runs that have a file, ordered by ID. Other files are ignored.
    fn runs(
        &self,
        journals: Option<&PrivateFolder>,
        panels: Option<&PrivateFolder>,
        now: Timestamp,
    ) -> Result<Vec<Run>, JournalError> {
        let mut runs = BTreeMap::new();
        let mut take = |dir: &PrivateFolder, run: RunId, name: &str, has_journal: bool| {
            let Ok(Some((_, about))) = dir.file(name, Access::Read) else { return };
            let written = set_right(dir, name, &about, now);
            let is_pinned = false;
            let new = Run { run: run.clone(), has_journal, is_pinned, bytes: 0, written };
            let entry: &mut Run = runs.entry(run).or_insert(new);
            entry.bytes += about.len();
            entry.written = entry.written.max(written);
        };
        if let Some(dir) = journals {
            for run in self.ids()? {
                if let Some(name) = name_of(&run) {
                    take(dir, run, &name, true);
                }
            }
        }
        if let Some(dir) = panels {
            for name in dir.names().unwrap_or_default() {
                if let Some(run) = run_of_panel(&name) {
                    take(dir, run, &name, false);
                }
            }
        }
        if let Some(dir) = journals {
            for name in dir.names()? {
                let Some(run) = run_of_pin(&name) else { continue };
                match runs.get_mut(&run).filter(|run| run.has_journal) {
                    Some(run) => run.is_pinned = true,
                    None => remove_alone(dir, &run, &name)?,
                }
            }
        }
        Ok(runs.into_values().collect())
    }
}

/// Removes `latest.md` if its run is gone. A failure is only logged.
fn clear_latest(panels: &PrivateFolder) {
    if let Err(error) = remove_unless_kept(panels) {
        tracing::warn!(%error, "the latest panel's file stays");
    }
}

/// Removes a pin whose run is gone, unless the run was created while the folder was being read.
fn remove_alone(dir: &PrivateFolder, run: &RunId, pin: &str) -> Result<(), JournalError> {
    match name_of(run).map(|name| dir.file(&name, Access::Read)) {
        Some(Ok(None)) => Ok(dir.remove(pin)?),
        _ => Ok(()),
    }
}

/// Returns when a file was written. A time far in the future is corrected on disk, because the file
/// would never expire.
fn set_right(dir: &PrivateFolder, name: &str, about: &Metadata, now: Timestamp) -> Timestamp {
    let written = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(now);
    if written.duration_since(now) > AHEAD {
        let set = match dir.file(name, Access::Write) {
            Ok(Some((file, _))) => file.set_modified(now.into()).map_err(|error| error.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = set {
            tracing::debug!(error, "a file stays ahead of its time");
        }
    }
    written.min(now)
}

/// Returns the runs with their ages, oldest first.
fn aged(mut runs: Vec<Run>, now: Timestamp, keep: Retention) -> Vec<(Run, SignedDuration)> {
    runs.sort_by(|a, b| (a.written, &a.run).cmp(&(b.written, &b.run)));
    let (mut age, mut later) = (SignedDuration::ZERO, now);
    let mut aged: Vec<_> = runs
        .into_iter()
        .rev()
        .map(|run| {
            age = age.saturating_add(keep.counted(later.duration_since(run.written)));
            later = run.written;
            (run, age)
        })
        .collect();
    aged.reverse();
    aged
}

/// The files of a run.
struct Run {
    run: RunId,
    has_journal: bool,
    is_pinned: bool,
    /// Size of journal and panel.
    bytes: u64,
    /// When either file was last written.
    written: Timestamp,
}

impl Run {
    /// Removes journal and panel. Returns `false` if the journal is being written or was pinned
    /// meanwhile.
    fn remove(
        &self,
        journals: Option<&PrivateFolder>,
        panels: Option<&PrivateFolder>,
    ) -> Result<bool, JournalError> {
        if let Some(dir) = journals.filter(|_| self.has_journal)
            && !remove(dir, &self.run)?
        {
            return Ok(false);
        }
        let Some(panels) = panels else { return Ok(true) };
        match panels.remove(&panel_of(&self.run)) {
            Err(error) if self.has_journal => {
                tracing::warn!(%error, "a panel's file stays");
                Ok(true)
            }
            removed => Ok(removed.map(|()| true)?),
        }
    }
}

/// Removes a run's journal. Returns `false` if it is being written or was pinned meanwhile.
fn remove(dir: &PrivateFolder, run: &RunId) -> Result<bool, JournalError> {
    let Some(name) = name_of(run) else { return Ok(false) };
    // A writer holds the lock, and checks after locking that the file still exists.
    let _locked = match dir.file(&name, Access::WriteLocked) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(true),
        Err(FolderError { kind: FolderErrorKind::Locked, .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    // Pinning waits for this lock, and checks afterwards that the file still exists.
    if !matches!(dir.file(&pin_of(run), Access::Read), Ok(None)) {
        return Ok(false);
    }
    dir.remove(&name)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
