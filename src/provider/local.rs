//! Detects model servers on this machine at their usual ports.

mod fingerprint;
mod listed;
mod models;
mod purpose;

pub use listed::Listed;
pub use models::{CURIOSITY, Learned, Models, learn, models};

use super::endpoint::Endpoint;
use super::serving::{Kind, Serving};
use super::transport::client_builder;
use fingerprint::{Answer, Probe};
use futures::stream::{FuturesUnordered, StreamExt};
use models::{elsewhere, know_names};
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// Whether a model is a chat model, judging by its name.
pub fn chats_by_name(name: &str) -> bool {
    purpose::by_name(name)
}

/// Returns the host that Ollama forwards requests for a model to, judging by the model's name.
pub(crate) fn cloud_by_name(name: &str) -> Option<&'static str> {
    listed::cloud_by_name(name)
}

/// A kind of local server that can be identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalKind {
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// llama.cpp's `llama-server`.
    LlamaCpp,
    /// vLLM.
    Vllm,
}

impl fmt::Display for LocalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LocalKind::Ollama => "Ollama",
            LocalKind::LmStudio => "LM Studio",
            LocalKind::LlamaCpp => "llama.cpp",
            LocalKind::Vllm => "vLLM",
        })
    }
}

/// A local server that its responses identify.
#[derive(Clone, Debug)]
pub struct Found {
    /// The kind of server.
    pub kind: LocalKind,
    /// Its endpoint, with the first of `models`.
    pub endpoint: Endpoint,
    /// The chat models that run on it, loaded ones first.
    pub models: Vec<String>,
}

/// Where to look for servers, and for how long.
#[derive(Clone, Debug)]
pub struct Places {
    /// Kinds and ports in order of preference. Only 127.0.0.1 is contacted.
    pub ports: Vec<(LocalKind, u16)>,
    /// Timeout for connecting.
    pub connect: Duration,
    /// Timeout for everything at one port.
    pub total: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            ports: vec![
                (LocalKind::Ollama, 11434),
                (LocalKind::LmStudio, 1234),
                // llama.cpp is moving from the first to the second.
                (LocalKind::LlamaCpp, 8080),
                (LocalKind::LlamaCpp, 9931),
                (LocalKind::Vllm, 8000),
            ],
            connect: Duration::from_millis(300),
            total: Duration::from_millis(800),
        }
    }
}

/// Probes all ports at once and returns the servers found, in the order of `ports`.
///
/// A port proves nothing, since other programs use the same ones: each server is identified by
/// responses that are unique to it. Uses no proxy, sends no key, follows no redirect, and contacts
/// only 127.0.0.1.
pub async fn discover(places: &Places) -> Vec<Found> {
    let client = client_builder().no_proxy().tls_certs_only([]).connect_timeout(places.connect);
    let Ok(client) = client.build() else { return vec![] };
    let look = |(place, &(kind, port)): (usize, &(LocalKind, u16))| {
        let probe = Probe::new(client.clone(), port);
        async move {
            let answer = timeout(places.total, probe.ask(kind)).await.ok()??;
            found(kind, port, answer).map(|found| (place, found))
        }
    };
    let looking: FuturesUnordered<_> = places.ports.iter().enumerate().map(look).collect();
    let mut all: Vec<_> = looking.filter_map(std::future::ready).collect().await;
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, found)| found).collect()
}

fn found(kind: LocalKind, port: u16, answer: Answer) -> Option<Found> {
    let Answer { models: mut all, slots } = answer;
    if kind == LocalKind::Ollama {
        know_names(&mut all);
    }
    let here = all.iter().filter(|model| model.chats && model.runs_at.is_none());
    let models: Vec<String> = here.map(|model| model.name.clone()).collect();
    let mut endpoint = Endpoint::new(&format!("http://127.0.0.1:{port}")).ok()?;
    endpoint.label = format!("{kind} ({})", endpoint.host());
    endpoint.model = models.first().cloned();
    endpoint.serving = Serving { kind: Kind::Local(kind), slots };
    endpoint.elsewhere = Some(elsewhere(&all));
    Some(Found { kind, endpoint, models })
}
