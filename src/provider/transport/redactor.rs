//! Cleans text from servers and libraries for display.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashSet;

/// Maximum number of characters that are kept.
const LENGTH: usize = 500;
/// Number of consecutive bytes of a secret that must not be shown.
const PIECE: usize = 8;

/// Cleans text for display: one line of bounded length, with secrets redacted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    secrets: Secrets,
}

#[derive(Clone, Default)]
struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Redactor {
    /// Creates a redactor for `secrets`. Any 8 consecutive bytes of a secret are redacted as well.
    pub(crate) fn new(mut secrets: Vec<String>) -> Self {
        // Secrets are also redacted in their URL-encoded form.
        let encoded: Vec<String> = secrets
            .iter()
            .map(|secret| utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string())
            .filter(|encoded| !secrets.contains(encoded))
            .collect();
        secrets.extend(encoded);
        // The longest first: if one secret contains another, no start of the longer one is left.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets: Secrets(secrets) }
    }

    /// Returns the text with secrets redacted, as one line of at most 500 characters; `None` if
    /// that line is empty.
    pub(crate) fn clean(&self, text: &str) -> Option<String> {
        let mut text = without_pieces_of(&self.secrets.0, text);
        self.secrets.0.iter().for_each(|secret| without_start_of(secret, &mut text));
        let text: String = text.chars().map(|c| if invisible(c) { ' ' } else { c }).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= LENGTH {
            return (!text.is_empty()).then_some(text);
        }
        Some(text.chars().take(LENGTH - 1).chain(['…']).collect())
    }
}

/// Redacts every piece of these secrets. Ignores case, because host names are converted to
/// lowercase.
fn without_pieces_of(secrets: &[String], text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut dark = vec![false; text.len()];
    for secret in secrets {
        let secret = secret.to_ascii_lowercase();
        let size = secret.len().clamp(1, PIECE);
        let pieces: HashSet<&[u8]> = secret.as_bytes().windows(size).collect();
        for (start, window) in lower.as_bytes().windows(size).enumerate() {
            if pieces.contains(window) {
                dark.iter_mut().skip(start).take(size).for_each(|dark| *dark = true);
            }
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut was_dark = false;
    for (at, c) in text.char_indices() {
        let is_dark = dark.iter().skip(at).take(c.len_utf8()).any(|dark| *dark);
        match (was_dark, is_dark) {
            (_, false) => out.push(c),
            (false, true) => out.push('…'),
            (true, true) => {}
        }
        was_dark = is_dark;
    }
    out
}

/// Redacts the start of a secret at the end of the text, which may have been truncated within the
/// secret.
fn without_start_of(secret: &str, text: &mut String) {
    const TELLING: usize = 4;
    let (secret, lower) = (secret.to_ascii_lowercase(), text.to_ascii_lowercase());
    let starts = (TELLING..secret.len()).rev().filter_map(|length| secret.get(..length));
    let cut = starts.filter(|start| lower.ends_with(start)).map(str::len).next();
    if let Some(length) = cut {
        text.truncate(text.len() - length);
        text.push('…');
    }
}

/// Returns `true` for control characters, line separators, and marks that change the direction of
/// text.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_one_bounded_line() {
        let redactor = Redactor::default();
        let text = "  a\r\n\tb\u{1b}[31m c\u{202e}d\0 ";
        assert_eq!(redactor.clean(text).unwrap(), "a b [31m c d");
        assert_eq!(redactor.clean(" \n\u{7}"), None);
        let long = redactor.clean(&"é".repeat(600)).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (500, true));
    }

    #[test]
    fn blacks_out_secrets() {
        let redactor = Redactor::new(vec!["canary".to_owned(), "canary-long".to_owned()]);
        assert_eq!(redactor.clean("key canary-long, canary.").unwrap(), "key …, ….");
        assert_eq!(redactor.clean("key canary-lo").unwrap(), "key …");
        assert!(!format!("{redactor:?}").contains("canary"));
    }

    #[test]
    fn blacks_out_pieces_of_secrets_in_any_form() {
        let redactor = Redactor::new(vec!["sk-Canary/0123+4567".to_owned()]);
        for (text, clean) in [
            ("redirect to sk-canary/0123+4567.test", "redirect to ….test"),
            ("x=nary/0123 is a piece", "x=… is a piece"),
            ("two sk-Canary/0 3+4567sk-Canary pieces", "two … 3+4567… pieces"),
            ("key=sk%2DCanary%2F0123%2B4567&a", "key=…&a"),
            ("SK-CANARY/0123+4567", "…"),
            ("bad key sk-Canary/0123+4567: no", "bad key …: no"),
            ("深sk-Canary/0123+4567さ", "深…さ"),
            ("no such key: 0123", "no such key: 0123"),
        ] {
            assert_eq!(redactor.clean(text).unwrap(), clean);
        }
        assert_eq!(Redactor::new(vec![String::new()]).clean("as it is").unwrap(), "as it is");
    }
}
