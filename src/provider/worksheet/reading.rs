//! What can be read off a text without understanding it.

use super::cues::{self, around, find, strip_head};
use super::{parts, split};
use std::collections::BTreeMap;
use unicode_segmentation::UnicodeSegmentation;

/// Bytes of a text that are read; of a longer one, the head.
const MOST: usize = 64 * 1024;

/// What was found, by the name that a template asks for it with. Each find is a slice of the text.
///
/// `problem` what reads like the problem · `cause` and `effect` pairs that the text joins ·
/// `after` and `then` pairs in time · `hedge` a hedging word, `hedged` its clause · `absolute` a
/// word that allows no exception, `stated` its clause · `before`, `now`, `next` clauses of time · `number` · `part` things
/// named · `actor` people named · `assumes` lines of code that take something for granted ·
/// `code`, `goal`, `thin` the text as a whole, where it is such.
pub(super) type Reading<'a> = BTreeMap<&'static str, Vec<&'a str>>;

/// Reads a text. It is a pure function of both arguments.
pub(super) fn read<'a>(text: &'a str, language_id: &str) -> Reading<'a> {
    let text = head(text);
    let matter = split::matter(text, language_id);
    let sentences: Vec<&str> = matter.prose.iter().flat_map(|l| split::sentences(l)).collect();
    let mut found = Found::default();
    for sentence in &sentences {
        found.sentence(sentence);
    }
    let is_code = !matter.code.is_empty();
    found.add("part", if is_code { parts::names(&matter.code) } else { parts::nouns(&sentences) });
    found.add("number", numbers_of(&matter));
    found.add("actor", parts::people(&sentences, found.0.get("part")));
    let assumes = matter.code.iter().copied().filter(|l| find(l, cues::ASSUMES).is_some());
    found.add("assumes", assumes.take(2));
    if is_code {
        found.add("code", [text]);
        let told = sentences.iter().copied().filter(|s| find(s, cues::PROBLEM).is_some());
        found.add("problem", told.take(1));
    } else {
        let problem = problem(&sentences).or_else(|| split::lines(text).next());
        found.add("goal", problem.filter(|p| find(p, cues::GOAL).is_some()));
        found.add("problem", problem);
        let short = sentences.len() < 2 && text.trim().graphemes(true).take(25).count() < 25;
        found.add("thin", short.then_some(text));
    }
    found.0
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or(text);
    let cut = head.len() < text.len();
    // The cut may have gone through an emoji of several characters.
    match head.grapheme_indices(true).next_back() {
        Some((at, _)) if cut => head.get(..at).unwrap_or(head),
        _ => head,
    }
}

/// The sentence that reads most like a statement of the problem: it names trouble or denies
/// something, rather than explaining or guessing; of equals the first.
fn problem<'a>(sentences: &[&'a str]) -> Option<&'a str> {
    let score = |(i, s): (usize, &&'a str)| {
        let has = |cues| i32::from(find(s, cues).is_some());
        let explains = reason(s).is_some() || find(s, SINCE).is_some();
        3 * has(cues::PROBLEM) + 2 * has(cues::NEGATION) + i32::from(i == 0)
            - 2 * has(cues::HEDGE)
            - 2 * i32::from(explains)
            - i32::from(s.chars().count() > 120)
    };
    let scored = sentences.iter().enumerate().map(|(i, s)| (score((i, s)), *s));
    scored.rev().max_by_key(|(score, _)| *score).map(|(_, s)| s)
}

const SINCE: &str = "since|after|てから";

#[derive(Default)]
struct Found<'a>(Reading<'a>);

impl<'a> Found<'a> {
    fn add(&mut self, key: &'static str, finds: impl IntoIterator<Item = &'a str>) {
        let mut finds = finds.into_iter().peekable();
        if finds.peek().is_some() {
            self.0.entry(key).or_default().extend(finds);
        }
    }

    fn pair(&mut self, keys: (&'static str, &'static str), (one, two): (&'a str, &'a str)) {
        // Pairs stay pairs: both or neither.
        if !one.is_empty() && !two.is_empty() && self.0.get(keys.0).is_none_or(|v| v.len() < 4) {
            self.add(keys.0, [one]);
            self.add(keys.1, [two]);
        }
    }

    fn sentence(&mut self, sentence: &'a str) {
        if let Some(pair) = reason(sentence) {
            self.pair(("cause", "effect"), pair);
        }
        if let Some(pair) = sequence(sentence) {
            self.pair(("after", "then"), pair);
        }
        for clause in split::clauses(sentence) {
            if let Some(word) = find(clause, cues::HEDGE) {
                self.pair(("hedge", "hedged"), (word, clause));
            }
            if let Some(word) = find(clause, cues::ABSOLUTE) {
                self.pair(("absolute", "stated"), (word, clause));
            }
            let (now, before) = (find(clause, cues::NOW), find(clause, cues::BEFORE));
            self.add("next", find(clause, cues::NEXT).map(|_| clause));
            self.add("before", before.map(|_| clause));
            if now.is_some() && before.is_none() {
                let after = cues::AFTER_END.split('|').find_map(|end| around(clause, end));
                self.add("now", [after.map_or(clause, |(_, rest)| rest)]);
            }
        }
    }
}

/// The cause and the effect that a sentence joins, in its own words.
fn reason(sentence: &str) -> Option<(&str, &str)> {
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

/// Two things of which a sentence says that the second came after the first.
fn sequence(sentence: &str) -> Option<(&str, &str)> {
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

/// A clause divided behind a word in its midst.
fn inside<'a>(clause: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = clause.find(word)? + word.len();
    let (head, rest) = (clause.get(..at)?, clause.get(at..)?);
    (!rest.is_empty() && head.len() > word.len()).then_some((head, rest))
}

fn numbers_of<'a>(matter: &split::Matter<'a>) -> Vec<&'a str> {
    let lines = if matter.code.is_empty() { &matter.prose } else { &matter.code };
    let mut all: Vec<&str> = lines.iter().flat_map(|l| parts::numbers(l)).collect();
    if !matter.code.is_empty() {
        // One-digit literals of a program are seldom a choice.
        all.retain(|n| n.len() > 1);
    }
    parts::unique(all, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: &str, expect: &[&str]) {
        let reading = read(text, "markdown");
        assert_eq!(reading.get(key).map_or(&[][..], |v| v), expect, "{reading:#?}");
    }

    #[test]
    fn the_problem_is_stated_rather_than_explained() {
        check(
            "雨だ。たぶん傘がないので行けない。駅まで遠いのが問題だ。",
            "problem",
            &["駅まで遠いのが問題だ"],
        );
        check(
            "We moved in May. The build is slow. Maybe it fails.",
            "problem",
            &["The build is slow"],
        );
        check("# 課題\n今日は晴れだ。会議が長い。", "problem", &["会議が長い"]);
        check("👨‍👩‍👧‍👦", "problem", &["👨‍👩‍👧‍👦"]);
        check(" \r\n", "problem", &[]);
    }

    #[test]
    fn causes_are_read_where_the_text_joins_them() {
        check("たぶん議題が曖昧なので、誰も知らない。", "cause", &["議題が曖昧なので"]);
        check("雨が降ったので中止した", "effect", &["中止した"]);
        check("It fails because we wait, often.", "cause", &["we wait"]);
        check("Because we wait, it fails.", "effect", &["it fails"]);
        check("Nobody looks, so it stays red.", "effect", &["it stays red"]);
        check("人が増えてから、遅くなった。", "cause", &[]);
        check("人が増えてから遅くなった。", "then", &["遅くなった"]);
        check("Since May, it fails.", "after", &["May"]);
    }

    #[test]
    fn a_long_text_is_read_from_its_head_and_no_emoji_is_cut() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(MOST / family.len() + 9);
        let head = head(&text);
        assert!(head.len() <= MOST && head.len().is_multiple_of(family.len()));
    }
}
