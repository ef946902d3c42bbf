//! Model servers on this computer, found where they usually are.

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

/// Whether a model of this name answers questions, as far as a name tells.
pub fn chats_by_name(name: &str) -> bool {
    purpose::by_name(name)
}

/// Where Ollama sends the text on to, as far as a model's name tells.
pub(crate) fn cloud_by_name(name: &str) -> Option<&'static str> {
    listed::cloud_by_name(name)
}

/// A kind of server that can be told from others.
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

/// A server that answered and proved what it is.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: LocalKind,
    /// Where it is, with the first of its models.
    pub endpoint: Endpoint,
    /// Its models that answer questions and run there, those that are loaded first.
    pub models: Vec<String>,
}

/// Where is looked, and for how long.
#[derive(Clone, Debug)]
pub struct Places {
    /// Kinds and ports, the most welcome first. Only 127.0.0.1 is ever asked.
    pub ports: Vec<(LocalKind, u16)>,
    /// To connect.
    pub connect: Duration,
    /// For all of one place.
    pub total: Duration,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            ports: vec![
                (LocalKind::Ollama, 11434),
                (LocalKind::LmStudio, 1234),
                // llama.cpp is about to move from the first to the second.
                (LocalKind::LlamaCpp, 8080),
                (LocalKind::LlamaCpp, 9931),
                (LocalKind::Vllm, 8000),
            ],
            connect: Duration::from_millis(300),
            total: Duration::from_millis(800),
        }
    }
}

/// Asks all places at once and returns who is there, in the order of the places.
///
/// A port proves nothing, since other programs use the same ones: each server is told by what only
/// it says. No proxy, no key, no redirect, and none but 127.0.0.1.
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
