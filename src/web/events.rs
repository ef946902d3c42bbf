//! A run's events as Server-Sent Events: `id` is the sequence number, `data` the event as the
//! journal stores it.
//!
//! Each client reads the run's log at its own speed. A slow client does not delay other clients,
//! and at most one batch of events is buffered for it.

use crate::event::{Seq, Stamped};
use crate::session::{Run, RunReader};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Minimum time between two batches of events, unless an event is urgent.
const TICK: Duration = Duration::from_millis(20);
/// Maximum number of events in a batch.
const BATCH: usize = 128;
/// How often an idle stream sends a keep-alive comment.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a client should wait before it reconnects.
const RECONNECT: Duration = Duration::from_secs(1);

/// A client's options for a stream of a run's events.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamOptions {
    /// Sequence number of the last event that the client already has; 0 to stream from the first
    /// event.
    pub(crate) after: Seq,
    /// Whether the stream stays open after the run has ended, for events of later retries and
    /// follow-up questions.
    pub(crate) follow: bool,
    /// Whether the run is stopped when the client disconnects.
    pub(crate) stop_on_disconnect: bool,
}

/// Stops a run when dropped, unless it was disarmed because the run has ended.
struct StopOnDrop(Weak<Run>);

impl StopOnDrop {
    /// Disarms the guard once the run has ended, because this client did not request later retries
    /// and questions.
    fn disarm(&mut self) {
        self.0 = Weak::new();
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(run) = self.0.upgrade() {
            // Cannot fail: `None` stops all branches, so no branch can be unknown.
            let _ = run.cancel(None);
        }
    }
}

struct Reader {
    reader: RunReader,
    batch: VecDeque<Stamped>,
    over: bool,
    follow: bool,
    first: bool,
    stop: Option<StopOnDrop>,
    /// Held while there is more to read, so that the run is not dropped before that.
    run: Option<Arc<Run>>,
}

/// Returns a response that streams the events of a run.
pub(crate) fn response(run: &Arc<Run>, options: StreamOptions) -> Response {
    let beat = KeepAlive::new().interval(HEARTBEAT);
    Sse::new(stream(run, options)).keep_alive(beat).into_response()
}

fn stream(
    run: &Arc<Run>,
    options: StreamOptions,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let reader = Reader {
        reader: RunReader::new(run, TICK).from(options.after.saturating_add(1)),
        batch: VecDeque::new(),
        over: false,
        follow: options.follow,
        first: true,
        run: None,
        stop: options.stop_on_disconnect.then(|| StopOnDrop(Arc::downgrade(run))),
    };
    futures::stream::unfold(reader, |mut reader| async move {
        let stamped = reader.next().await?;
        let event = sse(&stamped);
        let event = match std::mem::take(&mut reader.first) {
            true => event.retry(RECONNECT),
            false => event,
        };
        Some((Ok(event), reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Stamped> {
        loop {
            if let Some(stamped) = self.batch.pop_front() {
                return Some(stamped);
            }
            if self.over && !self.follow {
                self.stop.iter_mut().for_each(StopOnDrop::disarm);
                return None;
            }
            let (run, progress) = self.reader.changed().await?;
            let (batch, is_all) = self.reader.batch(&run, BATCH);
            self.batch = batch.into();
            self.over = progress.over && is_all;
            self.run = (!self.batch.is_empty() || !is_all).then_some(run);
        }
    }
}

fn sse(stamped: &Stamped) -> Event {
    // Cannot fail: all keys of maps are strings, and all numbers are finite.
    let json = serde_json::to_string(stamped).unwrap_or_default();
    Event::default().id(stamped.seq.to_string()).data(json)
}
