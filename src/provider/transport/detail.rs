//! Other people's words, made fit to be shown.

/// Most characters that are kept.
const LENGTH: usize = 500;

/// Cleans text of others: one line, bounded, without anything that is secret.
#[derive(Clone, Debug, Default)]
pub(in crate::provider) struct Detail {
    secrets: Secrets,
}

#[derive(Clone, Default)]
struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

impl Detail {
    /// A cleaner that blacks out these texts.
    pub(in crate::provider) fn new(mut secrets: Vec<String>) -> Self {
        // The longest first, so that one that holds another leaves no rest.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets: Secrets(secrets) }
    }

    /// The text in one line of at most 500 characters; `None` where nothing is left.
    pub(in crate::provider) fn clean(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for secret in &self.secrets.0 {
            text = text.replace(secret.as_str(), "…");
            without_start_of(secret, &mut text);
        }
        let text: String = text.chars().map(|c| if invisible(c) { ' ' } else { c }).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= LENGTH {
            return (!text.is_empty()).then_some(text);
        }
        Some(text.chars().take(LENGTH - 1).chain(['…']).collect())
    }
}

/// Blacks out a secret that a text was cut within.
fn without_start_of(secret: &str, text: &mut String) {
    const TELLING: usize = 4;
    let starts = (TELLING..secret.len()).rev().filter_map(|length| secret.get(..length));
    let cut = starts.filter(|start| text.ends_with(start)).map(str::len).next();
    if let Some(length) = cut {
        text.truncate(text.len() - length);
        text.push('…');
    }
}

/// Controls, and the marks that turn the direction of a line.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_one_bounded_line() {
        let detail = Detail::default();
        let text = "  a\r\n\tb\u{1b}[31m c\u{202e}d\0 ";
        assert_eq!(detail.clean(text).unwrap(), "a b [31m c d");
        assert_eq!(detail.clean(" \n\u{7}"), None);
        let long = detail.clean(&"é".repeat(600)).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (500, true));
    }

    #[test]
    fn blacks_out_secrets() {
        let detail = Detail::new(vec!["canary".to_owned(), "canary-long".to_owned()]);
        assert_eq!(detail.clean("key canary-long, canary.").unwrap(), "key …, ….");
        assert_eq!(detail.clean("key canary-lo").unwrap(), "key …");
        assert!(!format!("{detail:?}").contains("canary"));
    }
}
