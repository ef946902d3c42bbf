//! The panel on a pipe or in a file: printed once, in the order of its sections.

use crate::cli::output;
use crate::panel::Printed;
use crate::session::Run;
use std::io;

/// Prints the panel until the run is over.
pub(super) async fn show(run: &Run) -> io::Result<()> {
    let mut beats = run.watch();
    let mut printed = Printed::default();
    loop {
        let over = beats.borrow_and_update().over;
        let piece = run.with_panel(|panel| panel.settled(&mut printed));
        if !piece.is_empty() {
            output::write(piece.as_bytes())?;
        }
        if over || beats.changed().await.is_err() {
            return Ok(());
        }
    }
}
