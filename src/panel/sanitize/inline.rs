//! Escapes everything inside a line that a renderer would act on, except code spans.

use super::End;
use super::address::{self, Ahead};

/// State of a line, as far as it affects the rest of the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// The last displayed character; `\n` at the start of a line.
    last: char,
    /// The character before `last`.
    before: char,
    /// Whether a code span of the line contains a `|`, which would end the span in a table.
    pub(crate) pipes: bool,
    /// Whether the line may belong to a table.
    pub(crate) in_table: bool,
    /// Whether the paragraph may begin with the label of a link definition, in which there are no
    /// code spans.
    pub(crate) in_label: bool,
    /// Whether a web address that shows its whole target may be kept.
    pub(crate) addresses: bool,
    /// Whether to escape at all. A terminal would show the backslashes.
    pub(crate) escapes: bool,
}

impl Default for Line {
    fn default() -> Self {
        let (last, before) = ('\n', '\n');
        Line {
            last,
            before,
            pipes: false,
            in_table: false,
            in_label: false,
            addresses: true,
            escapes: true,
        }
    }
}

impl Line {
    /// Returns the state for the next line. `same` is `true` if the next line continues the
    /// paragraph.
    pub(crate) fn next(self, same: bool) -> Self {
        let (in_table, in_label) = (self.in_table && same, self.in_label && same);
        let (addresses, escapes) = (self.addresses, self.escapes);
        Line { in_table, in_label, addresses, escapes, ..Line::default() }
    }
}

/// Escapes the part of `held` that can be decided, appends the result to `out`, and returns the
/// length of that part in bytes.
pub(crate) fn escape(
    held: &str,
    end: End,
    line: &mut Line,
    ahead: &mut Ahead,
    out: &mut String,
) -> usize {
    let mut at = 0;
    while let Some(c) = held.get(at..).and_then(|rest| rest.chars().next()) {
        // Only the first token is forced: for later ones, less lookahead is available.
        let end = if at > 0 && end == End::Forced { End::Open } else { end };
        let Some(token) = token(held, at, c, line, end, ahead) else { break };
        ahead.seen = 0;
        at += token.write(held.get(at..).unwrap_or_default(), line, out);
    }
    ahead.shift(at);
    at
}

/// A piece of a line and how to write it. Lengths are in bytes.
enum Token {
    /// Written unchanged.
    Plain(usize),
    /// ASCII characters, each escaped with a backslash.
    Escaped(usize),
    /// ASCII characters, the last one escaped with a backslash.
    Last(usize),
    /// A backslash and the character that it escapes.
    Kept,
    /// ASCII characters of which only the last is written, as a code span, so that no renderer can
    /// join the text before and after it.
    Apart(usize),
    /// A code span.
    Code(usize),
}

impl Token {
    fn write(self, rest: &str, line: &mut Line, out: &mut String) -> usize {
        let (len, unescaped) = match self {
            Token::Plain(len) | Token::Code(len) => (len, len),
            Token::Escaped(len) => (len, 0),
            Token::Last(len) => (len, len - 1),
            Token::Kept => (2, 2),
            Token::Apart(len) => {
                let shown = rest.get(len - 1..len).unwrap_or_default();
                let mark = if line.escapes { "`" } else { "" };
                out.extend([mark, shown, mark]);
                (line.before, line.last) = (line.last, '`');
                return len;
            }
        };
        let (plain, escaped) = rest.get(..len).unwrap_or_default().split_at(unescaped);
        out.push_str(plain);
        for c in escaped.chars() {
            out.push_str(if line.escapes { "\\" } else { "" });
            out.push(c);
        }
        let mut ends = plain.chars().chain(escaped.chars());
        if let Some(last) = ends.next_back() {
            // An escaping backslash is not displayed.
            let before = if matches!(self, Token::Kept) { None } else { ends.next_back() };
            (line.before, line.last) = (before.unwrap_or(line.last), last);
        }
        line.pipes |= matches!(self, Token::Code(_)) && plain.contains('|');
        len
    }
}

/// Returns the token at byte `at`, which starts with `c`; `None` if more input is needed.
fn token(
    held: &str,
    at: usize,
    c: char,
    line: &Line,
    end: End,
    ahead: &mut Ahead,
) -> Option<Token> {
    let rest = held.get(at..)?;
    let wait = !end.is_known();
    let mut following = rest.chars().skip(1);
    let (next, third) = (following.next(), following.next());
    if wait && (next.is_none() && "\\<!]`&:/@".contains(c) || third.is_none() && is_slash(c, next))
    {
        return None;
    }
    let in_word = line.last.is_alphanumeric();
    if matches!(c, '/' | '@' | '\\')
        && let Some(token) = parted(held, at, line, end, ahead)
    {
        return token;
    }
    Some(match (c, next) {
        ('\\', Some(n)) if n.is_ascii_punctuation() => Token::Kept,
        ('<', Some(n)) if n.is_ascii_alphabetic() || "/!?".contains(n) => Token::Escaped(1),
        ('!', Some('[')) | (']', Some('(' | ':')) => Token::Last(2),
        // Renderers disagree on what starts math, which could hide text.
        ('$', _) => Token::Escaped(1),
        ('&', _) => return entity(rest, wait),
        ('`', _) => return code_span(rest, line, end, &mut ahead.seen),
        // What renderers turn into links without any markup.
        (':', Some('/')) if third == Some('/') => Token::Last(2),
        ('/', Some('/')) if !in_word && third.is_some_and(|n| !n.is_whitespace()) => Token::Last(2),
        ('@', Some(n)) if !n.is_whitespace() && !line.last.is_whitespace() => Token::Escaped(1),
        ('h' | 'H', _) if line.addresses && !in_word => {
            return address::plain(rest, end, &mut ahead.seen).map(|len| Token::Plain(len.max(1)));
        }
        ('w' | 'W', _) if !in_word => return host_without_scheme(rest, wait),
        _ => Token::Plain(c.len_utf8()),
    })
}

/// Handles `www.`, which GitHub turns into a link up to the next whitespace or `<`.
fn host_without_scheme(rest: &str, wait: bool) -> Option<Token> {
    const WWW: &[u8] = b"www.";
    let start = rest.as_bytes().get(..WWW.len().min(rest.len())).unwrap_or_default();
    match WWW.get(..start.len()).is_some_and(|www| start.eq_ignore_ascii_case(www)) {
        true if start.len() == WWW.len() => Some(Token::Last(WWW.len())),
        true if wait => None,
        _ => Some(Token::Plain(1)),
    }
}

/// Returns the token that breaks up an address that would be displayed as a different one. A
/// backslash is not enough, because markdown-it 12, in older VS Code versions, creates links after
/// it has processed escapes. Returns `None` if there is no such address, and `Some(None)` if more
/// input is needed.
fn parted(
    held: &str,
    at: usize,
    line: &Line,
    end: End,
    ahead: &mut Ahead,
) -> Option<Option<Token>> {
    let escaped = held.get(at..)?.starts_with('\\');
    let len = 1 + usize::from(escaped);
    let start = at + len;
    let (sign, behind) = (held.get(start - 1..start)?, held.get(start..)?);
    let second_slash = sign == "/" && line.last == '/' && !line.before.is_alphanumeric();
    // The first slash waits for the decision about the second.
    let slashes = sign == "/" && !second_slash && !line.last.is_alphanumeric();
    let slash = ["/", "\\/"].into_iter().find(|slash| behind.starts_with(slash));
    let (place, token) = match (sign, slash) {
        ("/", _) if second_slash => (start, Token::Apart(len)),
        ("/", Some(slash)) if slashes && !escaped => (start + slash.len(), Token::Plain(1)),
        ("@", _) if !line.last.is_whitespace() => (start, Token::Apart(len)),
        _ => return None,
    };
    // Two adjacent code spans would not be parsed as code spans.
    if matches!(token, Token::Apart(_)) && line.last == '`' {
        return None;
    }
    let scheme = second_slash && line.before == ':';
    match ahead.is_disguised(held, place, !scheme, end) {
        None => Some(None),
        Some(true) => Some(Some(token)),
        Some(false) => None,
    }
}

fn is_slash(c: char, next: Option<char>) -> bool {
    matches!((c, next), (':' | '/', Some('/')))
}

/// Handles `&name;` and `&#1;`, which could produce any character, including hidden ones.
fn entity(rest: &str, wait: bool) -> Option<Token> {
    /// Maximum length of a name. The longest one has 31 characters
    /// (`CounterClockwiseContourIntegral`).
    const NAME_MAX: usize = 32;
    let name = rest.get(1..).unwrap_or_default();
    let name = name.strip_prefix('#').unwrap_or(name);
    let len = name.bytes().take_while(u8::is_ascii_alphanumeric).take(NAME_MAX + 1).count();
    match name.as_bytes().get(len) {
        None if wait && len <= NAME_MAX => None,
        Some(b';') if (1..=NAME_MAX).contains(&len) => Some(Token::Escaped(1)),
        _ => Some(Token::Plain(1)),
    }
}

/// Returns the code span at the start of `rest` if it closes on this line. Otherwise escapes its
/// opening run, so that the run does not pair with one on another line. The run is also escaped if
/// a `|` would end the span in a table, or a `]:` in a label. A run at the end of the held text may
/// continue, so it closes nothing if the decision is forced. The first `seen` bytes are known not
/// to contain a closing run.
fn code_span(rest: &str, line: &Line, end: End, seen: &mut usize) -> Option<Token> {
    let run = rest.bytes().take_while(|b| *b == b'`').count();
    let mut at = run.max(*seen);
    while let Some(found) = rest.get(at..).and_then(|r| r.find('`')) {
        let start = at + found;
        let closing = rest.bytes().skip(start).take_while(|b| *b == b'`').count();
        at = start + closing;
        if at == rest.len() && !end.is_known() {
            at = start;
            break;
        }
        if closing == run {
            let span = rest.get(..at).unwrap_or_default();
            let cut = line.in_table && span.contains('|') || line.in_label && span.contains("]:");
            return Some(if cut { Token::Escaped(run) } else { Token::Code(at) });
        }
    }
    if end == End::Open {
        // A run at the end of the held text is scanned again.
        let ends_in_run = rest.get(at..).is_some_and(|rest| rest.starts_with('`'));
        *seen = if ends_in_run { at } else { rest.len() };
        return None;
    }
    Some(Token::Escaped(run))
}
