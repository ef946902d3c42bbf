//! Web addresses in running text, which many renderers make links of.
//!
//! A link is honest where its text is its target. Renderers show an address decoded: `%E2%80%AE`
//! as the character that turns the text round, `xn--…` in the letters of another host. And
//! markdown-it takes an address out of the text before any backslash in it has its meaning: in
//! `https://a.b/\<img …>` the image would be live. So an address stays as it is only where it
//! holds nothing of that kind; else, as with any other scheme, a backslash between its slashes
//! keeps it from being a link. Older renderers read past the backslash; what they would show as
//! another address than it is has a slash, or its `@`, set apart as code.

use super::visible::show_hidden;
use percent_encoding::percent_decode_str;

/// Bytes of an address that are looked at. In a longer one anything may stand.
const LONGEST: usize = 512;

/// How many bytes at the start of `rest` are such an address; none where there is no address or
/// another one. `None` where more must come first.
pub(super) fn plain(rest: &str, wait: bool) -> Option<usize> {
    let schemes = ["http://", "https://"];
    let begins = |text: &str, with: &str| {
        text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let Some(scheme) = schemes.into_iter().find(|scheme| begins(rest, scheme)) else {
        let unfinished = wait && schemes.into_iter().any(|scheme| begins(scheme, rest));
        return (!unfinished).then_some(0);
    };
    let after = rest.get(scheme.len()..).unwrap_or_default();
    let end = after.find(|c: char| !is_plain(c));
    let (address, behind) = after.split_at(end.unwrap_or(after.len()));
    let ends = match behind.chars().next() {
        None if wait => return None,
        // No renderer takes these for a part of it; `>` might be one of a name before the host.
        None | Some(']') => true,
        Some('>') => address.contains('/'),
        Some(c) => c.is_whitespace(),
    };
    let whole = ends && has_plain_host(address);
    Some(if whole { scheme.len() + address.len() } else { 0 })
}

/// What a renderer shows as it is and this sanitizer leaves as it is. An entity would need a `;`.
fn is_plain(c: char) -> bool {
    match c {
        _ if c.is_ascii_alphanumeric() => true,
        _ if c.is_ascii() => "-._~/?#:=+,&!'()*".contains(c),
        _ => c.is_alphanumeric() || PUNCTUATION.contains(c),
    }
}

/// Whether the host can only be read in one way, whatever stands behind it.
fn has_plain_host(address: &str) -> bool {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b".-:".contains(b);
    let (host, path) = address.split_at(address.bytes().take_while(is_part).count());
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !host.to_ascii_lowercase().contains("xn--")
        && !address.contains("//")
        && path.chars().next().is_none_or(|c| "/?#!'(),*".contains(c) || PUNCTUATION.contains(c))
}

/// What stands behind words of Japanese and Chinese.
const PUNCTUATION: &str = "。、」』）】〉》！？：；，…「『（【〈《・";

/// Whether what stands behind `//` or `@` would be shown as something else than it leads to:
/// letters in the place of a host's `xn--…`, or characters that hide. `dotted`: a host has a dot.
/// `None` where more must come first.
pub(super) fn is_disguised(rest: &str, dotted: bool, wait: bool) -> Option<bool> {
    let end = rest.find(|c: char| c.is_whitespace() || c == '`').unwrap_or(rest.len());
    let address = rest.get(..end).unwrap_or_default();
    let host = address.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // Words, in which such punctuation ends what might be a host.
    let is_sentence = dotted && host.contains(|c| PUNCTUATION.contains(c));
    let host =
        if is_sentence { host.split(|c| PUNCTUATION.contains(c)).next() } else { Some(host) };
    let host = host.unwrap_or_default();
    let address = if is_sentence { host } else { address };
    if address.len() > LONGEST {
        return Some(true);
    }
    if wait && end == rest.len() && !is_sentence {
        return None;
    }
    if dotted && !host.contains('.') {
        return Some(false);
    }
    let shown = percent_decode_str(address).decode_utf8_lossy();
    Some(
        !host.is_ascii()
            || host.to_ascii_lowercase().contains("xn--")
            || shown.contains(char::is_control)
            || show_hidden(&shown) != shown,
    )
}
