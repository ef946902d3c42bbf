//! Runs on disk: one file per run, one event per line, written as they happen.
//!
//! A line is an event's JSON with its sequence number, so that a run can be restored from its
//! journal: the panel is folded from the same events. Nothing here uses tasks or clocks; the
//! session decides when to write.

mod ending;
mod entry;
mod error;
mod folder;
mod latest;
mod lines;
mod pin;
mod prune;
mod read;
mod replay;
mod search;
mod write;

pub use ending::end;
pub use entry::{Entry, Filter, Listing};
pub use error::{JournalError, JournalErrorKind};
pub(crate) use folder::named;
pub use folder::{Folder, LoadedRun};
pub(crate) use latest::{Latest, LatestFile};
pub use lines::{LineNotice, LineNoticeKind, read};
pub use prune::{Pruned, Retention};
pub use replay::replay;
pub use write::{Mark, Resumed, Writer};
