//! The journals of a test's home, read as any program may read them.

use kaizodo::event::{Event, RunId, Stamped};
use kaizodo::journal::{Folder, Kept};
use kaizodo::panel::Panel;
use std::path::Path;

/// The journal of a home without any XDG variable.
pub(crate) fn of_home(home: &Path) -> Folder {
    Folder::new(home.join(".local/state/kaizodo"))
}

/// The journal of an editor's server.
pub(crate) fn of_server(home: &Path) -> Folder {
    Folder::new(home.join("state/kaizodo"))
}

/// The names of all runs, the oldest first.
pub(crate) fn runs(folder: &Folder) -> Vec<RunId> {
    let runs = folder.list(usize::MAX).unwrap();
    runs.into_iter().rev().map(|entry| entry.run).collect()
}

/// The one run that there is.
pub(crate) fn only(folder: &Folder) -> Kept {
    let runs = runs(folder);
    assert_eq!(runs.len(), 1, "{runs:?}");
    kept(folder, &runs[0])
}

pub(crate) fn kept(folder: &Folder, run: &RunId) -> Kept {
    folder.load(run).unwrap().unwrap()
}

/// What a branch has said.
pub(crate) fn said(events: &[Stamped], branch: &str) -> String {
    let piece = |stamped: &Stamped| match &stamped.event {
        Event::Delta { branch: of, text } if *of.0 == *branch => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(piece).collect()
}

/// The text that events alone make of a panel.
pub(crate) fn panel(events: &[Stamped]) -> String {
    let mut panel = Panel::new("", kaizodo::lang::Lang::En);
    panel.apply_all(events);
    panel.text()
}
