//! What can happen inside a line: code spans are left alone, everything that a renderer would
//! act on is escaped.

use super::End;

/// Appends to `out` what of `held` is decided and returns its length in bytes.
pub(super) fn escape(held: &str, end: End, out: &mut String) -> usize {
    let mut at = 0;
    // Forced, the first thing that would have to wait does not; the next one may again.
    let mut wait = end == End::Open || end == End::Forced;
    let mut force = end == End::Forced;
    while let Some(c) = held.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = held.get(at..).unwrap_or_default();
        let taken = match token(rest, c, wait && !force) {
            Some(token) => token.write(rest, out),
            None => return at,
        };
        if force && token(rest, c, true).is_none() {
            force = false;
            wait = true;
        }
        at += taken;
    }
    at
}

/// A piece of a line, by what must be done with it. Lengths are in bytes.
enum Token {
    /// `len` bytes as they are.
    Plain(usize),
    /// `len` ASCII bytes, each behind a backslash.
    Escaped(usize),
    /// One byte as it is and one behind a backslash.
    Pair,
}

impl Token {
    fn write(self, rest: &str, out: &mut String) -> usize {
        match self {
            Token::Plain(len) => {
                out.push_str(rest.get(..len).unwrap_or_default());
                len
            }
            Token::Escaped(len) => {
                for c in rest.chars().take(len) {
                    out.push('\\');
                    out.push(c);
                }
                len
            }
            Token::Pair => {
                let mut chars = rest.chars().take(2);
                out.extend(chars.next());
                out.push('\\');
                out.extend(chars.next());
                2
            }
        }
    }
}

/// The first token of `rest`, which starts with `c`; `None` where it must wait for more.
fn token(rest: &str, c: char, wait: bool) -> Option<Token> {
    let next = rest.get(c.len_utf8()..).and_then(|r| r.chars().next());
    if next.is_none() && wait && "\\<!]$`".contains(c) {
        return None;
    }
    Some(match (c, next) {
        ('\\', Some(n)) if n.is_ascii_punctuation() => Token::Plain(2),
        ('<', Some(n)) if n.is_ascii_alphabetic() || "/!?".contains(n) => Token::Escaped(1),
        ('!', Some('[')) | (']', Some('(' | ':')) => Token::Pair,
        // Maths would pair across what we take for code; it opens only before a character.
        ('$', Some(n)) if !n.is_whitespace() => Token::Escaped(1),
        ('`', _) => return code_span(rest, wait),
        _ => Token::Plain(c.len_utf8()),
    })
}

/// A code span that ends within the line; else its opening run is no more than backticks, and
/// must not pair with one of another line.
fn code_span(rest: &str, wait: bool) -> Option<Token> {
    let run = rest.bytes().take_while(|b| *b == b'`').count();
    let mut at = run;
    while let Some(found) = rest.get(at..).and_then(|r| r.find('`')) {
        let start = at + found;
        let closing = rest.bytes().skip(start).take_while(|b| *b == b'`').count();
        at = start + closing;
        if closing == run && !(wait && at == rest.len()) {
            return Some(Token::Plain(at));
        }
    }
    (!wait).then_some(Token::Escaped(run))
}
