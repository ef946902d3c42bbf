//! Tests of the output in a real terminal emulator.

use super::*;
use crate::cli::markdown::{Span, Style};
use proptest::prelude::*;

const SIZE: (usize, usize) = (24, 40);

/// Returns the screen's rows after these bytes, without empty rows at the end.
fn shown(bytes: &str, (rows, columns): (usize, usize)) -> Vec<String> {
    let mut parser = vt100::Parser::new(rows as u16, columns as u16, 0);
    // A terminal's line discipline turns a line feed into a carriage return and a line feed.
    parser.process(bytes.replace('\n', "\r\n").as_bytes());
    let mut rows: Vec<String> =
        parser.screen().rows(0, columns as u16).map(|row| row.trim_end().to_owned()).collect();
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}

fn live(texts: &[&str]) -> Vec<Row> {
    let row = |text: &&str| Row { spans: vec![Span::new(text, Style::default())] };
    texts.iter().map(row).collect()
}

#[test]
fn the_state_line_stands_below_the_text_and_goes() {
    let mut screen = Screen::new(false);
    let mut bytes = screen.draw("# 題\n\n", live(&["深"]), Some("深さ 1 · 広さ …"), SIZE.1);
    assert_eq!(shown(&bytes, SIZE), ["# 題", "", "深", "", "深さ 1 · 広さ …"]);
    bytes += &screen.draw("広い\n", live(&["深さを問う", "次"]), Some("深さ 5 · 広さ ✓"), SIZE.1);
    let rows = ["# 題", "", "広い", "深さを問う", "次", "", "深さ 5 · 広さ ✓"];
    assert_eq!(shown(&bytes, SIZE), rows);
    bytes += &screen.draw("深い\n", vec![], None, SIZE.1);
    assert_eq!(shown(&bytes, SIZE), ["# 題", "", "広い", "深い"]);
}

#[test]
fn where_only_the_time_goes_on_only_its_row_is_drawn() {
    let mut screen = Screen::new(false);
    let first = screen.draw("題\n", live(&["深い"]), Some("1 秒"), SIZE.1);
    let second = screen.draw("", live(&["深い"]), Some("2 秒"), SIZE.1);
    assert_eq!(second, "\r\x1b[K2 秒");
    let bytes = first + &second + &screen.draw("", live(&["深い穴"]), Some("3 秒"), SIZE.1);
    assert_eq!(shown(&bytes, SIZE), ["題", "深い穴", "", "3 秒"]);
}

#[test]
fn rows_that_are_too_wide_are_cut_until_they_stay() {
    let mut screen = Screen::new(false);
    let long = "広い行は、描き直すあいだだけ切り詰めて見せる。".repeat(3);
    let bytes = screen.draw("", live(&[&long]), Some("…"), SIZE.1);
    let rows = shown(&bytes, SIZE);
    assert!(rows.len() == 3 && rows[0].ends_with('…'), "{rows:?}");
}

#[test]
fn nothing_above_is_erased_where_the_window_has_become_narrower() {
    let mut screen = Screen::new(false);
    screen.draw("", live(&["abcdefghijklmnopqrst"]), Some("x"), 24);
    assert_eq!(screen.draw("end\n", vec![], None, 12), "\r\x1b[2A\x1b[Jend\n");
}

proptest! {
    #[test]
    fn what_stays_is_what_was_given(
        pieces in proptest::collection::vec(("[a-z 深広…✓😀👍🏽]{0,30}", "[a-z 深広…✓😀👍🏽]{0,90}"), 0..30),
        width in 12usize..60,
    ) {
        let size = (200, width);
        let mut screen = Screen::new(false);
        let (mut bytes, mut all) = (String::new(), String::new());
        for (line, row) in &pieces {
            let line = format!("{}\n", line.trim_end());
            bytes += &screen.draw(&line, live(&[row]), Some("深さ 312 · 広さ ✓ · 構造 …"), width);
            all += &line;
        }
        bytes += &screen.draw("", vec![], None, width);
        prop_assert_eq!(shown(&bytes, size), shown(&all, size));
    }
}
