//! Finds the values of cookies in `Cookie` and `Set-Cookie` headers.

use super::kind::{Match, SecretKind};
use super::value::is_long_and_random;

/// Returns the cookie values that are long and random, and therefore likely to be session IDs.
pub(crate) fn find(text: &str) -> Vec<Match> {
    let mut out = Vec::new();
    let mut done = 0;
    for (at, header) in text.match_indices("ookie: ") {
        if at < done {
            continue;
        }
        let start = at + header.len();
        let rest = text.get(start..).unwrap_or_default();
        let line =
            rest.find(['\n', '\r', '"', '\'']).and_then(|end| rest.get(..end)).unwrap_or(rest);
        done = start + line.len();
        let mut at = start;
        for piece in line.split_inclusive(';') {
            let whole = piece.trim_end_matches(';').trim_end();
            if let Some((name, value)) = whole.split_once('=')
                && !value.contains(' ')
                && is_long_and_random(value)
            {
                let start = at + name.len() + 1;
                out.push(Match { range: start..start + value.len(), kind: SecretKind::Cookie });
            }
            at += piece.len();
        }
    }
    out
}
