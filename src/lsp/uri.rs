//! The URIs of this server's documents: panels (`kaizodo:/run/<id>/<title>.md`), previews
//! (`kaizodo:/preview/<id>/<title>.md`), repository contents (`kaizodo:/trust/<id>/<title>.md`) and
//! compared runs (`kaizodo:/compared/<id>/<title>.md`).

use super::ext::SCHEME;
use crate::event::RunId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// The characters to encode in a path segment: all except `unreserved` ones (RFC 3986).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the URI of a run's panel. Only the run's ID identifies the panel; the title is for the
/// editor's tab.
pub(crate) fn of_panel(run: &RunId, title: &str) -> String {
    of("run", &run.0, title)
}

/// Returns the URI of a preview.
pub(crate) fn of_preview(id: &str, title: &str) -> String {
    of("preview", id, title)
}

/// Returns the URI of the document that shows a repository's contents.
pub(crate) fn of_trust(id: &str, title: &str) -> String {
    of("trust", id, title)
}

/// Returns the URI of the document with a run's text for comparison with another run.
pub(crate) fn of_compared(run: &RunId, title: &str) -> String {
    of("compared", &run.0, title)
}

/// Returns the run whose text for comparison a URI names; `None` for any other URI.
pub(crate) fn compared_of(uri: &str) -> Option<RunId> {
    id_of(uri, "compared").map(|id| RunId(id.to_owned()))
}

fn of(kind: &str, id: &str, title: &str) -> String {
    let title: String =
        title.chars().map(|c| if "/\\:*?\"<>|".contains(c) { ' ' } else { c }).collect();
    let title = if title.trim().is_empty() { "解像度" } else { title.trim() };
    format!("{SCHEME}:/{kind}/{id}/{}.md", utf8_percent_encode(title, SEGMENT))
}

/// Returns the run that a panel's URI names, in any form in which editors write the URI back
/// (`kaizodo:/run/…`, `kaizodo:///run/…`); `None` for any other URI.
pub(crate) fn run_of(uri: &str) -> Option<RunId> {
    id_of(uri, "run").map(|id| RunId(id.to_owned()))
}

/// Returns the run whose panel is in the file `uri`, if that file is below the state folder
/// `state`. `real` returns the folder's path with all links resolved, which some editors send.
/// `latest` returns the run whose panel is in `latest.md`.
pub(crate) fn run_of_file(
    uri: &str,
    state: &Path,
    real: impl Fn() -> Option<PathBuf>,
    latest: impl Fn() -> Option<RunId>,
) -> Option<RunId> {
    let path = url::Url::parse(uri).ok()?.to_file_path().ok()?;
    let is_markdown = path.extension().is_some_and(|extension| extension == "md");
    let stem = path.file_stem().filter(|_| is_markdown)?.to_str()?;
    let is_latest = stem == "latest";
    if !is_latest && ulid::Ulid::from_string(stem).is_err() {
        return None;
    }
    let is_ours = path.starts_with(state) || real().is_some_and(|real| path.starts_with(real));
    match is_latest {
        _ if !is_ours => None,
        true => latest(),
        false => Some(RunId(stem.to_owned())),
    }
}

/// Returns the ID of the preview that a URI names; `None` for any other URI.
pub(crate) fn preview_of(uri: &str) -> Option<&str> {
    id_of(uri, "preview")
}

/// Returns the ID of the repository contents that a URI names; `None` for any other URI.
pub(crate) fn trust_of(uri: &str) -> Option<&str> {
    id_of(uri, "trust")
}

/// Returns `true` if a URI has this server's scheme.
pub(crate) fn is_ours(uri: &str) -> bool {
    uri.strip_prefix(SCHEME).is_some_and(|rest| rest.starts_with(':'))
}

fn id_of<'a>(uri: &'a str, kind: &str) -> Option<&'a str> {
    let path = uri.strip_prefix(SCHEME)?.strip_prefix(':')?;
    let mut segments = path.split('/').filter(|s| !s.is_empty());
    match (segments.next(), segments.next()) {
        (Some(found), Some(id)) if found == kind => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a full path on this system, and what its URI begins with in VS Code.
    fn place(path: &str) -> (PathBuf, &'static str) {
        let (drive, at) = if cfg!(windows) { ("C:", "file:///c%3A") } else { ("", "file://") };
        (PathBuf::from(format!("{drive}{path}")), at)
    }

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
        let uri = of_preview("7", "a b");
        assert_eq!((uri.as_str(), preview_of(&uri)), ("kaizodo:/preview/7/a%20b.md", Some("7")));
        let brought = of_trust("7", "a");
        assert_eq!((trust_of(&brought), preview_of(&brought)), (Some("7"), None));
        let (state, at) = place("/h/状態");
        let id = "01kb4q3v8m0000000000000000";
        for (uri, is_panel) in [
            (format!("{at}/h/%E7%8A%B6%E6%85%8B/panels/{id}.md"), true),
            (format!("{at}/h/状態/temporary/x/{id}.md"), true),
            (format!("{at}/h/other/panels/{id}.md"), false),
            (format!("{at}/h/状態/panels/latest.md"), true),
            (format!("{at}/h/状態/panels/notes.md"), false),
            (format!("{at}/h/状態/journal/{id}.jsonl"), false),
        ] {
            let found = run_of_file(&uri, &state, || None, || Some(RunId("01k".into())));
            assert_eq!(found.is_some(), is_panel, "{uri}");
        }
        assert!(run_of(&uri).is_none() && is_ours(&uri) && !is_ours("kaizodos:/preview/7"));
    }

    #[test]
    fn a_panel_s_file_is_known_by_its_real_path() {
        let ((state, at), real) = (place("/home/k"), || Some(place("/var/home/k").0));
        let uri = format!("{at}/var/home/k/panels/01kb4q3v8m0000000000000000.md");
        assert!(run_of_file(&uri, &state, real, || None).is_some());
        assert!(run_of_file(&uri, &state, || None, || None).is_none());
    }
}
