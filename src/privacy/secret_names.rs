//! Recognizes names of secrets: `password`, `DB_PASS`, `client-secret`, `apiKey`, `PIN`.

/// The sort of secret that a name announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Chosen by a person, so it may be short and weak.
    Password,
    /// Generated, so it is long and not a word.
    Key,
    /// May consist of digits only.
    Pin,
}

/// Returns the sort of secret that a name announces, or `None` for any other name. A deployment
/// stage or a number at the end is ignored.
pub(crate) fn sort(name: &str) -> Option<Sort> {
    if !may_be(name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let cut = without_stage(&lower);
    let last = last_word(name.get(..cut.len()).unwrap_or(name));
    let plain: String = cut.chars().filter(|c| !"_.-".contains(*c)).collect();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    let is_last = |words: &[&str]| words.iter().any(|word| last.eq_ignore_ascii_case(word));
    if ends(&["password", "passwd", "passphrase", "passcode", "pwd"])
        || is_last(&["pass", "pw", "psk", "pswd", "passw"])
    {
        Some(Sort::Password)
    } else if is_last(&["pin"]) {
        Some(Sort::Pin)
    } else if ends(&KEYS) || is_last(&["auth", "dsn"]) || plain == "tlskey" {
        Some(Sort::Key)
    } else {
        None
    }
}

/// Endings of the names of generated secrets, without separators between words.
const KEYS: [&str; 31] = [
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "secretkeybase",
    "secretaccesskey",
    "privatekey",
    "authkey",
    "securekey",
    "loggedinkey",
    "noncekey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "accountkey",
    "clientkey",
    "storagekey",
    "licensekey",
    "sharedkey",
    "presharedkey",
    "sessionkey",
    "servicekey",
    "adminkey",
    "hmackey",
    "keydata",
    "apisecret",
    "appid",
    "sessionid",
];

/// Returns the sort of secret that the name of an environment variable announces, as in a shell, a
/// `.env` file or systemd; `None` if the name is not in upper case.
pub(crate) fn variable(name: &str) -> Option<Sort> {
    const PASSWORDS: [&str; 6] = ["PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "PASS", "PW"];
    const KEYS: [&str; 6] = ["SECRET", "TOKEN", "KEY", "CREDENTIAL", "CREDENTIALS", "DSN"];
    let is_upper = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if !is_upper {
        return None;
    }
    let has = |words: &[&str]| name.rsplit('_').take(2).any(|part| words.contains(&part));
    // `PGPASSWORD` has no underscore.
    if has(&PASSWORDS) || name.ends_with("PASSWORD") {
        Some(Sort::Password)
    } else {
        has(&KEYS).then_some(Sort::Key)
    }
}

/// Returns `true` if a name contains a part of a secret's name. This quickly rules out nearly all
/// words in a text.
fn may_be(name: &str) -> bool {
    const PARTS: [&[u8]; 14] = [
        b"pass",
        b"pwd",
        b"pw",
        b"psk",
        b"pswd",
        b"pin",
        b"secret",
        b"token",
        b"cred",
        b"key",
        b"auth",
        b"dsn",
        b"appid",
        b"sessionid",
    ];
    let bytes = name.as_bytes();
    let has = |part: &[u8]| bytes.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part));
    PARTS.iter().any(|part| has(part)) || has(b"session") || has(b"app_id")
}

/// Strips a deployment stage or a number from the end of a name.
fn without_stage(name: &str) -> &str {
    const STAGES: [&str; 6] = ["prod", "production", "dev", "test", "staging", "live"];
    match name.rsplit_once(['_', '.', '-']) {
        Some((front, stage)) if STAGES.contains(&stage) || is_number(stage) => front,
        _ => name.trim_end_matches(|c: char| c.is_ascii_digit()),
    }
}

fn is_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns the last word of a name in snake, kebab, dotted or camel case.
fn last_word(name: &str) -> &str {
    let part = name.rsplit(['_', '.', '-']).next().unwrap_or(name);
    let bytes = part.as_bytes();
    let hump = (1..bytes.len()).rev().find(|at| {
        bytes.get(at - 1).is_some_and(u8::is_ascii_lowercase)
            && bytes.get(*at).is_some_and(u8::is_ascii_uppercase)
    });
    hump.and_then(|at| part.get(at..)).unwrap_or(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_case() {
        for name in [
            "password",
            "DB_PASSWORD",
            "adminPassword",
            "ansible_become_pass",
            "dbPass",
            "PW",
            "wifi-psk",
            "password2",
            "spring.datasource.password",
            "PGPASSWORD",
            "Pwd",
        ] {
            assert_eq!(sort(name), Some(Sort::Password), "{name}");
        }
        for name in [
            "clientSecret",
            "api_key",
            "X-API-Key",
            "AccountKey",
            "_authToken",
            "_auth",
            "client-key-data",
            "SECRET_KEY_BASE",
            "token_prod",
            "tls.key",
        ] {
            assert_eq!(sort(name), Some(Sort::Key), "{name}");
        }
        assert_eq!(sort("card_pin"), Some(Sort::Pin));
    }

    #[test]
    fn similar_names_are_not_names_of_secrets() {
        for name in [
            "compass",
            "bypass",
            "spin",
            "password_hash",
            "passwordField",
            "max_tokens",
            "tokenizer",
            "keyboard",
            "author",
            "secretName",
            "pass_through",
            "key",
            "monkey",
            "SharedAccessKeyName",
            "token_type",
            "authorization",
        ] {
            assert_eq!(sort(name), None, "{name}");
        }
        for name in ["password", "DB_PASSWORDS_MAX", "KEYBOARD", "TOKENIZER", ""] {
            assert_eq!(variable(name), None, "{name}");
        }
    }
}
