//! `--focus-only`: prints the focus and nothing else.

use crate::cli::look::Look;
use crate::cli::{output, warn};
use crate::event::{Event, Outcome};
use crate::lang::Lang;
use crate::perspective::FOCUS;
use crate::session::Run;
use std::io;

/// Waits until the run is over, and prints its focus. If the focus is incomplete or missing, prints
/// the reason to standard error.
pub(crate) async fn show(run: &Run, look: Option<Look>, lang: Lang) -> io::Result<()> {
    run.until_over().await;
    let events = run.events_from(1);
    let answer = run.with_panel(|panel| panel.answer(FOCUS).unwrap_or_default().to_owned());
    if !answer.is_empty() {
        let text = match look {
            Some(look) => look.lines(&look.rows(&answer)),
            None => format!("{}\n", answer.trim_end()),
        };
        output::write(text.as_bytes())?;
    }
    let ends = events.iter().rev().find_map(|stamped| match &stamped.event {
        Event::BranchEnded { branch, outcome, .. } if &*branch.0 == FOCUS => Some(outcome),
        _ => None,
    });
    match ends.map(|outcome| (outcome, outcome.failure())) {
        Some((_, Some(failure))) => warn(&failure.message),
        None => warn(lang.pick(
            "視点が一つなので、焦点はありません。二つ以上の視点で実行してください。",
            "A focus needs at least two perspectives. Add another with -p.",
        )),
        Some((Outcome::Done | Outcome::Cancelled | Outcome::OnDemand, None)) | Some(_) => {}
    }
    Ok(())
}
