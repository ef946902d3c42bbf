//! Answers that the client's own models are writing: where its text goes.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Pieces of one answer that may wait to be taken.
const PIECES: usize = 4096;

/// The answers under way, by their id.
#[derive(Default)]
pub(crate) struct Models {
    asked: Mutex<HashMap<String, mpsc::Sender<String>>>,
    next: AtomicU64,
}

/// One answer under way. Dropping it forgets it: what comes later is nobody's.
pub(crate) struct Asked {
    id: String,
    texts: mpsc::Receiver<String>,
    models: Arc<Models>,
}

impl Models {
    /// Makes room for an answer.
    pub(crate) fn ask(self: &Arc<Self>) -> Asked {
        let id = format!("kaizodo-{}", self.next.fetch_add(1, Ordering::Relaxed));
        let (sender, texts) = mpsc::channel(PIECES);
        self.asked().insert(id.clone(), sender);
        Asked { id, texts, models: Arc::clone(self) }
    }

    /// Takes a piece of an answer. It never waits: an answer that nobody takes is given up.
    pub(crate) fn delta(&self, id: &str, text: String) {
        let mut asked = self.asked();
        if asked.get(id).is_some_and(|sender| sender.try_send(text).is_err()) {
            asked.remove(id);
        }
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<String>>> {
        self.asked.lock()
    }
}

impl Asked {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The next piece; `None` where the answer was given up.
    ///
    /// # Cancel safety
    /// A piece is taken whole or not at all.
    pub(crate) async fn text(&mut self) -> Option<String> {
        self.texts.recv().await
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.models.asked().remove(&self.id);
    }
}
