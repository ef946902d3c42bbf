//! Finds all passages in a text that look like secrets.

use super::kind::Match;
use super::scan::{VALUE_BYTES, start_of};
use super::{assigned, command, cookie, japanese, key_block, tokens};
use std::ops::Range;

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
/// gives. A long one is extended to the next blank, because the rules read only a part of a long
/// value.
fn merged(text: &str, all: Vec<(usize, Match)>) -> Vec<Match> {
    let mut out: Vec<(usize, Match)> = Vec::new();
    for (rank, found) in all {
        match out.last_mut() {
            Some((best, last)) if found.range.start < last.range.end => {
                last.range.end = last.range.end.max(found.range.end);
                if rank < *best {
                    *best = rank;
                    last.kind = found.kind;
                }
            }
            _ => {
                let mut found = found;
                let Range { start, end } = found.range;
                if end - start >= VALUE_BYTES - 1 {
                    let rest = start_of(text.get(end..), |c| c.is_ascii_graphic());
                    found.range.end = end + rest.len();
                }
                out.push((rank, found));
            }
        }
    }
    out.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests;
