//! The wall clock, and the run IDs that are made from it.

use crate::event::RunId;
use jiff::Timestamp;

/// Returns the current time in UTC, to the millisecond.
#[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Creates an ID for a run that starts at `at`. IDs sort by time and cannot be guessed.
pub(crate) fn new_run_id(at: Timestamp) -> RunId {
    let ms = u64::try_from(at.as_millisecond()).unwrap_or_default();
    RunId(ulid::Ulid::from_parts(ms, rand::random()).to_string().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_clock_that_stands_or_jumps_back_gives_no_name_twice() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let moments = ["2026-11-22T14:00:00Z", "2038-01-19T03:14:08Z", "1960-01-01T00:00:00Z"];
        let names = moments.iter().cycle().take(3_000).map(|moment| new_run_id(at(moment)).0);
        let names: HashSet<_> = names.collect();
        assert_eq!(names.len(), 3_000);
        assert!(names.iter().all(|name| name.len() == 26), "one form for all");
    }
}
