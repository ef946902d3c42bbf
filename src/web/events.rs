//! A run's events as Server-Sent Events: `id` is the sequence number, `data` the event as the journal
//! has it.
//!
//! Each reader goes through the run's log at its own speed; a slow one holds nobody up, and no more
//! than one batch of events is copied for it.

use crate::event::{Seq, Stamped};
use crate::session::{Run, RunReader};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Minimum time between two batches that nothing urgent is in.
const TICK: Duration = Duration::from_millis(20);
/// Maximum number of events that are copied at once.
const BATCH: usize = 128;
/// How often a silent stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After how long a client should connect again.
const RECONNECT: Duration = Duration::from_secs(1);

/// What a reader of the events wants.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    /// The sequence number of the last event that it has.
    pub(crate) after: Seq,
    /// It stays when the run is over, for retries and questions.
    pub(crate) follow: bool,
    /// The run is to stop when the reader leaves.
    pub(crate) stop_on_disconnect: bool,
}

/// Stops a run when it is dropped, if the run has not ended by itself.
struct StopOnDrop(Weak<Run>);

impl StopOnDrop {
    /// The run has ended: what is asked of it later is not this reader's.
    fn disarm(&mut self) {
        self.0 = Weak::new();
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(run) = self.0.upgrade() {
            // Every branch is meant, so none can be unknown.
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
    /// Held while there is more to read, so that the run is not forgotten before.
    run: Option<Arc<Run>>,
}

/// The events of a run as a response.
pub(crate) fn response(run: &Arc<Run>, wish: Wish) -> Response {
    let beat = KeepAlive::new().interval(HEARTBEAT);
    Sse::new(stream(run, wish)).keep_alive(beat).into_response()
}

fn stream(run: &Arc<Run>, wish: Wish) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let reader = Reader {
        reader: RunReader::new(run, TICK).from(wish.after.saturating_add(1)),
        batch: VecDeque::new(),
        over: false,
        follow: wish.follow,
        first: true,
        run: None,
        stop: wish.stop_on_disconnect.then(|| StopOnDrop(Arc::downgrade(run))),
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
    // Maps with names as keys and numbers that are finite: nothing of it can fail.
    let json = serde_json::to_string(stamped).unwrap_or_default();
    Event::default().id(stamped.seq.to_string()).data(json)
}
