//! The bytes, as a real terminal emulator takes them.

use super::*;
use proptest::prelude::*;

const SIZE: (usize, usize) = (24, 40);

/// The screen's rows after these bytes, without empty ones at the end.
fn shown(bytes: &str, (rows, columns): (usize, usize)) -> Vec<String> {
    let mut parser = vt100::Parser::new(rows as u16, columns as u16, 0);
    // The line discipline of a terminal turns a line feed into both.
    parser.process(bytes.replace('\n', "\r\n").as_bytes());
    let mut rows: Vec<String> =
        parser.screen().rows(0, columns as u16).map(|row| row.trim_end().to_owned()).collect();
    while rows.last().is_some_and(String::is_empty) {
        rows.pop();
    }
    rows
}

#[test]
fn the_state_line_stands_below_the_text_and_goes() {
    let mut screen = Screen::new(false);
    let mut bytes = screen.draw("# 題\n\n深", &[], Some("深さ 1 · 広さ …"), SIZE);
    assert_eq!(shown(&bytes, SIZE), ["# 題", "", "深", "", "深さ 1 · 広さ …"]);
    bytes += &screen.draw("さを問う\n次", &[], Some("深さ 5 · 広さ ✓"), SIZE);
    assert_eq!(shown(&bytes, SIZE), ["# 題", "", "深さを問う", "次", "", "深さ 5 · 広さ ✓"]);
    bytes += &screen.draw("\n", &[], None, SIZE);
    assert_eq!(shown(&bytes, SIZE), ["# 題", "", "深さを問う", "次"]);
}

#[test]
fn a_line_without_end_is_wrapped_and_never_too_high() {
    let mut screen = Screen::new(false);
    let long = "長い行が続くと折り返しが要る。".repeat(40);
    let mut bytes = screen.draw(&long, &[], Some("…"), SIZE);
    bytes += &screen.draw("了", &[], Some("…"), SIZE);
    let rows = shown(&bytes, SIZE);
    assert!(rows.len() == 23 && rows[20].ends_with('了'), "{rows:?}");
    bytes += &screen.draw("\n終わり\n", &[], None, SIZE);
    let rows = shown(&bytes, SIZE);
    assert_eq!(rows.last().unwrap(), "終わり");
    assert_eq!(rows.iter().filter(|row| row.contains('…')).count(), 0, "{rows:?}");
}

#[test]
fn headings_stand_out_and_nothing_that_looks_like_one() {
    let mut screen = Screen::new(true);
    let text = "題\n## 深さ\n```sh\n```~\n## 深さ\n```\n## 広さ\n";
    let headings = [text.find("## 深さ").unwrap(), text.find("## 広さ").unwrap()];
    let mut out = screen.draw("# ", &[], Some("s"), SIZE);
    out += &screen.draw(text, &headings, None, SIZE);
    let bold = |text: &str| format!("\x1b[1m{text}\x1b[0m\n");
    let after = ["```sh\n```~\n## 深さ\n```\n", &bold("## 広さ")].concat();
    assert!(out.ends_with(&[&bold("# 題"), &bold("## 深さ"), after.as_str()].concat()), "{out}");
    let plain = Screen::new(false).draw(text, &headings, Some("s"), SIZE);
    assert!(!plain.contains("\x1b[1m") && !plain.contains("\x1b[2m"));
}

#[test]
fn a_blank_that_wraps_is_a_row() {
    let mut screen = Screen::new(false);
    let bytes = screen.draw("# abcdefghij \nk", &[], Some("…"), (24, 12))
        + &screen.draw("\n", &[], None, (24, 12));
    assert_eq!(shown(&bytes, (24, 12)), ["# abcdefghij", "", "k"]);
}

proptest! {
    #[test]
    fn any_split_leaves_the_same_text(
        pieces in proptest::collection::vec("[a-z 深広…✓😀👍🏽\n]{0,30}", 0..30),
        width in 12usize..60,
    ) {
        let size = (200, width);
        let mut screen = Screen::new(false);
        let mut bytes = String::new();
        for piece in &pieces {
            bytes += &screen.draw(piece, &[], Some("深さ 312 · 広さ ✓ · 構造 … · 時間 ✗"), size);
        }
        bytes += &screen.draw("\n", &[], None, size);
        prop_assert_eq!(shown(&bytes, size), shown(&(pieces.concat() + "\n"), size));
    }
}
