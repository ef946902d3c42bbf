//! `kaizodo serve`: the real program, over a real socket.

mod access;
mod follow;
#[cfg(target_os = "linux")]
mod open;
mod runs;
mod shutdown;

use crate::support::program::Home;
use crate::support::upstream::{TIMEOUT, Upstream};
use futures::StreamExt;
use kaizodo::event::Stamped;
use reqwest::{Method, RequestBuilder, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Once;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A running server.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    client: reqwest::Client,
}

impl Served {
    /// Starts the server in this home, with `upstream` as the model server.
    pub(crate) async fn start(home: &Home, upstream: &Upstream) -> Self {
        Served::of(&mut home.asking(upstream, &["serve", "--port", "0", "--json"])).await
    }

    pub(crate) async fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(TIMEOUT, lines.next_line()).await.unwrap().unwrap().unwrap();
        let reachable: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| reachable[name].as_str().unwrap().to_owned();
        let (address, token) = (text("address"), text("token"));
        assert_eq!(text("url"), format!("http://{address}/#token={token}"));
        Served { child, address: address.parse().unwrap(), token, client: client() }
    }

    /// Interrupts the server, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        let pid = Pid::from_raw(self.child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
    }

    /// Waits until the server has ended, and returns its exit status.
    pub(crate) async fn end(mut self) -> Option<i32> {
        timeout(TIMEOUT, self.child.wait()).await.unwrap().unwrap().code()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path).json(&body).send().await.unwrap()
    }

    /// Posts a body and returns the answer, which must have this status.
    pub(crate) async fn posted(&self, path: &str, body: Value, status: u16) -> Value {
        read(self.post(path, body).await, status).await
    }

    /// Starts a run without following it. Returns the run's name.
    pub(crate) async fn run(&self, body: Value) -> String {
        let request = self.request(Method::POST, "/v1/runs").header("accept", "application/json");
        let response = request.json(&body).send().await.unwrap();
        let place = response.headers()["location"].to_str().unwrap().to_owned();
        let run = read(response, 201).await["run"].as_str().unwrap().to_owned();
        assert_eq!(place, format!("/v1/runs/{run}"));
        run
    }

    /// Follows a run from the event after `after`.
    pub(crate) async fn follow(&self, run: &str, after: u64) -> Events {
        let request = self.get(&format!("/v1/runs/{run}")).header("accept", "text/event-stream");
        Events::of(request.header("last-event-id", after).send().await.unwrap())
    }
}

/// Returns a client that uses no proxy, whatever the environment says.
pub(crate) fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Returns the JSON of a response, which must have this status.
pub(crate) async fn read(response: Response, status: u16) -> Value {
    let (found, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(found, status, "{text}");
    if text.is_empty() { json!(null) } else { serde_json::from_str(&text).unwrap() }
}

/// Server-Sent Events, as they arrive.
pub(crate) struct Events {
    response: Response,
    bytes: Vec<u8>,
}

impl Events {
    pub(crate) fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { response, bytes: Vec::new() }
    }

    /// Returns the next event's ID and data; `None` at the end.
    pub(crate) async fn raw(&mut self) -> Option<(u64, String)> {
        loop {
            if let Some(end) = memchr::memmem::find(&self.bytes, b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                let block = String::from_utf8(block).unwrap();
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                let found = field("id: ").map(|id| id.parse().unwrap()).zip(field("data: "));
                let found = found.map(|(id, data)| (id, data.to_owned()));
                if found.is_some() {
                    return found;
                }
                continue;
            }
            let chunk = timeout(TIMEOUT, self.response.chunk()).await.expect("events in time");
            self.bytes.extend(chunk.unwrap()?);
        }
    }

    pub(crate) async fn next(&mut self) -> Option<Stamped> {
        let (id, data) = self.raw().await?;
        let stamped: Stamped = serde_json::from_str(&data).unwrap();
        assert_eq!(stamped.seq, id);
        Some(stamped)
    }

    pub(crate) async fn rest(mut self) -> Vec<Stamped> {
        let mut all = Vec::new();
        while let Some(stamped) = self.next().await {
            all.push(stamped);
        }
        all
    }
}

/// Runs all of these at the same time.
pub(crate) async fn all<T>(work: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::stream::iter(work).buffer_unordered(usize::MAX).collect().await
}
