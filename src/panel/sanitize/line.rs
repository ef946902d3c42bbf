//! What the start of a line, outside any fence, makes of the line.

use super::End;
use super::fence::{Fence, indentation, plain_info};

/// How a line begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// More must come first.
    Undecided,
    /// Nothing stands in it.
    Blank,
    /// A list or quote mark of `len` bytes, indentation included; the line goes on behind it.
    Mark { len: usize, quote: bool },
    /// A heading: `level` number signs behind `indent` bytes, `len` bytes in all.
    Heading { indent: usize, level: usize, len: usize },
    /// Nothing but `-`: a rule, or a heading's underline.
    Rule,
    /// A `=` that would make a heading of the line before.
    Underline,
    /// A fence's first line, complete.
    Fence { fence: Fence, info: String },
    /// Text.
    Text,
}

/// Reads the start of a line. `after_text`: the line before has text.
pub(super) fn read(line: &str, after_text: bool, end: End) -> Opening {
    let (indent, rest) = indentation(line);
    let blanks = line.len() - rest.len();
    let undecided = || if end == End::Open { Opening::Undecided } else { Opening::Text };
    let Some(first) = rest.chars().next() else {
        return match end {
            End::Line | End::Answer => Opening::Blank,
            End::Open | End::Forced => undecided(),
        };
    };
    let after = rest.trim_start_matches(first);
    let run = (rest.len() - after.len()) / first.len_utf8();
    match first {
        '#' if run <= 6 => match after.chars().next() {
            None if !end.is_known() => undecided(),
            None | Some(' ' | '\t') => {
                Opening::Heading { indent: blanks, level: run, len: blanks + run }
            }
            Some(_) => Opening::Text,
        },
        '`' | '~' => fence(first, run, indent, after, end),
        '=' if after_text => Opening::Underline,
        '-' => match after.trim_start_matches([' ', '\t']) {
            "" if end.is_known() => Opening::Rule,
            "" => undecided(),
            _ => mark(rest, blanks, 1, end),
        },
        '*' | '+' => mark(rest, blanks, 1, end),
        '>' => Opening::Mark { len: blanks + 1, quote: true },
        '0'..='9' => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            match rest.as_bytes().get(digits) {
                _ if digits > 9 => Opening::Text,
                None => undecided(),
                Some(b'.' | b')') => mark(rest, blanks, digits + 1, end),
                Some(_) => Opening::Text,
            }
        }
        _ => Opening::Text,
    }
}

/// A list mark of `len` bytes counts only with a blank behind it.
fn mark(rest: &str, blanks: usize, len: usize, end: End) -> Opening {
    match rest.as_bytes().get(len) {
        None if end == End::Open => Opening::Undecided,
        Some(b' ' | b'\t') => Opening::Mark { len: blanks + len + 1, quote: false },
        _ => Opening::Text,
    }
}

/// A fence is known when its whole line is there: an info string may not hold a backtick.
fn fence(mark: char, run: usize, indent: usize, info: &str, end: End) -> Opening {
    if (run < 3 && !info.is_empty()) || (mark == '`' && info.contains('`')) {
        return Opening::Text;
    }
    match end {
        End::Open => Opening::Undecided,
        _ if run < 3 => Opening::Text,
        _ => Opening::Fence { fence: Fence::new(mark, run, indent), info: plain_info(info) },
    }
}
