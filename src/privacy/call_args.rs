//! Finds secrets passed to functions that take a user and a password: `HTTPBasicAuth("a", "…")`,
//! `DriverManager.getConnection(url, "a", "…")`.

use super::phrase;
use super::scan::{QUOTES, before_mark, over_any, over_blanks, piece_at, quoted, start_of};
use super::secret_names::Sort;
use super::value::{ValuePosition, is_secret};
use std::ops::Range;

/// Maximum length of the arguments in bytes.
const BYTES_MAX: usize = 400;

/// Lower-case endings of the names of such functions.
const NAMES: [&str; 12] = [
    "basicauth",
    "basic_auth",
    "auth",
    "networkcredential",
    "usernamepasswordcredentials",
    "passwordauthentication",
    "login",
    "getconnection",
    "jwt.sign",
    "jwt.verify",
    "jwt.encode",
    "connect",
];

/// Returns the secret in a call of the function `name`: the last string argument, if it is not the
/// first argument, or the string that PowerShell's `ConvertTo-SecureString` takes.
pub(crate) fn argument(text: &str, end: usize, name: &str) -> Option<Range<usize>> {
    if name.eq_ignore_ascii_case("ConvertTo-SecureString") {
        let at = over_blanks(text, end);
        let at = over_any(text, at, &["-String "]).unwrap_or(at);
        let range = quoted(text, at, over_any(text, at, &QUOTES)?)?;
        return text.get(range.clone()).filter(|value| is_it(value)).map(|_| range);
    }
    // `auth=("a", "…")` as in Python's requests.
    let open = over_any(text, end, &["(", "=("])?;
    let lower = name.to_ascii_lowercase();
    if !NAMES.iter().any(|name| lower.ends_with(name)) {
        return None;
    }
    let range = last_string(text, open)?;
    text.get(range.clone()).filter(|value| is_it(value)).map(|_| range)
}

fn is_it(value: &str) -> bool {
    is_one(value) || is_one(before_mark(value))
}

fn is_one(value: &str) -> bool {
    !value.contains(' ') && is_secret(value, Sort::Password, ValuePosition::Quoted)
        || phrase::is_one(value, "password")
}

/// Returns the last string argument on the call's line, if it is not the first argument.
fn last_string(text: &str, open: usize) -> Option<Range<usize>> {
    let (mut at, mut commas, mut last) = (open, 0, None);
    while at < open + BYTES_MAX {
        let rest = piece_at(text, at, open + BYTES_MAX - at);
        let skipped = start_of(rest, |c| !"\"'`,)\n".contains(c));
        at += skipped.len();
        if let Some(inside) = over_any(text, at, &QUOTES) {
            let range = quoted(text, at, inside)?;
            let after = range.end + (inside - at);
            // Named arguments (`host="db"`) and concatenations do not count.
            let is_whole = !skipped.ends_with(['=', '+', ':']);
            at = after;
            if commas > 0 && is_whole {
                last = Some(range);
            }
        } else {
            match text.get(at..)?.chars().next() {
                Some(',') => commas += 1,
                _ => break,
            }
            at += 1;
        }
    }
    last
}
