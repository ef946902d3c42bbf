//! A run's progress as work-done progress (LSP 3.17, `$/progress`). If the client announces that it
//! accepts a run's events, the reports also contain these events.

use crate::event::Seq;
use crate::lsp::client::{CreateProgress, Progress};
use crate::lsp::connection::Connection;
use crate::lsp::params::insert;
use crate::lsp::plain::plain;
use crate::panel::summary;
use crate::session::{Run, RunProgress, RunReader};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Minimum time between two progress reports.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Timeout for the client to create a progress. Long, because a client that is busy when a run
/// starts would otherwise see nothing of it, and nothing waits for this but the reports.
const CREATE_TIMEOUT: Duration = Duration::from_secs(60);

/// Numbers the progress tokens of this process; some editors show the tokens.
static TOKENS: AtomicU64 = AtomicU64::new(1);

/// Reports a run's progress to the client until the run is discarded. Begins a new progress report
/// each time the run continues after it was over, for example for a retry.
pub(crate) async fn follow(connection: Arc<Connection>, mut reader: RunReader) {
    let mut sent = 0;
    while let Some((run, progress)) = reader.changed().await {
        let token = format!("kaizodo-{}", TOKENS.fetch_add(1, Ordering::Relaxed));
        // Registered before the client learns the token, so that the client may cancel at once.
        connection.progress.lock().insert(token.clone(), run.id().clone());
        let created = connection
            .client
            .request::<CreateProgress>(json!({"token": token}), CREATE_TIMEOUT)
            .await
            .is_some();
        if !created {
            connection.progress.lock().remove(&token);
        }
        let mut report = Report {
            connection: &connection,
            token: created.then_some(token),
            sent,
            message: String::new(),
        };
        let over = report.begin(&run, progress).await;
        drop(run);
        if !over {
            while let Some((run, progress)) = reader.changed().await {
                if report.report(&run, progress).await {
                    break;
                }
            }
        }
        sent = report.sent;
    }
}

/// Returns the state of the sections as text, and the percentage of sections that have ended.
fn report(run: &Run) -> (String, usize) {
    let (message, percentage) = run.with_panel(summary);
    (plain(&message), percentage)
}

/// One progress, from begin to end.
struct Report<'a> {
    connection: &'a Connection,
    /// `None` if the client rejected the token, or after the end: nothing is sent then.
    token: Option<String>,
    sent: Seq,
    message: String,
}

impl Report<'_> {
    /// Sends the begin report, and the end report too if the run is already over. Returns `true` if
    /// the run is over.
    async fn begin(&mut self, run: &Run, progress: RunProgress) -> bool {
        let (message, percentage) = report(run);
        let title = match run.title() {
            "" => "解像度".to_owned(),
            title => format!("解像度 {}", plain(title)),
        };
        let begin = json!({"kind": "begin", "title": title, "cancellable": true, "message": message, "percentage": percentage});
        self.message = message;
        self.send(run, begin).await;
        progress.over && self.end(run).await
    }

    /// Sends a report if anything has changed. Returns `true` if the run is over.
    async fn report(&mut self, run: &Run, progress: RunProgress) -> bool {
        if progress.over {
            return self.end(run).await;
        }
        let (message, percentage) = report(run);
        let has_events = self.connection.capabilities().events && progress.seq > self.sent;
        if message != self.message || has_events {
            let report = json!({"kind": "report", "cancellable": true, "message": message, "percentage": percentage});
            self.message = message;
            self.send(run, report).await;
        }
        false
    }

    async fn end(&mut self, run: &Run) -> bool {
        let (message, _) = report(run);
        self.send(run, json!({"kind": "end", "message": message})).await;
        if let Some(token) = self.token.take() {
            self.connection.progress.lock().remove(&token);
        }
        true
    }

    async fn send(&mut self, run: &Run, mut value: Value) {
        let Some(token) = &self.token else { return };
        if self.connection.capabilities().events {
            let events = run.events_from(self.sent + 1);
            self.sent = events.last().map_or(self.sent, |last| last.seq);
            insert(&mut value, "run", json!(run.id()));
            insert(&mut value, "events", json!(events));
        }
        self.connection.client.notify::<Progress>(json!({"token": token, "value": value})).await;
    }
}
