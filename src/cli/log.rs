//! What goes on inside, on stderr, for those who ask for it with `KAIZODO_LOG`.

use crate::panel::show_hidden_lines;
use std::io::{self, Write};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::prelude::*;

/// Logs to stderr from now on, if anything is asked for; stdout belongs to answers and editors.
///
/// What models write is in no log: `async_openai` logs the events that it cannot read, and no
/// filter that a user writes brings them back.
pub(crate) fn start(filter: Option<&str>) {
    let Some(filter) = filter else { return };
    let wanted = EnvFilter::builder().parse_lossy(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| Inert(io::stderr()))
        .with_filter(wanted)
        .with_filter(filter_fn(|event| !event.target().starts_with("async_openai")));
    tracing_subscriber::registry().with(layer).init();
}

/// Passes on what a terminal only shows: names of hosts and errors of others stand in the log.
struct Inert(io::Stderr);

impl Write for Inert {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // An event comes in one piece.
        self.0.write_all(show_hidden_lines(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
