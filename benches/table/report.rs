//! The table of results, and its Markdown.

use super::record::at;
use std::fmt::Write;

/// The program of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Ours,
    Limit,
    Article,
    Corrected,
}

const ALL: [Who; 4] = [Who::Ours, Who::Limit, Who::Article, Who::Corrected];

struct Row {
    what: String,
    aim: &'static str,
    /// For each column, the figures of each repetition.
    cells: [Vec<Vec<f64>>; 4],
}

/// All rows, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Adds the figures of one repetition.
    pub(crate) fn put(&mut self, what: &str, aim: &'static str, who: Who, numbers: &[f64]) {
        let place = self.0.iter().position(|row| row.what == what).unwrap_or_else(|| {
            self.0.push(Row { what: what.to_owned(), aim, cells: Default::default() });
            self.0.len() - 1
        });
        eprintln!("{what}: {who:?} {}", cell(&[numbers.to_vec()]));
        self.0[place].cells[who as usize].push(numbers.to_vec());
    }

    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from(
            "| what | aim | kaizodo | limit | article | corrected |\n|---|---|---|---|---|---|\n",
        );
        for row in &self.0 {
            let cells = ALL.map(|who| cell(&row.cells[who as usize]));
            let _ = writeln!(out, "| {} | {} | {} |", row.what, row.aim, cells.join(" | "));
        }
        out
    }
}

/// Formats `median (min–max)` for each figure, separated by `/`; a dash if there is none.
fn cell(repetitions: &[Vec<f64>]) -> String {
    let Some(first) = repetitions.first() else { return "–".to_owned() };
    let numbers = (0..first.len()).map(|i| {
        let all: Vec<f64> = repetitions.iter().map(|numbers| numbers[i]).collect();
        let [min, median, max] = [0.0, 0.5, 1.0].map(|share| figure(at(share, &all)));
        if min == max { median } else { format!("{median} ({min}–{max})") }
    });
    numbers.collect::<Vec<_>>().join(" / ")
}

/// Formats a value with three significant digits.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        v if v == 0.0 || v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    match text.rsplit_once('.') {
        None if text.len() > 3 => thousands(&text),
        _ => text,
    }
}

fn thousands(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
