//! Logging to stderr, enabled by `KAIZODO_LOG`.

use crate::panel::show_hidden_lines;
use std::io::{self, Write};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::prelude::*;

/// Starts logging to stderr if there is a filter. stdout is reserved for answers and LSP messages.
///
/// Texts are never logged: `async_openai` logs events that it cannot parse, `rmcp` each message, so
/// they are excluded whatever the user's filter.
pub(crate) fn start(filter: Option<&str>) {
    let Some(filter) = filter else { return };
    let wanted = EnvFilter::builder().parse_lossy(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| Inert(io::stderr()))
        .with_filter(wanted)
        .with_filter(filter_fn(|event| {
            !["async_openai", "rmcp"].iter().any(|name| event.target().starts_with(name))
        }));
    tracing_subscriber::registry().with(layer).init();
}

/// Writer that makes control characters visible, since the log contains host names and error
/// messages from outside.
struct Inert(io::Stderr);

impl Write for Inert {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // An event is written in one piece.
        self.0.write_all(show_hidden_lines(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
