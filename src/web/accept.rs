//! Content negotiation with `Accept` and `Accept-Language` (RFC 9110, section 12.5), as far as
//! needed.

/// Returns the index of the entry of `offered` that the client prefers, or of the first of several
/// equally preferred entries. `accepted` is the value of the request header. Returns `None` if the
/// client accepts none of the entries. An empty header accepts everything.
pub(crate) fn choose(accepted: &str, offered: &[&str]) -> Option<usize> {
    if accepted.trim().is_empty() {
        return (!offered.is_empty()).then_some(0);
    }
    let mut best: Option<(usize, f32)> = None;
    for (index, name) in offered.iter().enumerate() {
        let quality = quality(accepted, name);
        if quality > best.map_or(0.0, |(_, quality)| quality) {
            best = Some((index, quality));
        }
    }
    best.map(|(index, _)| index)
}

/// Returns how much the client wants `name`, from 0 to 1, according to the most specific range.
fn quality(accepted: &str, name: &str) -> f32 {
    let ranges = accepted.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let weight = specificity(parts.next()?, name)?;
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        let quality = quality.filter(|quality| !quality.is_nan()).unwrap_or(1.0);
        Some((weight, quality.clamp(0.0, 1.0)))
    });
    ranges.max_by_key(|(weight, _)| *weight).map_or(0.0, |(_, quality)| quality)
}

/// Returns how specifically a range (`text/html`, `ja-JP`, `text/*`, `*/*`) matches `name`; `None`
/// if it does not match.
fn specificity(range: &str, name: &str) -> Option<usize> {
    let (range, name) = (range.to_ascii_lowercase(), name.to_ascii_lowercase());
    match range.strip_suffix("/*").or((range == "*").then_some("*")) {
        Some("*") => Some(0),
        Some(kind) => (name.split('/').next() == Some(kind)).then_some(1),
        None if range == name => Some(3),
        None => range.strip_prefix(&name).is_some_and(|rest| rest.starts_with('-')).then_some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_client_s_wish_decides_and_then_the_order() {
        let kinds = ["application/json", "text/markdown", "text/plain", "text/event-stream"];
        for (accepted, index) in [
            ("", Some(0)),
            ("*/*", Some(0)),
            ("text/*", Some(1)),
            ("text/event-stream", Some(3)),
            ("TEXT/Plain", Some(2)),
            ("text/markdown;q=0.2, text/plain;q=0.9", Some(2)),
            ("text/plain;q=0, */*", Some(0)),
            ("application/json;q=0, */*", Some(1)),
            ("text/html", None),
            ("text/html, */*;q=0.1", Some(0)),
            ("text/markdown;q=x", Some(1)),
            (";;,,", None),
            ("text/plain;q=nan", Some(2)),
        ] {
            assert_eq!(choose(accepted, &kinds), index, "{accepted}");
        }
    }

    #[test]
    fn a_region_is_of_its_language() {
        for (accepted, index) in [
            ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", Some(0)),
            ("en-GB", Some(1)),
            ("fr, en;q=0.4, ja;q=0.2", Some(1)),
            ("jav", None),
            ("de", None),
        ] {
            assert_eq!(choose(accepted, &["ja", "en"]), index, "{accepted}");
        }
    }
}
