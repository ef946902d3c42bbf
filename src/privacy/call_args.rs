//! Secrets that are given to a function which takes a user and a password: `HTTPBasicAuth("a", "…")`,
//! `DriverManager.getConnection(url, "a", "…")`.

use super::phrase;
use super::scan::{QUOTES, over_any, over_blanks, quoted, start_of};
use super::secret_names::Sort;
use super::value::{Place, is_secret};
use std::ops::Range;

/// Most bytes of a call.
const MOST: usize = 400;

/// How such functions are called, in small letters.
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

/// The last string in the brackets behind this name, where there is something before it; or the
/// string that PowerShell's function takes.
pub(crate) fn argument(text: &str, end: usize, name: &str) -> Option<Range<usize>> {
    if name.eq_ignore_ascii_case("ConvertTo-SecureString") {
        let at = over_blanks(text, end);
        let at = over_any(text, at, &["-String "]).unwrap_or(at);
        let range = quoted(text, at, over_any(text, at, &QUOTES)?)?;
        return text.get(range.clone()).filter(|value| is_it(value)).map(|_| range);
    }
    // `auth=("a", "…")` is Python's way to say the same.
    let open = over_any(text, end, &["(", "=("])?;
    let lower = name.to_ascii_lowercase();
    if !NAMES.iter().any(|name| lower.ends_with(name)) {
        return None;
    }
    let range = last_string(text, open)?;
    text.get(range.clone()).filter(|value| is_it(value)).map(|_| range)
}

fn is_it(value: &str) -> bool {
    !value.contains(' ') && is_secret(value, Sort::Password, Place::Quoted)
        || phrase::is_one(value, "password")
}

/// The last string of a call's arguments in one line, behind a comma.
fn last_string(text: &str, open: usize) -> Option<Range<usize>> {
    let (mut at, mut commas, mut last) = (open, 0, None);
    while at < open + MOST {
        let skipped = start_of(text.get(at..), |c| !"\"'`,)\n".contains(c));
        at += skipped.len();
        if let Some(inside) = over_any(text, at, &QUOTES) {
            let range = quoted(text, at, inside)?;
            let after = range.end + (inside - at);
            // `host="db"` and what is added to are no argument of this sort.
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
