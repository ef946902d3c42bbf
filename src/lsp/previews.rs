//! The previews of this connection: texts that the client pulls by ID.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Maximum number of previews; the oldest is dropped first.
const KEPT: usize = 16;
/// How long an early client waits for the text: longer than the search for local servers takes.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(5);

/// A text that is ready or still being made.
type Text = watch::Receiver<Option<Arc<str>>>;

/// The previews, by id.
#[derive(Default)]
pub(crate) struct Previews(Mutex<VecDeque<(String, Text)>>);

/// Receives a preview's text when it is ready.
pub(crate) struct Making(watch::Sender<Option<Arc<str>>>);

impl Previews {
    /// Registers a preview and returns its ID: random, so that no ID of an earlier process names it.
    pub(crate) fn begin(&self) -> (String, Making) {
        let id = format!("{:016x}", rand::random::<u64>());
        let (sender, text) = watch::channel(None);
        let mut kept = self.0.lock();
        kept.push_back((id.clone(), text));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        (id, Making(sender))
    }

    /// A preview's text; `None` if there is no preview with this ID, or its text does not come in
    /// time.
    pub(crate) async fn text(&self, id: &str) -> Option<Arc<str>> {
        let mut text = self.0.lock().iter().find(|(known, _)| known == id)?.1.clone();
        let made = timeout(PREVIEW_TIMEOUT, text.wait_for(Option::is_some)).await.ok()?.ok()?;
        made.clone()
    }
}

impl Making {
    pub(crate) fn done(self, text: String) {
        self.0.send_replace(Some(text.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_text_is_waited_for_but_not_for_long_and_the_oldest_makes_way() {
        let previews = Previews::default();
        let (id, making) = previews.begin();
        assert_eq!(previews.text(&id).await, None, "not in time");
        let (text, ()) = tokio::join!(previews.text(&id), async { making.done("a".to_owned()) });
        assert_eq!(text.as_deref(), Some("a"));
        drop(previews.begin().1);
        let all: Vec<_> = (0..KEPT).map(|_| previews.begin()).collect();
        assert_eq!(previews.text(&id).await, None, "forgotten");
        assert_eq!(previews.0.lock().len(), KEPT);
        drop(all);
    }
}
