//! Finds secrets in command lines, where the meaning of an option depends on the program:
//! `mysql -p…`, `curl -u me:…`, `sshpass -p …`.

use super::kind::{Match, SecretKind};
use super::scan::{QUOTES, over_any, quoted};
use super::secret_names::Sort;
use super::value::{ValuePosition, is_secret};
use std::ops::Range;

/// The argument of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// The password, in the same word or the next one.
    Password,
    /// The password, only in the same word.
    Attached,
    /// `user:password`.
    User,
}

/// Prefixes of program names, one of the program's options, and what the option takes.
const PROGRAMS: [(&str, &str, Takes); 24] = [
    ("mysql", "-p", Takes::Attached),
    ("mariadb", "-p", Takes::Attached),
    ("7z", "-p", Takes::Attached),
    ("sshpass", "-p", Takes::Password),
    ("docker", "-p", Takes::Password),
    ("podman", "-p", Takes::Password),
    ("helm", "-p", Takes::Password),
    ("az", "-p", Takes::Password),
    ("oc", "-p", Takes::Password),
    ("mongo", "-p", Takes::Password),
    ("redis-cli", "-a", Takes::Password),
    ("ldap", "-w", Takes::Password),
    ("zip", "-P", Takes::Password),
    ("unzip", "-P", Takes::Password),
    ("sqlcmd", "-P", Takes::Password),
    ("bcp", "-P", Takes::Password),
    ("mosquitto_", "-P", Takes::Password),
    ("ipmitool", "-P", Takes::Password),
    ("curl", "-u", Takes::User),
    ("curl", "--user", Takes::User),
    ("curl", "--proxy-user", Takes::User),
    ("http", "-a", Takes::User),
    ("smbclient", "-U", Takes::User),
    ("openssl", "pass", Takes::User),
];

/// Returns the secrets in all command lines in a text.
pub(crate) fn find(text: &str) -> Vec<Match> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        in_line(line, at, &mut out);
        at += line.len();
    }
    out
}

fn in_line(line: &str, start: usize, out: &mut Vec<Match>) {
    let mut program: Option<&str> = None;
    let mut awaited: Option<Takes> = None;
    for (at, word) in words(line) {
        let base = word.rsplit('/').next().unwrap_or(word);
        if let Some(takes) = awaited.take() {
            out.extend(secret(line, at, word, takes).map(|range| moved(range, start)));
        } else if ["|", "||", "&&", ";"].contains(&word) {
            program = None;
        } else if PROGRAMS.iter().any(|(name, ..)| base.starts_with(name)) && program.is_none() {
            program = Some(base);
        } else if let Some(base) = program {
            let mut options = PROGRAMS.iter().filter(|(name, ..)| base.starts_with(name));
            let Some((_, option, takes)) = options.find(|(_, o, _)| word.starts_with(o)) else {
                continue;
            };
            match word.get(option.len()..).unwrap_or_default() {
                "" if *takes != Takes::Attached => awaited = Some(*takes),
                rest => {
                    let at = at + option.len();
                    out.extend(secret(line, at, rest, *takes).map(|range| moved(range, start)));
                }
            }
        }
    }
}

/// Returns the words of a line with their byte offsets.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = line.as_ptr() as usize;
    line.split_ascii_whitespace().map(move |word| (word.as_ptr() as usize - base, word))
}

fn moved(range: Range<usize>, by: usize) -> Match {
    Match { range: range.start + by..range.end + by, kind: SecretKind::Password }
}

/// Returns the secret in the argument of an option, which begins with `word` at `at`.
fn secret(line: &str, at: usize, word: &str, takes: Takes) -> Option<Range<usize>> {
    let quotes = ['"', '\'', '`', '='];
    let start = at + word.len() - word.trim_start_matches(quotes).len();
    let word = word.trim_matches(quotes);
    let (front, secret, position) = match takes {
        Takes::User => {
            let (user, secret) = word.split_once([':', '%'])?;
            (user.len() + 1, secret, ValuePosition::Quoted)
        }
        _ => (0, word, ValuePosition::Near),
    };
    if !is_secret(secret, Sort::Password, position) {
        return None;
    }
    let begin = start + front;
    let end = begin + secret.len();
    // In quotes, the argument may be more than one word.
    let quote = start.checked_sub(1).filter(|quote| *quote >= at);
    let whole = quote.and_then(|quote| quoted(line, quote, over_any(line, quote, &QUOTES)?));
    Some(begin..whole.map_or(end, |whole| end.max(whole.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_their_programs_read_them() {
        for (line, secret) in [
            ("mysql -h db -u root -pk3Jd92Lm shop", "k3Jd92Lm"),
            ("a\n$ /usr/bin/mysqldump '-pk3Jd92Lm' shop", ""),
            ("x | sshpass -p 'k3Jd92Lm!' ssh a@b", "k3Jd92Lm!"),
            ("curl -s -u me:k3Jd92Lm https://a.test", "k3Jd92Lm"),
            ("curl --user 'me:k3Jd92Lm' https://a.test", "k3Jd92Lm"),
            ("redis-cli -a k3Jd92LmQx ping", "k3Jd92LmQx"),
            ("docker run -p 8080:80 -p 127.0.0.1:53:53/udp nginx:1.27", ""),
            ("ssh -p 2222 a@host1", ""),
            ("curl -u \"$USER:$PASS2\" https://a.test", ""),
            ("sshpass -p 'k3Jd92Lm! x7Qp' ssh a@b", "k3Jd92Lm! x7Qp"),
            ("curl -u \"me:k3Jd92Lm x7Qp\" https://a.test", "k3Jd92Lm x7Qp"),
            ("mysql -p k3Jd92Lm", ""),
            ("git log -p a3f9c2d1", ""),
        ] {
            let found = find(line);
            let got: Vec<&str> = found.iter().map(|f| &line[f.range.clone()]).collect();
            let expected: Vec<&str> = Some(secret).filter(|s| !s.is_empty()).into_iter().collect();
            assert_eq!(got, expected, "{line}");
        }
    }
}
