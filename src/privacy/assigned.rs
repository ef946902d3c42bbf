//! Secrets that nothing tells but the name before them: `password = "…"`, `API_KEY=…`,
//! `Authorization: Bearer …`, 「パスワード: …」, and the password of a URL.

use super::find::Found;
use super::kind::Kind;
use super::value;
use std::ops::Range;

/// Most bytes of a name, and of the part of a URL before its host.
const LONGEST: usize = 300;

/// The assigned secrets of a text.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut out = Vec::new();
    let mut end = 0;
    for (at, _) in text.match_indices(|c: char| c.is_ascii_alphabetic() || c == '_') {
        if at < end {
            continue;
        }
        let name = start_of(text.get(at..), |c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        end = at + name.len();
        if name.len() <= LONGEST {
            out.extend(behind_name(text, at, name));
        }
    }
    for name in JAPANESE {
        let names = text.match_indices(name).map(|(at, name)| at + name.len());
        out.extend(names.filter_map(|at| behind_japanese(text, at)));
    }
    out.extend(text.match_indices("://").filter_map(|(at, _)| url_password(text, at)));
    out
}

/// The part of a text from its start on that is made of these.
fn start_of(text: Option<&str>, is: impl Fn(char) -> bool) -> &str {
    let text = text.unwrap_or_default();
    text.find(|c| !is(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Goes over blanks, three at most.
fn over_blanks(text: &str, at: usize) -> usize {
    let blanks = start_of(text.get(at..), |c| c == ' ' || c == '\t').len();
    if blanks <= 3 { at + blanks } else { at }
}

/// Goes over one of these, if one is there.
fn over_any(text: &str, at: usize, any: &[&str]) -> Option<usize> {
    let rest = text.get(at..)?;
    any.iter().find(|one| rest.starts_with(**one)).map(|one| at + one.len())
}

const QUOTES: [&str; 3] = ["\"", "'", "`"];
const SIGNS: [&str; 5] = ["=>", ":=", "==", "=", ":"];

fn behind_name(text: &str, start: usize, name: &str) -> Option<Found> {
    let end = start + name.len();
    if name.eq_ignore_ascii_case("bearer") {
        return credential(text, end);
    }
    let at = over_any(text, end, &QUOTES).unwrap_or(end);
    let at = over_blanks(text, over_any(text, over_blanks(text, at), &SIGNS)?);
    let lower = name.to_ascii_lowercase();
    let is_header = lower.ends_with("authorization");
    let is_secret = is_secret(&lower);
    let is_variable = is_variable(name) && text.get(end..)?.starts_with('=');
    if !is_header && !is_secret && !is_variable {
        return None;
    }
    if is_header {
        let at = over_any(text, at, &QUOTES).unwrap_or(at);
        let scheme = start_of(text.get(at..), |c| c.is_ascii_alphabetic());
        let known = ["basic", "token", "bot"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        // `Bearer` is a name of its own.
        return if known { credential(text, at + scheme.len()) } else { None };
    }
    let is_aws = lower.contains("aws");
    let range = match over_any(text, at, &QUOTES) {
        Some(open) => {
            quoted(text, at, open).filter(|range| judged(text, range, value::is_password))
        }
        None => {
            let bare = bare(text, at, "\"'`,;(){}[]<>|");
            let judge = match (is_variable, is_aws) {
                (true, _) => value::is_password,
                (false, true) => value::is_aws_secret,
                (false, false) => value::is_bare_password,
            };
            Some(bare).filter(|range| judged(text, range, judge))
        }
    }?;
    let kind = if is_aws { Kind::Key("AWS") } else { Kind::Password };
    Some(Found { range, kind })
}

fn judged(text: &str, range: &Range<usize>, judge: fn(&str) -> bool) -> bool {
    text.get(range.clone()).is_some_and(|value| value.len() >= 8 && judge(value))
}

/// What stands between a quote and the next of its sort; nothing with a blank in it.
fn quoted(text: &str, quote: usize, open: usize) -> Option<Range<usize>> {
    let sign = text.get(quote..open)?;
    let value = start_of(text.get(open..), |c| c.is_ascii_graphic() && !sign.contains(c));
    let end = open + value.len();
    text.get(end..)?.starts_with(sign).then_some(open..end)
}

fn bare(text: &str, at: usize, without: &str) -> Range<usize> {
    let value = start_of(text.get(at..), |c| c.is_ascii_graphic() && !without.contains(c));
    at..at + value.trim_end_matches(['.', ':', '!', '?', '\\']).len()
}

/// What stands behind `Bearer` and its like.
fn credential(text: &str, at: usize) -> Option<Found> {
    let start = over_blanks(text, at);
    let start = over_any(text, start, &QUOTES).filter(|_| start > at).unwrap_or(start);
    let value = start_of(text.get(start..), |c| c.is_ascii_alphanumeric() || "._~+/=-".contains(c));
    let value = value.trim_end_matches('.');
    let is_it = start > at && value.len() >= 16 && value::is_credential(value);
    is_it.then_some(Found { range: start..start + value.len(), kind: Kind::Authorization })
}

/// Whether a name, in small letters, ends as those of secrets do.
fn is_secret(name: &str) -> bool {
    const STAGES: [&str; 6] = ["prod", "production", "dev", "test", "staging", "live"];
    const NAMES: [&str; 18] = [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "credential",
        "credentials",
        "apikey",
        "accesskey",
        "secretkey",
        "privatekey",
        "authkey",
        "encryptionkey",
        "signingkey",
        "masterkey",
        "accountkey",
        "clientkey",
    ];
    let name = match name.rsplit_once(['_', '.', '-']) {
        Some((front, stage)) if STAGES.contains(&stage) || is_number(stage) => front,
        _ => name.trim_end_matches(|c: char| c.is_ascii_digit()),
    };
    let plain: String = name.chars().filter(|c| !"_.-".contains(*c)).collect();
    NAMES.iter().any(|end| plain.ends_with(end))
}

fn is_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether it is a variable's name, as a shell, a `.env` file and systemd have it, and a secret's.
fn is_variable(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PWD",
        "SECRET",
        "TOKEN",
        "KEY",
        "CREDENTIAL",
        "CREDENTIALS",
    ];
    let is_upper = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_upper && name.rsplit('_').take(2).any(|part| WORDS.contains(&part))
}

const JAPANESE: [&str; 10] = [
    "パスワード",
    "パスフレーズ",
    "秘密鍵",
    "シークレット",
    "トークン",
    "合言葉",
    "APIキー",
    "API キー",
    "アクセスキー",
    "アクセス キー",
];

fn behind_japanese(text: &str, name: usize) -> Option<Found> {
    const SIGNS: [&str; 12] = ["=>", ":=", "=", ":", "：", "＝", "は", "が", "→", "「", "『", "("];
    let at = over_blanks(text, over_any(text, over_blanks(text, name), &SIGNS)?);
    let at = over_any(text, at, &["\"", "'", "`", "「", "『"]).unwrap_or(at);
    let range = bare(text, at, "\"'`()");
    let kind = Kind::Password;
    judged(text, &range, value::is_password).then_some(Found { range, kind })
}

/// The password of `scheme://user:password@host`, whose `://` is here.
fn url_password(text: &str, at: usize) -> Option<Found> {
    let scheme = text.get(..at)?.as_bytes().last()?;
    let start = at + "://".len();
    let ends = |c: char| c.is_whitespace() || "/?#@\"'`<>".contains(c);
    let user = start_of(text.get(start..), |c| !ends(c));
    let end = start + user.len();
    let (name, password) = user.split_once(':').filter(|_| user.len() <= LONGEST)?;
    let is_it = scheme.is_ascii_alphanumeric()
        && text.get(end..)?.starts_with('@')
        && password.len() >= 3
        && value::is_no_placeholder(password);
    let range = start + name.len() + 1..end;
    is_it.then_some(Found { range, kind: Kind::UrlPassword })
}
