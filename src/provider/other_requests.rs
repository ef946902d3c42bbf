//! Other requests in progress at the same server, so that waiting behind them is no timeout.

use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What ties a request to the others at its server, as far as whoever waits for its answer must
/// know.
#[derive(Clone, Default)]
pub struct Begun(Option<Arc<dyn Beside>>);

/// The other requests at a server.
pub trait Beside: Send + Sync {
    /// The server has begun to answer this request.
    fn begun(&self);
    /// The last moment at which the server was answering another request that it may have had
    /// before this one: now, if it still is. While it works on one at a time and this one waits
    /// there, it is not silent.
    fn busy_until(&self) -> Option<Instant>;
}

impl Begun {
    /// The ties of a request.
    pub fn new(beside: impl Beside + 'static) -> Self {
        Begun(Some(Arc::new(beside)))
    }

    /// The server has begun to answer, whatever with.
    pub(crate) fn tell(&self) {
        if let Some(beside) = &self.0 {
            beside.begun();
        }
    }

    /// When a wait that ends now may end instead: as long after the server was last busy with
    /// another request.
    pub(crate) fn patience(&self, wait: Duration) -> Option<Instant> {
        let deadline = self.0.as_ref()?.busy_until()? + wait;
        (deadline > Instant::now()).then_some(deadline)
    }
}
