//! Output to a terminal: text that stays, and below it a few rows that are redrawn.

use crate::cli::markdown::Row;
use crate::cli::rows;

/// Columns left free behind the state line, so that an echoed `^C` does not begin a new row.
const FREE: usize = 4;

/// Erases the row that the cursor is in. Some terminals keep what is erased to the end of the
/// screen among what was scrolled out, so this is for the row alone.
pub(crate) const ROW: &str = "\r\x1b[K";

/// Whether a state line fits into this many columns, whichever characters the terminal draws wide.
pub(crate) fn fits(status: &str, columns: usize) -> bool {
    rows::width(status) + FREE <= columns
}

/// What has been written to the terminal.
#[derive(Debug)]
pub(crate) struct Screen {
    styled: bool,
    /// The rows to redraw above the state line.
    live: Vec<String>,
    /// How many rows are drawn, with the state line, in whose row the cursor is.
    drawn: usize,
    /// The columns when they were drawn.
    columns: usize,
}

impl Screen {
    pub(crate) fn new(styled: bool) -> Self {
        Screen { styled, live: Vec::new(), drawn: 0, columns: 0 }
    }

    /// The output for the next redraw: lines that stay, then rows that are drawn anew each time,
    /// and the state line below them. Without a state line, nothing is left to redraw.
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
        // Most often only the time goes on.
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

    /// Moves back to the end of the text and erases what follows. If the window has become narrower
    /// since, some terminals have wrapped the rows and others have not: the count is the smaller one,
    /// because a row that is left over is better than text that is gone.
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
