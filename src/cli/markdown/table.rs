//! Lays out tables so that they fit: columns are narrowed and their cells wrapped. If there is no
//! room for columns, each row becomes a few lines.

use super::row::{Row, Span, Style};
use super::wrap::wrap;
use crate::cli::rows::width as width_of;
use unicode_width::UnicodeWidthStr;

/// Number of columns between two cells.
const GAP: usize = 2;
/// Minimum width to which a column is narrowed.
const LEAST: usize = 6;

/// The cells of a table, the header row first.
#[derive(Debug, Default)]
pub(crate) struct Table {
    lines: Vec<Vec<Vec<Span>>>,
}

impl Table {
    pub(crate) fn begin_row(&mut self) {
        self.lines.push(Vec::new());
    }

    pub(crate) fn cell(&mut self, spans: Vec<Span>) {
        if let Some(line) = self.lines.last_mut() {
            line.push(spans);
        }
    }

    /// Lays out the table in rows that are at most `columns` wide.
    pub(crate) fn rows(mut self, columns: usize) -> Vec<Row> {
        for span in self.lines.first_mut().into_iter().flatten().flatten() {
            span.style.bold = true;
        }
        let Some(widths) = self.widths(columns) else { return self.records(columns) };
        let mut out = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            out.extend(side_by_side(line, &widths));
            if at == 0 {
                let rule: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
                let rule = rule.join(&" ".repeat(GAP));
                out.push(Row { spans: vec![Span::new(rule, Style::DIM)] });
            }
        }
        out
    }

    /// Returns the width of each column; `None` if the columns do not fit even at their narrowest.
    fn widths(&self, columns: usize) -> Option<Vec<usize>> {
        let count = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![1; count];
        for line in &self.lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.iter().map(|span| width_of(&span.text)).sum::<usize>().max(*width);
            }
        }
        let room = columns.checked_sub(GAP * count.saturating_sub(1))?;
        // The widest column is narrowed first.
        while widths.iter().sum::<usize>() > room {
            let widest = widths.iter_mut().max()?;
            if *widest <= LEAST {
                return None;
            }
            *widest -= 1;
        }
        Some(widths)
    }

    /// Lays out each row as lines of `head: cell`.
    fn records(&self, columns: usize) -> Vec<Row> {
        let Some((head, lines)) = self.lines.split_first() else { return Vec::new() };
        let mut out: Vec<Row> = Vec::new();
        for line in lines {
            if !out.is_empty() {
                out.push(Row::default());
            }
            for (name, cell) in head.iter().zip(line) {
                let colon = Span::new(": ", Style { bold: true, ..Style::default() });
                let spans = name.iter().cloned().chain([colon]).chain(cell.iter().cloned());
                out.extend(wrap(&spans.collect::<Vec<_>>(), columns));
            }
        }
        out
    }
}

/// Lays out one line of cells side by side.
fn side_by_side(line: &[Vec<Span>], widths: &[usize]) -> Vec<Row> {
    let cells: Vec<Vec<Row>> =
        line.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        let mut spans = Vec::new();
        let mut pad = 0;
        for (cell, width) in cells.iter().zip(widths) {
            let found = cell.get(at).cloned().unwrap_or_default();
            let used = found.text().width();
            if !found.spans.is_empty() {
                spans.push(Span::new(" ".repeat(pad), Style::default()));
                spans.extend(found.spans);
                pad = 0;
            }
            pad += width.saturating_sub(used) + GAP;
        }
        Row { spans }
    };
    (0..height).map(row).collect()
}
