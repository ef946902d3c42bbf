//! The panel on a pipe or in a file: printed once, in the order of its sections.

use crate::cli::output;
use crate::lang::Lang;
use crate::panel::{Panel, Printed};
use crate::session::Run;
use std::io::{self, IsTerminal};

/// Prints the panel until the run is over.
pub(crate) async fn show(run: &Run, lang: Lang) -> io::Result<()> {
    let mut progress = run.watch();
    // A terminal on which nothing can be drawn anew is one all the same.
    let mut panel = match io::stdout().is_terminal() {
        true => Panel::for_terminal(run.title(), lang),
        false => Panel::new(run.title(), lang),
    }
    .with_focus_last();
    let (mut next, mut printed) = (1, Printed::default());
    loop {
        let over = progress.borrow_and_update().over;
        for event in run.events_from(next) {
            next = event.seq + 1;
            panel.apply(&event.event);
        }
        let piece = panel.settled(&mut printed).text;
        if !piece.is_empty() {
            output::write(piece.as_bytes())?;
        }
        if over || progress.changed().await.is_err() {
            return Ok(());
        }
    }
}
