//! Retention: old runs are removed, the oldest first, and never one that is being written.
//!
//! A run is its journal and its panel as a file, one of which may be missing. Its age is counted
//! so that a clock that is wrong for a day does not empty the journal: a pause of more than six
//! weeks between two runs, or between the last run and now, may be such a clock, and counts as a
//! quarter of the age that is kept. What seems to have been written in the future was written
//! under such a clock, and is taken to be of this moment.

use super::error::JournalError;
use super::folder::{Dir, Folder, name_of, panel_of, run_of_panel};
use crate::event::RunId;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs::Metadata;

/// The longest pause that is taken at its word.
const PAUSE: SignedDuration = SignedDuration::from_hours(42 * 24);
/// How far ahead of this moment a file may be without being set right: file servers have clocks of
/// their own.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A run that was not written to for longer is removed; `None` keeps any age.
    pub age: Option<SignedDuration>,
    /// The clock is believed whatever it says: somebody has named the age just now.
    pub by_clock: bool,
    /// Where all runs together take more bytes, the oldest are removed.
    pub bytes: u64,
}

impl Retention {
    /// Nothing.
    pub const NOTHING: Self = Retention { age: None, by_clock: true, bytes: 0 };

    /// How much of a pause counts.
    fn counted(self, pause: SignedDuration) -> SignedDuration {
        match self.age {
            Some(age) if !self.by_clock && pause > PAUSE && !age.is_zero() => pause.min(age / 4),
            _ => pause,
        }
    }
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The runs that were removed.
    pub runs: Vec<RunId>,
    /// The bytes that they took.
    pub bytes: u64,
    /// How many runs there are still.
    pub kept: usize,
}

impl Folder {
    /// Removes what is not to be kept at this moment, and what processes have left that are gone.
    ///
    /// # Errors
    /// A folder that is not to be trusted or cannot be read, or a file that cannot be removed.
    pub fn prune(&self, now: Timestamp, keep: Retention) -> Result<Pruned, JournalError> {
        self.prune_for(now, keep, None)
    }

    /// The same to make room for a new run, which stays: it may end before this does.
    ///
    /// # Errors
    /// As above.
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
        let mut total: u64 = runs.iter().map(|run| run.bytes).sum();
        let mut pruned = Pruned::default();
        for (run, age) in aged(runs, now, keep) {
            let old = keep.age.is_some_and(|most| age > most);
            let goes = old || total > keep.bytes || keep == Retention::NOTHING;
            if goes && new != Some(&run.run) && run.remove(journals.as_ref(), panels.as_ref())? {
                total -= run.bytes;
                pruned.bytes += run.bytes;
                pruned.runs.push(run.run);
            } else {
                pruned.kept += usize::from(run.has_journal);
            }
        }
        Ok(pruned)
    }

    /// Every run that has a file, in the order of their names. What is none of ours is left alone.
    fn runs(
        &self,
        journals: Option<&Dir>,
        panels: Option<&Dir>,
        now: Timestamp,
    ) -> Result<Vec<Run>, JournalError> {
        let mut runs = BTreeMap::new();
        let mut take = |dir: &Dir, run: RunId, name: &str, has_journal: bool| {
            let Ok(Some((_, about))) = dir.file(name, false) else { return };
            let written = set_right(dir, name, &about, now);
            let new = Run { run: run.clone(), has_journal, bytes: 0, written };
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
        Ok(runs.into_values().collect())
    }
}

/// When a file was written. One that is far ahead is set right, since it would never grow old.
fn set_right(dir: &Dir, name: &str, about: &Metadata, now: Timestamp) -> Timestamp {
    let written = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(now);
    if written.duration_since(now) > AHEAD
        && let Ok(Some((file, _))) = dir.file(name, true)
        && let Err(error) = file.set_modified(now.into())
    {
        tracing::debug!(%error, "a file stays ahead of its time");
    }
    written.min(now)
}

/// The runs with their ages, the oldest first.
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

/// A run's files.
struct Run {
    run: RunId,
    has_journal: bool,
    /// Of journal and panel.
    bytes: u64,
    /// The last time that one of them was written.
    written: Timestamp,
}

impl Run {
    /// Removes both; false where somebody is writing to the journal.
    fn remove(&self, journals: Option<&Dir>, panels: Option<&Dir>) -> Result<bool, JournalError> {
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
            removed => removed.map(|()| true),
        }
    }
}

/// Removes a run's journal; false where somebody is writing to it.
fn remove(dir: &Dir, run: &RunId) -> Result<bool, JournalError> {
    let Some(name) = name_of(run) else { return Ok(false) };
    // Whoever writes to it has it locked, and who is about to looks afterwards whether it is there.
    let Some((file, _)) = dir.file(&name, true)? else { return Ok(true) };
    if file.try_lock().is_err() {
        return Ok(false);
    }
    #[cfg(not(unix))]
    drop(file);
    dir.remove(&name)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
