//! The previews of this connection: texts that the client pulls by their names.

use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Previews that are kept; the oldest makes way.
const KEPT: usize = 16;
/// How long a client that is early waits for the text: longer than local servers are looked for.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(5);

/// A text that is still being made, or is there.
type Text = watch::Receiver<Option<Arc<str>>>;

/// The previews, by id.
#[derive(Default)]
pub(crate) struct Previews(Mutex<VecDeque<(String, Text)>>);

/// Where a preview's text goes when it is made.
pub(crate) struct Making(watch::Sender<Option<Arc<str>>>);

impl Previews {
    /// Makes room for one and gives its id. Nobody can know the id of an earlier process's.
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
