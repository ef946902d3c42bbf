//! An API key that cannot be printed.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// An API key. It is zeroed on drop, and `Debug` and `Display` do not show it.
#[derive(Clone)]
pub struct Secret(SecretString);

/// Why a key is invalid. Reveals nothing about the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The key is empty, or only whitespace.
    #[error("the API key is empty")]
    Empty,
    /// The key contains a character that is not allowed in a header: a control character or one
    /// outside ASCII.
    #[error("the API key holds a line break or a character outside of ASCII")]
    Unprintable,
    /// Quotation marks around the key, as from a file or a shell.
    #[error("the API key has quotation marks around it")]
    Quoted,
    /// `Bearer` or `Authorization:` before the key, as in the header.
    #[error("the API key has Bearer before it")]
    Prefixed,
    /// A variable name and an equals sign before the key, as in a shell.
    #[error("the API key has the name of a variable before it")]
    Assigned,
}

impl Secret {
    /// Creates a key from pasted text. Surrounding whitespace and byte order marks are trimmed.
    ///
    /// # Errors
    /// Fails if the key is empty, has something else pasted along with it, or is not allowed in an
    /// HTTP header.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if let Some(pasted) = pasted_along(text) {
            return Err(pasted);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(SecretError::Unprintable);
        }
        Ok(Self(text.into()))
    }

    /// Returns `Bearer <key>` as a header value marked as sensitive, which HTTP libraries do not
    /// print.
    pub(crate) fn bearer(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Returns the key itself, for sending and for redacting it from error messages.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Detects text that was pasted along with a key. A server would reject it without saying why.
fn pasted_along(text: &str) -> Option<SecretError> {
    const QUOTES: &[char] =
        &['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', '「', '」', '『', '』', '＂', '＇'];
    let starts = |prefix: &str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let next = |prefix: &str| text.get(prefix.len()..).and_then(|rest| rest.chars().next());
    let is_header = starts("authorization:");
    let is_bearer =
        starts("bearer") && next("bearer").is_none_or(|next| next.is_whitespace() || next == ':');
    if is_header || is_bearer {
        Some(SecretError::Prefixed)
    } else if starts("export ") || starts("set ") || starts("OPENAI_API_KEY=") {
        Some(SecretError::Assigned)
    } else if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        Some(SecretError::Quoted)
    } else {
        None
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_what_pasting_adds() {
        let secret = Secret::new("\u{feff} sk-canary\r\n").unwrap();
        assert_eq!(secret.expose(), "sk-canary");
        let header = secret.bearer().unwrap();
        assert_eq!(header, "Bearer sk-canary");
        assert!(header.is_sensitive());
    }

    #[test]
    fn shows_nothing() {
        let secret = Secret::new("sk-canary").unwrap();
        assert!(!format!("{secret:?}{secret:#?}{secret}").contains("canary"));
    }

    #[test]
    fn refuses_what_a_header_cannot_carry() {
        let error = |text| Secret::new(text).unwrap_err();
        assert_eq!(error(" \n"), SecretError::Empty);
        for text in ["sk-ca\nnary", "sk-ca\tnary", "sk-ключ", "sk-全角", "sk-\0x"] {
            assert_eq!(error(text), SecretError::Unprintable, "{text:?}");
        }
    }

    #[test]
    fn detects_text_pasted_along_with_the_key() {
        for (text, told) in [
            ("\"sk-canary\"", SecretError::Quoted),
            (" 'sk-canary'\n", SecretError::Quoted),
            ("“sk-canary”", SecretError::Quoted),
            ("「sk-canary」", SecretError::Quoted),
            ("sk-canary\"", SecretError::Quoted),
            ("\"Bearer sk-canary\"", SecretError::Quoted),
            ("Bearer sk-canary", SecretError::Prefixed),
            ("bearer\tsk-canary", SecretError::Prefixed),
            ("BEARER: sk-canary", SecretError::Prefixed),
            ("Bearer", SecretError::Prefixed),
            ("Authorization: Bearer sk-canary", SecretError::Prefixed),
            ("OPENAI_API_KEY=sk-canary", SecretError::Assigned),
            ("export OPENAI_API_KEY=\"sk-canary\"", SecretError::Assigned),
        ] {
            let error = Secret::new(text).unwrap_err();
            assert_eq!(error, told, "{text}");
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
        for fit in ["bearer-of-tokens", "sk-it's", "bearersk", "sk=", "setting"] {
            assert!(Secret::new(fit).is_ok(), "{fit}");
        }
    }
}
