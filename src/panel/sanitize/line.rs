//! What the start of a line, outside any fence, makes of the line.

use super::End;
use super::fence::{Fence, indentation, plain_info};

/// How a line begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opening {
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
    /// A fence's first line, complete.
    Fence { fence: Fence, info: String },
    /// A line that makes a table of the one before.
    Table,
    /// Would be a construct of some renderer's; a backslash at byte `at` makes it text.
    Escaped { at: usize },
    /// Begins as the panel's own lines do.
    Ours,
    /// Text.
    Text,
}

/// Reads the start of a line. `after_text`: the line before has text.
pub(crate) fn read(line: &str, after_text: bool, end: End) -> Opening {
    let (indent, rest) = indentation(line);
    let blanks = line.len() - rest.len();
    let Some(first) = rest.chars().next() else {
        return if end.is_known() { Opening::Blank } else { undecided(end) };
    };
    let after = rest.trim_start_matches(first);
    let run = (rest.len() - after.len()) / first.len_utf8();
    let opening = match first {
        '#' if run <= 6 => match after.chars().next() {
            None if !end.is_known() => undecided(end),
            None | Some(' ' | '\t') => {
                Opening::Heading { indent: blanks, level: run, len: blanks + run }
            }
            Some(_) => Opening::Text,
        },
        '`' | '~' => fence(first, run, indent, after, end, blanks),
        '=' if after_text => Opening::Escaped { at: blanks },
        '-' if after.trim_start_matches([' ', '\t']).is_empty() => match end {
            End::Open => Opening::Undecided,
            End::Forced => Opening::Escaped { at: blanks },
            End::Line | End::Answer => Opening::Rule,
        },
        // A container of markdown-it's: VS Code draws one that is named `mermaid`, and one that
        // is left open goes on to the document's end.
        ':' if run >= 3 => Opening::Escaped { at: blanks },
        '-' | ':' | '|' if is_table(rest) => match end {
            End::Open => Opening::Undecided,
            End::Forced => Opening::Escaped { at: blanks },
            End::Line | End::Answer => Opening::Table,
        },
        // A definition, in which a heading would be one of the panel's.
        ':' => Opening::Escaped { at: blanks },
        '-' | '*' | '+' => mark(rest, blanks, 1, end),
        '>' => Opening::Mark { len: blanks + 1, quote: true },
        '0'..='9' => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            match rest.as_bytes().get(digits) {
                _ if digits > 9 => Opening::Text,
                None => undecided(end),
                Some(b'.' | b')') => mark(rest, blanks, digits + 1, end),
                Some(_) => Opening::Text,
            }
        }
        _ => Opening::Text,
    };
    if opening == Opening::Text { ours(rest, end) } else { opening }
}

fn undecided(end: End) -> Opening {
    if end == End::Open { Opening::Undecided } else { Opening::Text }
}

/// The characters of a table's second row (GFM 0.29, 4.10), with or without its bars.
fn is_table(line: &str) -> bool {
    !line.starts_with("- ")
        && !line.starts_with("-\t")
        && line.chars().all(|c| matches!(c, '-' | ':' | '|' | ' ' | '\t'))
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
fn fence(mark: char, run: usize, indent: usize, info: &str, end: End, blanks: usize) -> Opening {
    if (run < 3 && !info.is_empty()) || (mark == '`' && info.contains('`')) {
        return Opening::Text;
    }
    match end {
        End::Open => Opening::Undecided,
        _ if run < 3 => Opening::Text,
        End::Forced => Opening::Escaped { at: blanks },
        End::Line | End::Answer => {
            Opening::Fence { fence: Fence::new(mark, run, indent), info: plain_info(info) }
        }
    }
}

/// Text, or a line that begins as the panel's own do: with a state's sign, with `…` in italics, or
/// with a name in code and a `·` (`panel/layout.rs`).
fn ours(rest: &str, end: End) -> Opening {
    let is_emphasis = |c: char| c == '*' || c == '_' || c.is_whitespace();
    let text = rest.trim_start_matches(is_emphasis);
    let Some(first) = text.chars().next() else { return maybe_ours(end) };
    let is_ours = match first {
        '↻' | '■' | '⚠' | '✗' | '✓' => true,
        '…' => text.len() < rest.trim_start().len(),
        '`' => {
            let run = text.len() - text.trim_start_matches('`').len();
            let span = text.get(run..).and_then(|inside| {
                let mark = "`".repeat(run);
                inside.find(&mark).and_then(|at| inside.get(at + run..))
            });
            match span.map(|behind| behind.trim_start_matches(is_emphasis)) {
                None | Some("") => return maybe_ours(end),
                Some(behind) => behind.starts_with('·'),
            }
        }
        _ => false,
    };
    if is_ours { Opening::Ours } else { Opening::Text }
}

/// A line of which too much is held might still be one of the panel's.
fn maybe_ours(end: End) -> Opening {
    if end == End::Forced { Opening::Ours } else { undecided(end) }
}
