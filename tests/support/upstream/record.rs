//! The record of what the server saw.

use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long a wait may take before the test fails.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Number of the connection that the request came on, from 0.
    pub(crate) connection: usize,
    /// The HTTP method, such as `POST`.
    pub(crate) method: String,
    /// Path and query, exactly as in the request line.
    pub(crate) path: String,
    /// Names, in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    /// The raw body.
    pub(crate) body: Vec<u8>,
    /// How many other requests were open when this request arrived.
    pub(crate) beside: usize,
    /// When the last byte of the request had been read.
    pub(crate) arrived: Instant,
    /// When the response head was written.
    pub(crate) head: Option<Instant>,
    /// When each piece of the body was written.
    pub(crate) writes: Vec<Instant>,
    /// When the response was over, whichever side ended it.
    pub(crate) ended: Option<Instant>,
    /// When the client was seen to close the socket, if it did so before the response ended.
    pub(crate) client_closed: Option<Instant>,
}

impl Seen {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let hit = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        hit.map(|(_, value)| value.as_str())
    }

    /// Returns the body as text.
    pub(crate) fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; `null` if it is not JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// All requests, with a bell that rings at each change.
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

    /// Adds a request and asks for its reply. Returns the request's index and the reply.
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
            // Sleeps in real time, so that a test with a paused clock does not give up at once.
            let tick =
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(20)));
            tokio::select! {
                () = bell => {}
                _ = tick => {}
            }
        }
    }
}
