//! A run's panel as a virtual document that grows by edits (LSP 3.18,
//! `workspace/textDocumentContent` and `workspace/applyEdit` on its URI). Only one edit is in
//! flight at a time; changes in the meantime go into the next edit.

use crate::event::RunId;
use crate::lsp::client::{ApplyEdit, REQUEST_TIMEOUT, RefreshContent};
use crate::lsp::connection::Connection;
use crate::lsp::panels::{EDIT_TIMEOUT, Step};
use crate::lsp::uri;
use crate::panel::Edit;
use crate::session::{Run, RunReader};
use serde_json::{Value, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// Minimum time between two edits, except urgent ones.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// The task that keeps the client's copy of a panel up to date.
pub(crate) struct Follower {
    connection: Arc<Connection>,
    run: Weak<Run>,
    id: RunId,
    /// Wakes the follower when the client reports something about its copy.
    news: Arc<Notify>,
}

impl Follower {
    /// Creates the follower of a run's panel. Returns `None` if the panel already has a follower.
    /// Unless the run `is_new`, the client may still have the panel open from before.
    pub(crate) fn new(connection: &Arc<Connection>, run: &Arc<Run>, is_new: bool) -> Option<Self> {
        let news = connection.panels.follow(run.id(), !is_new)?;
        Some(Follower {
            connection: Arc::clone(connection),
            run: Arc::downgrade(run),
            id: run.id().clone(),
            news,
        })
    }

    /// Keeps the client's copy of the panel up to date until the run is discarded. If `is_new`,
    /// opens the panel in the client once the run has its first event.
    pub(crate) async fn follow(self, mut reader: RunReader, mut is_new: bool) {
        let mut due = false;
        let mut until = None;
        loop {
            tokio::select! {
                next = reader.changed() => match next {
                    Some((_, progress)) => due |= progress.seq > 0,
                    None => break,
                },
                () = self.news.notified() => {}
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            }
            let Some(run) = self.run.upgrade() else { break };
            if due && std::mem::take(&mut is_new) {
                show(&self.connection, &run);
            }
            until = self.catch_up(&run, &mut due);
        }
        self.connection.panels.forget(&self.id);
    }

    /// Takes the steps that are due now, and returns when the next step may be due. Clears `due`
    /// once an edit was sent or is not needed.
    fn catch_up(&self, run: &Run, due: &mut bool) -> Option<Instant> {
        let encoding = self.connection.capabilities().encoding;
        let panels = &self.connection.panels;
        loop {
            match run.with_panel(|panel| panels.next(&self.id, panel, encoding, *due)) {
                Step::Edit { edits, version, number } => {
                    *due = false;
                    let uri = uri::of_panel(&self.id, run.title());
                    self.send(workspace_edit(&uri, version, edits), number);
                }
                Step::Refresh => self.refresh(run),
                Step::Current => {
                    *due = false;
                    return None;
                }
                Step::Wait(until) => return until,
            }
        }
    }

    fn send(&self, edit: Value, number: u64) {
        let (connection, id) = (Arc::clone(&self.connection), self.id.clone());
        self.connection.spawn(async move {
            let answer = connection.client.request::<ApplyEdit>(edit, EDIT_TIMEOUT).await;
            let applied = answer.as_ref().and_then(|a| a.get("applied")).and_then(Value::as_bool);
            connection.panels.answered(&id, number, applied.unwrap_or_default());
        });
    }

    /// Asks the client to pull the whole text again, without waiting for the answer.
    fn refresh(&self, run: &Run) {
        let client = self.connection.client.clone();
        let params = json!({"uri": uri::of_panel(&self.id, run.title())});
        self.connection.spawn(async move {
            client.request::<RefreshContent>(params, REQUEST_TIMEOUT).await;
        });
    }
}

fn workspace_edit(uri: &str, version: i32, edits: Vec<Edit>) -> Value {
    let edits: Vec<Value> =
        edits.into_iter().map(|e| json!({"range": e.range, "newText": e.text})).collect();
    json!({
        "label": "解像度",
        "edit": {"documentChanges": [{"textDocument": {"uri": uri, "version": version}, "edits": edits}]},
    })
}

/// Opens a run's panel in the client, if the client supports that. Does not wait for the client's
/// answer.
pub(crate) fn show(connection: &Arc<Connection>, run: &Run) {
    if connection.capabilities().show_document {
        let (connection_of_task, uri) =
            (Arc::clone(connection), uri::of_panel(run.id(), run.title()));
        connection.spawn(async move { connection_of_task.show_document(&uri).await });
    }
}
