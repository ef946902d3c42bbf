//! Web addresses in running text, which many renderers make links of.
//!
//! A link is honest where its text is its target. Renderers show an address decoded: `%E2%80%AE`
//! as the character that turns the text round, `xn--…` in the letters of another host. And they
//! take an address out of the text before any backslash in it has its meaning: in
//! `https://a.b/\<img …>` the image would be live. They disagree on where an address ends:
//! markdown-it at `]`, `>` and every blank, GitHub's at ASCII blanks and `<` alone. So an address
//! stays as it is only where all up to the next such blank is plain; else, as with any other
//! scheme, a backslash between its slashes keeps it from being a link. Older renderers read past
//! the backslash; what they would show as another address than it is has a slash, or its `@`, set
//! apart as code.

use super::End;
use super::visible::show_hidden;
use percent_encoding::percent_decode_str;

/// Bytes of an address that are looked at. In a longer one anything may stand.
const LONGEST: usize = 512;

/// How many bytes at the start of `rest` are such an address; none where there is no address or
/// another one, or where its end is not in sight. `None` where more must come first; `seen` bytes
/// of it are known to hold no end.
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

/// What a renderer shows as it is and this sanitizer leaves as it is. An entity would need a `;`.
fn is_plain(c: char) -> bool {
    match c {
        _ if c.is_ascii_alphanumeric() => true,
        _ if c.is_ascii() => "-._~/?#:=+,&!'()*".contains(c),
        _ => c.is_alphanumeric() || c.is_whitespace() || PUNCTUATION.contains(c),
    }
}

/// Whether the host can only be read in one way, whatever stands behind it.
fn has_plain_host(address: &str) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b".-:".contains(b);
    let (host, path) = address.split_at(address.bytes().take_while(is_part).count());
    let ends = |c: char| "/?#!'(),*".contains(c) || PUNCTUATION.contains(c) || c.is_whitespace();
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !host.to_ascii_lowercase().contains("xn--")
        && !address.contains("//")
        && path.chars().next().is_none_or(ends)
}

/// What stands behind words of Japanese and Chinese.
const PUNCTUATION: &str = "。、」』）】〉》！？：；，…「『（【〈《・";

/// What has been read of the held text ahead of its first undecided token, so that nothing is read
/// again for each sign in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ahead {
    /// The bytes of the first token that are known not to hold its end.
    pub(crate) seen: usize,
    /// Where the blank stands that ends all addresses before it, as far as was read.
    end: usize,
    /// Behind the last thing before `end` that would be shown as another one, once it was asked for.
    odd: Option<usize>,
}

impl Ahead {
    /// So many bytes are no longer held.
    pub(crate) fn shift(&mut self, taken: usize) {
        self.end = self.end.saturating_sub(taken);
        self.odd = self.odd.map(|odd| odd.saturating_sub(taken));
    }

    /// Whether what stands in `held` at byte `at`, behind `//` or `@`, would be shown as something
    /// else than it leads to: letters in the place of a host's `xn--…`, or characters that hide.
    /// `dotted`: a host has a dot. `None` where more must come first.
    pub(crate) fn is_disguised(
        &mut self,
        held: &str,
        at: usize,
        dotted: bool,
        end: End,
    ) -> Option<bool> {
        self.read_to(held, at);
        let address = held.get(at..self.end).unwrap_or_default();
        // A code span is set apart already; two side by side would be none.
        if address.starts_with('`') {
            return Some(false);
        }
        // Behind a scheme, a name before the host is shown as a part of the link.
        let ends = |c| matches!(c, '/' | '?' | '#' | '\\' | '`') || dotted && c == '@';
        let mut host = address.split(ends).next().unwrap_or_default();
        // Words, in which such punctuation ends what might be a host.
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
        // What stands before an `@` is no host, and the host is behind it.
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

    /// Finds the end of what stands at byte `at`.
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

/// Where the last thing ends that would be shown decoded, or that hides; 0 where there is none.
fn last_odd(address: &str) -> usize {
    let encoded = address.to_ascii_lowercase().rfind("xn--").map_or(0, |at| at + 4);
    let shown = percent_decode_str(address).decode_utf8_lossy();
    let hides = |text: &str| text.contains(char::is_control) || show_hidden(text) != text;
    if !hides(&shown) {
        return encoded;
    }
    // Rare: the last piece between two signs that hides something decides.
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
