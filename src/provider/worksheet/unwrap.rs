//! Joins lines of prose that were wrapped at a column.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Minimum width in columns of a line that may have been wrapped.
const NARROW: usize = 24;

/// Joins the wrapped lines of a text. List items, verses and headings stay on separate lines.
pub(crate) fn unwrapped(text: &str) -> Cow<'_, str> {
    let ends = match text.contains("\r\n") {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    };
    let lines: Vec<&str> = ends.split_inclusive(['\n', '\r']).collect();
    let mut out = String::new();
    let mut from = 0;
    while from < lines.len() {
        let rest = lines.get(from..).unwrap_or_default();
        let block = rest.get(..block(rest)).unwrap_or(rest);
        from += block.len();
        let widest = block.iter().map(|line| line.trim_end().width()).max().unwrap_or(0);
        let is_prose = block.last().is_some_and(|line| ends_sentence(line));
        let mut goes_on = false;
        for (i, line) in block.iter().enumerate() {
            let line = if goes_on { line.trim_start() } else { line };
            goes_on = false;
            let width = line.trim_end().width();
            let is_full = width >= NARROW && width * 5 >= widest * 3;
            match block.get(i + 1) {
                Some(next) if is_prose && is_full && !ends_sentence(line) => {
                    goes_on = true;
                    let line = line.trim_end();
                    out.push_str(line);
                    let wide = |c: Option<char>| c.is_some_and(|c| c.width() == Some(2));
                    let next = next.trim_start().chars().next();
                    if !wide(line.chars().next_back()) && !wide(next) {
                        out.push(' ');
                    }
                }
                _ => out.push_str(line),
            }
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Joins the wrapped lines of a program's comments. In the result, every comment line starts with
/// `//`.
pub(crate) fn unwrapped_comments(code: &str) -> String {
    let (mut out, mut comment, mut in_string) = (String::new(), String::new(), false);
    for line in code.lines() {
        let bare = line.trim();
        let quotes = bare.matches(TEXT).count();
        let told = match () {
            () if in_string || bare.starts_with(TEXT) => Some(bare.replace(TEXT, "")),
            () if bare == "#" || bare == "--" => Some(String::new()),
            () => MARKS.iter().find_map(|mark| bare.strip_prefix(mark)).map(str::to_owned),
        };
        in_string ^= quotes % 2 == 1;
        match told {
            Some(told) => {
                comment.push_str(told.trim());
                comment.push('\n');
            }
            None => {
                tell(&mut comment, &mut out);
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    tell(&mut comment, &mut out);
    out
}

/// The delimiter of Python's docstrings.
const TEXT: &str = "\"\"\"";
/// Markers of line comments.
const MARKS: [&str; 5] = ["///", "//!", "//", "# ", "-- "];

fn tell(comment: &mut String, out: &mut String) {
    for line in unwrapped(comment).lines().filter(|line| !line.is_empty()) {
        out.push_str("// ");
        out.push_str(line);
        out.push('\n');
    }
    comment.clear();
}

/// Returns the number of leading lines that may form one paragraph; at least one.
fn block(lines: &[&str]) -> usize {
    let is_alone = |line: &str| line.trim().is_empty() || line.starts_with(['#', '|', '`', '~']);
    if lines.first().is_none_or(|line| is_alone(line)) {
        return 1;
    }
    let ends = |line: &&str| is_alone(line) || begins_item(line);
    1 + lines.iter().skip(1).position(ends).unwrap_or(lines.len().saturating_sub(1))
}

fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '*', '+', '>', '・', '●', '■', '○', '□', '◆', '※'])
        || rest.len() < line.len() && rest.starts_with(['.', ')', '、', '．'])
}

/// Returns `true` if a line ends with a sentence or an introduction such as a colon.
fn ends_sentence(line: &str) -> bool {
    let closing = ['」', '』', '”', '"', '\'', ')', ')', '*', '_', '`'];
    line.trim_end()
        .trim_end_matches(closing)
        .ends_with(['。', '．', '.', '!', '?', '！', '？', ':', '：', '…', ';'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wrapped_sentences_are_joined() {
        assert_eq!(
            unwrapped(
                "It used to be green every night, but about one in ten\r\nbuilds fails. Nobody\nknows why.\n"
            ),
            "It used to be green every night, but about one in ten builds fails. Nobody\nknows why.\n",
            "a short line is no wrapped one"
        );
        assert_eq!(
            unwrapped("会議が長い。半年前は三十分で\n終わっていたのに、参加者が増えてから\n長い。"),
            "会議が長い。半年前は三十分で終わっていたのに、参加者が増えてから長い。"
        );
        assert_eq!(
            unwrapped("- one item that is wrapped at its\n  end, as editors do it.\n- two"),
            "- one item that is wrapped at its end, as editors do it.\n- two"
        );
    }

    #[test]
    fn items_and_headings_are_not_joined() {
        for text in [
            "会議が長くて何も決まらないことが多い\n参加者が多すぎて誰も話さないことが多い\n",
            "# A heading that is as long as a line is\nA sentence.",
            "What we talked about on Monday:\nThe build is slow.",
            "- an item without any full stop at all\n- another one, with a full stop.",
            "A title\nA sentence that is a good deal longer than it.",
            "",
            "\n\r",
        ] {
            assert!(matches!(unwrapped(text), Cow::Borrowed(_)), "{text:?}");
        }
    }

    #[test]
    fn comments_are_joined_and_code_is_left() {
        let code = "\"\"\"Mails, every 10 minutes from cron. Some people get theirs\nwhen they are in the room.\n\"\"\"\nLEAD = 1  # hour\n# One.\n";
        assert_eq!(
            unwrapped_comments(code),
            "// Mails, every 10 minutes from cron. Some people get theirs when they are in the room.\nLEAD = 1  # hour\n// One.\n"
        );
        assert_eq!(unwrapped_comments("#[test]\nfn f() {}"), "#[test]\nfn f() {}\n");
    }

    proptest! {
        #[test]
        fn only_spaces_and_line_ends_change(text in "([a-z,。. 会議\n\r#-]|a long line of words ){0,60}") {
            let bare = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&unwrapped(&text)), bare(&text));
        }
    }
}
