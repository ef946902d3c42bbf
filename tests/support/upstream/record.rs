//! What the server saw.

use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long a wait may take before the test is given up.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The connection that it came on, from 0.
    pub(crate) connection: usize,
    /// `POST`.
    pub(crate) method: String,
    /// Path and query, as they stood in the request line.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, raw.
    pub(crate) body: Vec<u8>,
    /// How many others were open when it arrived.
    pub(crate) beside: usize,
    /// When its last byte had been read.
    pub(crate) arrived: Instant,
    /// When the response head was written.
    pub(crate) head: Option<Instant>,
    /// When each piece of the body was written.
    pub(crate) writes: Vec<Instant>,
    /// When the response was over, whoever ended it.
    pub(crate) ended: Option<Instant>,
    /// When the client was seen to have closed the socket, if it did so before the end.
    pub(crate) client_closed: Option<Instant>,
}

impl Seen {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let hit = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        hit.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(crate) fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` where it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// All of it, with a bell that rings at each change.
#[derive(Default)]
pub(super) struct Log {
    state: Mutex<LogState>,
    bell: Notify,
}

#[derive(Default)]
struct LogState {
    seen: Vec<Seen>,
    connections: usize,
    open: usize,
    overlap: usize,
}

impl Log {
    fn with<T>(&self, change: impl FnOnce(&mut LogState) -> T) -> T {
        let value = change(&mut self.state.lock().expect("no test panics while it holds this"));
        self.bell.notify_waiters();
        value
    }

    pub(super) fn connected(&self) -> usize {
        self.with(|s| {
            s.connections += 1;
            s.connections - 1
        })
    }

    /// Enters a request, asks for the reply to it, and returns its place, too.
    pub(super) fn open<T>(&self, mut seen: Seen, reply: impl FnOnce(&Seen) -> T) -> (usize, T) {
        let beside = self.with(|s| {
            s.open += 1;
            s.overlap = s.overlap.max(s.open);
            s.open - 1
        });
        seen.beside = beside;
        let reply = reply(&seen);
        let at = self.with(|s| {
            s.seen.push(seen);
            s.seen.len() - 1
        });
        (at, reply)
    }

    pub(super) fn note(&self, at: usize, change: impl FnOnce(&mut Seen)) {
        self.with(|s| s.seen.get_mut(at).map(change));
    }

    pub(super) fn close(&self, at: usize, by_client: Option<Instant>) {
        self.with(|s| {
            s.open -= 1;
            if let Some(seen) = s.seen.get_mut(at) {
                seen.ended = Some(Instant::now());
                seen.client_closed = by_client;
            }
        });
    }

    pub(super) fn all(&self) -> Vec<Seen> {
        self.state.lock().expect("as above").seen.clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.state.lock().expect("as above").connections
    }

    pub(super) fn overlap(&self) -> usize {
        self.state.lock().expect("as above").overlap
    }

    pub(super) async fn until(&self, what: &str, ready: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let bell = self.bell.notified();
            tokio::pin!(bell);
            bell.as_mut().enable();
            let seen = self.all();
            if ready(&seen) {
                return seen;
            }
            assert!(Instant::now() < deadline, "waited too long for {what}: {seen:#?}");
            // Real time, so that a test with a paused clock does not give up at once.
            let tick =
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(20)));
            tokio::select! {
                () = bell => {}
                _ = tick => {}
            }
        }
    }
}
