//! The text to ask about: a file, some of its lines, standard input, or text on the command line.

mod error;
mod language;

pub(crate) use error::InputError;

use super::near::near_file;
use super::warn;
use crate::config::real_path;
use crate::lang::Lang;
use crate::text::{ContextMode, Document, Encoding, Position, Range, SelectError, Selection};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Maximum size in bytes of a file if only some of its lines are asked about.
const FILE_BYTES: usize = 64 << 20;

/// How long nothing may arrive on standard input before the user is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A range of lines in a file (1-based, both ends inclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    first: u32,
    last: u32,
}

/// Returns `true` if `name` names an existing file, with or without a line range after the file's
/// name.
pub(crate) fn is_file(name: &OsStr) -> bool {
    place(name).0.is_file()
}

/// Splits a name into a path and a line range, if any. The name of an existing file is not split,
/// even if it contains a colon.
fn place(name: &OsStr) -> (PathBuf, Option<Lines>) {
    let whole = PathBuf::from(name);
    if whole.exists() {
        return (whole, None);
    }
    match name.to_str().and_then(lines) {
        Some((path, lines)) => (path.into(), Some(lines)),
        None => (whole, None),
    }
}

/// Parses names such as `notes.md:3` and `notes.md:3-7`.
fn lines(name: &str) -> Option<(&str, Lines)> {
    let (path, lines) = name.rsplit_once(':')?;
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let number = |text: &str| {
        // Digits only: `parse` would accept a sign.
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten()
    };
    let lines = Lines { first: number(first)?, last: number(last)? };
    (!path.is_empty()).then_some((path, lines))
}

/// Reads the file or the lines that `name` specifies, and returns them as the selection, with as
/// much context as `context` allows. `limit` is the maximum size of the selection in bytes.
pub(crate) fn file(
    name: &OsStr,
    limit: usize,
    context: ContextMode,
) -> Result<Selection, InputError> {
    let (path, lines) = place(name);
    let shown = path.display().to_string();
    let file = File::open(&path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => {
            InputError::Missing { near: near_file(&path), name: shown.clone() }
        }
        // On Windows, a folder cannot be opened like a file.
        _ if path.is_dir() => InputError::Directory(shown.clone()),
        _ => InputError::read(&shown, &cause),
    })?;
    if file.metadata().is_ok_and(|meta| meta.is_dir()) {
        return Err(InputError::Directory(shown));
    }
    let max = if lines.is_some() { FILE_BYTES } else { limit };
    let text = read(file, max, &shown).map_err(|cause| match (cause, lines) {
        (InputError::TooLong { limit }, Some(lines)) => {
            InputError::FileTooLarge { name: shown.clone(), limit, lines }
        }
        (cause, _) => cause.of_file(&shown),
    })?;
    let absolute = absolute(&path);
    let uri =
        url::Url::from_file_path(&absolute).map(String::from).unwrap_or_else(|()| shown.clone());
    select(&uri, language::of(&absolute), &text, lines, limit, context)
        .map_err(|cause| cause.of_file(&shown))
}

/// Returns the absolute path of a file or folder as an editor names it, so that both mean the same
/// document: without `..`. A link at the end of the path stays.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if !absolute.components().any(|part| part == Component::ParentDir) {
        return absolute;
    }
    // What `..` means depends on the links before it.
    let resolved = match (absolute.parent(), absolute.file_name()) {
        (Some(parent), Some(name)) => real_path(parent).map(|parent| parent.join(name)),
        // The path ends with `..`.
        _ => real_path(&absolute),
    };
    resolved.unwrap_or(absolute)
}

/// Returns `true` if another program or a file is connected to standard input. A terminal and
/// `/dev/null` are not; nor is a closed standard input, which is opened as `/dev/null` at the start.
pub(crate) fn is_piped() -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{FileType, fstat};
        let kind = fstat(io::stdin()).map(|stat| FileType::from_raw_mode(stat.st_mode));
        kind.is_ok_and(|kind| {
            matches!(kind, FileType::Fifo | FileType::RegularFile | FileType::Socket)
        })
    }
    #[cfg(not(unix))]
    {
        !io::stdin().is_terminal()
    }
}

/// Reads all of standard input and returns it as the selection. Fails if standard input cannot be
/// read, is blank, is not UTF-8 or is longer than `limit` bytes.
pub(crate) fn stdin(limit: usize, lang: Lang) -> Result<Selection, InputError> {
    let name = "stdin";
    wait_for_stdin(lang);
    let text = read(io::stdin().lock(), limit, name)?;
    select("kaizodo:/stdin", "", &text, None, limit, ContextMode::None)
        .map_err(|cause| cause.within(name))
}

/// Waits until standard input has something to read or ends. Tells a user at a terminal what is
/// waited for: at once if the user has to type it, otherwise if it does not come soon.
fn wait_for_stdin(lang: Lang) {
    if !io::stderr().is_terminal() {
        return;
    }
    let is_typed = io::stdin().is_terminal();
    let soon = if is_typed { Duration::ZERO } else { PATIENCE };
    let (arrived, arrival) = mpsc::channel::<Infallible>();
    thread::scope(|scope| {
        let tell = move || {
            if arrival.recv_timeout(soon) == Err(RecvTimeoutError::Timeout) {
                warn(&waiting(is_typed, lang));
            }
        };
        // Without the thread, the text is read as well.
        let _ = thread::Builder::new().spawn_scoped(scope, tell);
        // What arrives stays in the buffer. An error comes again when the text is read.
        let _ = io::stdin().lock().fill_buf();
        drop(arrived);
    });
}

fn waiting(is_typed: bool, lang: Lang) -> String {
    if !is_typed {
        return lang
            .pick(
                "パイプからの入力を待っています。中止するには Ctrl-C を押してください。ほかの渡し方は `kaizodo --help` で確認できます。",
                "Waiting for text on standard input (a pipe). Press Ctrl-C to quit. `kaizodo --help` shows other ways to pass text.",
            )
            .to_owned();
    }
    let (ja, en) = match cfg!(windows) {
        true => ("Ctrl-Z と Enter", "Ctrl-Z and Enter"),
        false => ("Ctrl-D", "Ctrl-D"),
    };
    lang.pick(
        format!("文章を入力し、改行してから {ja} を押してください。中止するには Ctrl-C を押してください。ほかの渡し方は `kaizodo --help` で確認できます。"),
        format!("Type or paste your text, then press {en} on a new line. Press Ctrl-C to quit. `kaizodo --help` shows other ways to pass text."),
    )
}

/// Returns `text` as the selection. Fails if the text is blank or longer than `limit` bytes.
pub(crate) fn text(text: &str, limit: usize) -> Result<Selection, InputError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    select("kaizodo:/text", "", text, None, limit, ContextMode::None)
        .map_err(|cause| cause.within("--text"))
}

/// Reads at most `max` bytes of UTF-8. A byte order mark is not part of the text.
fn read(from: impl Read, max: usize, name: &str) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    from.take(bound).read_to_end(&mut bytes).map_err(|cause| InputError::read(name, &cause))?;
    if bytes.len() > max {
        return Err(InputError::TooLong { limit: max });
    }
    let text = String::from_utf8(bytes).map_err(|_| InputError::NotText(name.to_owned()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Returns `true` if `text` is text, as far as can be told: UTF-16 without a byte order mark and
/// ISO-2022-JP, the usual encoding of older Japanese mail, may be valid UTF-8 but mean other
/// characters. No model could read them, and no secret in them would be found.
fn is_text(text: &str) -> bool {
    // The escapes that begin JIS X 0208, 0212 and 0201. Those of terminals begin differently.
    const JAPANESE: [&str; 4] = ["\u{1b}$@", "\u{1b}$B", "\u{1b}$(", "\u{1b}(J"];
    !text.contains('\0') && !JAPANESE.iter().any(|escape| text.contains(escape))
}

fn select(
    uri: &str,
    language: &str,
    text: &str,
    lines: Option<Lines>,
    limit: usize,
    context: ContextMode,
) -> Result<Selection, InputError> {
    let document = Document::open(uri, language, 0, text);
    let rope = document.snapshot();
    let ends_in_line = rope.len_lines() > 1 && rope.line(rope.len_lines() - 1).len_chars() == 0;
    let line_count = rope.len_lines() - usize::from(ends_in_line);
    let line_count = u32::try_from(line_count).unwrap_or(u32::MAX);
    let (first, end) = match lines {
        None => (0, line_count),
        Some(Lines { first, last }) if 1 <= first && first <= last && last <= line_count => {
            (first - 1, last)
        }
        Some(Lines { first, last }) if last < first => {
            return Err(InputError::Reversed { name: uri.to_owned(), first, last });
        }
        Some(lines) => return Err(InputError::NoSuchLines { lines, line_count }),
    };
    // Whole lines with their line endings; the last line may have none.
    let start = Position { line: first, character: 0 };
    let end = Position { line: end, character: 0 };
    let range = Range { start, end };
    let selected = document.select(range, Encoding::Utf16, limit);
    let selection = selected.map_err(|cause| match cause {
        SelectError::TooLarge { limit, .. } => InputError::TooLong { limit },
        SelectError::Empty | SelectError::Stale => InputError::Empty,
    })?;
    let context = document.context(range, Encoding::Utf16, context, limit);
    let around = context.iter().flat_map(|context| [&context.before, &context.after]);
    if !around.chain([&selection.text]).all(|text| is_text(text)) {
        return Err(InputError::NotText(uri.to_owned()));
    }
    // A file has no version.
    Ok(Selection { version: None, context, ..selection })
}

impl InputError {
    fn read(name: &str, cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::IsADirectory => InputError::Directory(name.to_owned()),
            _ => InputError::Unreadable { name: name.to_owned(), cause: cause.to_string() },
        }
    }

    /// Replaces the name in the error by the name that the user typed.
    fn within(self, name: &str) -> Self {
        match self {
            InputError::NotText(_) => InputError::NotText(name.to_owned()),
            InputError::Reversed { first, last, .. } => {
                InputError::Reversed { name: name.to_owned(), first, last }
            }
            other => other,
        }
    }

    /// Adapts the error to a file with the name that the user typed.
    fn of_file(self, name: &str) -> Self {
        match self {
            InputError::TooLong { limit } => InputError::TooLarge { name: name.to_owned(), limit },
            other => other.within(name),
        }
    }
}

#[cfg(test)]
mod tests;
