//! `--focus-only`: prints the focus and nothing else.

use crate::cli::look::Look;
use crate::cli::{output, warn};
use crate::event::{BranchId, Event};
use crate::lang::Lang;
use crate::perspective::FOCUS;
use crate::session::{Run, RunOptions, Session};
use std::io;

/// Returns `true` if a run about the document `uri` would have no focus, because `ask` requests too
/// few perspectives. A request that cannot be made at all is left to the session to refuse.
pub(crate) fn is_missing(session: &Session, uri: &str, options: &RunOptions) -> bool {
    let scope = session.settings.scope(uri);
    scope.perspectives(options).is_ok_and(|views| scope.focus(options, views.len()).is_none())
}

/// Returns the reason to refuse a run that would have no focus.
pub(crate) fn why_missing(lang: Lang) -> &'static str {
    lang.pick(
        "視点が一つだけなので、焦点は書けません。-p で視点を二つ以上指定してください（例: -p depth,time）。",
        "A focus needs at least two perspectives. Name two or more with -p, for example -p depth,time.",
    )
}

/// Waits until the run is over, and prints its focus. To standard error, prints what the focus does
/// not say itself: the notes on the run and on the focus, and why the focus is incomplete.
pub(crate) async fn show(run: &Run, look: Option<Look>) -> io::Result<()> {
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
    let title = run.with_panel(|panel| {
        let focus = panel.states().find(|(branch, ..)| is_focus(branch));
        focus.map(|(_, title, _)| title.to_owned()).unwrap_or_default()
    });
    let remarks = events.iter().flat_map(|stamped| remarks(&stamped.event, &title));
    remarks.for_each(|remark| warn(&remark));
    Ok(())
}

/// Returns what an event says about the run as a whole or about the focus, which has this title.
fn remarks(event: &Event, title: &str) -> Vec<String> {
    match event {
        Event::RunStarted { notes, .. } => notes.clone(),
        Event::BranchNoted { branch, note } if is_focus(branch) => {
            vec![format!("{title}: {note}")]
        }
        Event::BranchEnded { branch, outcome, .. } if is_focus(branch) => {
            outcome.failure().map(|failure| failure.message.clone()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn is_focus(branch: &BranchId) -> bool {
    &*branch.0 == FOCUS
}
