//! Measures text, and cuts it into rows that fit into a terminal.
//!
//! Terminals differ in how wide they draw some characters: those of ambiguous width (UAX #11) may
//! take two columns with East Asian fonts, and an emoji family may be one picture or four. Here,
//! each character counts as wide as the widest terminal draws it: a row may be shorter than
//! necessary but is never too long.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Returns the number of columns that `text` takes on the terminal that draws it widest.
pub(crate) fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme).sum()
}

fn grapheme(text: &str) -> usize {
    let sum: usize =
        text.chars().map(|c| if c == '\t' { 8 } else { c.width_cjk().unwrap_or(0) }).sum();
    // The variation selector turns a character that is narrow as text into an emoji.
    if text.contains('\u{fe0f}') { sum.max(2) } else { sum }
}

/// Splits one line into rows that are at most `columns` wide. An empty line has no rows. Tabs
/// become spaces.
pub(crate) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    let mut rows: Vec<String> = Vec::new();
    let mut used = columns;
    for piece in line.graphemes(true) {
        let wide = grapheme(piece);
        match rows.last_mut() {
            Some(row) if used + wide <= columns => row.push_str(piece),
            _ => {
                rows.push(piece.to_owned());
                used = 0;
            }
        }
        used += wide;
    }
    rows
}

/// Returns `text`, truncated to fit into `columns`. If any text is cut off, `…` takes its place.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut rows = wrap(text, columns.saturating_sub(2));
    if rows.is_empty() { String::new() } else { rows.swap_remove(0) + "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_never_exceed_their_columns() {
        let line = "深さ abc 👨‍👩‍👧‍👦✔️→…か\u{3099}é\tz";
        for columns in 16..40 {
            let rows = wrap(line, columns);
            assert!(rows.iter().all(|row| width(row) <= columns), "{rows:?}");
            assert_eq!(rows.concat(), line.replace('\t', "    "));
        }
        assert_eq!(wrap("", 9), [""; 0]);
        assert_eq!(wrap("深さと広さ", 5), ["深さ", "と広", "さ"]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("深さ 312", 8), "深さ 312");
        assert_eq!(cut("深さ 312 · 広さ", 10), "深さ 312…");
    }
}
