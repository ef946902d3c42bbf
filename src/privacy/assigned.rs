//! Finds secrets that only the name before them gives away: `password = "…"`, `API_KEY=…`,
//! `<password>…</password>`, `Authorization: Bearer …`, and passwords in URLs.

use super::kind::{Match, SecretKind};
use super::scan::{
    ENDS, QUOTES, VALUE_BYTES, bare, before_mark, over_any, over_blanks, piece_at, quoted, start_of,
};
use super::secret_names::{self, Sort};
use super::value::{self, ValuePosition};
use super::{call_args, extent, phrase, randomness};
use std::ops::Range;

/// Maximum length in bytes of a name, and of a URL's userinfo.
const LONGEST: usize = 300;

/// Returns the secrets in a text that are assigned to names.
pub(crate) fn find(text: &str) -> Vec<Match> {
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
    out.extend(text.match_indices("://").filter_map(|(at, _)| url_password(text, at)));
    out
}

/// A name in a text, and the sort of secret that it announces.
struct Name<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    name: &'a str,
    sort: Sort,
}

fn behind_name(text: &str, start: usize, name: &str) -> Option<Match> {
    let end = start + name.len();
    if name.eq_ignore_ascii_case("bearer") {
        return credential(text, end);
    }
    if ends_with(name, "authorization") {
        return authorization(text, end);
    }
    if let Some(range) = call_args::argument(text, end, name) {
        return Some(Match { range, kind: SecretKind::Password });
    }
    if is_in_a_query(text, start) {
        return parameter(text, end, name);
    }
    let sort = secret_names::sort(name).or_else(|| secret_names::variable(name))?;
    let name = Name { text, start, end, name, sort };
    let range = name.assigned().or_else(|| name.paired()).or_else(|| name.near())?;
    let is_aws = name.name.to_ascii_lowercase().contains("aws");
    let kind = if is_aws { SecretKind::Key("AWS") } else { SecretKind::Password };
    Some(Match { range, kind })
}

/// Like `str::ends_with`, but ignores ASCII case.
fn ends_with(name: &str, end: &str) -> bool {
    let tail = name.len().checked_sub(end.len()).and_then(|at| name.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

impl Name<'_> {
    /// Returns the value assigned to the name.
    fn assigned(&self) -> Option<Range<usize>> {
        const SIGNS: [&str; 9] = ["=>", ":=", "==", "=", ":", "：", "＝", "→", "は"];
        let close = over_any(self.text, self.end, &QUOTES);
        let after = close.unwrap_or(self.end);
        let after = over_any(self.text, after, &["]"]).unwrap_or(after);
        let blank = over_blanks(self.text, after);
        let sign = over_any(self.text, blank, &SIGNS)
            .or_else(|| self.in_markup(close.is_some(), after))
            .or_else(|| over_any(self.text, blank, &[","]).filter(|_| close.is_some()))?;
        // After a comma, only a quoted value counts.
        let is_comma = self.text.get(blank..sign) == Some(",");
        let at = over_blanks(self.text, sign);
        if is_comma {
            over_any(self.text, at, &QUOTES)?;
        }
        self.value(at, close.is_none() && sign == self.end + 1)
            .or_else(|| self.behind_a_type(at))
            .or_else(|| self.behind_a_user(at))
    }

    /// Returns the secret value that begins at `at`, possibly inside nested quotes: `"\"…\""`.
    fn value(&self, at: usize, is_close: bool) -> Option<Range<usize>> {
        if let Some(open) = over_any(self.text, at, &QUOTES) {
            let (at, open) = over_any(self.text, open, &QUOTES).map_or((at, open), |o| (open, o));
            let range = quoted(self.text, at, open)?;
            let value = self.text.get(range.clone())?;
            let is_it = |value: &str| {
                value::is_secret(value, self.sort, ValuePosition::Quoted) && !value.contains(' ')
                    || self.sort != Sort::Pin && phrase::is_one(value, self.name)
            };
            return (is_it(value) || is_it(before_mark(value))).then_some(range);
        }
        let range = bare(self.text, at, ENDS);
        let value = self.text.get(range.clone())?;
        let is_variable = is_close && secret_names::variable(self.name).is_some();
        let position = if is_variable { ValuePosition::Variable } else { ValuePosition::Bare };
        if ends_with(self.name, "access_key") && self.name.len() > 10 && value.len() == 40 {
            return value::is_aws_secret(value).then_some(range);
        }
        // A call, an index expression, generic arguments or a path.
        let goes_on = over_any(self.text, range.end, &["(", "[", "<", "::"]).is_some()
            && over_any(self.text, range.end, &["</"]).is_none()
            && !extent::has_bracket(self.text, &range);
        if goes_on && (position == ValuePosition::Bare || randomness::is_name(value)) {
            return None;
        }
        let is_it = value::is_secret(value, self.sort, position);
        if !is_it && position != ValuePosition::Variable {
            return None;
        }
        let whole = self.whole(range);
        (is_it || self.is_secret_in_whole(&whole)).then_some(whole)
    }

    /// Returns the range of the whole secret that begins with `range`. A PIN has no other
    /// characters.
    fn whole(&self, range: Range<usize>) -> Range<usize> {
        let is_number = || {
            let value = self.text.get(range.clone()).unwrap_or_default();
            value.bytes().all(|b| b.is_ascii_digit())
        };
        if self.sort == Sort::Pin && is_number() {
            return range;
        }
        extent::whole(self.text, range, "")
    }

    /// Returns `true` if a variable's whole value is a secret and not a list of names.
    fn is_secret_in_whole(&self, range: &Range<usize>) -> bool {
        let value = self.text.get(range.clone()).unwrap_or_default();
        let mut parts = value.split(|c| ENDS.contains(c));
        value::is_secret(value, self.sort, ValuePosition::Variable)
            && !parts.all(randomness::is_name)
    }

    /// Returns the value after a type annotation at `at`: `password: &str = "…"`.
    fn behind_a_type(&self, at: usize) -> Option<Range<usize>> {
        const TYPE_MAX: usize = 40;
        let kind = start_of(piece_at(self.text, at, TYPE_MAX + 1), |c| {
            c.is_ascii_alphanumeric() || "&_.: '".contains(c)
        });
        let is_type = !kind.is_empty() && kind.len() <= TYPE_MAX && kind.ends_with(' ');
        let equals = over_any(self.text, at + kind.len(), &["= "]).filter(|_| is_type)?;
        over_any(self.text, equals, &QUOTES)?;
        self.value(equals, false)
    }

    /// Returns the value after a user name at `at`: `ID/PASS: admin / …`.
    fn behind_a_user(&self, at: usize) -> Option<Range<usize>> {
        let user = bare(self.text, at, "/,;\"'`");
        let sign = over_any(self.text, over_blanks(self.text, user.end), &["/"])?;
        let at = over_blanks(self.text, sign);
        // Without a space after the slash, this is a path.
        let is_user = !user.is_empty() && at > sign && user.len() <= 64;
        is_user.then(|| self.near_value(at)).flatten()
    }

    /// Returns the end of the delimiter between name and value in markup: `<password>`,
    /// `<string name="password">`, `| password |`.
    fn in_markup(&self, is_quoted: bool, at: usize) -> Option<usize> {
        let before = self.text.get(..self.start)?;
        if is_quoted || before.ends_with('<') {
            return over_any(self.text, at, &[">"]);
        }
        let is_cell = before.trim_end_matches(' ').ends_with('|');
        over_any(self.text, over_blanks(self.text, at), &["|"]).filter(|_| is_cell)
    }

    /// Returns the value of a name-value pair, possibly on separate lines:
    /// `name="password" value="…"`.
    fn paired(&self) -> Option<Range<usize>> {
        const VALUES: [&str; 4] = ["value", "Value", "VALUE", "default"];
        let between = start_of(self.text.get(self.end..), |c| " \t\r\n\"'\\,:={[-/".contains(c));
        let at = self.end + between.len();
        let end = over_any(self.text, at, &VALUES).filter(|_| between.len() <= 60)?;
        let end = over_any(self.text, end, &QUOTES).unwrap_or(end);
        let sign = over_any(self.text, over_blanks(self.text, end), &["=", ":"])?;
        self.value(over_blanks(self.text, sign), false)
    }

    /// Returns a value that only spaces or a few words separate from the name: `password …`,
    /// `the token for staging: …`.
    fn near(&self) -> Option<Range<usize>> {
        const WORDS_MAX: usize = 32;
        let blank = over_blanks(self.text, self.end);
        if blank > self.end {
            let is_option = self.text.get(..self.start)?.ends_with("--");
            let direct = if is_option { self.value(blank, false) } else { self.near_value(blank) };
            if direct.is_some() {
                return direct;
            }
        }
        let head = piece_at(self.text, self.end, WORDS_MAX);
        let words = start_of(head, |c| c.is_ascii_alphabetic() || c == ' ');
        if let Some(verb) = [" is ", " was "].iter().find(|verb| words.starts_with(**verb)) {
            return self.near_value(self.end + verb.len());
        }
        let colon = self.end + words.len();
        let sign = over_any(self.text, colon, &[": "]).filter(|_| words.starts_with(' '))?;
        self.near_value(over_blanks(self.text, sign))
    }

    fn near_value(&self, at: usize) -> Option<Range<usize>> {
        let is_it = |value: &str| {
            !value.contains(' ') && value::is_secret(value, self.sort, ValuePosition::Near)
        };
        if let Some(open) = over_any(self.text, at, &QUOTES) {
            let range = quoted(self.text, at, open)?;
            let value = self.text.get(range.clone())?;
            return (is_it(value) || is_it(before_mark(value))).then_some(range);
        }
        let mut range = bare(self.text, at, ENDS);
        let value = self.text.get(range.clone())?;
        // Punctuation at the end of a sentence is not part of the value.
        if value.len() < VALUE_BYTES {
            range.end = at + value.trim_end_matches(['!', '?']).len();
        }
        let value = self.text.get(range.clone())?;
        let is_call = over_any(self.text, range.end, &["(", "["]).is_some()
            && !extent::has_bracket(self.text, &range);
        (!is_call && is_it(value)).then(|| self.whole(range))
    }
}

/// Returns `true` if a name is in the position of a URL's query parameter.
fn is_in_a_query(text: &str, start: usize) -> bool {
    text.get(..start).is_some_and(|before| before.ends_with(['?', '&']))
}

/// Returns the value of a URL's query parameter, if it is a secret.
fn parameter(text: &str, end: usize, name: &str) -> Option<Match> {
    const SIGNED: [&str; 7] =
        ["sig", "signature", "x-amz-signature", "x-goog-signature", "key", "code", "hmac"];
    let at = over_any(text, end, &["="])?;
    let range = bare(text, at, "&#\"'`<>()[]{}|,;");
    let value = text.get(range.clone())?;
    let is_signed = SIGNED.iter().any(|signed| name.eq_ignore_ascii_case(signed));
    let is_it = match secret_names::sort(name) {
        Some(sort) => value::is_secret(value, sort, ValuePosition::Bare),
        None => is_signed && value::is_long_and_random(value),
    };
    let range = is_it.then(|| extent::whole(text, range, "&#"))?;
    Some(Match { range, kind: SecretKind::Password })
}

/// Returns the credential after `Authorization`: `Basic …`, or a value without a scheme. `Bearer`
/// is handled as a name by itself.
fn authorization(text: &str, end: usize) -> Option<Match> {
    let at = over_any(text, end, &QUOTES).unwrap_or(end);
    let sign = over_any(text, over_blanks(text, at), &["=>", "=", ":", ","])?;
    let at = over_blanks(text, sign);
    let at = over_any(text, at, &QUOTES).unwrap_or(at);
    let scheme = start_of(text.get(at..), |c| c.is_ascii_alphabetic());
    let known = ["basic", "token", "bot", "digest", "apikey", "key"];
    if known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return credential(text, at + scheme.len());
    }
    let range = bare(text, at, ENDS);
    let is_it = text.get(range.clone()).is_some_and(value::is_long_and_random);
    let range = is_it.then(|| extent::whole(text, range, ""))?;
    Some(Match { range, kind: SecretKind::Authorization })
}

/// Returns the credential after `Bearer` or another scheme.
fn credential(text: &str, at: usize) -> Option<Match> {
    let start = over_blanks(text, at);
    let start = over_any(text, start, &QUOTES).filter(|_| start > at).unwrap_or(start);
    if start == at {
        return None;
    }
    let value = start_of(text.get(start..), |c| c.is_ascii_alphanumeric() || "._~+/=-".contains(c));
    let value = value.trim_end_matches('.');
    let is_it = value.len() >= 16 && value::is_credential(value);
    let range = is_it.then(|| extent::whole(text, start..start + value.len(), ""))?;
    Some(Match { range, kind: SecretKind::Authorization })
}

/// Returns the password of `scheme://user:password@host`, whose `://` is at `at`. The host follows
/// the last `@` (WHATWG URL Standard, "authority state").
fn url_password(text: &str, at: usize) -> Option<Match> {
    let scheme = text.get(..at)?.as_bytes().last()?;
    let start = at + "://".len();
    let is_part = |c: char| c.is_ascii_graphic() && !"/?#\"'`<>".contains(c);
    let (user, _) = start_of(piece_at(text, start, LONGEST + 1), is_part).rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let is_password = |value: &str| value.len() >= 3 && value::is_no_placeholder(value);
    let first = password.split('@').next().unwrap_or_default();
    let is_it = scheme.is_ascii_alphanumeric() && (is_password(password) || is_password(first));
    let range = start + name.len() + 1..start + user.len();
    is_it.then_some(Match { range, kind: SecretKind::UrlPassword })
}
