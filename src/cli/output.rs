//! Output to stdout.

use super::{FAILED, INTERRUPTED, OK};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

/// Prints `text` to stdout and returns the exit status. Does not report a broken pipe.
pub(crate) fn print(text: &str) -> ExitCode {
    match write(text.as_bytes()) {
        Ok(()) => ExitCode::from(OK),
        Err(error) => lost(&error),
    }
}

/// Returns the terminal's width in columns, or `None` if stdout is not a terminal, so that lines
/// need no wrapping.
pub(crate) fn room() -> Option<usize> {
    let size = console::Term::stdout().size_checked().filter(|_| io::stdout().is_terminal());
    size.map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Writes `bytes` to stdout and flushes it.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The error of a pipe whose reader is gone, if the pipe has a name: ERROR_PIPE_NOT_CONNECTED.
const NOT_CONNECTED: i32 = 233;

/// Reports a failed write to stdout, except for a broken pipe, and returns the exit status.
pub(crate) fn lost(error: &io::Error) -> ExitCode {
    let is_disconnected = cfg!(windows) && error.raw_os_error() == Some(NOT_CONNECTED);
    if error.kind() == ErrorKind::BrokenPipe || is_disconnected {
        return ExitCode::from(INTERRUPTED);
    }
    super::warn(&format!("stdout: {error}"));
    ExitCode::from(FAILED)
}
