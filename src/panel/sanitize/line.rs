//! Classifies a line outside fences by its start.

use super::End;
use super::fence::{Fence, indentation, plain_info};

/// The construct at the start of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// More input is needed.
    Undecided,
    /// An empty line.
    Blank,
    /// A list or quote marker of `len` bytes including its indentation; the line continues after
    /// it.
    Mark { len: usize, quote: bool },
    /// A heading: `level` number signs after `indent` bytes, `len` bytes in total.
    Heading { indent: usize, level: usize, len: usize },
    /// Only `-`: a thematic break, or the underline of a heading.
    Rule,
    /// The complete opening line of a fence.
    Fence { fence: Fence, info: String },
    /// A delimiter row, which turns the line before it into a table's header.
    Table,
    /// A line that some renderer would act on, unless a backslash is inserted at byte `at`.
    Escaped { at: usize },
    /// A line that looks like one of the panel's own lines.
    Ours,
    /// Plain text.
    Text,
}

/// Determines which [`Opening`] a line starts with. `after_text` is `true` if the previous line
/// contains text. `end` says what follows `line`, which may still be incomplete.
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
        // A container of markdown-it: VS Code draws one named `mermaid`, and an unclosed one
        // extends to the end of the document.
        ':' if run >= 3 => Opening::Escaped { at: blanks },
        '-' | ':' | '|' if is_table(rest) => match end {
            End::Open => Opening::Undecided,
            End::Forced => Opening::Escaped { at: blanks },
            End::Line | End::Answer => Opening::Table,
        },
        // A definition list, in which a heading would look like one of the panel's.
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

/// Returns `true` if a line has only the characters of a table's delimiter row (GFM 0.29, 4.10),
/// with or without outer pipes.
fn is_table(line: &str) -> bool {
    !line.starts_with("- ")
        && !line.starts_with("-\t")
        && line.chars().all(|c| matches!(c, '-' | ':' | '|' | ' ' | '\t'))
}

/// Returns a list marker of `len` bytes, if a space or tab follows it.
fn mark(rest: &str, blanks: usize, len: usize, end: End) -> Opening {
    match rest.as_bytes().get(len) {
        None if end == End::Open => Opening::Undecided,
        Some(b' ' | b'\t') => Opening::Mark { len: blanks + len + 1, quote: false },
        _ => Opening::Text,
    }
}

/// Returns a fence once its whole line is known: the info string of a backtick fence must not
/// contain a backtick.
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

/// Recognizes lines that look like the panel's own, which begin with the sign of a state or a mark,
/// with `Σ`, with `…` in italics, or with a name in code and a `·` (`panel/layout.rs`).
fn ours(rest: &str, end: End) -> Opening {
    let is_emphasis = |c: char| c == '*' || c == '_' || c.is_whitespace();
    let text = rest.trim_start_matches(is_emphasis);
    let Some(first) = text.chars().next() else { return maybe_ours(end) };
    let is_ours = match first {
        '↻' | '■' | '⚠' | '✗' | '✓' | '✎' | 'Σ' => true,
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

/// Classifies a line that may be one of the panel's own. If the decision is forced, it counts as
/// one.
fn maybe_ours(end: End) -> Opening {
    if end == End::Forced { Opening::Ours } else { undecided(end) }
}
