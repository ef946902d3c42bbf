//! Rejects candidates that only look like secrets: placeholders, identifiers, ordinary words.

use super::randomness::is_name;
use super::secret_names::Sort;
use std::collections::HashMap;

/// Returns `true` if a service's token looks real rather than like an example from documentation.
pub(crate) fn is_random(token: &str) -> bool {
    !token.ends_with("EXAMPLE") && entropy(token) >= 2.5 && !is_placeholder(token)
}

/// Returns `true` if the first part of a token is a JOSE header (RFC 7515, section 4; RFC 7516,
/// section 4).
pub(crate) fn is_jwt(token: &str) -> bool {
    let header = token.split('.').next().and_then(decoded).unwrap_or_default();
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&header)
        .is_ok_and(|header| header.contains_key("alg") || header.contains_key("enc"))
}

/// Returns `true` if a value after `Bearer` looks like a real credential.
pub(crate) fn is_credential(value: &str) -> bool {
    is_mixed(value) && entropy(value) >= 3.0 && !is_placeholder(value) && !is_name(value)
}

/// Returns `true` if a URL's password is not a placeholder. It may be weak.
pub(crate) fn is_no_placeholder(value: &str) -> bool {
    !is_placeholder(value) && !value.eq_ignore_ascii_case("password")
}

/// The position of a value, which determines how likely the value is to be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValuePosition {
    /// After the `=` of an environment variable, where everything is the value.
    Variable,
    /// In quotes.
    Quoted,
    /// After a separator such as `=`, without quotes: usually an identifier.
    Bare,
    /// Near a name, with only spaces or a few words between them.
    Near,
}

/// Returns `true` if a value is a secret, given the sort of its name and its position.
pub(crate) fn is_secret(value: &str, sort: Sort, position: ValuePosition) -> bool {
    if is_placeholder(value) || is_path(value) {
        return false;
    }
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    match (sort, position) {
        (Sort::Pin, _) if digits => (4..=12).contains(&value.len()),
        (Sort::Password, ValuePosition::Near) | (Sort::Pin, _) => {
            value.len() >= 7 && is_mixed(value) && !is_name(value)
        }
        (Sort::Password, _) if digits => value.len() >= 6,
        (Sort::Password, ValuePosition::Variable) => value.len() >= 6 && is_mixed(value),
        (Sort::Password, ValuePosition::Quoted) => {
            value.len() >= 5
                && (is_mixed(value) || value.len() >= 8)
                && (!is_name(value) || has_year(value))
        }
        (Sort::Password, ValuePosition::Bare) => {
            value.len() >= 6
                && is_mixed(value)
                && !value.contains("::")
                && (!is_name(value) || has_year(value))
        }
        (Sort::Key, ValuePosition::Variable) => {
            value.len() >= 8 && has_letter_and_digit(value) && entropy(value) >= 2.5
        }
        (Sort::Key, ValuePosition::Quoted) => {
            value.len() >= 8 && is_mixed(value) && entropy(value) >= 2.5 && !is_name(value)
        }
        (Sort::Key, ValuePosition::Bare) => {
            value.len() >= 12
                && is_mixed(value)
                && entropy(value) >= 2.8
                && !value.contains("::")
                && !is_name(value)
        }
        (Sort::Key, ValuePosition::Near) => {
            value.len() >= 16 && is_mixed(value) && entropy(value) >= 3.0 && !is_name(value)
        }
    }
}

/// Returns `true` if a value is long and random, such as a session cookie or a URL's signature.
pub(crate) fn is_long_and_random(value: &str) -> bool {
    is_secret(value, Sort::Key, ValuePosition::Near)
}

/// Returns `true` if a value has letters together with digits or symbols, or letters of both cases.
fn is_mixed(value: &str) -> bool {
    let of = |class: fn(&char) -> bool| value.chars().any(|c| class(&c));
    let cases = of(char::is_ascii_lowercase) && of(char::is_ascii_uppercase);
    let symbol = value.chars().any(|c| "!@#$%^&*+~?".contains(c));
    of(char::is_ascii_alphabetic) && (of(char::is_ascii_digit) || symbol || cases)
}

/// Returns `true` if a value is letters followed by at least three digits, which are rarely part of
/// an identifier: `Sommer2024`.
fn has_year(value: &str) -> bool {
    let front = value.trim_end_matches(|c: char| c.is_ascii_digit());
    value.len() - front.len() >= 3 && front.chars().all(|c| c.is_ascii_alphabetic())
}

/// Returns `true` if a value looks like an AWS secret access key: 40 characters of base64.
pub(crate) fn is_aws_secret(value: &str) -> bool {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/".contains(&b);
    value.len() == 40 && value.bytes().all(base64) && is_random(value)
}

fn has_letter_and_digit(value: &str) -> bool {
    value.chars().any(|c| c.is_ascii_alphabetic()) && value.chars().any(|c| c.is_ascii_digit())
}

/// Number of leading bytes of a value in which the words of a placeholder are searched for.
const PLACEHOLDER_BYTES: usize = 256;

/// Returns `true` if a value stands in for a secret or refers to one: `your-key`, `${TOKEN}`.
fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 20] = [
        "example",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "replace-",
        "replace_",
        "replaceme",
        "insert-",
        "insert_",
        "your-",
        "your_",
        "yourpass",
        "dummy",
        "redacted",
        "xxxx",
        "****",
        "....",
        "____",
        "1234567890abcdef",
    ];
    const STARTS: [&str; 14] =
        ["${", "$(", "{", "<", "[", "(", "%(", "%{", "#{", "@{", "%env", "@string/", "|", "\\("];
    // A placeholder is short; long values are compared in part.
    let lower = value.get(..value.floor_char_boundary(PLACEHOLDER_BYTES)).unwrap_or(value);
    let lower = lower.to_ascii_lowercase();
    let name = value.strip_prefix(['$', '%', '&', '*', '!', '@']);
    WORDS.iter().any(|word| lower.contains(word))
        || lower.starts_with("your")
        || STARTS.iter().any(|start| value.starts_with(start))
        || name.is_some_and(is_identifier)
        || value.contains("${")
        || value.contains("{{")
        || !value.is_ascii()
}

/// Returns `true` if a text may follow the sign of a variable, an alias or a tag: `DB_PASS2`,
/// `anchor1`, `env:TOKEN`.
fn is_identifier(text: &str) -> bool {
    let text = text.trim_end_matches(['%', ')', '}']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_:.-[]'>".contains(c);
    !text.starts_with(|c: char| c.is_ascii_digit() && text.len() > 1)
        && text.chars().all(is_part)
        && is_name(text)
}

/// Returns `true` if a value is a file path, a URL or a module path: `/run/secrets/db1`,
/// `./key2.pem`, `std::fs`.
fn is_path(value: &str) -> bool {
    const ROOTS: [&str; 7] = ["/", "./", "../", "~/", "file:", "http://", "https://"];
    let base64 = value.len() >= 40 && !value.contains('.') && !is_name(value);
    ROOTS.iter().any(|root| value.starts_with(root)) && !base64 || value.contains("::")
}

/// Returns the Shannon entropy in bits per character.
fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, f64> = HashMap::new();
    let mut all = 0.0;
    for c in text.chars() {
        *counts.entry(c).or_default() += 1.0;
        all += 1.0;
    }
    counts.values().map(|n| -(n / all) * (n / all).log2()).sum()
}

/// Decodes unpadded base64url (RFC 4648, section 5); `None` if a character is invalid.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_placeholders_are_no_passwords() {
        for value in [
            "password",
            "changeme123",
            "your-key-1",
            "${TOKEN_1}",
            "{{ token1 }}",
            "<token-1>",
            "xxxxxxxx1",
            "/run/secrets/db1",
            "https://a.test/1",
            "config::token1",
            "aaaaaaa1",
        ] {
            assert!(!is_secret(value, Sort::Key, ValuePosition::Quoted), "{value}");
        }
        for value in ["tr0ub4dor&3", "hunter2hunter", "p4ssw0rd-x", "550e8400-e29b-41d4"] {
            assert!(is_secret(value, Sort::Password, ValuePosition::Quoted), "{value}");
        }
    }

    #[test]
    fn unquoted_values_have_stricter_rules() {
        for value in ["next_token2", "config.token1", "tokens1.iter", "parser2", "Token2Reader.new"]
        {
            assert!(!is_secret(value, Sort::Password, ValuePosition::Bare), "{value}");
        }
        for value in ["tr0ub4dor&3", "Xk29sPq81LmZ4vRt", "9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(is_secret(value, Sort::Password, ValuePosition::Bare), "{value}");
        }
    }

    #[test]
    fn a_jwt_has_a_header_of_json() {
        assert!(is_jwt("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln"));
        assert!(!is_jwt("eyJub3QganNvbiE.eyJzdWIiOiIxIn0.c2ln"));
        assert!(!is_jwt("eyJrIjoxfQ.eyJzdWIiOiIxIn0.c2ln"));
    }
}
