//! The panel on a terminal: the same text, and below it a state line while the run goes on.

use super::screen::{Screen, fits};
use crate::cli::output;
use crate::config::Env;
use crate::lang::Lang;
use crate::panel::{Panel, Printed, summary};
use crate::session::{Run, RunReader};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Time between two redraws.
const TICK: Duration = Duration::from_millis(100);

/// How the terminal is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Headings are bold and the state line is dim.
    pub(crate) colours: bool,
}

impl Look {
    /// How standard output is used; `None` if it is not a terminal, or a dumb one.
    pub(crate) fn of_stdout(env: &Env) -> Option<Self> {
        let is_terminal = io::stdout().is_terminal() && !env.dumb_terminal;
        is_terminal.then_some(Look { colours: !env.no_color })
    }
}

/// Prints the panel until the run is over.
pub(crate) async fn show(run: &Arc<Run>, look: Look, lang: Lang) -> io::Result<()> {
    let mut reader = RunReader::new(run, TICK);
    let started = Instant::now();
    let mut screen = Screen::new(look.colours);
    let mut panel = Panel::for_terminal(run.title(), lang).with_focus_last();
    let mut printed = Printed::default();
    loop {
        // Where nothing happens, the time goes on all the same.
        let changed = timeout(TICK, reader.changed()).await;
        let over = changed.is_ok_and(|changed| changed.is_none_or(|(_, progress)| progress.over));
        panel.apply_all(&reader.events(run));
        let (piece, (states, _)) = (panel.settled(&mut printed), summary(&panel));
        let (rows, columns) = console::Term::stdout().size();
        let size = (usize::from(rows), usize::from(columns));
        let status =
            (!over).then(|| status(&states, started.elapsed(), run.is_stopped(), lang, size.1));
        let picture = screen.draw(&piece.text, &piece.headings, status.as_deref(), size);
        output::write(picture.as_bytes())?;
        if over {
            return Ok(());
        }
    }
}

/// The state line; without its hint if the window is narrow.
fn status(states: &str, elapsed: Duration, stopped: bool, lang: Lang, columns: usize) -> String {
    let seconds = elapsed.as_secs_f64();
    let space = if states.is_empty() { "" } else { "  " };
    let line = format!("{states}{space}{seconds:.1} {}", lang.pick("秒", "s"));
    let hint = match stopped {
        false => lang.pick("Ctrl-C で停止", "Ctrl-C stops"),
        true => lang.pick("停止しています", "stopping"),
    };
    let whole = format!("{line}  ({hint})");
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
}
