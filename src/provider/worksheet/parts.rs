//! Finds things, people, names and numbers in a text by their form.

use super::cues;
use unicode_segmentation::UnicodeSegmentation;

/// Maximum number of nouns or variables.
const PARTS_MAX: usize = 6;

/// Returns the first `max` distinct finds, ignoring ASCII case.
pub(crate) fn unique<'a>(finds: impl IntoIterator<Item = &'a str>, max: usize) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    for find in finds {
        if kept.len() < max && !kept.iter().any(|k| k.eq_ignore_ascii_case(find)) {
            kept.push(find);
        }
    }
    kept
}

/// Returns the nouns in sentences: Japanese ones before a particle, English ones after an article
/// or before an auxiliary verb.
pub(crate) fn nouns<'a>(sentences: &[&'a str]) -> Vec<&'a str> {
    unique(sentences.iter().flat_map(|s| japanese(s).into_iter().chain(english(s))), PARTS_MAX)
}

const PARTICLES: &str = "が|は|を|の|に|で|と|も|から|へ|や";
/// Words for times rather than things.
const WHEN: &str = "今年|来年|来年度|今年度|去年|今回|前回|最近|今月|来月|先月|毎回|全体|時半";
const FORMAL: &str = "人何誰事物者時方為訳所中上下前後今私僕彼気点形的度";

fn japanese(sentence: &str) -> Vec<&str> {
    let is_noun = |c: char| matches!(c, '\u{3005}' | '\u{4e00}'..='\u{9fff}' | '\u{30a1}'..='\u{30fa}' | 'ー');
    runs(sentence, is_noun)
        .filter(|(_, run, rest)| {
            let mut chars = run.chars();
            let single = chars.next().filter(|_| chars.next().is_none());
            let formal = single.is_some_and(|c| FORMAL.contains(c));
            let particle = PARTICLES.split('|').any(|p| rest.starts_with(p));
            // A single character before に, で or と is usually the stem of another word.
            let stem = single.is_some() && !rest.starts_with(['が', 'を', 'は']);
            let time = numbers(run).first().is_some_and(|n| run.starts_with(n));
            particle && !formal && !stem && !time && !WHEN.split('|').any(|when| *run == when)
        })
        .map(|(_, run, _)| run)
        .collect()
}

/// Returns the runs of characters that satisfy `is`, each with its byte offset and the text after
/// it.
fn runs(text: &str, is: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.find(&is)?;
        let rest = text.get(start..)?;
        at = start + rest.find(|c| !is(c)).unwrap_or(rest.len());
        Some((start, text.get(start..at)?, text.get(at..)?))
    })
}

const BEFORE_NOUN: &str = "\
    the|our|my|your|their|his|her|its|this|these|a|an|new|old|real|other|same|many|few|\
    more|most";
const BEING: &str = "\
    is|are|was|were|has|have|had|does|do|did|can|cannot|will|must|should";
const NOT_NOUN: &str = " the our my your their his her its this these each every a an is are was were has have \
    had does do did can cannot will must should and or but so if because since when while which that who what \
    how why where there here it we i you they he she them us of in on at to for from with without by as than \
    into over under about not no just only also very too more most less same other new old whole real one few \
    many some any all both first last next week month year day reason way thing things lot time maybe perhaps \
    nobody everyone people be been being get gets got go goes make makes up down out off keep keeps now today \
    takes fails needs gives comes runs works breaks says means looks seems uses wants becomes happens stops \
    starts shows waits costs feels tells helps hurts waiting taking failing ago night morning ";

fn english(sentence: &str) -> Vec<&str> {
    let words: Vec<(usize, &str)> = sentence.split_word_bound_indices().collect();
    let words: Vec<_> = words
        .into_iter()
        .filter(|(_, w)| w.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect();
    let noun = |i: usize| {
        let word = words.get(i)?.1;
        let known = NOT_NOUN.contains(&format!(" {} ", word.to_ascii_lowercase()));
        (!known && word.is_ascii()).then_some(())
    };
    let is = |i: usize, list: &str| {
        words.get(i).is_some_and(|(_, w)| list.split('|').any(|l| l.eq_ignore_ascii_case(w)))
    };
    let plural =
        |i: usize| words.get(i).is_some_and(|(_, w)| w.ends_with('s') && !w.ends_with("ss"));
    let slice = |from: usize, to: usize| {
        let ((start, _), (end, last)) = (words.get(from)?, words.get(to)?);
        let phrase = sentence.get(*start..end + last.len())?;
        // Two words form one noun only if nothing but spaces, hyphens and apostrophes is between
        // them.
        let joined = phrase.chars().all(|c| c.is_ascii_alphanumeric() || " -'".contains(c));
        joined.then_some(phrase)
    };
    let mut found = Vec::new();
    for i in 0..words.len() {
        if is(i, BEFORE_NOUN) {
            let from = (i + 1..i + 3).find(|j| noun(*j).is_some());
            // A plural is more often followed by the verb than by another noun.
            let single = from.filter(|f| !plural(*f));
            let two = single.and_then(|f| noun(f + 1).and_then(|()| slice(f, f + 1)));
            found.extend(two.or_else(|| from.and_then(|f| slice(f, f))));
        } else if is(i + 1, BEING) && noun(i).is_some() {
            let from = if i > 0 && noun(i - 1).is_some() { i - 1 } else { i };
            found.extend(slice(from, i).or_else(|| slice(i, i)));
        }
    }
    found.retain(|f| f.len() > 2);
    found
}

/// Words for people in general or for the author, which do not count as people.
const NOBODY: &str = "全員|筆者|大人|本人|個人";

/// Returns the people mentioned in sentences: those of the nouns `named` that end like words for
/// people, names before verbs of saying or thinking, and common words for people.
pub(crate) fn people<'a>(sentences: &[&'a str], named: &[&'a str]) -> Vec<&'a str> {
    let named = named.iter().copied().filter(|p| !NOBODY.split('|').any(|nobody| *p == nobody));
    let named = named.filter(|p| cues::PEOPLE_END.split('|').any(|end| p.ends_with(end)));
    let minds = sentences.iter().flat_map(|s| minds(s));
    let told = sentences.iter().filter_map(|s| cues::find(s, cues::PEOPLE));
    unique(named.chain(minds).chain(told), 3)
}

fn minds(sentence: &str) -> Vec<&str> {
    let words: Vec<_> = sentence.split(' ').collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    let is_mind = |verb: &str| cues::MINDS.split('|').any(|mind| mind == verb);
    let is_name = |word: &str| {
        let known = NOT_NOUN.contains(&format!(" {} ", word.to_ascii_lowercase()));
        let letters = word.len() > 2 && word.chars().all(|c| c.is_ascii_alphabetic());
        letters && !known && word.starts_with(|c: char| c.is_ascii_uppercase())
    };
    pairs.filter(|(word, verb)| is_name(word) && is_mind(verb)).map(|(word, _)| *word).collect()
}

/// Returns the names of variables that are assigned in code, in order.
pub(crate) fn variables<'a>(code: &[&'a str]) -> Vec<&'a str> {
    let given = code.iter().filter_map(|line| {
        let (before, after) = line.split_once(" = ").or_else(|| line.split_once(" := "))?;
        let before = before.split(": ").next()?.trim_end_matches(['+', '-', '*', ' ', ':']);
        let name = before.rsplit(|c: char| c != '_' && !c.is_alphanumeric()).next()?;
        let is_name = name.len() > 1 && !name.starts_with(|c: char| c.is_numeric());
        let is_constant = !name.contains(|c: char| c.is_lowercase());
        (is_name && !is_constant && !after.is_empty()).then_some(name)
    });
    unique(given, PARTS_MAX)
}

const UNITS: &str = "\
    時間|分|秒|日間|日|週間|か月|ヶ月|カ月|ヵ月|月|年間|年|人|名|件|回|個|倍|割|万円|円|台|本|枚|冊|軒|箱|着|校|\
    行|%|％|パーセント|ページ|minutes|minute|hours|hour|seconds|days|weeks|months|years|\
    times|percent|ms";
const KANJI: &str = "一二三四五六七八九十百千万億半数";
const SPELLED: &str = "\
    half|twice|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|\
    hundreds|dozens|thousands";

/// Returns numbers with their units. Kanji numerals count only before a unit, digits only outside
/// names.
pub(crate) fn numbers(text: &str) -> Vec<&str> {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_number = |c: char| is_digit(c) || KANJI.contains(c) || ".,_".contains(c);
    let mut found: Vec<&str> = Vec::new();
    for (at, run, rest) in runs(text, is_number) {
        // Of a range, only the end counts.
        let from = run.rfind("..").map_or(0, |at| at + 2);
        let bare = run.get(from..).unwrap_or(run).trim_start_matches(['.', ',', '_']);
        let start = at + run.len() - bare.len();
        let run = bare.trim_end_matches(['.', ',', '_']);
        let before = text.get(..start).and_then(|b| b.chars().next_back());
        let sign = before.filter(|c| CURRENCIES.contains(c)).map_or(0, char::len_utf8);
        let in_name = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let space = usize::from(rest.starts_with(' '));
        let named = rest.get(space..).unwrap_or_default();
        let unit = UNITS.split('|').filter(|u| named.starts_with(u)).map(str::len).max();
        let tail = unit.and_then(|unit| named.get(unit..)).unwrap_or_default();
        let ago = if tail.starts_with(['前', '後']) { '前'.len_utf8() } else { 0 };
        let unit = unit.map_or(0, |unit| space + unit + ago);
        let is_word = tail.starts_with(['化', '的']);
        if !run.is_empty() && !in_name && !is_word && (unit > 0 || run.contains(is_digit)) {
            found.extend(text.get(start - sign..start + run.len() + unit));
        }
    }
    found.extend(spelled(text));
    found
}

/// Units of counts rather than dates or durations.
const COUNTED: &str = "人|名|件|回|個|倍|割|台|本|枚|冊|軒|箱|着|校|%|％|パーセント|percent";
const TIMES: &str = " minutes hours seconds days weeks months years times ms am pm ";

/// Returns the first number in a clause that counts something, with its unit or noun: `14件`,
/// `34 kids`.
pub(crate) fn count(clause: &str) -> Option<&str> {
    numbers(clause).into_iter().find_map(|number| {
        let start = clause.find(number)?;
        let behind = clause.get(start + number.len()..)?;
        if COUNTED.split('|').any(|unit| number.ends_with(unit)) {
            return Some(number)
                .filter(|_| !(behind.starts_with('目') || behind.starts_with("あたり")));
        }
        let digits = number.ends_with(|c: char| c.is_ascii_digit());
        if !digits || number.starts_with(CURRENCIES) {
            return Some(number).filter(|n| n.to_ascii_lowercase().starts_with("one in"));
        }
        let words = behind.strip_prefix(' ')?.split(' ').take(2);
        let mut end = start + number.len();
        for word in words {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
            end += 1 + bare.len();
            if is_plural(bare) {
                return clause.get(start..end);
            }
            if bare != word {
                break;
            }
        }
        None
    })
}

fn is_plural(word: &str) -> bool {
    let time = TIMES.contains(&format!(" {word} "));
    let letters = word.len() > 3 && word.chars().all(|c| c.is_ascii_lowercase());
    letters && !time && (word == "people" || word.ends_with('s') && !word.ends_with("ss"))
}

const CURRENCIES: [char; 4] = ['£', '$', '€', '¥'];

/// Returns numbers with a unit that are not dates: counts, amounts, durations.
pub(crate) fn measures(text: &str) -> Vec<&str> {
    let dated = |n: &&str| n.ends_with(['月', '年', '日', '前', '後']);
    let is_measure = |n: &&str| {
        let bare = n.ends_with(|c: char| c.is_ascii_digit()) && !n.starts_with(CURRENCIES);
        !bare
            && !dated(n)
            && !n.starts_with(['百', '千', '万', '億'])
            && n.contains(|c: char| c.is_ascii_digit() || KANJI.contains(c))
    };
    let numbers = numbers(text).into_iter().filter(is_measure);
    let counts = super::split::clauses(text).into_iter().filter_map(count);
    let mut all: Vec<&str> = numbers.chain(counts).collect();
    all.sort_by_key(|n| text.find(n));
    all
}

/// Returns a spelled-out English number with the word after it: `one in ten`, `three hours`.
fn spelled(text: &str) -> Option<&str> {
    let (at, words) = match cues::at(text, "one in") {
        Some(at) => (at, 3),
        None => (SPELLED.split('|').filter_map(|word| cues::at(text, word)).min()?, 2),
    };
    let tail = text.get(at..)?;
    let all = tail.split_word_bound_indices();
    let (last, word) =
        all.filter(|(_, w)| w.chars().all(char::is_alphanumeric)).take(words).last()?;
    tail.get(..last + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_of_both_languages() {
        let ja = "半年前は会議が短く、参加者が増えてから決まらない。サーバーの設定も何も知らない";
        assert_eq!(nouns(&[ja]), ["会議", "参加者", "サーバー", "設定"]);
        let en = "Our test suite is flaky since the new CI runners came, and builds are red";
        assert_eq!(nouns(&[en]), ["test suite", "CI runners", "builds"]);
        assert_eq!(
            people(&["Annie thinks our users wait"], &["参加者", "会議"]),
            ["参加者", "Annie", "users"]
        );
    }

    #[test]
    fn assigned_names_are_variables() {
        let code = [
            "let mut retries: u32 = 3;",
            "self.map = load();",
            "if a == b {",
            "const LIMIT: u32 = 9;",
            "tx, err := db.Begin()",
            "total += 1",
            "n = 1",
        ];
        assert_eq!(variables(&code), ["retries", "map", "err"]);
    }

    #[test]
    fn counts_include_what_they_count() {
        for (clause, expect) in [
            ("今月だけで14件言われた", Some("14件")),
            ("今年だけで四人目だ", None),
            ("we started with 34 kids in May", Some("34 kids")),
            ("17% of appointments were no-shows", Some("17%")),
            ("about one in ten builds fails", Some("one in ten")),
            ("it waits three hours", None),
            ("room 14 is closed", None),
        ] {
            assert_eq!(count(clause), expect, "{clause}");
        }
        assert_eq!(measures("£17 a box, 210 boxes, since 3月 in 2019"), ["£17", "210 boxes"]);
    }

    #[test]
    fn numbers_keep_their_units() {
        assert_eq!(
            numbers("半年前は三十分、いまは1時間。十分ではない"),
            ["半年前", "三十分", "1時間", "十分"]
        );
        assert_eq!(numbers("about one in ten builds"), ["one in ten"]);
        assert_eq!(numbers("utf8 takes 3.5 s of 1,000"), ["3.5", "1,000"]);
        assert_eq!(
            numbers("it waits three hours in 0..30 of 40 minutes."),
            ["30", "40 minutes", "three hours"]
        );
        assert_eq!(numbers("一般に万全だ"), Vec::<&str>::new());
    }
}
