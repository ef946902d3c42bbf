//! Recognizes passwords and recovery phrases made of words, if the name before them announces one.

/// Maximum number of words.
const WORDS_MAX: usize = 12;
/// Maximum length in bytes.
const BYTES_MAX: usize = 120;

/// Returns `true` if the quoted value after `name` is a password or recovery phrase made of words,
/// rather than a sentence such as a hint in a form.
pub(crate) fn is_one(value: &str, name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ';
    let words: Vec<&str> = value.split(' ').take(WORDS_MAX + 1).collect();
    if value.len() > BYTES_MAX
        || words.len() > WORDS_MAX
        || words.len() < 2
        || !value.chars().all(is_plain)
    {
        return false;
    }
    let letters = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase());
    let numbers =
        words.iter().filter(|word| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_digit()));
    // The format of Google's app passwords.
    let is_for_mail = words.len() == 4 && words.iter().all(|word| word.len() == 4 && letters(word));
    numbers.count() == 1 && !is_sentence(&words) || is_for_mail || is_recovery(&words, name)
}

/// Returns `true` if there are at least four words after a name that announces words.
fn is_recovery(words: &[&str], name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let says = ["phrase", "mnemonic", "seed"].iter().any(|end| lower.ends_with(end));
    says && words.len() >= 4 && !is_sentence(words)
}

fn is_sentence(words: &[&str]) -> bool {
    const SMALL: [&str; 24] = [
        "a",
        "an",
        "the",
        "is",
        "are",
        "be",
        "must",
        "has",
        "have",
        "your",
        "you",
        "for",
        "of",
        "to",
        "in",
        "at",
        "least",
        "with",
        "and",
        "or",
        "not",
        "enter",
        "than",
        "characters",
    ];
    words.iter().any(|word| SMALL.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_number_are_passwords_and_sentences_are_not() {
        for value in ["keyboard cat 4711", "kuma no puu 77", "abcd efgh ijkl mnop"] {
            assert!(is_one(value, "password"), "{value}");
        }
        for value in ["at least 12 characters", "Kennwort", "tell us why", "a", "", "Room 12 b"] {
            assert!(!is_one(value, "password"), "{value}");
        }
        assert!(is_one("correct horse battery staple", "passphrase"));
        assert!(!is_one("correct horse battery staple", "password"));
        assert!(!is_one("enter your passphrase here please", "passphrase"));
    }
}
