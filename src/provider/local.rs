//! Detects model servers on this machine at their usual ports.

mod fingerprint;
mod listed;
mod models;
mod purpose;

pub use listed::ListedModel;
pub use models::{LEARN_TIMEOUT, Learned, Models, learn, models};

use super::endpoint::Endpoint;
use super::serving::{ServerKind, Serving};
use super::transport::client_builder;
use fingerprint::{Probe, ProbeResult};
use futures::stream::{FuturesUnordered, StreamExt};
use models::{elsewhere, fill_cloud_hosts};
use std::time::Duration;
use tokio::time::timeout;

/// Returns `true` if a model is a chat model, judging by its name.
pub fn chats_by_name(name: &str) -> bool {
    purpose::by_name(name)
}

/// A local server, identified by its responses.
#[derive(Clone, Debug)]
pub struct FoundServer {
    /// The kind of server.
    pub kind: ServerKind,
    /// The server's endpoint, with the first of `models` as its model.
    pub endpoint: Endpoint,
    /// The chat models that run on the server itself; models already loaded come first.
    pub models: Vec<String>,
}

/// The ports on which to look for servers, and the timeouts.
#[derive(Clone, Debug)]
pub struct DiscoveryOptions {
    /// Ports to probe on 127.0.0.1, each with the kind of server expected there, in order of
    /// preference.
    pub ports: Vec<(ServerKind, u16)>,
    /// Timeout for connecting to one port.
    pub connect: Duration,
    /// Timeout for all requests to one port.
    pub total: Duration,
}

impl Default for DiscoveryOptions {
    fn default() -> Self {
        Self {
            ports: vec![
                (ServerKind::Ollama, 11434),
                (ServerKind::LmStudio, 1234),
                // llama.cpp is moving from 8080 to 9931.
                (ServerKind::LlamaCpp, 8080),
                (ServerKind::LlamaCpp, 9931),
                (ServerKind::Vllm, 8000),
            ],
            connect: Duration::from_millis(300),
            total: Duration::from_millis(800),
        }
    }
}

/// Probes all ports at once and returns the servers found, in the order of `ports`.
///
/// A port proves nothing, since other programs use the same ports: each server is identified by
/// responses that are unique to its kind. Uses no proxy, sends no key, follows no redirect, and
/// contacts only 127.0.0.1.
pub async fn discover(options: &DiscoveryOptions) -> Vec<FoundServer> {
    let client = client_builder().no_proxy().tls_certs_only([]).connect_timeout(options.connect);
    let Ok(client) = client.build() else { return vec![] };
    let look = |(place, &(kind, port)): (usize, &(ServerKind, u16))| {
        let probe = Probe::new(client.clone(), port);
        async move {
            let answer = timeout(options.total, probe.ask(kind)).await.ok()??;
            found(kind, port, answer).map(|found| (place, found))
        }
    };
    let looking: FuturesUnordered<_> = options.ports.iter().enumerate().map(look).collect();
    let mut all: Vec<_> = looking.filter_map(std::future::ready).collect().await;
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, found)| found).collect()
}

fn found(kind: ServerKind, port: u16, answer: ProbeResult) -> Option<FoundServer> {
    let ProbeResult { models: mut all, slots } = answer;
    if kind == ServerKind::Ollama {
        fill_cloud_hosts(&mut all);
    }
    let here = all.iter().filter(|model| model.chats && model.runs_at.is_none());
    let models: Vec<String> = here.map(|model| model.name.clone()).collect();
    let mut endpoint = Endpoint::new(&format!("http://127.0.0.1:{port}")).ok()?;
    endpoint.label = format!("{kind} ({})", endpoint.host());
    endpoint.model = models.first().cloned();
    endpoint.serving = Serving { kind, slots };
    endpoint.elsewhere = Some(elsewhere(&all));
    Some(FoundServer { kind, endpoint, models })
}
