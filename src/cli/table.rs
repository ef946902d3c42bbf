//! Aligns text in columns, and fits it into the width of a terminal.

use super::markdown;
use super::rows::cut;
use unicode_width::UnicodeWidthStr;

/// Number of columns between two cells.
const GAP: usize = 2;
/// Minimum width of the text after the cells. If there is less room, the text goes below them.
const LEAST: usize = 24;
/// Indentation of text below its cells.
const INDENT: usize = 4;
/// Minimum width to which a cell is cut.
const CELL: usize = 8;

/// Formats the lines of a table. Each line has cells, padded to the width of their column, followed
/// by text of any length. If `room` is `Some`, fits the lines into that many columns: wraps long
/// text and, if the cells alone are too wide, truncates the widest, but not below [`CELL`].
pub(crate) fn columns<const N: usize>(
    lines: &[([String; N], &str)],
    room: Option<usize>,
) -> Vec<String> {
    let mut widths = [0; N];
    for (cells, _) in lines {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.width().max(*width);
        }
    }
    let room = room.unwrap_or(usize::MAX);
    while widths.iter().map(|width| width + GAP).sum::<usize>() > room.saturating_add(GAP) {
        match widths.iter_mut().max() {
            Some(widest) if *widest > CELL => *widest -= 1,
            _ => break,
        }
    }
    let lead: usize = widths.iter().map(|width| width + GAP).sum();
    // The texts of all lines go below their cells, or none, so that each column keeps its header.
    let most = lines.iter().map(|(_, rest)| rest.width()).max().unwrap_or(0);
    let is_below = lead + most > room && room.saturating_sub(lead) < LEAST;
    let line = |(cells, rest): &([String; N], &str)| {
        let mut out = String::new();
        for (width, cell) in widths.iter().zip(cells) {
            let cell = if cell.width() > *width { cut(cell, *width) } else { cell.clone() };
            out += &cell;
            out += &" ".repeat((width + GAP).saturating_sub(cell.width()));
        }
        let hang = if is_below { INDENT } else { lead };
        if is_below && !rest.is_empty() {
            out = out.trim_end().to_owned() + "\n" + &" ".repeat(INDENT);
        }
        out += &wrapped(rest, hang, Some(room));
        out.push('\n');
        out
    };
    lines.iter().map(line).collect()
}

/// Wraps `text`, which begins in column `hang`, to `room` columns, so that all of its rows begin in
/// that column. If `room` is `None`, does not wrap it.
pub(crate) fn wrapped(text: &str, hang: usize, room: Option<usize>) -> String {
    let Some(room) = room.filter(|room| text.width() > room.saturating_sub(hang)) else {
        return text.to_owned();
    };
    let rows = markdown::plain(text, room.saturating_sub(hang).max(LEAST));
    rows.join(&format!("\n{}", " ".repeat(hang)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [([&str; 2], &str); 3] = [
        (["NAME", "FROM"], "DESCRIPTION"),
        (["depth", "built-in"], "Looks for what lies beneath: causes, assumptions and reasons."),
        (["広さ", "自作"], "ほかに何がありうるかを、思い込みから離れて並べる。"),
    ];

    fn of(room: Option<usize>) -> String {
        let lines = LINES.map(|(cells, rest)| (cells.map(str::to_owned), rest));
        columns(&lines, room).concat()
    }

    #[test]
    fn a_long_text_is_wrapped_below_its_beginning() {
        insta::assert_snapshot!(of(None), @"
        NAME   FROM      DESCRIPTION
        depth  built-in  Looks for what lies beneath: causes, assumptions and reasons.
        広さ   自作      ほかに何がありうるかを、思い込みから離れて並べる。
        ");
        insta::assert_snapshot!(of(Some(50)), @"
        NAME   FROM      DESCRIPTION
        depth  built-in  Looks for what lies beneath:
                         causes, assumptions and reasons.
        広さ   自作      ほかに何がありうるかを、思い込み
                         から離れて並べる。
        ");
    }

    #[test]
    fn where_there_is_no_room_beside_the_cells_it_stands_below_them() {
        insta::assert_snapshot!(of(Some(40)), @"
        NAME   FROM
            DESCRIPTION
        depth  built-in
            Looks for what lies beneath: causes,
            assumptions and reasons.
        広さ   自作
            ほかに何がありうるかを、思い込みから
            離れて並べる。
        ");
        let wide = [(["x".repeat(30), "y".repeat(9)], "ある題")];
        insta::assert_snapshot!(columns(&wide, Some(30)).concat(), @"
        xxxxxxxxxxxxxxxxx…   yyyyyyyyy
            ある題
        ");
    }
}
