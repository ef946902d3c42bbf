//! The wall clock, and the names that are made of it.

use crate::event::RunId;
use jiff::Timestamp;

/// Now, in UTC, to the millisecond.
#[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// A name for a new run: sortable by time, and not to be guessed.
pub(super) fn new_run_id(at: Timestamp) -> RunId {
    let ms = u64::try_from(at.as_millisecond()).unwrap_or_default();
    RunId(ulid::Ulid::from_parts(ms, rand::random()).to_string().to_ascii_lowercase())
}
