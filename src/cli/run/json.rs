//! The run's events, one a line.

use crate::cli::{json, output};
use crate::session::Run;
use std::io;

/// Prints the events until the run is over.
pub(super) async fn show(run: &Run) -> io::Result<()> {
    let mut beats = run.watch();
    let mut next = 1;
    loop {
        let over = beats.borrow_and_update().over;
        let mut lines = Vec::new();
        for event in run.events_from(next) {
            lines.extend(json::line(&event)?);
            next = event.seq + 1;
        }
        output::write(&lines)?;
        if over || beats.changed().await.is_err() {
            return Ok(());
        }
    }
}
