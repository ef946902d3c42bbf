//! Where in a text there is something that looks secret.

use super::kind::Match;
use super::{assigned, command, cookie, japanese, key_block, tokens};

/// All such passages, in the text's order and apart from each other. It takes time that grows with
/// the text's length and no faster, and needs no preparation: the text is read once for each
/// rule, and nothing looks back. (Regular expressions for the same took a tenth of a second to get ready.)
pub fn find(text: &str) -> Vec<Match> {
    // The surest first.
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
    merged(all)
}

/// Passages that overlap become one, which is called what the first of their rules says.
fn merged(all: Vec<(usize, Match)>) -> Vec<Match> {
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
            _ => out.push((rank, found)),
        }
    }
    out.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests;
