//! Prints without redrawing: the panel, the run's events, and what a run would send.

use super::part::Part;
use crate::cli::{OK, USAGE, json, output};
use crate::event::Seq;
use crate::panel::{self, Printed};
use crate::request::{Preview, Sent};
use crate::session::{Run, RunReader};
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Prints a part of the run's panel as it grows, in the order of its sections, until the run is
/// over.
pub(crate) async fn panel(run: &Arc<Run>, Part { panel, from }: Part) -> io::Result<()> {
    let mut panel = panel.with_focus_last();
    let mut printed = Printed::default();
    let mut reader = RunReader::new(run, Duration::ZERO).from(from);
    while let Some((run, progress)) = reader.changed().await {
        panel.apply_all(&reader.events(&run));
        let piece = panel.settled(&mut printed);
        if !piece.is_empty() {
            output::write(piece.as_bytes())?;
        }
        if progress.over {
            break;
        }
    }
    Ok(())
}

/// Prints the run's events as JSON, starting at the sequence number `from`, one event per line,
/// until the run is over.
pub(crate) async fn events(run: &Arc<Run>, from: Seq) -> io::Result<()> {
    let mut reader = RunReader::new(run, Duration::ZERO).from(from);
    while let Some((run, progress)) = reader.changed().await {
        let mut lines = Vec::new();
        for event in reader.events(&run) {
            lines.extend(json::line(&event)?);
        }
        output::write(&lines)?;
        if progress.over {
            break;
        }
    }
    Ok(())
}

/// Prints the requests that a run would send, as a Markdown document or as one JSON object. Sends
/// nothing. Returns [`USAGE`] if a request would be refused, because the settings are then wrong.
pub(crate) fn preview(preview: &Preview, as_json: bool) -> ExitCode {
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
