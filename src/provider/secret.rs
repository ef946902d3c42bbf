//! A key that cannot be printed.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// An API key. It is wiped from memory when dropped, and no format shows it.
#[derive(Clone)]
pub struct Secret(SecretString);

/// Why a key cannot be sent. It says nothing of the key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing but white space.
    #[error("the API key is empty")]
    Empty,
    /// A character that a header cannot carry: a line break within, or one outside of ASCII.
    #[error("the API key holds a line break or a character outside of ASCII")]
    Unprintable,
}

impl Secret {
    /// Takes a key as people paste it: white space and line ends around it are dropped.
    ///
    /// # Errors
    /// Where nothing is left, or where an HTTP header cannot carry it.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
            return Err(SecretError::Unprintable);
        }
        Ok(Self(text.into()))
    }

    /// `Bearer <key>` as a header that HTTP libraries do not print either.
    pub(super) fn bearer(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The key itself, for the wire and for blacking it out in other people's messages.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
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
}
