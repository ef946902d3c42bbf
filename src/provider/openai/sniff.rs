//! What a successful response holds, whatever it is called.

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An event stream.
    Events,
    /// JSON: a server that does not stream, or an error inside of a success.
    Json,
    /// A web page: a captive portal, a proxy, or a wrong URL.
    Page,
}

/// Tells the kind by the body's start, since servers mislabel all three. `None` where more is
/// needed. An event stream that says that it is one is believed.
pub(super) fn kind(content_type: &str, start: &[u8]) -> Option<Kind> {
    if content_type.trim_start().to_ascii_lowercase().starts_with("text/event-stream") {
        return Some(Kind::Events);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_by_the_start() {
        for (content_type, start, expected) in [
            ("text/event-stream; charset=utf-8", "{", Some(Kind::Events)),
            ("Text/Event-Stream", "", Some(Kind::Events)),
            ("application/json", "data: {", Some(Kind::Events)),
            ("application/json", "\u{feff} \n{", Some(Kind::Json)),
            ("application/json", "[", Some(Kind::Json)),
            ("text/plain", ": ping", Some(Kind::Events)),
            ("", "<!DOCTYPE", Some(Kind::Page)),
            ("text/html", " \r\n", None),
            ("", "", None),
        ] {
            assert_eq!(kind(content_type, start.as_bytes()), expected, "{content_type} {start}");
        }
        assert_eq!(kind("", b"\xef\xbb"), None);
    }
}
