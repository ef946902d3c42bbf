//! Web addresses in running text, which many renderers turn into links.
//!
//! A link is honest if its text is its target. Renderers show an address decoded: `%E2%80%AE` as
//! the character that reverses the text, `xn--…` as the letters of another host. And they recognize
//! an address before any backslash in it takes effect: in `https://a.b/\<img …>` the image would be
//! live. They disagree on where an address ends: markdown-it at `]`, `>` and any whitespace, GitHub
//! at ASCII whitespace and `<` only. So an address is kept only if everything up to the next ASCII
//! whitespace is plain. Otherwise, and for any other scheme, a backslash between its slashes keeps
//! it from becoming a link. Older renderers ignore that backslash; an address that they would show
//! as something else gets its second slash, or its `@`, wrapped in a code span.

use super::End;
use super::visible::show_hidden;
use percent_encoding::percent_decode_str;

/// Maximum length in bytes of an address that is examined. A longer one counts as disguised.
const LONGEST: usize = 512;

/// Returns the length in bytes of the plain address at the start of `rest`: one that every renderer
/// shows unchanged. Returns 0 if there is no plain address or its end is still unknown when a
/// decision is forced, and `None` if more input is needed. The first `seen` bytes are known not to
/// contain the end of the address.
pub(crate) fn plain(rest: &str, end: End, seen: &mut usize) -> Option<usize> {
    let schemes = ["http://", "https://"];
    let begins = |text: &str, with: &str| {
        text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let Some(scheme) = schemes.into_iter().find(|scheme| begins(rest, scheme)) else {
        let unfinished = !end.is_known() && schemes.into_iter().any(|scheme| begins(scheme, rest));
        return (!unfinished).then_some(0);
    };
    let from = scheme.len().max(*seen);
    let stop = rest.get(from..).and_then(|rest| rest.find(|c: char| !is_plain(c)));
    let len = match (stop, end) {
        (Some(stop), _) => from + stop,
        (None, End::Line | End::Answer) => rest.len(),
        (None, End::Forced) => return Some(0),
        (None, End::Open) => {
            *seen = rest.len();
            return None;
        }
    };
    let address = rest.get(scheme.len()..len).unwrap_or_default();
    let ends = rest.as_bytes().get(len).is_none_or(|b| matches!(b, b' ' | b'\t'));
    Some(if ends && has_plain_host(address) { len } else { 0 })
}

/// Returns `true` if renderers show `c` unchanged and this sanitizer never escapes it. `&` is plain
/// because an entity would also need a `;`, which is not.
fn is_plain(c: char) -> bool {
    match c {
        _ if c.is_ascii_alphanumeric() => true,
        _ if c.is_ascii() => "-._~/?#:=+,&!'()*".contains(c),
        _ => c.is_alphanumeric() || c.is_whitespace() || PUNCTUATION.contains(c),
    }
}

/// Returns `true` if `address`, given without its scheme, has a host that all renderers read the
/// same way.
fn has_plain_host(address: &str) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b".-:".contains(b);
    let (host, path) = address.split_at(address.bytes().take_while(is_part).count());
    let ends = |c: char| "/?#!'(),*".contains(c) || PUNCTUATION.contains(c) || c.is_whitespace();
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !host.to_ascii_lowercase().contains("xn--")
        && !address.contains("//")
        && path.chars().next().is_none_or(ends)
}

/// Japanese and Chinese punctuation.
const PUNCTUATION: &str = "。、」』）】〉》！？：；，…「『（【〈《・";

/// Scan state of the held text beyond the first undecided token, so that nothing is scanned twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ahead {
    /// Number of bytes at the start of the first undecided token that are known not to contain the
    /// token's end.
    pub(crate) seen: usize,
    /// End of the current address candidate: the next whitespace, or the end of what was scanned.
    end: usize,
    /// End of the last misleading part before `end`; computed on demand.
    odd: Option<usize>,
}

impl Ahead {
    /// Adjusts the offsets after `taken` bytes have been removed from the held text.
    pub(crate) fn shift(&mut self, taken: usize) {
        self.end = self.end.saturating_sub(taken);
        self.odd = self.odd.map(|odd| odd.saturating_sub(taken));
    }

    /// Returns `Some(true)` if the address candidate at byte `at`, after `//` or `@`, would be
    /// displayed as something other than its target because of a non-ASCII or `xn--…` host or
    /// hidden characters. If `dotted`, only a name with a dot counts as a host. Returns `None` if
    /// more input is needed.
    pub(crate) fn is_disguised(
        &mut self,
        held: &str,
        at: usize,
        dotted: bool,
        end: End,
    ) -> Option<bool> {
        self.read_to(held, at);
        let address = held.get(at..self.end).unwrap_or_default();
        // A code span right here already breaks up the address, and two adjacent code spans would
        // not be parsed as code spans.
        if address.starts_with('`') {
            return Some(false);
        }
        // After a scheme, the user name before the host is part of the link.
        let ends = |c| matches!(c, '/' | '?' | '#' | '\\' | '`') || dotted && c == '@';
        let mut host = address.split(ends).next().unwrap_or_default();
        // In running text, Japanese or Chinese punctuation ends a possible host.
        let words = if dotted { host.find(|c| PUNCTUATION.contains(c)) } else { None };
        host = host.get(..words.unwrap_or(host.len())).unwrap_or_default();
        let len = if words.is_some() { host.len() } else { address.len() };
        if len > LONGEST {
            return Some(true);
        }
        if words.is_none() && self.end == held.len() {
            match end {
                End::Open => return None,
                End::Forced => return Some(true),
                End::Line | End::Answer => {}
            }
        }
        // A name before an `@` is not the host; the host follows.
        let is_user = address.get(host.len()..).is_some_and(|rest| rest.starts_with('@'));
        if dotted && !host.contains('.') && !is_user {
            return Some(false);
        }
        let is_odd = match words {
            Some(_) => last_odd(host) > 0,
            None => self.odd(held, at) > at,
        };
        Some(!host.is_ascii() || is_odd)
    }

    /// Advances `end` to the end of the candidate at byte `at`.
    fn read_to(&mut self, held: &str, at: usize) {
        let known = self.end;
        if at >= known {
            *self = Ahead { seen: self.seen, end: at, odd: None };
        }
        let rest = held.get(self.end..).unwrap_or_default();
        let more = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if more > 0 {
            self.end += more;
            self.odd = None;
        }
    }

    fn odd(&mut self, held: &str, at: usize) -> usize {
        *self.odd.get_or_insert_with(|| {
            let odd = last_odd(held.get(at..self.end).unwrap_or_default());
            if odd == 0 { 0 } else { at + odd }
        })
    }
}

/// Returns the end of the last part that would be displayed decoded or that contains hidden
/// characters; 0 if there is none.
fn last_odd(address: &str) -> usize {
    let encoded = address.to_ascii_lowercase().rfind("xn--").map_or(0, |at| at + 4);
    let shown = percent_decode_str(address).decode_utf8_lossy();
    let hides = |text: &str| text.contains(char::is_control) || show_hidden(text) != text;
    if !hides(&shown) {
        return encoded;
    }
    // Rare: find the last component with a hidden character.
    let mut end = address.len();
    while let Some(at) = address.get(..end).and_then(|text| text.rfind(['/', '@'])) {
        let piece = percent_decode_str(address.get(at..end).unwrap_or_default());
        if hides(&piece.decode_utf8_lossy()) {
            break;
        }
        end = at;
    }
    encoded.max(end)
}
