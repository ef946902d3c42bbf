//! A run's panel as a virtual document that grows by edits (LSP 3.18,
//! `workspace/textDocumentContent` and `workspace/applyEdit` on its URI): one edit under way, and
//! what comes meanwhile in the next.

use super::pace::Pace;
use super::{ApplyEdit, Connection, EDIT_PATIENCE, PATIENCE, RefreshContent, ShowDocument};
use crate::lsp::connection::spawn;
use crate::lsp::uri;
use crate::panel::Edit;
use crate::session::{Beat, Run};
use serde_json::{Value, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

/// The least time between two edits, but for those that nobody should wait for.
pub(super) const TICK: Duration = Duration::from_millis(50);
/// How long a client may take, after the end, to say that it has the whole text.
const AGREEMENT: Duration = Duration::from_secs(1);

/// Shows the panel once and keeps the client's copy growing until the run is forgotten.
pub(super) async fn follow(connection: Arc<Connection>, run: Weak<Run>, mut pace: Pace) {
    let Some(id) = run.upgrade().map(|run| run.id().clone()) else { return };
    let mut news = connection.panels.news();
    let mut beat = Beat::default();
    let mut current = false;
    let mut opening = None;
    let mut ended_at = 0;
    let mut shown = false;
    loop {
        tokio::select! {
            next = pace.next() => match next {
                Some((_, next)) => beat = next,
                None => break,
            },
            // An edit that the client announces is no reason for the next one.
            _ = news.changed() => if current { continue },
            () = sleep(opening.unwrap_or_default()), if opening.is_some() => {}
        }
        let Some(run) = run.upgrade() else { break };
        if beat.seq == 0 {
            continue;
        }
        if !std::mem::replace(&mut shown, true) {
            show(&connection, &run);
        }
        opening = None;
        match catch_up(&connection, &run).await {
            Copy::Opening(wait) => {
                current = false;
                opening = wait;
            }
            Copy::Current => {
                current = true;
                let ends = beat.over && std::mem::replace(&mut ended_at, beat.seq) != beat.seq;
                if ends && !agrees_soon(&connection, &run, &mut news).await {
                    refresh(&connection, &run).await;
                }
            }
        }
    }
    // A client may never say that it has closed its copy.
    connection.panels.closed(&id);
}

/// How the client's copy stands to the panel.
enum Copy {
    /// Equal, as far as we know.
    Current,
    /// There is none to be edited; how long until there may be.
    Opening(Option<Duration>),
}

/// Sends what the client's copy lacks.
async fn catch_up(connection: &Connection, run: &Run) -> Copy {
    let mut ready = match connection.panels.ready(run.id()) {
        Ok(ready) => ready,
        Err(wait) => return Copy::Opening(wait),
    };
    let edits = run.with_panel(|panel| ready.view.catch_up(panel, connection.client().encoding));
    if edits.is_empty() {
        return Copy::Current;
    }
    let edit = workspace_edit(&uri::of_panel(run.id(), run.title()), ready.version, edits);
    let answer = connection.outbox.request::<ApplyEdit>(edit, EDIT_PATIENCE).await;
    let applied =
        answer.as_ref().and_then(|a| a.get("applied")).and_then(Value::as_bool).unwrap_or_default();
    if applied && connection.panels.applied(run.id(), ready.turn, ready.view) {
        return Copy::Current;
    }
    connection.panels.doubt(run.id());
    refresh(connection, run).await;
    Copy::Opening(None)
}

fn workspace_edit(uri: &str, version: Option<i32>, edits: Vec<Edit>) -> Value {
    let edits: Vec<Value> =
        edits.into_iter().map(|e| json!({"range": e.range, "newText": e.text})).collect();
    json!({
        "label": "解像度",
        "edit": {"documentChanges": [{"textDocument": {"uri": uri, "version": version}, "edits": edits}]},
    })
}

/// Whether the client confirms in time that it has the whole text; one without a copy needs none.
async fn agrees_soon(connection: &Connection, run: &Run, news: &mut watch::Receiver<u64>) -> bool {
    let deadline = Instant::now() + AGREEMENT;
    while connection.panels.agrees(run.id()) == Some(false) {
        if timeout_at(deadline, news.changed()).await.is_err() {
            return false;
        }
    }
    true
}

/// Opens the panel in the client. Nobody waits for the answer.
pub(super) fn show(connection: &Arc<Connection>, run: &Run) {
    if !connection.client().show_document {
        return;
    }
    let mut params = json!({"uri": uri::of_panel(run.id(), run.title()), "takeFocus": false});
    if connection.client().is_eglot
        && let Some(params) = params.as_object_mut()
    {
        params.remove("takeFocus");
    }
    let outbox = connection.outbox.clone();
    spawn(connection, async move {
        outbox.request::<ShowDocument>(params, PATIENCE).await;
    });
}

/// Asks the client to pull the whole text again.
async fn refresh(connection: &Connection, run: &Run) {
    let params = json!({"uri": uri::of_panel(run.id(), run.title())});
    connection.outbox.request::<RefreshContent>(params, PATIENCE).await;
}
