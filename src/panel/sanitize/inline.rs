//! What can happen inside a line: code spans are left alone, everything that a renderer would
//! act on is escaped.

use super::End;
use super::address;

/// What has been decided of a line, as far as it bears on the rest of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// The last character as it is shown; a line end where there is none.
    last: char,
    /// The one before it.
    before: char,
    /// A code span of the line holds a `|`: in a table it would end there.
    pub(super) pipes: bool,
    /// The line may be a table's.
    pub(super) in_table: bool,
    /// The paragraph may begin with a link definition's label, where nothing is a code span.
    pub(super) in_label: bool,
    /// A web address that shows its whole target may stay as it is.
    pub(super) addresses: bool,
}

impl Default for Line {
    fn default() -> Self {
        let (last, before) = ('\n', '\n');
        Line { last, before, pipes: false, in_table: false, in_label: false, addresses: true }
    }
}

impl Line {
    /// The line below this one, in the same paragraph or not.
    pub(super) fn next(self, same: bool) -> Self {
        let (in_table, in_label) = (self.in_table && same, self.in_label && same);
        Line { in_table, in_label, addresses: self.addresses, ..Line::default() }
    }
}

/// Appends to `out` what of `held` is decided and returns its length in bytes.
pub(super) fn escape(held: &str, end: End, line: &mut Line, out: &mut String) -> usize {
    let mut at = 0;
    // Forced, the first thing that would have to wait does not; the next one may again.
    let mut force = end == End::Forced;
    while let Some(c) = held.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = held.get(at..).unwrap_or_default();
        let wait = !end.is_known();
        let token = match token(rest, c, line, wait) {
            None if force => {
                force = false;
                token(rest, c, line, false)
            }
            token => token,
        };
        let Some(token) = token else { return at };
        at += token.write(rest, line, out);
    }
    at
}

/// A piece of a line, by what must be done with it. Lengths are in bytes.
enum Token {
    /// So many bytes as they are.
    Plain(usize),
    /// So many ASCII bytes, each behind a backslash.
    Escaped(usize),
    /// One byte as it is and one behind a backslash.
    Pair,
    /// A backslash and what it escapes.
    Kept,
    /// An ASCII character, which is the last of so many bytes, as a code span: where it stands,
    /// nothing that renders the text can put together what is left and right of it.
    Apart(usize),
    /// A code span.
    Code(usize),
}

impl Token {
    fn write(self, rest: &str, line: &mut Line, out: &mut String) -> usize {
        let (len, unescaped) = match self {
            Token::Plain(len) | Token::Code(len) => (len, len),
            Token::Escaped(len) => (len, 0),
            Token::Pair => (2, 1),
            Token::Kept => (2, 2),
            Token::Apart(len) => {
                let shown = rest.get(len - 1..len).unwrap_or_default();
                out.extend(["`", shown, "`"]);
                (line.before, line.last) = (line.last, '`');
                return len;
            }
        };
        let (plain, escaped) = rest.get(..len).unwrap_or_default().split_at(unescaped);
        out.push_str(plain);
        for c in escaped.chars() {
            out.push('\\');
            out.push(c);
        }
        let mut ends = plain.chars().chain(escaped.chars());
        if let Some(last) = ends.next_back() {
            // A backslash that escapes is not seen.
            let before = if matches!(self, Token::Kept) { None } else { ends.next_back() };
            (line.before, line.last) = (before.unwrap_or(line.last), last);
        }
        line.pipes |= matches!(self, Token::Code(_)) && plain.contains('|');
        len
    }
}

/// The first token of `rest`, which starts with `c`; `None` where it must wait for more.
fn token(rest: &str, c: char, line: &Line, wait: bool) -> Option<Token> {
    let mut following = rest.chars().skip(1);
    let (next, third) = (following.next(), following.next());
    if wait && (next.is_none() && "\\<!]`&:/@".contains(c) || third.is_none() && is_slash(c, next))
    {
        return None;
    }
    let in_word = line.last.is_alphanumeric();
    if matches!(c, '/' | '@' | '\\')
        && let Some(token) = parted(rest, line, wait)
    {
        return token;
    }
    Some(match (c, next) {
        ('\\', Some(n)) if n.is_ascii_punctuation() => Token::Kept,
        ('<', Some(n)) if n.is_ascii_alphabetic() || "/!?".contains(n) => Token::Escaped(1),
        ('!', Some('[')) | (']', Some('(' | ':')) => Token::Pair,
        // Renderers disagree on what opens maths; it could hide text.
        ('$', _) => Token::Escaped(1),
        ('&', _) => return entity(rest, wait),
        ('`', _) => return code_span(rest, line, wait),
        // What renderers make a link of although nobody marked it as one.
        (':', Some('/')) if third == Some('/') => Token::Pair,
        ('/', Some('/')) if !in_word && third.is_some_and(|n| !n.is_whitespace()) => Token::Pair,
        ('@', Some(n)) if !n.is_whitespace() && !line.last.is_whitespace() => Token::Escaped(1),
        ('h' | 'H', _) if line.addresses && !in_word => {
            return address::plain(rest, wait).map(|len| Token::Plain(len.max(1)));
        }
        _ => Token::Plain(c.len_utf8()),
    })
}

/// What keeps an address from being a link where it would be shown as another one: markdown-it 12,
/// of older VS Codes, makes links of addresses after it has read the escapes. `None` where there
/// is no such address, `Some(None)` where more must come to know.
fn parted(rest: &str, line: &Line, wait: bool) -> Option<Option<Token>> {
    let escaped = rest.starts_with('\\');
    let len = 1 + usize::from(escaped);
    let (sign, behind) = (rest.get(len - 1..len)?, rest.get(len..)?);
    let second_slash = sign == "/" && line.last == '/' && !line.before.is_alphanumeric();
    // The first one waits until it is known what is done with the second.
    let slashes = sign == "/" && !second_slash && !line.last.is_alphanumeric();
    let after_slash = behind.strip_prefix('/').or_else(|| behind.strip_prefix("\\/"));
    let (place, token) = match (sign, after_slash) {
        ("/", _) if second_slash => (behind, Token::Apart(len)),
        ("/", Some(place)) if slashes && !escaped => (place, Token::Plain(1)),
        ("@", _) if !line.last.is_whitespace() => (behind, Token::Apart(len)),
        _ => return None,
    };
    // Two code spans side by side would be none.
    if matches!(token, Token::Apart(_)) && line.last == '`' {
        return None;
    }
    let scheme = second_slash && line.before == ':';
    match address::is_disguised(place, !scheme, wait) {
        None => Some(None),
        Some(true) => Some(Some(token)),
        Some(false) => None,
    }
}

fn is_slash(c: char, next: Option<char>) -> bool {
    matches!((c, next), (':' | '/', Some('/')))
}

/// `&name;` and `&#1;`, which could write any character, also one that hides.
fn entity(rest: &str, wait: bool) -> Option<Token> {
    /// The longest name has 31 letters (`CounterClockwiseContourIntegral`).
    const NAME_MAX: usize = 32;
    let name = rest.trim_start_matches('&').trim_start_matches('#');
    let len = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    match name.as_bytes().get(len) {
        None if wait && len <= NAME_MAX => None,
        Some(b';') if (1..=NAME_MAX).contains(&len) => Some(Token::Escaped(1)),
        _ => Some(Token::Plain(1)),
    }
}

/// A code span that ends within the line; else its opening run is no more than backticks, and
/// must not pair with one of another line. In a table a `|` would end it, in a label `]:`.
fn code_span(rest: &str, line: &Line, wait: bool) -> Option<Token> {
    let run = rest.bytes().take_while(|b| *b == b'`').count();
    let mut at = run;
    while let Some(found) = rest.get(at..).and_then(|r| r.find('`')) {
        let start = at + found;
        let closing = rest.bytes().skip(start).take_while(|b| *b == b'`').count();
        at = start + closing;
        if closing == run && !(wait && at == rest.len()) {
            let span = rest.get(..at).unwrap_or_default();
            let cut = line.in_table && span.contains('|') || line.in_label && span.contains("]:");
            return Some(if cut { Token::Escaped(run) } else { Token::Code(at) });
        }
    }
    (!wait).then_some(Token::Escaped(run))
}
