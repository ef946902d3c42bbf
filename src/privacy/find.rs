//! Finds all passages in a text that look like secrets.

use super::kind::Match;
use super::scan::{ENDS, end_of_long};
use super::{assigned, command, cookie, japanese, key_block, tokens};

/// Returns all passages that look like secrets, in order and without overlaps. The time is linear
/// in the length of the text: each rule reads the text once, and none backtracks. No setup is
/// needed; regular expressions for the same rules took a tenth of a second to compile.
pub fn find(text: &str) -> Vec<Match> {
    // The most certain rules come first.
    let mut all: Vec<(usize, Match)> = Vec::new();
    let rules = [
        key_block::find,
        tokens::find,
        cookie::find,
        assigned::find,
        japanese::find,
        command::find,
    ];
    for (rank, found) in rules.iter().enumerate() {
        all.extend(found(text).into_iter().map(|found| (rank, found)));
    }
    all.sort_by_key(|(rank, found)| (found.range.start, *rank));
    merged(text, all)
}

/// Merges overlapping passages. The merged passage has the kind that the first of their rules
/// gives.
fn merged(text: &str, all: Vec<(usize, Match)>) -> Vec<Match> {
    let mut out: Vec<(usize, Match)> = Vec::new();
    for (rank, mut found) in all {
        // What was read to its end already is not read again.
        let done = out.last().map_or(0, |(_, last)| last.range.end);
        if found.range.end > done {
            found.range.end = end_of_long(text, &found.range, ENDS);
        }
        match out.last_mut() {
            Some((best, last)) if found.range.start < last.range.end => {
                last.range.end = last.range.end.max(found.range.end);
                if rank < *best {
                    *best = rank;
                    last.kind = found.kind;
                }
            }
            _ => out.push((rank, found)),
        }
    }
    out.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests;
