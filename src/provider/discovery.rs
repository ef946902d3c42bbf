//! Detects model servers on this machine at their usual ports, by responses that are unique to one
//! kind of server.

use super::endpoint::Endpoint;
use super::models::{ListedModel, elsewhere, fill_cloud_hosts, is_llama_cpp, listed, total_slots};
use super::serving::{ServerKind, Serving};
use super::transport::client_builder;
use futures::stream::{FuturesUnordered, StreamExt};
use reqwest::{Client, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum number of bytes read from one response.
const BODY: usize = 512 << 10;

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

/// The models and the parallelism that a server reports.
struct ProbeResult {
    /// The server's models, loaded ones first.
    models: Vec<ListedModel>,
    /// Number of requests that the server processes in parallel; `None` if the server does not
    /// report it.
    slots: Option<usize>,
}

/// Probes one port of 127.0.0.1 for a server.
struct Probe {
    client: Client,
    base: String,
}

impl Probe {
    fn new(client: Client, port: u16) -> Self {
        Self { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// Queries the server. Returns its models and parallelism if it is of the given kind.
    async fn ask(&self, kind: ServerKind) -> Option<ProbeResult> {
        let models = match kind {
            ServerKind::Ollama => self.ollama().await,
            ServerKind::LmStudio => self.lm_studio().await,
            ServerKind::LlamaCpp => return self.llama_cpp().await,
            ServerKind::Vllm => self.vllm().await,
            ServerKind::Unknown | ServerKind::Cloud => None,
        };
        let mut models = models?;
        models.sort_by_key(|model| !model.loaded);
        Some(ProbeResult { models, slots: None })
    }

    /// Identifies Ollama: `/` says that Ollama is running, `/api/tags` lists its models, and
    /// `/api/ps` the loaded ones.
    async fn ollama(&self) -> Option<Vec<ListedModel>> {
        let root = text(self.get("/").await?).await?;
        if root.trim() != "Ollama is running" {
            return None;
        }
        let (tags, loaded) = futures::join!(self.json("/api/tags"), self.json("/api/ps"));
        let mut models = listed::read(&tags?)?;
        let loaded = loaded.and_then(|list| listed::read(&list)).unwrap_or_default();
        for model in &mut models {
            model.loaded = loaded.iter().any(|loaded| loaded.name == model.name);
        }
        Some(models)
    }

    /// Identifies LM Studio: each model lists its loaded instances or, in older versions, its
    /// state. LM Studio answers 200 for any path, so a status proves nothing.
    async fn lm_studio(&self) -> Option<Vec<ListedModel>> {
        for (path, key, member) in
            [("/api/v1/models", "models", "loaded_instances"), ("/api/v0/models", "data", "state")]
        {
            let Some(list) = self.json(path).await else { continue };
            let Some(all) = list.get(key).and_then(Value::as_array) else { continue };
            let says = |model: &Value| model.get(member).is_some_and(|said| !said.is_null());
            let is_old = key == "data";
            return if (is_old || !all.is_empty()) && all.iter().all(says) {
                listed::read(&list)
            } else {
                None
            };
        }
        None
    }

    /// Identifies llama.cpp: every response names it in `Server`, even while the model is loading.
    async fn llama_cpp(&self) -> Option<ProbeResult> {
        if !is_llama_cpp(self.get("/health").await?.headers()) {
            return None;
        }
        let (list, props) = futures::join!(self.json("/v1/models"), self.json("/props"));
        let mut models = list.and_then(|list| listed::read(&list)).unwrap_or_default();
        models.sort_by_key(|model| !model.loaded);
        Some(ProbeResult { models, slots: props.and_then(|props| total_slots(&props)) })
    }

    /// Identifies vLLM: it reports a version, and its models are owned by `vllm`.
    async fn vllm(&self) -> Option<Vec<ListedModel>> {
        self.json("/version").await?.get("version")?.as_str()?;
        let models = listed::read(&self.json("/v1/models").await?)?;
        let own = models.iter().any(|model| model.owner.as_deref() == Some("vllm"));
        own.then_some(models)
    }

    async fn get(&self, path: &str) -> Option<Response> {
        self.client.get(format!("{}{path}", self.base)).send().await.ok()
    }

    async fn json(&self, path: &str) -> Option<Value> {
        serde_json::from_str(&text(self.get(path).await?).await?).ok()
    }
}

/// Returns the body of a successful response, unless it is too long.
async fn text(mut response: Response) -> Option<String> {
    if !response.status().is_success() {
        return None;
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY {
            return None;
        }
    }
    String::from_utf8(body).ok()
}
