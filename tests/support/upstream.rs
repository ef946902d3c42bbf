//! A model server for tests: raw HTTP/1.1 on a loopback port, with every byte scripted.
//!
//! A script is a function from the request to a [`Reply`]. [`Upstream::seen`] returns what
//! happened. Tests enforce order with a [`Gate`] and the waiting methods, never with a sleep.

mod record;
mod reply;
mod serve;
mod sse;

pub(crate) use record::{Seen, TIMEOUT};
pub(crate) use reply::{End, Gate, Reply, Step};
pub(crate) use sse::{SSE_DONE, answer, sse, sse_finish, sse_text, sse_thinking, sse_usage};

use record::Log;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running server. Dropping it closes its port and its connections.
pub(crate) struct Upstream {
    addr: SocketAddr,
    log: Arc<Log>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Starts a server that calls `script` for the reply to each request.
    pub(crate) async fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at(0, script).await
    }

    /// Like [`Upstream::start`], but at this port; 0 means any free port.
    pub(crate) async fn start_at(
        port: u16,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free loopback port");
        let addr = listener.local_addr().expect("a bound address");
        let log = Arc::new(Log::default());
        let accepting = tokio::spawn(serve::accept(listener, Arc::new(script), log.clone()));
        Self { addr, log, accepting }
    }

    /// Starts a server that gives the same answer to every request.
    pub(crate) async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// Starts a server that gives the reply of the first rule whose text occurs in the request's
    /// body, or a 404 if no rule matches.
    pub(crate) async fn rules(rules: Vec<(&'static str, Reply)>) -> Self {
        Self::start(move |request| {
            let body = request.body_text();
            let hit = rules.iter().find(|(needle, _)| body.contains(needle));
            hit.map_or_else(|| Reply::status(404), |(_, reply)| reply.clone())
        })
        .await
    }

    /// Returns the URL `http://127.0.0.1:<port>`, without a trailing slash.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Returns the port.
    pub(crate) fn port(&self) -> u16 {
        self.addr.port()
    }

    /// Returns every request so far, in order of arrival.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.log.all()
    }

    /// Returns how many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.log.connections()
    }

    /// Returns the greatest number of requests that were open at the same time. A request is open
    /// from its last byte until the response ends or the client disconnects.
    pub(crate) fn overlap(&self) -> usize {
        self.log.overlap()
    }

    /// Waits until `count` requests have arrived.
    pub(crate) async fn arrived(&self, count: usize) -> Vec<Seen> {
        self.until("requests", |seen| seen.len() >= count).await
    }

    /// Waits until the client has closed the socket of `count` requests.
    pub(crate) async fn closed(&self, count: usize) -> Vec<Seen> {
        let closed = |seen: &[Seen]| seen.iter().filter(|s| s.client_closed.is_some()).count();
        self.until("closed sockets", |seen| closed(seen) >= count).await
    }

    /// Waits until `ready` accepts the requests seen so far. Panics after [`TIMEOUT`].
    pub(crate) async fn until(&self, what: &str, ready: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        self.log.until(what, ready).await
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[cfg(test)]
mod tests;
