//! Aligns text in columns.

use unicode_width::UnicodeWidthStr;

/// Formats lines of cells, padded to the widest cell of their column, each followed by text of any
/// length.
pub(crate) fn columns<const N: usize>(lines: &[([String; N], &str)]) -> String {
    let mut widths = [0; N];
    for (cells, _) in lines {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.width().max(*width);
        }
    }
    let mut out = String::new();
    for (cells, rest) in lines {
        for (width, cell) in widths.iter().zip(cells) {
            out += cell;
            out += &" ".repeat(width - cell.width() + 2);
        }
        out += rest;
        out.push('\n');
    }
    out
}
