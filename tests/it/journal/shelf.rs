//! Reads the journals of a test's home folder, as any program may read them.

use kaizodo::event::{Event, RunId, Stamped};
use kaizodo::journal::{Folder, LoadedRun};
use kaizodo::panel::Panel;
use std::path::Path;

/// Returns the journal of a home folder without any XDG variable.
pub(crate) fn of_home(home: &Path) -> Folder {
    Folder::new(home.join(".local/state/kaizodo"))
}

/// Returns the journal of an editor's server.
pub(crate) fn of_server(home: &Path) -> Folder {
    Folder::new(home.join("state/kaizodo"))
}

/// Returns the names of all runs, oldest first.
pub(crate) fn runs(folder: &Folder) -> Vec<RunId> {
    let runs = folder.list(usize::MAX).unwrap();
    runs.into_iter().rev().map(|entry| entry.run).collect()
}

/// Returns the only run.
pub(crate) fn only(folder: &Folder) -> LoadedRun {
    let runs = runs(folder);
    assert_eq!(runs.len(), 1, "{runs:?}");
    kept(folder, &runs[0])
}

pub(crate) fn kept(folder: &Folder, run: &RunId) -> LoadedRun {
    folder.load(run).unwrap().unwrap()
}

/// Returns what a branch has written.
pub(crate) fn said(events: &[Stamped], branch: &str) -> String {
    let piece = |stamped: &Stamped| match &stamped.event {
        Event::Delta { branch: of, text } if *of.0 == *branch => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(piece).collect()
}

/// Returns the panel's text that results from the events alone.
pub(crate) fn panel(events: &[Stamped]) -> String {
    let mut panel = Panel::new("", kaizodo::lang::Lang::En);
    panel.apply_all(events);
    panel.text()
}
