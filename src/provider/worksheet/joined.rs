//! Finds pairs that a sentence relates: cause and effect, before and after, one statement against
//! another.

use super::cues::{self, around, strip_head};
use super::split::{self, trim_stop};

/// Returns the cause and the effect that a sentence states.
pub(crate) fn reason(sentence: &str) -> Option<(&str, &str)> {
    let clauses = split::clauses(sentence);
    let plain = |s| strip_head(s, cues::HEDGE);
    for (i, clause) in clauses.iter().enumerate() {
        let next = clauses.get(i + 1).copied();
        let ends = cues::REASON_END.split('|').any(|end| clause.ends_with(end));
        let sequence = cues::AFTER_END.split('|').any(|end| clause.ends_with(end));
        if let (true, false, Some(effect)) = (ends, sequence, next) {
            return Some((plain(clause), effect));
        }
        if let Some((cause, effect)) = inside(clause, "ので") {
            return Some((plain(cause), effect));
        }
        if let Some((effect, cause)) = cues::BECAUSE.split('|').find_map(|cue| around(clause, cue))
        {
            let before = i.checked_sub(1).and_then(|i| clauses.get(i)).copied();
            let effect = Some(effect).filter(|e| !e.is_empty()).or(before).or(next)?;
            return Some((cause, plain(effect)));
        }
        let so = next.and_then(|n| cues::SO.split('|').find_map(|cue| around(n, cue)));
        if let Some(("", effect)) = so {
            return Some((plain(clause), effect));
        }
    }
    None
}

/// Returns two events that a sentence puts in sequence, earlier first.
pub(crate) fn sequence(sentence: &str) -> Option<(&str, &str)> {
    let clauses = split::clauses(sentence);
    for (i, clause) in clauses.iter().enumerate() {
        let next = clauses.get(i + 1).copied();
        for end in cues::AFTER_END.split('|') {
            match (inside(clause, end), clause.ends_with(end), next) {
                (Some(pair), ..) => return Some(pair),
                (None, true, Some(then)) => return Some((clause, then)),
                _ => {}
            }
        }
        for cue in cues::AFTER.split('|') {
            match (around(clause, cue), next) {
                (Some(("", rest)), Some(then)) => return Some((rest, then)),
                (Some((then, rest)), _) if !then.is_empty() && !rest.is_empty() => {
                    return Some((rest, then));
                }
                _ => {}
            }
        }
    }
    None
}

/// Splits a clause after a word in its middle.
fn inside<'a>(clause: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = clause.find(word)? + word.len();
    let (head, rest) = (clause.get(..at)?, clause.get(at..)?);
    (!rest.is_empty() && head.len() > word.len()).then_some((head, rest))
}

/// Returns two statements that contradict each other: both in `sentence`, or the first in `before`,
/// the sentence before it.
pub(crate) fn against<'a>(
    before: Option<&'a str>,
    sentence: &'a str,
) -> Option<(&'a str, &'a str)> {
    let clauses = split::clauses(sentence);
    for (i, clause) in clauses.iter().enumerate() {
        let end = cues::AGAINST_END
            .split('|')
            .filter(|end| clause.ends_with(end))
            .max_by_key(|e| e.len());
        if let (Some(end), Some(next)) = (end, clauses.get(i + 1)) {
            // In たが and similar endings, the first character belongs to the verb.
            let cut = if end.ends_with('が') { "が" } else { end };
            return Some((clause.strip_suffix(cut)?, rest(sentence, next)));
        }
    }
    let head = |cue: &&str| around(sentence, cue).is_some_and(|(head, _)| head.is_empty());
    let heads = cues::AGAINST_HEAD.split('|').filter(head).max_by_key(|cue| cue.len());
    if let Some(cue) = heads {
        let (_, other) = around(sentence, cue)?;
        return Some((before?, other.trim_start_matches(['、', ',', ' '])));
    }
    let (one, other) = cues::AGAINST.split('|').find_map(|cue| around(sentence, cue))?;
    match clauses.get(1) {
        Some(next) if one.is_empty() => {
            Some((trim_stop(other.get(..other.find(next)?)?), rest(other, next)))
        }
        _ => Some((split::clauses(one).last()?, other)),
    }
}

/// Returns a sentence from the start of one of its clauses.
fn rest<'a>(sentence: &'a str, clause: &'a str) -> &'a str {
    sentence.find(clause).and_then(|at| sentence.get(at..)).map_or(clause, trim_stop)
}
