//! Runs on disk: one file a run, one event a line, written as they come.
//!
//! A line is the event's own JSON, with its place in the run, so that a journal read back is the
//! run: its panel is the same fold over the same events. Nothing here knows of tasks or clocks;
//! the session says when something is written.

mod ending;
mod entry;
mod error;
mod folder;
mod lines;
mod prune;
mod read;
mod replay;
mod temporary;
mod write;

pub use ending::end;
pub use entry::Entry;
pub use error::{Cause, FindError, JournalError, WriteError};
pub use folder::{Folder, Kept};
pub use lines::{Problem, ProblemKind, read};
pub use prune::{Pruned, Retention};
pub use replay::replay;
pub use temporary::Temporary;
pub use write::{Mark, Resumed, Writer};
