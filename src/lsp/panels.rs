//! What this client has of each panel: the text that it was last given, and what it said of it.

use crate::event::RunId;
use crate::panel::View;
use crate::text::{Change, Document, Encoding};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a client that has pulled a panel may take to say that it is open. One that never
/// says so (its selector leaves our scheme out) is taken to have it open then.
const OPENING: Duration = Duration::from_millis(500);

/// The panels that the client has pulled.
#[derive(Default)]
pub(super) struct Panels {
    readers: Mutex<HashMap<RunId, Reader>>,
    news: watch::Sender<u64>,
}

/// The client's copy of one panel.
struct Reader {
    /// `None` while it is in doubt.
    view: Option<View>,
    /// It was in doubt, and no edit has been applied since.
    doubted: bool,
    pulled: Instant,
    /// The client's own word on its copy, where it sends one.
    document: Option<Document>,
    /// Changes with what makes an edit that is under way doubtful: a pull, an opening. It never
    /// comes again, so that a copy that was closed and opened anew is not taken for the old one.
    turn: u64,
}

/// A copy that an edit may be made for.
pub(super) struct Ready {
    pub(super) view: View,
    /// The version to name in the edit, where the client has confirmed the text.
    pub(super) version: Option<i32>,
    pub(super) turn: u64,
}

impl Panels {
    /// The client is given the whole text.
    pub(super) fn pulled(&self, run: &RunId, view: View) {
        self.with(|readers, turn| {
            let before = readers.remove(run);
            let doubted = before.as_ref().is_some_and(|r| r.doubted);
            let document = before.and_then(|r| r.document);
            let view = Some(view);
            readers.insert(
                run.clone(),
                Reader { view, doubted, pulled: Instant::now(), document, turn },
            );
        });
    }

    /// The client says that it has opened a panel, with this text.
    pub(super) fn opened(&self, run: &RunId, document: Document) {
        self.with(|readers, turn| {
            if let Some(reader) = readers.get_mut(run) {
                reader.turn = turn;
                reader.document = Some(document);
            }
        });
    }

    /// The client says how its copy has changed.
    pub(super) fn changed(
        &self,
        run: &RunId,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
    ) {
        self.with(|readers, _| {
            if let Some(document) = readers.get_mut(run).and_then(|r| r.document.as_mut()) {
                document.apply(version, changes, encoding);
            }
        });
    }

    /// The client has closed its copy.
    pub(super) fn closed(&self, run: &RunId) {
        self.with(|readers, _| readers.remove(run));
    }

    /// Forgets the copies of runs that are forgotten: a client may never say that it has closed
    /// them.
    pub(super) fn retain(&self, is_known: impl Fn(&RunId) -> bool) {
        self.lock().retain(|run, _| is_known(run));
    }

    /// Tells when something of the above happens.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// The client's copy, if it is there to be edited; else how long until it may be.
    pub(super) fn ready(&self, run: &RunId) -> Result<Ready, Option<Duration>> {
        let readers = self.lock();
        let reader = readers.get(run).ok_or(None)?;
        let view = reader.view.as_ref().ok_or(None)?;
        let waited = reader.pulled.elapsed();
        // A client that refuses edits is not to pull without a pause.
        if (reader.document.is_none() || reader.doubted) && waited < OPENING {
            return Err(Some(OPENING - waited));
        }
        // Its length alone would not do: two states may be told in as many bytes.
        let confirmed = reader.document.as_ref().filter(|d| d.snapshot() == *view.text());
        let version = confirmed.map(Document::version);
        Ok(Ready { view: view.clone(), version, turn: reader.turn })
    }

    /// Whether the client has said that it has the very text that it was given; `None` where it
    /// has no copy.
    pub(super) fn agrees(&self, run: &RunId) -> Option<bool> {
        let readers = self.lock();
        let reader = readers.get(run)?;
        let text = reader.view.as_ref()?.text();
        Some(reader.document.as_ref().is_some_and(|document| document.snapshot() == *text))
    }

    /// The client has applied an edit that led to `view`; false where its copy has moved
    /// meanwhile, so that nobody knows what it holds.
    pub(super) fn applied(&self, run: &RunId, turn: u64, view: View) -> bool {
        match self.lock().get_mut(run) {
            Some(reader) if reader.turn == turn => {
                reader.view = Some(view);
                reader.doubted = false;
                true
            }
            _ => false,
        }
    }

    /// The client's copy is in doubt: nothing is sent for it until it is pulled again.
    pub(super) fn doubt(&self, run: &RunId) {
        if let Some(reader) = self.lock().get_mut(run) {
            reader.view = None;
            reader.doubted = true;
        }
    }

    /// Changes the readers, with a number that no earlier change had.
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<RunId, Reader>, u64) -> T) {
        let mut readers = self.lock();
        let turn = *self.news.borrow() + 1;
        let _ = change(&mut readers, turn);
        self.news.send_replace(turn);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Run;

    #[test]
    fn the_copies_of_forgotten_runs_are_forgotten() {
        let panels = Panels::default();
        let ids = ["a", "b"].map(|id| RunId(id.to_owned()));
        for id in &ids {
            panels.pulled(id, Run::of_journal(id.clone(), "").view());
        }
        panels.retain(|id| id.0 == "b");
        let [gone, known] = ids.map(|id| panels.agrees(&id));
        assert_eq!((gone, known), (None, Some(false)));
    }
}
