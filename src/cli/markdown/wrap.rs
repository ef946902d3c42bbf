//! Wraps text into rows at the breaks that its script allows (UAX #14): between words and, in
//! Japanese, never before a character that must not begin a line.

use super::row::{Row, Span};
use crate::cli::rows::width;
use textwrap::WordSeparator;
use textwrap::core::Fragment;
use textwrap::wrap_algorithms::wrap_first_fit;
use unicode_segmentation::UnicodeSegmentation;

/// A byte range of a line that is not broken, and the number of spaces after it.
#[derive(Clone, Copy, Debug)]
struct Word {
    from: usize,
    to: usize,
    width: usize,
    blanks: usize,
}

impl Fragment for Word {
    fn width(&self) -> f64 {
        self.width as f64
    }

    fn whitespace_width(&self) -> f64 {
        self.blanks as f64
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

/// Wraps text into rows that are at most `columns` wide.
pub(crate) fn wrap(spans: &[Span], columns: usize) -> Vec<Row> {
    let text: String = spans.iter().map(|span| span.text.replace('\t', " ")).collect();
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let words = words(line, columns);
        for row in wrap_first_fit(&words, &[columns as f64]) {
            let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
            rows.push(Row { spans: piece(spans, start + first.from, start + last.to) });
        }
        start += line.len() + 1;
    }
    rows
}

/// Splits a line into words. A word that is wider than a row is cut into pieces.
fn words(line: &str, columns: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut from = 0;
    for found in WordSeparator::UnicodeBreakProperties.find_words(line) {
        let to = from + found.word.len();
        let wide = width(found.word);
        let blanks = found.whitespace.len();
        match wide <= columns {
            true => words.push(Word { from, to, width: wide, blanks }),
            false => words.extend(pieces(found.word, from, columns, blanks)),
        }
        from = to + blanks;
    }
    words
}

/// Cuts a word into pieces that are at most `columns` wide.
fn pieces(word: &str, from: usize, columns: usize, blanks: usize) -> Vec<Word> {
    let mut pieces: Vec<Word> = Vec::new();
    for (at, grapheme) in word.grapheme_indices(true) {
        let (from, to) = (from + at, from + at + grapheme.len());
        let wide = width(grapheme);
        match pieces.last_mut() {
            Some(last) if last.width + wide <= columns => {
                (last.to, last.width) = (to, last.width + wide);
            }
            _ => pieces.push(Word { from, to, width: wide, blanks: 0 }),
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.blanks = blanks;
    }
    pieces
}

/// Returns a byte range of the text, in the styles that the text has there.
fn piece(spans: &[Span], from: usize, to: usize) -> Vec<Span> {
    let mut at = 0;
    let mut out = Vec::new();
    for span in spans {
        let (start, end) = (at, at + span.text.len());
        at = end;
        let (from, to) = (from.clamp(start, end), to.clamp(start, end));
        if let Some(text) = span.text.get(from - start..to - start).filter(|t| !t.is_empty()) {
            out.push(Span { text: text.replace('\t', " "), style: span.style });
        }
    }
    out
}
