//! Draws on a terminal: text that stays, and below it a few rows that are redrawn.

use crate::cli::markdown::Row;
use crate::cli::rows;
use crate::lang::Lang;
use crate::session::RunReader;
use std::time::Duration;
use tokio::time::timeout;

/// Columns left free after the status line, so that an echoed `^C` does not begin a new row.
const FREE: usize = 4;

/// Escape sequence that erases only the cursor's row: if everything to the end of the screen is
/// erased, some terminals keep it in their scrollback.
pub(crate) const ROW: &str = "\r\x1b[K";

/// Waits until the run has changed, at most for `tick`, so that the elapsed time is redrawn even if
/// nothing else changes. Returns `true` if the run is over.
pub(crate) async fn is_over(reader: &mut RunReader, tick: Duration) -> bool {
    let changed = timeout(tick, reader.changed()).await;
    changed.is_ok_and(|changed| changed.is_none_or(|(_, progress)| progress.over))
}

/// Returns the hint of a status line, in parentheses: how to stop the run, or that it is stopping.
pub(crate) fn hint(is_stopped: bool, lang: Lang) -> &'static str {
    match is_stopped {
        false => lang.pick("(Ctrl-C で停止)", "(Ctrl-C stops)"),
        true => lang.pick("(停止しています)", "(stopping)"),
    }
}

/// Returns `true` if a status line fits into `columns` columns on any terminal, even one that draws
/// some characters wide.
pub(crate) fn fits(status: &str, columns: usize) -> bool {
    rows::width(status) + FREE <= columns
}

/// Keeps track of the rows on the terminal that the next redraw replaces.
#[derive(Debug)]
pub(crate) struct Screen {
    styled: bool,
    /// The rows to redraw above the status line.
    live: Vec<String>,
    /// Number of rows to erase, including that of the status line, where the cursor is.
    drawn: usize,
    /// Width of the terminal when the rows were drawn.
    columns: usize,
}

impl Screen {
    pub(crate) fn new(styled: bool) -> Self {
        Screen { styled, live: Vec::new(), drawn: 0, columns: 0 }
    }

    /// Returns the output for the next redraw: `lines`, which stay on the screen, then the rows in
    /// `live` and the status line `status`, which the redraw after that replaces. If `status` is
    /// `None`, draws only `lines`.
    pub(crate) fn draw(
        &mut self,
        lines: &str,
        live: Vec<Row>,
        status: Option<&str>,
        columns: usize,
    ) -> String {
        let columns = columns.max(2 * FREE);
        let live: Vec<Row> = live.into_iter().map(|row| row.cut(columns)).collect();
        let live: Vec<String> = live.iter().map(|row| row.paint(self.styled)).collect();
        let Some(status) = status else {
            self.live.clear();
            return self.erase() + lines;
        };
        let status = rows::cut(status, columns - FREE);
        // Usually only the elapsed time in the status line has changed.
        let is_same = lines.is_empty() && live == self.live && columns == self.columns;
        let mut out = match is_same && self.drawn > 0 {
            true => ROW.to_owned(),
            false => {
                let mut out = self.erase() + lines;
                live.iter().for_each(|row| out += &format!("{row}\n"));
                out.push('\n');
                out
            }
        };
        self.drawn = live.len() + 2;
        (self.live, self.columns) = (live, columns);
        out += &match self.styled {
            true => format!("\x1b[2m{status}\x1b[0m"),
            false => status,
        };
        out
    }

    /// Returns the output that moves the cursor back to the end of the text that stays, and erases
    /// everything after it. If the window has become narrower since the last redraw, some terminals
    /// have wrapped the rows and others have not. The smaller number of rows is used, because a
    /// leftover row is better than lost text.
    fn erase(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            1 => ROW.to_owned(),
            n => format!("\r\x1b[{}A\x1b[J", n - 1),
        }
    }
}

#[cfg(test)]
mod tests;
