//! The names of panels: `kaizodo:/run/<id>/<title>.md`.

use super::ext::SCHEME;
use crate::event::RunId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path segment may hold as it is (RFC 3986, `unreserved`).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URI of a run's panel. Only the run names it; the title is for the editor's tab.
pub(super) fn of_panel(run: &RunId, title: &str) -> String {
    let title: String =
        title.chars().map(|c| if "/\\:*?\"<>|".contains(c) { ' ' } else { c }).collect();
    let title = if title.trim().is_empty() { "解像度" } else { title.trim() };
    format!("{SCHEME}:/run/{run}/{}.md", utf8_percent_encode(title, SEGMENT))
}

/// The run that a panel's URI names, in any form in which editors write it back
/// (`kaizodo:/run/…`, `kaizodo:///run/…`); `None` for any other URI.
pub(super) fn run_of(uri: &str) -> Option<RunId> {
    let path = uri.strip_prefix(SCHEME)?.strip_prefix(':')?;
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    match (segments.next(), segments.next()) {
        (Some("run"), Some(id)) => Some(RunId(id.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_is_found_by_its_run_in_any_form() {
        let run = RunId("01k".into());
        let uri = of_panel(&run, "会議 a/b?");
        assert_eq!(uri, "kaizodo:/run/01k/%E4%BC%9A%E8%AD%B0%20a%20b.md");
        for form in [uri.as_str(), "kaizodo:///run/01k/x.md", "kaizodo:/run/01k/会議.md"] {
            assert_eq!(run_of(form), Some(run.clone()), "{form}");
        }
        for other in ["file:///run/01k/x.md", "kaizodo:", "kaizodo:/x/01k", "kaizodos:/run/01k"] {
            assert_eq!(run_of(other), None, "{other}");
        }
    }
}
