//! Measures how many secrets are found, and how many innocent texts are mistaken for secrets, over
//! lists of snippets as people select them. Secrets are marked with `⟦` and `⟧`. Placeholders such
//! as `{alnum:10}` are filled with random characters, so that no list contains anything that could
//! be a real key. The rules were written with the `dev` lists in view, but without the `held`
//! lists.

use kaizodo::privacy::find;
use std::fmt::Write;
use std::ops::Range;

/// How often each snippet is filled.
const FILLINGS: u64 = 10;

const SECRETS: [(&str, &str); 2] = [
    ("dev", include_str!("data/secrets.dev.txt")),
    ("held", include_str!("data/secrets.held.txt")),
];
const INNOCENTS: [(&str, &str); 2] = [
    ("dev", include_str!("data/innocents.dev.txt")),
    ("held", include_str!("data/innocents.held.txt")),
];

#[test]
fn at_most_one_secret_in_ten_is_missed() {
    for (list, text) in SECRETS {
        let (all, missed) = count(text, |snippet| {
            let (plain, secrets) = unmarked(snippet);
            assert!(!secrets.is_empty(), "nothing is marked in {snippet}");
            let found = find(&plain);
            secrets.iter().all(|secret| {
                let holds = |f: &kaizodo::privacy::Match| {
                    f.range.start <= secret.start && f.range.end >= secret.end
                };
                found.iter().any(holds)
            })
        });
        assert!(all >= 1000, "{list}: {all}");
        assert!(missed.len() * 10 <= all, "{list}: {} of {all}:\n{}", missed.len(), told(&missed));
    }
}

/// A secret may be missed, but what is redacted is redacted whole: no four characters in a row are
/// left of it.
#[test]
fn nothing_is_left_of_a_secret_that_is_found() {
    for (list, text) in SECRETS {
        let (_, halved) = count(text, |snippet| {
            let (plain, secrets) = unmarked(snippet);
            let found = find(&plain);
            secrets.iter().all(|secret| longest_left(secret, &found) < 4)
        });
        assert!(halved.is_empty(), "{list}: {}:\n{}", halved.len(), told(&halved));
    }
}

/// Returns the length of the longest part of a secret that is not found, or 0 if none of it is
/// found.
fn longest_left(secret: &Range<usize>, found: &[kaizodo::privacy::Match]) -> usize {
    let (mut at, mut longest) = (secret.start, 0);
    let touches = |range: &Range<usize>| range.start < secret.end && range.end > secret.start;
    let parts: Vec<_> = found.iter().map(|f| &f.range).filter(|range| touches(range)).collect();
    for range in &parts {
        longest = longest.max(range.start.saturating_sub(at));
        at = range.end;
    }
    if parts.is_empty() { 0 } else { longest.max(secret.end.saturating_sub(at)) }
}

#[test]
fn at_most_one_innocent_text_in_fifty_is_hit() {
    for (list, text) in INNOCENTS {
        let (all, hit) = count(text, |snippet| find(snippet).is_empty());
        assert!(all >= 1000, "{list}: {all}");
        assert!(hit.len() * 50 <= all, "{list}: {} of {all}:\n{}", hit.len(), told(&hit));
    }
}

/// Returns the number of filled snippets, and those that fail.
fn count(list: &str, passes: impl Fn(&str) -> bool) -> (usize, Vec<String>) {
    let list = format!("\n{list}");
    let mut all = 0;
    let mut failed = Vec::new();
    for snippet in list.split("\n%% ").skip(1) {
        let (_, snippet) = snippet.split_once('\n').unwrap();
        for filling in 0..FILLINGS {
            let mut random =
                Random(0x9E37_79B9_7F4A_7C15 ^ (filling * 7919 + snippet.len() as u64));
            let filled = filled(snippet.trim_end_matches('\n'), &mut random);
            all += 1;
            if !passes(&filled) {
                failed.push(filled);
            }
        }
    }
    (all, failed)
}

fn told(snippets: &[String]) -> String {
    snippets.iter().fold(String::new(), |mut out, snippet| {
        let _ = writeln!(out, "--\n{snippet}");
        out
    })
}

/// Returns the text without the marks, and the marked ranges.
fn unmarked(snippet: &str) -> (String, Vec<Range<usize>>) {
    let mut plain = String::new();
    let mut secrets = Vec::new();
    for piece in snippet.split('⟦') {
        match piece.split_once('⟧') {
            Some((secret, rest)) => {
                secrets.push(plain.len()..plain.len() + secret.len());
                plain += secret;
                plain += rest;
            }
            None => plain += piece,
        }
    }
    (plain, secrets)
}

/// Fills `{class:count}` and `{uuid}` in a snippet with random characters.
fn filled(snippet: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once('{') {
        out += before;
        let field =
            after.split_once('}').and_then(|(field, tail)| Some((of(field, random)?, tail)));
        match field {
            Some((characters, tail)) => {
                out += &characters;
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

fn of(field: &str, random: &mut Random) -> Option<String> {
    const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const HEX: &str = "0123456789abcdef";
    if field == "uuid" {
        let groups = [8, 4, 4, 4, 12].map(|count| random.of(HEX, count));
        return Some(groups.join("-"));
    }
    let (class, count) = field.split_once(':')?;
    let set = match class {
        "alnum" => &ALNUM[..62],
        "b64" => ALNUM,
        "b64u" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "hex" => HEX,
        "lower" => &ALNUM[26..62],
        "upper" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "letters" => &ALNUM[26..52],
        "digits" => &ALNUM[52..62],
        "pass" => {
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~"
        }
        "b32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        _ => return None,
    };
    Some(random.of(set, count.parse().ok()?))
}

/// Marsaglia's xorshift, so that the characters are the same in every run.
struct Random(u64);

impl Random {
    fn of(&mut self, set: &str, count: usize) -> String {
        (0..count).map(|_| char::from(set.as_bytes()[self.below(set.len())])).collect()
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 16) % end as u64).unwrap()
    }
}
