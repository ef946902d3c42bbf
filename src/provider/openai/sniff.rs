//! What a successful response holds, whatever it is called.

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event stream.
    Events,
    /// JSON: a server that does not stream, or an error inside of a success.
    Json,
    /// A web page: a captive portal, a proxy, or a wrong URL.
    Page,
}

/// Tells the kind by the body's start alone, since servers mislabel all three: no line of an event
/// stream begins like JSON or a page. `None` where more is needed.
pub(crate) fn kind(start: &[u8]) -> Option<Kind> {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    let start = start.strip_prefix(BOM).unwrap_or(start);
    if BOM.starts_with(start) {
        return None;
    }
    match start.iter().find(|b| !b.is_ascii_whitespace())? {
        b'{' | b'[' => Some(Kind::Json),
        b'<' => Some(Kind::Page),
        _ => Some(Kind::Events),
    }
}

/// The first word of a `content-encoding` that names a way to compress (IANA's registry). Others
/// (`identity`, `none`, `utf-8`) are sent by servers that mean that there is none.
pub(crate) fn coding(encoding: &str) -> Option<&str> {
    const CODINGS: [&str; 10] =
        ["gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz", "exi"];
    let is_one = |word: &&str| CODINGS.iter().any(|coding| word.eq_ignore_ascii_case(coding));
    encoding.split(',').map(str::trim).find(is_one)
}

/// Whether a body that is called compressed begins as only a plain one does: proxies that unpack it
/// may leave the header. `None` where more is needed.
pub(crate) fn is_plain(start: &[u8]) -> Option<bool> {
    const STARTS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b": "];
    if start.len() < 6 {
        return None;
    }
    let json = matches!(start, [b'{' | b'[', rest @ ..] if rest.iter().all(u8::is_ascii));
    Some(json || STARTS.iter().any(|plain| start.starts_with(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_by_the_start() {
        for (start, expected) in [
            ("data: {", Some(Kind::Events)),
            (": ping", Some(Kind::Events)),
            ("event: error", Some(Kind::Events)),
            ("\u{feff} \n{", Some(Kind::Json)),
            ("[", Some(Kind::Json)),
            ("<!DOCTYPE", Some(Kind::Page)),
            (" \r\n", None),
            ("", None),
        ] {
            assert_eq!(kind(start.as_bytes()), expected, "{start}");
        }
        assert_eq!(kind(b"\xef\xbb"), None);
    }

    #[test]
    fn only_what_compresses_is_a_coding() {
        for (encoding, found) in [
            ("gzip", Some("gzip")),
            ("identity, GZIP", Some("GZIP")),
            ("br", Some("br")),
            ("", None),
            ("none", None),
            ("identity", None),
            ("utf-8", None),
            ("chunked, binary", None),
        ] {
            assert_eq!(coding(encoding), found, "{encoding}");
        }
        assert_eq!(is_plain(b"data: {"), Some(true));
        assert_eq!(is_plain(br#"{"choices":[]}"#), Some(true));
        assert_eq!(is_plain(b"\x1f\x8b\x08\0\0\0"), Some(false));
        assert_eq!(is_plain(b"{\xff\xff\xff\xff\xff"), Some(false));
        assert_eq!(is_plain(b"dat"), None);
    }
}
