//! Web addresses in running text, which many renderers make links of.
//!
//! A link is honest where its text is its target. Renderers show an address decoded: `%E2%80%AE`
//! as the character that turns the text round, `xn--…` in the letters of another host. And
//! markdown-it takes an address out of the text before any backslash in it has its meaning: in
//! `https://a.b/\<img …>` the image would be live. So an address stays as it is only where it
//! holds nothing of that kind; else, as with any other scheme, a backslash between its slashes
//! keeps it from being a link.

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
