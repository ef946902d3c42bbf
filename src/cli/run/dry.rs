//! `--dry-run`: what a run would send. Nothing is.

use crate::cli::{OK, USAGE, json, output};
use crate::panel;
use crate::request::{Preview, Sent};
use std::process::ExitCode;

/// Prints the preview, as a document or as one JSON object. A run that could not ask anybody is a
/// fault of the settings.
pub(crate) fn show(preview: &Preview, as_json: bool) -> ExitCode {
    let bytes = match as_json {
        true => json::line(preview),
        false => Ok(panel::preview(preview).into_bytes()),
    };
    if let Err(error) = bytes.and_then(|bytes| output::write(&bytes)) {
        return output::lost(&error);
    }
    let refused = preview.sections.iter().any(|planned| matches!(planned.sent, Sent::Refused(_)));
    ExitCode::from(if refused { USAGE } else { OK })
}
