//! What goes on inside, on stderr, for those who ask for it with `KAIZODO_LOG`.

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::prelude::*;

/// Logs to stderr from now on, if anything is asked for; stdout belongs to answers and editors.
///
/// What models write is in no log: `async_openai` logs the events that it cannot read, and no
/// filter that a user writes brings them back.
pub(super) fn start(filter: Option<&str>) {
    let Some(filter) = filter else { return };
    let wanted = EnvFilter::builder().parse_lossy(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(wanted)
        .with_filter(filter_fn(|event| !event.target().starts_with("async_openai")));
    tracing_subscriber::registry().with(layer).init();
}
