//! Things, people, names and numbers in a text, found by their shape.

use super::cues;
use std::collections::BTreeMap;
use unicode_segmentation::UnicodeSegmentation;

/// Most parts that are shown; the seventh is for what the text does not name.
const MOST: usize = 6;

/// The first of each, up to a number.
pub(super) fn unique<'a>(finds: impl IntoIterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    for find in finds {
        if kept.len() < most && !kept.iter().any(|k| k.eq_ignore_ascii_case(find)) {
            kept.push(find);
        }
    }
    kept
}

/// What the sentences speak about: Japanese nouns before a particle, and English words after an
/// article or before a verb of being.
pub(super) fn nouns<'a>(sentences: &[&'a str]) -> Vec<&'a str> {
    unique(sentences.iter().flat_map(|s| japanese(s).into_iter().chain(english(s))), MOST)
}

const PARTICLES: &str = "が|は|を|の|に|で|と|も|から|へ|や";
const FORMAL: &str = "何誰事物者時方為訳所中上下前後今私僕彼気点形的度";

fn japanese(sentence: &str) -> Vec<&str> {
    let is_noun = |c: char| matches!(c, '\u{3005}' | '\u{4e00}'..='\u{9fff}' | '\u{30a1}'..='\u{30fa}' | 'ー');
    runs(sentence, is_noun)
        .filter(|(_, run, rest)| {
            let mut chars = run.chars();
            let single = chars.next().filter(|_| chars.next().is_none());
            let formal = single.is_some_and(|c| FORMAL.contains(c));
            let particle = PARTICLES.split('|').any(|p| rest.starts_with(p));
            // A lone character before に, で or と is most often the stem of something else.
            let stem = single.is_some() && !rest.starts_with(['が', 'を', 'は']);
            let time = numbers(run).first().is_some_and(|n| run.starts_with(n));
            particle && !formal && !stem && !time
        })
        .map(|(_, run, _)| run)
        .collect()
}

/// The stretches of such characters, each with the byte it begins at and with what follows it.
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
        // Two words are one thing only where nothing but a space is between them.
        let joined = phrase.chars().all(|c| c.is_ascii_alphanumeric() || " -'".contains(c));
        joined.then_some(phrase)
    };
    let mut found = Vec::new();
    for i in 0..words.len() {
        if is(i, BEFORE_NOUN) {
            let from = (i + 1..i + 3).find(|j| noun(*j).is_some());
            // After a plural comes the verb more often than another noun.
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

/// People: parts whose name ends like one, and words for them.
pub(super) fn people<'a>(sentences: &[&'a str], parts: Option<&Vec<&'a str>>) -> Vec<&'a str> {
    let named = parts.into_iter().flatten().copied();
    let named = named.filter(|p| cues::PEOPLE_END.split('|').any(|end| p.ends_with(end)));
    let told = sentences.iter().filter_map(|s| cues::find(s, cues::PEOPLE));
    unique(named.chain(told), 3)
}

const KEYWORDS: &str = " fn let mut pub use mod impl struct enum trait type const static async await move match if \
    else for while loop return break continue in as ref self Self super crate where dyn unsafe def class import \
    from lambda yield pass None True False with try except finally raise global not and or is del function var \
    new this null undefined true false switch case default throw catch typeof instanceof interface extends \
    implements export package func go defer chan map range select string int bool float double char void long \
    short byte public private protected final abstract boolean String Vec Option Result Some Ok Err str usize \
    u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 do end then elif fi done echo local require nil begin ";
const DEFINES: &str = "\
    fn|def|class|struct|enum|trait|func|function|interface|type|let|const|var|mod";

/// Names in code: those that it defines and those that it uses most, in their order. What stands
/// in a string is no name, and what stands behind a dot is most often a library's.
pub(super) fn names<'a>(code: &[&'a str]) -> Vec<&'a str> {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut place, mut defines) = (0, false);
    for part in code.iter().flat_map(|line| line.split('"').step_by(2)) {
        for (at, word, _) in runs(part, is_word) {
            place += 1;
            let member = part.get(..at).is_some_and(|before| before.ends_with('.'));
            let name = word.len() > 1
                && !word.starts_with(|c: char| c.is_numeric())
                && !KEYWORDS.contains(&format!(" {word} "));
            if name {
                let (_, weight) = seen.entry(word).or_insert((place, 0));
                *weight += if defines { 3 } else { usize::from(!member) };
            }
            defines = DEFINES.split('|').any(|d| d == word) || (defines && word == "mut");
        }
    }
    let mut names: Vec<_> = seen.into_iter().filter(|(_, (_, weight))| *weight > 0).collect();
    names.sort_by_key(|(_, (place, weight))| (std::cmp::Reverse(*weight), *place));
    names.truncate(MOST);
    names.sort_by_key(|(_, (place, _))| *place);
    names.into_iter().map(|(name, _)| name).collect()
}

const UNITS: &str = "\
    時間|分|秒|日間|日|週間|か月|ヶ月|カ月|ヵ月|月|年間|年|人|名|件|回|個|倍|割|円|台|本|\
    行|%|％|パーセント|ページ|minutes|minute|hours|hour|seconds|days|weeks|months|years|\
    times|percent|ms";
const KANJI: &str = "一二三四五六七八九十百千万億半数";
const SPELLED: &str = "\
    half|twice|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred|\
    hundreds|dozens|thousands";

/// Numbers with their units. Kanji count only before a unit, digits not inside a name.
pub(super) fn numbers(text: &str) -> Vec<&str> {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_number = |c: char| is_digit(c) || KANJI.contains(c) || ".,_".contains(c);
    let mut found: Vec<&str> = Vec::new();
    for (at, run, rest) in runs(text, is_number) {
        // Of a range the end counts.
        let from = run.rfind("..").map_or(0, |at| at + 2);
        let bare = run.get(from..).unwrap_or(run).trim_start_matches(['.', ',', '_']);
        let start = at + run.len() - bare.len();
        let run = bare.trim_end_matches(['.', ',', '_']);
        let before = text.get(..start).and_then(|b| b.chars().next_back());
        let in_name = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let space = usize::from(rest.starts_with(' '));
        let named = rest.get(space..).unwrap_or_default();
        let unit = UNITS.split('|').filter(|u| named.starts_with(u)).map(str::len).max();
        let tail = unit.and_then(|unit| named.get(unit..)).unwrap_or_default();
        let ago = if tail.starts_with(['前', '後']) { '前'.len_utf8() } else { 0 };
        let unit = unit.map_or(0, |unit| space + unit + ago);
        if !run.is_empty() && !in_name && (unit > 0 || run.contains(is_digit)) {
            found.extend(text.get(start..start + run.len() + unit));
        }
    }
    found.extend(spelled(text));
    found
}

/// English numbers in words with the word after them: `one in ten`, `three hours`.
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
        assert_eq!(people(&["the team waits"], Some(&vec!["参加者", "会議"])), ["参加者", "team"]);
    }

    #[test]
    fn names_that_code_defines_come_before_those_it_uses() {
        let code = ["fn fetch(url: &str) -> u32 {", "let retries = 3;", "get(url)", "}"];
        assert_eq!(names(&code), ["fetch", "url", "retries", "get"]);
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
