//! Text on stdout.

use super::{FAILED, INTERRUPTED, OK};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Prints all of a text. A reader who has gone ends the program quietly.
pub(crate) fn print(text: &str) -> ExitCode {
    match write(text.as_bytes()) {
        Ok(()) => ExitCode::from(OK),
        Err(error) => lost(&error),
    }
}

/// Writes at once.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// What cannot be written is told of, unless nobody reads any more.
pub(crate) fn lost(error: &io::Error) -> ExitCode {
    if error.kind() == ErrorKind::BrokenPipe {
        return ExitCode::from(INTERRUPTED);
    }
    super::warn(&format!("stdout: {error}"));
    ExitCode::from(FAILED)
}
