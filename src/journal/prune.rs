//! Retention: old runs are removed, the oldest first, and never one that is being written.

use super::error::JournalError;
use super::folder::{Dir, Folder, name_of};
use crate::event::RunId;
use jiff::{SignedDuration, Timestamp};
use std::io;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A run that was not written to for longer is removed; `None` keeps any age.
    pub age: Option<SignedDuration>,
    /// Where all runs together take more bytes, the oldest are removed.
    pub bytes: u64,
}

impl Retention {
    /// Nothing.
    pub const NOTHING: Self = Retention { age: None, bytes: 0 };
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
    /// Removes what is not to be kept at this moment.
    ///
    /// # Errors
    /// A folder that is not to be trusted or cannot be read, or a file that cannot be removed.
    pub fn prune(&self, now: Timestamp, keep: Retention) -> Result<Pruned, JournalError> {
        let Some(dir) = self.open()? else { return Ok(Pruned::default()) };
        let mut runs = Vec::new();
        for run in self.ids()? {
            runs.extend(Run::look(&dir, run));
        }
        let mut total: u64 = runs.iter().map(|run| run.bytes).sum();
        let mut pruned = Pruned::default();
        for Run { run, bytes, written } in runs {
            let old = keep.age.is_some_and(|age| now.duration_since(written) > age);
            if (old || total > keep.bytes || keep == Retention::NOTHING) && remove(&dir, &run)? {
                self.remove_panel(&run);
                total -= bytes;
                pruned.bytes += bytes;
                pruned.runs.push(run);
            } else {
                pruned.kept += 1;
            }
        }
        Ok(pruned)
    }

    /// Removes the file in which editors without virtual documents were shown the run.
    fn remove_panel(&self, run: &RunId) {
        let removed = match self.panels() {
            Ok(Some(panels)) => panels.remove(&format!("{run}.md")),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "a panel's file stays");
        }
    }
}

struct Run {
    run: RunId,
    bytes: u64,
    written: Timestamp,
}

impl Run {
    /// What is none of ours is left alone.
    fn look(dir: &Dir, run: RunId) -> Option<Self> {
        let (_, about) = dir.file(&name_of(&run)?, false).ok()??;
        let written = about.modified().map_err(io::Error::other);
        let written = written.and_then(|at| Timestamp::try_from(at).map_err(io::Error::other));
        Some(Run { run, bytes: about.len(), written: written.unwrap_or(Timestamp::MAX) })
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
