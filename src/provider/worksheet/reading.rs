//! Extracts from a text what cue words and form reveal, without understanding it.

use super::cues::{self, around, find};
use super::joined::{against, reason, sequence};
use super::{parts, split};
use std::collections::BTreeMap;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Maximum number of bytes read from the start of a text.
const BYTES_MAX: usize = 16 * 1024;
/// Maximum number of finds per key.
const KEPT: usize = 6;
/// Minimum width in columns of a statement that is worth quoting.
const SHORT: usize = 10;
/// Width in columns below which a text of one sentence counts as `thin`.
const THIN: usize = 50;
/// Maximum width in columns of a statement that is quoted whole.
const LONG: usize = 96;

/// What was found in a text, by template key. Each find is a slice of the text.
///
/// Paired by index: `cause` and `effect` · `after` and `then` in time · `one` and `other`, which
/// contradict each other · `hedge` and its clause `hedged` · `absolute`, a word that allows no
/// exception, and its clause `stated` · `number` and its clause `counted`. Alone: `problem`, the
/// likely statement of the problem · `plan`, what someone means to do · `goal`, what someone wants
/// · `voice`, reported speech · `asked`, a question in the text · `before`, `now`, `next` and
/// `sometimes`, clauses of time · `actor`, people · `figures`, numbers, and `parts`, things, only
/// if there are several · `assumes`, lines of code that make an assumption. The text as a whole has
/// one of the keys `code`, `thin`, `goal`, `plan`, `choice` and `trouble`, or none if it is blank.
pub(crate) type Reading<'a> = BTreeMap<&'static str, Vec<&'a str>>;

/// Returns what the worksheet templates can quote from a text. A pure function.
pub(crate) fn read<'a>(text: &'a str, language_id: &str) -> Reading<'a> {
    let text = head(text);
    let matter = split::matter(text, language_id);
    let sentences: Vec<&str> = matter.prose.iter().flat_map(|l| split::sentences(l)).collect();
    let mut found = Found::default();
    let mut before = None;
    for sentence in &sentences {
        found.sentence(before, sentence);
        before = Some(*sentence);
    }
    let is_code = !matter.code.is_empty();
    let mut named = if is_code { parts::variables(&matter.code) } else { parts::nouns(&sentences) };
    found.add("actor", parts::people(&sentences, &named));
    // In prose, keep only Japanese nouns that occur more than once.
    named.retain(|name| is_code || !is_english(name) && text.matches(name).count() > 1);
    found.add("parts", Some(named).filter(|named| named.len() > 1).into_iter().flatten());
    let figures = figures(&matter);
    found.add("figures", Some(figures).filter(|f| is_code || f.len() > 2).into_iter().flatten());
    let assumes = matter.code.iter().copied().filter(|l| find(l, cues::ASSUMES).is_some());
    found.add("assumes", assumes);
    if is_code {
        found.add("code", [text]);
        let complaint = problem(sentences.iter().copied().filter(|s| is_complaint(s)), true);
        let short = complaint.map(|s| cued_or(s, cues::SOMETIMES, || clause_of(s, cues::PROBLEM)));
        found.add("problem", short);
    } else {
        found.kind(text, &sentences);
    }
    for (key, best) in found.0.iter_mut() {
        match *key {
            "next" => best.sort_by_key(|clause| find(clause, cues::DEADLINE).is_none()),
            "voice" => best.sort_by_key(|said| std::cmp::Reverse(said.width())),
            _ => {}
        }
    }
    found.0
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or(text);
    let cut = head.len() < text.len();
    // The cut may have split a grapheme.
    match head.grapheme_indices(true).next_back() {
        Some((at, _)) if cut => head.get(..at).unwrap_or(head),
        _ => head,
    }
}

/// Returns the sentence that reads most like a statement of the problem: it names trouble or
/// negates something rather than explaining or guessing. The first of equals wins. In code, earlier
/// comments are preferred.
fn problem<'a>(sentences: impl Iterator<Item = &'a str>, is_code: bool) -> Option<&'a str> {
    let score = |i: usize, s: &'a str| {
        let has = |cues| i32::from(find(s, cues).is_some());
        let explains = reason(s).is_some() || s.ends_with("ので");
        let answers = ["But ", "でも", "ただ"].iter().any(|head| s.starts_with(head));
        3 * has(cues::PROBLEM)
            + 2 * has(cues::NEGATION)
            + 2 * i32::from(is_code) * has(cues::SOMETIMES)
            + i32::from(is_code && parts::count(s).is_some())
            + i32::from(i == 0)
            - 2 * has(cues::HEDGE)
            - 2 * i32::from(explains || answers)
            - has(SINCE)
            - i32::from(s.chars().count() > 120)
            - i32::try_from(i / 3).unwrap_or(i32::MAX) * i32::from(is_code)
    };
    sentences.enumerate().min_by_key(|(i, s)| std::cmp::Reverse(score(*i, s))).map(|(_, s)| s)
}

fn is_complaint(sentence: &str) -> bool {
    [cues::PROBLEM, cues::NEGATION, cues::SOMETIMES].iter().any(|c| find(sentence, c).is_some())
}

const SINCE: &str = "since|after|てから";

#[derive(Default)]
struct Found<'a>(Reading<'a>);

impl<'a> Found<'a> {
    fn add(&mut self, key: &'static str, finds: impl IntoIterator<Item = &'a str>) {
        for find in finds {
            let all = self.0.entry(key).or_default();
            if all.len() < KEPT {
                all.push(find);
            }
        }
    }

    fn pair(&mut self, keys: (&'static str, &'static str), (one, two): (&'a str, &'a str)) {
        // Keeps pairs aligned: both or neither.
        if !one.is_empty() && !two.is_empty() && is_whole(one) && is_whole(two) {
            self.add(keys.0, [one]);
            self.add(keys.1, [two]);
        }
    }

    fn sentence(&mut self, before: Option<&'a str>, sentence: &'a str) {
        // An opinion or a decision is not an effect.
        let is_effect = |(_, effect): &(&str, &str)| {
            let is_ours = ["I ", "I'", "we ", "we'"].iter().any(|we| effect.starts_with(we));
            !is_ours && find(effect, cues::HEDGE).or(find(effect, cues::UNSURE)).is_none()
        };
        let stated = |(one, two): &(&str, &str)| is_clause(one) && is_clause(two);
        // A date is not a cause.
        let is_cause = |(cause, _): &(&str, &str)| {
            find(cause, cues::NEXT).is_none()
                && !parts::numbers(cause).iter().any(|n| n.ends_with(['月', '年']))
        };
        if let Some(pair) = reason(sentence).filter(stated).filter(is_effect).filter(is_cause) {
            self.pair(("cause", "effect"), pair);
        }
        let is_event = |(after, then): &(&str, &str)| {
            !starts_with_date(after)
                && find(then, cues::FUTURE).is_none()
                && find(after, cues::UNSURE).is_none()
        };
        if let Some(pair) = sequence(sentence).filter(stated).filter(is_event) {
            self.pair(("after", "then"), pair);
        }
        if let Some(pair) = against(before, sentence).filter(stated) {
            self.pair(("one", "other"), pair);
        }
        self.add("voice", voice(sentence));
        let asked = sentence.trim_start_matches('…');
        if is_question(asked) && !asked.starts_with('と') && is_statement(asked) {
            self.add("asked", [asked]);
        }
        for clause in split::clauses(sentence).into_iter().filter(|c| is_clause(c)) {
            self.clause(clause);
        }
    }

    fn clause(&mut self, clause: &'a str) {
        let clause = cues::strip_head(clause, cues::LEADS);
        for (word, cues, statement) in
            [("hedge", cues::HEDGE, "hedged"), ("absolute", cues::ABSOLUTE, "stated")]
        {
            // The word alone says nothing.
            let of = find(clause, cues).filter(|w| clause.width() > w.width() + SHORT / 2);
            if let Some(found) = of.filter(|_| !is_question(clause)) {
                // The first character of るはず belongs to the verb.
                let found = found.find("はず").and_then(|at| found.get(at..)).unwrap_or(found);
                self.pair((word, statement), (found, clause));
            }
        }
        let is_observed = |count: &&str| {
            is_english(clause)
                || ["た", "ている", "てる", "されて"].iter().any(|end| clause.contains(end))
                || clause.ends_with(*count)
        };
        if let Some(count) = parts::count(clause).filter(is_observed) {
            self.pair(("number", "counted"), (count, clause));
        }
        let (now, before) = (find(clause, cues::NOW), find(clause, cues::BEFORE));
        self.add("next", Some(clause).filter(|c| is_ahead(c)));
        let goal = find(clause, cues::GOAL);
        self.add(
            "sometimes",
            find(clause, cues::SOMETIMES).filter(|_| goal.is_none()).map(|_| clause),
        );
        self.add("before", before.map(|_| clause));
        if now.is_some() && before.is_none() {
            let after = cues::AFTER_END.split('|').find_map(|end| around(clause, end));
            self.add("now", [after.map_or(clause, |(_, rest)| rest)]);
        }
    }

    /// Determines what prose is as a whole: a goal, a thin text, a plan, a choice, or trouble.
    fn kind(&mut self, text: &'a str, sentences: &[&'a str]) {
        let Some(problem) =
            problem(sentences.iter().copied(), false).or_else(|| split::lines(text).next())
        else {
            return;
        };
        self.add("problem", [clause_of(problem, cues::PROBLEM)]);
        let is_own =
            |s: &&str| is_statement(s) && voice(s).is_none() && find(s, cues::UNWANTED).is_none();
        let said = |cues| sentences.iter().copied().find(|s| find(s, cues).is_some() && is_own(s));
        let goal = said(cues::GOAL);
        let plan = || said(cues::PLAN).map(|s| clause_of(s, cues::PLAN));
        let wish = || goal.map(|s| clause_of(s, cues::GOAL));
        if let (Some(goal), true) = (goal, sentences.len() < 3) {
            let is_short = !is_english(goal) && goal.width() <= LONG;
            self.add(
                "goal",
                [if is_short { goal } else { cued(goal, cues::GOAL).unwrap_or(goal) }],
            );
        } else if sentences.len() < 2 && text.trim().width() < THIN {
            self.add("thin", [text]);
        } else if let Some(plan) =
            option_of(text, sentences).or_else(|| decision(text)).or_else(plan).or_else(wish)
        {
            self.add("plan", [plan]);
        } else if let Some(asked) = self.0.get("asked").and_then(|asked| asked.first().copied()) {
            self.add("choice", [asked]);
        } else {
            self.add("trouble", [text]);
        }
    }
}

/// Returns `true` if the text has no wide characters such as Japanese ones.
fn is_english(text: &str) -> bool {
    text.width() <= text.chars().count()
}

/// Returns the first clause that contains a cue.
fn cued<'a>(sentence: &'a str, cues: &str) -> Option<&'a str> {
    split::clauses(sentence).into_iter().find(|c| is_clause(c) && find(c, cues).is_some())
}

fn cued_or<'a>(sentence: &'a str, cues: &str, other: impl Fn() -> &'a str) -> &'a str {
    let long = Some(sentence).filter(|s| s.width() > LONG);
    long.and_then(|s| cued(s, cues)).unwrap_or_else(other)
}

/// Returns a sentence, or if it is long, its clause that contains a cue.
fn clause_of<'a>(sentence: &'a str, cues: &str) -> &'a str {
    if sentence.width() <= LONG {
        return sentence;
    }
    let mut clauses = split::clauses(sentence).into_iter().filter(|c| is_clause(c));
    // The main clause comes last in Japanese.
    let main = || if is_english(sentence) { clauses.next() } else { clauses.next_back() };
    cued(sentence, cues).or_else(main).unwrap_or(sentence)
}

/// Returns the text of the option that a decision names only by letter or number: `B` of
/// `- B. Walk-in Saturdays`.
fn option_of<'a>(text: &'a str, sentences: &[&'a str]) -> Option<&'a str> {
    let decides = sentences.iter().position(|s| find(s, cues::DECIDES).is_some())?;
    let said = sentences.iter().skip(decides).take(2);
    let mut names = said
        .flat_map(|s| s.split(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|name| name.len() == 1 && !name.starts_with(|c: char| c.is_ascii_lowercase()));
    names.find_map(|name| {
        split::lines(text).find_map(|line| {
            let rest = line.trim_start_matches(['-', '*', '・', ' ']).strip_prefix(name)?;
            split::sentences(rest.strip_prefix(['.', ':', '：', '、', ')'])?).next()
        })
    })
}

/// Returns the first sentence below a heading that announces a decision.
fn decision(text: &str) -> Option<&str> {
    let mut lines = split::lines(text);
    lines.find(|line| line.starts_with('#') && find(line, cues::DECISION).is_some())?;
    split::sentences(lines.next()?).next().filter(|s| is_statement(s))
}

/// Returns reported speech in a sentence.
fn voice(sentence: &str) -> Option<&str> {
    let mut rest = sentence;
    while let Some((_, after)) = rest.split_once('「')
        && let Some((inner, behind)) = after.split_once('」')
    {
        let is_said = cues::SAYS_END.split('|').any(|end| behind.starts_with(end));
        if is_said && is_statement(inner) {
            return Some(inner);
        }
        rest = behind;
    }
    let clauses = split::clauses(sentence);
    let japanese = clauses.iter().find_map(|clause| {
        cues::SAYS_END.split('|').find_map(|end| around(clause, end)).map(|(said, _)| said)
    });
    let english = clauses.iter().copied().find(|clause| {
        let says = find(clause, cues::SAYS).and_then(|says| around(clause, says));
        says.is_some_and(|(who, _)| {
            let last = who.rsplit(' ').next().unwrap_or_default();
            !who.is_empty() && !OURS.contains(&last.to_ascii_lowercase().as_str())
        })
    });
    japanese.or(english).filter(|said| is_statement(said))
}

/// Words that, before a verb of saying, show that no one else is quoted.
const OURS: [&str; 10] = ["i", "we", "don't", "to", "not", "you", "really", "just", "can", "who"];

fn is_question(sentence: &str) -> bool {
    let is_noun =
        ["静か", "わずか", "なか", "確か", "ほか"].iter().any(|end| sentence.ends_with(end));
    ["?", "？", "か", "かな", "だっけ", "か迷っている", "か悩んでいる"]
        .iter()
        .any(|end| sentence.ends_with(end) && !is_noun)
}

/// Returns `true` if a piece of text can be quoted as a statement.
fn is_statement(text: &str) -> bool {
    text.width() >= SHORT && is_whole(text)
}

/// Returns `true` if a text is a complete clause, judging by its ends and its length.
fn is_clause(text: &str) -> bool {
    let is_open = text.ends_with(['で', 'に', 'は', 'を', 'が', 'の', 'と', 'も', 'へ', 'や']);
    let is_open = is_open || text.ends_with("とき");
    let goes_on = cues::AGAINST_END.split('|').chain(["ので"]).any(|end| text.ends_with(end));
    // The subject or object precedes it and is missing.
    let is_rest = text.starts_with(['と', 'を', 'が', 'に']) || text.starts_with("では");
    let is_long = !is_english(text) || text.split(' ').count() > 3;
    is_statement(text) && is_long && !is_rest && (goes_on || !is_open)
}

fn starts_with_date(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    DATES.contains(&first.as_str()) && text.contains(' ')
}

/// Returns `true` if brackets and quotation marks are balanced.
fn is_whole(text: &str) -> bool {
    let count = |c: char| text.matches(c).count();
    [('「', '」'), ('『', '』'), ('“', '”'), ('(', ')')].iter().all(|(a, b)| count(*a) == count(*b))
        && count('"').is_multiple_of(2)
}

/// Returns `true` if a clause is about the future.
fn is_ahead(clause: &str) -> bool {
    let is_past = clause.ends_with('た') || clause.ends_with("たが");
    !is_past && find(clause, cues::NEXT).is_some() || is_dated(clause)
}

/// Returns `true` if an English clause contains a date with `by`, `before`, `until` or `from`.
fn is_dated(clause: &str) -> bool {
    let words: Vec<_> = clause.split(' ').map(str::to_ascii_lowercase).collect();
    words.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        ["by", "before", "until", "from"].contains(&first.as_str())
            && (DATES.contains(&second.as_str()) || second == "the" && clause.contains(" summer"))
    })
}

const DATES: [&str; 21] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "easter",
    "christmas",
    "summer",
    "autumn",
];

/// Returns figures that may depend on each other.
fn figures<'a>(matter: &split::Matter<'a>) -> Vec<&'a str> {
    if matter.code.is_empty() {
        return parts::unique(matter.prose.iter().flat_map(|l| parts::measures(l)), 3);
    }
    // One-digit literals in code are rarely deliberate choices.
    let outside = matter.code.iter().flat_map(|l| l.split(['"', '\'']).step_by(2));
    let is_choice = |n: &&str| n.len() > 1 && n.starts_with(|c: char| c.is_ascii_digit());
    parts::unique(outside.flat_map(parts::numbers).filter(is_choice), 3)
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
        check("雨が降ったので試合を中止した", "effect", &["試合を中止した"]);
        check("雨が降ったので中止した", "effect", &[]);
        check(
            "The build often fails because nobody looks at it.",
            "cause",
            &["nobody looks at it"],
        );
        check(
            "Because nobody looks at it, the build fails often.",
            "effect",
            &["the build fails often"],
        );
        check(
            "Nobody looks at it, so it stays red for days.",
            "effect",
            &["it stays red for days"],
        );
        check("人が増えてから、遅くなった。", "cause", &[]);
        check("人が増えてから会議が長い。", "then", &["会議が長い"]);
        check("Since May, it fails every day.", "after", &[]);
    }

    #[test]
    fn a_long_text_is_read_from_its_head_and_no_emoji_is_cut() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(BYTES_MAX / family.len() + 9);
        let head = head(&text);
        assert!(head.len() <= BYTES_MAX && head.len().is_multiple_of(family.len()));
    }
}
