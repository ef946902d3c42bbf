//! Output to a terminal: text that stays, and below it a few rows that are redrawn.

mod rows;

use std::fmt::Write;

/// Columns left free behind the state line, so that an echoed `^C` does not begin a new row.
const FREE: usize = 4;

/// Whether a state line fits into this many columns, whichever characters the terminal draws wide.
pub(crate) fn fits(status: &str, columns: usize) -> bool {
    rows::width(status) + FREE <= columns
}

/// What has been written to the terminal.
#[derive(Debug)]
pub(crate) struct Screen {
    colours: bool,
    /// The last line of the text while it is incomplete.
    open: String,
    /// The widths of the rows to redraw; the cursor is in the last of them.
    drawn: Vec<usize>,
    /// The first line of the text has been written.
    begun: bool,
}

impl Screen {
    pub(crate) fn new(colours: bool) -> Self {
        Screen { colours, open: String::new(), drawn: vec![], begun: false }
    }

    /// The output for the next redraw: more text, and the state line if there is one. Complete
    /// lines of the text are written once and wrapped by the terminal, so that they can be copied;
    /// an incomplete line is redrawn with the state line. `headings` are the byte offsets in `text`
    /// of the panel's own headings, each a whole line. `size` is in rows and columns.
    pub(crate) fn draw(
        &mut self,
        text: &str,
        headings: &[usize],
        status: Option<&str>,
        size: (usize, usize),
    ) -> String {
        let (height, width) = (size.0.max(4), size.1.max(2 * FREE));
        let mut out = self.erase(width);
        let mut at = 0;
        let before = self.open.len();
        self.open.push_str(text);
        let whole = self.open.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.open.split_off(whole);
        for line in std::mem::replace(&mut self.open, rest).split_inclusive('\n') {
            self.line(line, headings.iter().any(|heading| before + heading == at), &mut out);
            at += line.len();
        }
        let Some(status) = status else {
            out.push_str(&self.open);
            self.open.clear();
            return out;
        };
        let mut lines = rows::wrap(&self.open, width);
        // More than fits cannot be taken back. The line is written in full when it ends.
        lines.drain(..lines.len().saturating_sub(height - 3));
        lines.push(String::new());
        let status = rows::cut(status, width - FREE);
        self.drawn = lines.iter().chain([&status]).map(|row| rows::width(row)).collect();
        for row in lines {
            out.push_str(&row);
            out.push('\n');
        }
        self.paint("2", &status, &mut out);
        out
    }

    /// Moves back to the end of the text and erases what follows. If the window has become narrower
    /// since, rows have been wrapped.
    fn erase(&mut self, width: usize) -> String {
        let rows: usize = self.drawn.drain(..).map(|drawn| drawn.div_ceil(width).max(1)).sum();
        match rows {
            0 => String::new(),
            1 => "\r\x1b[J".to_owned(),
            n => format!("\r\x1b[{}A\x1b[J", n - 1),
        }
    }

    /// A line that stays. The panel's own headings are highlighted.
    fn line(&mut self, line: &str, is_heading: bool, out: &mut String) {
        let is_title = !std::mem::replace(&mut self.begun, true);
        if is_title || is_heading {
            // No more is taken off than its end: a blank that wraps is a row.
            self.paint("1", line.strip_suffix('\n').unwrap_or(line), out);
            out.push('\n');
        } else {
            out.push_str(line);
        }
    }

    fn paint(&self, style: &str, text: &str, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self.colours {
            true => write!(out, "\x1b[{style}m{text}\x1b[0m"),
            false => write!(out, "{text}"),
        };
    }
}

#[cfg(test)]
mod tests;
