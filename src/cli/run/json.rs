//! The run's events, one a line.

use crate::cli::{json, output};
use crate::session::Run;
use std::io;

/// Prints the events until the run is over.
pub(crate) async fn show(run: &Run) -> io::Result<()> {
    let mut progress = run.watch();
    let mut next = 1;
    loop {
        let over = progress.borrow_and_update().over;
        let mut lines = Vec::new();
        for event in run.events_from(next) {
            lines.extend(json::line(&event)?);
            next = event.seq + 1;
        }
        output::write(&lines)?;
        if over || progress.changed().await.is_err() {
            return Ok(());
        }
    }
}
