//! The previews of this connection: texts that the client pulls by ID.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Maximum number of previews; the oldest is dropped first.
const KEPT: usize = 16;
/// How long to wait for text that is not ready yet, or for a client that has not asked for the text
/// yet. Longer than the search for local servers takes.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(5);

/// A preview's text, which is ready or still being made.
type Text = watch::Receiver<Option<Arc<str>>>;

/// One preview's text, and whether the client has asked for it.
struct Kept {
    id: String,
    text: Text,
    pulled: watch::Sender<bool>,
}

/// The connection's latest previews, oldest first.
#[derive(Default)]
pub(crate) struct Previews(Mutex<VecDeque<Kept>>);

/// A handle that supplies a preview's text when it is ready.
pub(crate) struct PreviewSender(watch::Sender<Option<Arc<str>>>);

impl Previews {
    /// Registers a preview and returns its ID. The ID is random, so that no ID from an earlier
    /// process refers to this preview.
    pub(crate) fn begin(&self) -> (String, PreviewSender) {
        let id = format!("{:016x}", rand::random::<u64>());
        let (sender, text) = watch::channel(None);
        let mut kept = self.0.lock();
        kept.push_back(Kept { id: id.clone(), text, pulled: watch::Sender::new(false) });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        (id, PreviewSender(sender))
    }

    /// Waits for a preview's text. Returns `None` if there is no preview with this ID, or if its
    /// text is not ready in time.
    pub(crate) async fn text(&self, id: &str) -> Option<Arc<str>> {
        let mut text = self.0.lock().iter().find(|kept| kept.id == id)?.text.clone();
        let made =
            timeout(PREVIEW_TIMEOUT, text.wait_for(Option::is_some)).await.ok()?.ok()?.clone();
        if let Some(kept) = self.0.lock().iter().find(|kept| kept.id == id) {
            kept.pulled.send_replace(true);
        }
        made
    }

    /// Waits until the client has pulled the preview's text, but for at most [`PREVIEW_TIMEOUT`].
    pub(crate) async fn pulled(&self, id: &str) {
        let pulled = self.0.lock().iter().find(|kept| kept.id == id).map(|k| k.pulled.subscribe());
        if let Some(mut pulled) = pulled {
            let _ = timeout(PREVIEW_TIMEOUT, pulled.wait_for(|pulled| *pulled)).await;
        }
    }
}

impl PreviewSender {
    pub(crate) fn done(self, text: String) {
        self.0.send_replace(Some(text.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn it_is_known_when_the_client_has_asked_for_a_text() {
        let previews = Previews::default();
        let (id, sender) = previews.begin();
        sender.done("a".to_owned());
        let started = Instant::now();
        previews.pulled(&id).await;
        assert_eq!(started.elapsed(), PREVIEW_TIMEOUT, "nobody asks");
        let later = Duration::from_millis(700);
        tokio::join!(previews.pulled(&id), async {
            sleep(later).await;
            previews.text(&id).await
        });
        assert_eq!(started.elapsed(), PREVIEW_TIMEOUT + later);
        previews.pulled("unknown").await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_text_is_waited_for_but_not_for_long_and_the_oldest_makes_way() {
        let previews = Previews::default();
        let (id, sender) = previews.begin();
        assert_eq!(previews.text(&id).await, None, "not in time");
        let (text, ()) = tokio::join!(previews.text(&id), async { sender.done("a".to_owned()) });
        assert_eq!(text.as_deref(), Some("a"));
        previews.pulled(&id).await;
        drop(previews.begin().1);
        let all: Vec<_> = (0..KEPT).map(|_| previews.begin()).collect();
        assert_eq!(previews.text(&id).await, None, "forgotten");
        assert_eq!(previews.0.lock().len(), KEPT);
        drop(all);
    }
}
