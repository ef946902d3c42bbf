//! Shows the panel on a terminal: each section once it is complete and, during the run, the end of
//! a section that is being written, and a status line.

use super::part::Part;
use super::screen::{Screen, fits, hint, is_over};
use crate::cli::look::Look;
use crate::cli::markdown::Row;
use crate::cli::output;
use crate::event::{BranchId, Role};
use crate::lang::Lang;
use crate::panel::{Panel, SectionParts, SectionState, summary};
use crate::session::{Run, RunReader};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Time between two redraws.
const TICK: Duration = Duration::from_millis(100);
/// Maximum number of bytes of an answer that are laid out again at each redraw; more than a window
/// shows.
const LIVE_BYTES: usize = 16 << 10;
/// Minimum number of rows for the section that is being written.
const LIVE_LEAST: usize = 6;

/// Shows a part of the run's panel as it grows, until the run is over or `stop` completes. Returns
/// whether the run is over.
pub(crate) async fn show(
    run: &Arc<Run>,
    Part { mut panel, from }: Part,
    look: Look,
    lang: Lang,
    stop: impl Future<Output = ()>,
) -> io::Result<bool> {
    let mut reader = RunReader::new(run, TICK).from(from);
    let started = Instant::now();
    let mut screen = Screen::new(look.styled);
    let mut shown = Shown::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let over = tokio::select! {
            // Polled first, so that `stop` can listen for an interrupt before anything is drawn.
            biased;
            () = &mut stop => {
                output::write(screen.draw("", Vec::new(), None, look.size().1).as_bytes())?;
                return Ok(false);
            }
            over = is_over(&mut reader, TICK) => over,
        };
        panel.apply_all(&reader.events(run));
        let lines = look.lines(&shown.rows(&panel, over, look));
        if !look.live {
            output::write(lines.as_bytes())?;
        } else {
            let (height, columns) = look.size();
            let (states, _) = summary(&panel);
            let status = status(&states, started.elapsed(), run.is_stopped(), lang, columns);
            let live = if over { Vec::new() } else { shown.live(&panel, look, height) };
            let picture = screen.draw(&lines, live, (!over).then_some(&status), columns);
            output::write(picture.as_bytes())?;
        }
        if over {
            return Ok(true);
        }
    }
}

/// How long a complete section waits for the sections before it, so that sections that end at
/// nearly the same time are shown in the panel's order.
const IN_ORDER: Duration = Duration::from_millis(400);

/// The parts of a panel that are already printed above the rows that are redrawn.
#[derive(Debug, Default)]
struct Shown {
    /// Number of rows of the head; 0 if it is not printed yet.
    head: usize,
    sections: Vec<BranchId>,
    /// When each section was first seen to be complete.
    complete: HashMap<BranchId, Instant>,
}

impl Shown {
    /// Returns the rows to print next. A focus comes after the views, because it is made from them.
    fn rows(&mut self, panel: &Panel, over: bool, look: Look) -> Vec<Row> {
        let mut rows = Vec::new();
        if panel.section_parts().next().is_none() {
            return rows;
        }
        if self.head == 0 {
            rows = look.rows(panel.head());
            self.head = rows.len();
        }
        for role in [Role::View, Role::Focus, Role::FollowUp] {
            let mut is_first = true;
            for section in panel.section_parts().filter(|section| section.role == role) {
                if self.sections.contains(section.branch) {
                    continue;
                }
                let is_due = section.state.is_over()
                    && (self.has_waited(section.branch) || is_first || over)
                    && (role != Role::Focus || self.has_all_views(panel));
                if is_due {
                    rows.extend(look.section(&section));
                    self.sections.push(section.branch.clone());
                } else {
                    is_first = false;
                }
            }
        }
        if over {
            rows.extend(look.closing(panel.closing()));
        }
        rows
    }

    /// Returns `true` if a complete section has waited long enough for the sections before it.
    fn has_waited(&mut self, branch: &BranchId) -> bool {
        let since = self.complete.entry(branch.clone()).or_insert_with(Instant::now);
        since.elapsed() >= IN_ORDER
    }

    fn has_all_views(&self, panel: &Panel) -> bool {
        let mut views = panel.section_parts().filter(|section| section.role == Role::View);
        views.all(|section| self.sections.contains(section.branch))
    }

    /// Returns the end of the first section that is being written or retried. Once a section is
    /// printed, most of the window is left to the printed ones.
    fn live(&self, panel: &Panel, look: Look, height: usize) -> Vec<Row> {
        let is_written = |section: &SectionParts<'_>| {
            !section.answer.is_empty() && !section.state.is_over()
                || section.state == SectionState::Retrying
        };
        let Some(section) = panel.section_parts().find(is_written) else { return Vec::new() };
        // Besides the head, three rows are reserved: the status line, the blank row above it, and
        // one to spare.
        let room = match self.sections.is_empty() {
            true => height.saturating_sub(self.head + 3),
            false => height / 3,
        };
        let room = room.clamp(LIVE_LEAST, LIVE_LEAST.max(height.saturating_sub(3)));
        let mut rows = vec![Row::default()];
        rows.extend(look.rows(section.heading));
        let answer = match section.state {
            SectionState::Retrying => look.rows(section.words),
            _ => look.rows(last_bytes(&section.answer)),
        };
        let room = room.saturating_sub(rows.len() + 1).max(1);
        let hidden = answer.len().saturating_sub(room);
        // The hidden rows are printed when the section is complete.
        let above = if hidden > 0 { look.rows("…") } else { vec![Row::default()] };
        rows.extend(above.into_iter().map(Row::dimmed));
        rows.extend(answer.into_iter().skip(hidden));
        // The redrawn rows must fit into the window, with the status line and the blank row above
        // it.
        let excess = rows.len().saturating_sub(height.saturating_sub(2));
        rows.split_off(excess)
    }
}

/// Returns the end of `text`, at most [`LIVE_BYTES`] long, from the beginning of a line if
/// possible.
fn last_bytes(text: &str) -> &str {
    let from = text.ceil_char_boundary(text.len().saturating_sub(LIVE_BYTES));
    let rest = text.get(from..).unwrap_or_default();
    match from {
        0 => rest,
        _ => rest.split_once('\n').map_or(rest, |(_, lines)| lines),
    }
}

/// Returns the status line, without its hint if the window is too narrow.
fn status(states: &str, elapsed: Duration, stopped: bool, lang: Lang, columns: usize) -> String {
    let seconds = elapsed.as_secs_f64();
    let space = if states.is_empty() { "" } else { "  " };
    let line = format!("{states}{space}{seconds:.1} {}", lang.pick("秒", "s"));
    let whole = format!("{line}  {}", hint(stopped, lang));
    if fits(&whole, columns) { whole } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_window_gets_no_hint() {
        let of = |columns| {
            status("深さ 312 · 広さ ✓", Duration::from_millis(3210), false, Lang::Ja, columns)
        };
        assert_eq!(of(80), "深さ 312 · 広さ ✓  3.2 秒  (Ctrl-C で停止)");
        assert_eq!(of(40), "深さ 312 · 広さ ✓  3.2 秒");
    }

    #[test]
    fn the_end_of_a_long_answer_begins_with_a_line() {
        assert_eq!(last_bytes("短い\n答え"), "短い\n答え");
        let long = "長い行\n".repeat(4000);
        let end = last_bytes(&long);
        assert!(end.len() <= LIVE_BYTES && end.starts_with("長い行\n") && long.ends_with(end));
    }
}
