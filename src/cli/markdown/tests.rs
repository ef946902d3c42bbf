//! Tests of Markdown rendered for a terminal, with and without styles.

use super::*;
use crate::cli::rows;
use proptest::prelude::*;

fn plain_rows(markdown: &str, columns: usize) -> String {
    rows_of(markdown, columns, false)
}

fn rows_of(markdown: &str, columns: usize, styled: bool) -> String {
    super::rows(markdown, columns, styled).iter().map(|row| row.paint(styled) + "\n").collect()
}

#[test]
fn japanese_breaks_where_a_printer_would() {
    let text = "ビルドが遅いのは、毎回すべてを作り直しているからだ。「なぜか」を問う（三つ）。キャッシュ。";
    for columns in 12..60 {
        for row in super::rows(text, columns, true) {
            let text = row.text();
            let (first, last) = (text.chars().next().unwrap(), text.chars().last().unwrap());
            assert!(!"、。」）ッャュョーっゃ".contains(first), "{columns}: {text}");
            assert!(!"「（".contains(last), "{columns}: {text}");
            assert!(rows::width(&text) <= columns, "{columns}: {text}");
        }
    }
}

#[test]
fn words_stay_whole_and_lists_hang() {
    insta::assert_snapshot!(plain_rows("- D1 The cache key is far too broad\n  - nested items hang, too\n- D2 短い\n\n10. eleven words are\n11. enough for it", 20), @"
    - D1 The cache key
      is far too broad
      - nested items
        hang, too
    - D2 短い

    10. eleven words are
    11. enough for it
    ");
}

#[test]
fn marks_become_styles_and_stay_without() {
    let text = "## 深さ\n\n### Why\n\n**bold** and *slanted*, *傾かない*, `code`\n";
    insta::assert_snapshot!(rows_of(text, 60, true).replace('\u{1b}', "^"), @"
    ^[1;4m深さ^[0m

    ^[1mWhy^[0m

    ^[1mbold^[0m and ^[3mslanted^[0m, ^[1m傾かない^[0m, ^[36mcode^[0m
    ");
    insta::assert_snapshot!(plain_rows(text, 60), @"
    ## 深さ

    ### Why

    **bold** and *slanted*, *傾かない*, `code`
    ");
}

#[test]
fn code_stays_as_it_is_typed() {
    let text = "```sh\n\tmake   all && echo a-long-line-that-does-not-fit\n\n# x\n```\n\nafter";
    insta::assert_snapshot!(plain_rows(text, 20), @"
    ```sh
    	make   all && echo a-long-line-that-does-not-fit

    # x
    ```

    after
    ");
}

#[test]
fn tables_fit_and_become_records_where_they_cannot() {
    let text = "| 原因 | Effect |\n|---|---|\n| 鍵が広すぎて何も残らない | from thirty to ten |\n| x | – |\n";
    insta::assert_snapshot!(plain_rows(text, 80), @"
    原因                      Effect
    ------------------------  ------------------
    鍵が広すぎて何も残らない  from thirty to ten
    x                         –
    ");
    insta::assert_snapshot!(plain_rows(text, 26), @"
    原因          Effect
    ------------  ------------
    鍵が広すぎて  from thirty
    何も残らない  to ten
    x             –
    ");
    insta::assert_snapshot!(plain_rows(text, 13), @"
    原因: 鍵が広
    すぎて何も残
    らない
    Effect: from
    thirty to ten

    原因: x
    Effect: –
    ");
}

#[test]
fn quotations_keep_their_marks() {
    insta::assert_snapshot!(plain_rows("> one two three four\n>\n> five\n\nsix\n\n---\n\nseven", 12), @"
    > one two
    > three four
    >
    > five

    six

    --------

    seven
    ");
}

#[test]
fn nothing_in_a_text_drives_a_terminal() {
    let text = "\u{1b}[2J&#27;[31m `\u{9b}2J` &#x9b;\n\n```\n\u{7}\u{1b}]0;x\u{7}\n```\n";
    let all = plain_rows(text, 40);
    assert!(!all.chars().any(|c| c.is_control() && c != '\n'), "{all:?}");
}

proptest! {
    #[test]
    fn no_row_is_too_wide_and_no_letter_is_lost(
        text in "([a-z深さ広い、。「」（）*`_|#> \n-]|👨‍👩‍👧|…|[0-9]\\. ){0,80}",
        columns in 16usize..60,
    ) {
        let rows = super::rows(&text, columns, true);
        let letters = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphabetic()).collect()
        };
        let is_code = |row: &Row| row.spans.iter().any(|span| span.style.code || span.style.dim);
        for row in rows.iter().filter(|row| !is_code(row)) {
            prop_assert!(rows::width(&row.text()) <= columns, "{:?}", row.text());
        }
        let all: String = rows.iter().map(Row::text).collect();
        if !text.contains(['|', '`']) {
            prop_assert_eq!(letters(&all), letters(&text));
        }
    }

    #[test]
    fn a_cut_row_fits(text in "([a-z深さ…]|👨‍👩‍👧){0,60}", columns in 4usize..40) {
        let row = Row { spans: vec![Span::new(&text, Style::DIM), Span::new("x", Style::default())] };
        prop_assert!(rows::width(&row.cut(columns).text()) <= columns);
    }
}
