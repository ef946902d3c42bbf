//! The panel on a pipe or in a file: printed once, in the order of its sections.

use crate::cli::output;
use crate::session::Run;
use std::io;

/// Prints the panel until the run is over.
pub(super) async fn show(run: &Run) -> io::Result<()> {
    let mut beats = run.watch();
    let mut printed = 0;
    loop {
        let over = beats.borrow_and_update().over;
        let piece = run.with_panel(|panel| panel.settled(printed));
        if !piece.is_empty() {
            output::write(piece.as_bytes())?;
            printed += piece.len();
        }
        if over || beats.changed().await.is_err() {
            return Ok(());
        }
    }
}
