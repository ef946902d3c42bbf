//! Identifies servers by responses that are unique to one kind.

use super::listed::{self, ListedModel};
use crate::provider::ServerKind;
use http::HeaderMap;
use reqwest::{Client, Response};
use serde_json::Value;

/// Maximum number of bytes read from one response.
const BODY: usize = 512 << 10;

/// The models and the parallelism that a server reports.
pub(crate) struct ProbeResult {
    /// The server's models, loaded ones first.
    pub(crate) models: Vec<ListedModel>,
    /// Number of requests that the server processes in parallel; `None` if the server does not
    /// report it.
    pub(crate) slots: Option<usize>,
}

/// Probes one port of 127.0.0.1 for a server.
pub(crate) struct Probe {
    client: Client,
    base: String,
}

impl Probe {
    pub(crate) fn new(client: Client, port: u16) -> Self {
        Self { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// Queries the server. Returns its models and parallelism if it is of the given kind.
    pub(crate) async fn ask(&self, kind: ServerKind) -> Option<ProbeResult> {
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

/// Returns `true` if a response's headers name llama.cpp.
pub(crate) fn is_llama_cpp(headers: &HeaderMap) -> bool {
    let server = headers.get(http::header::SERVER).and_then(|name| name.to_str().ok());
    server.is_some_and(|name| name.starts_with("llama.cpp"))
}

/// Returns the number of requests that the server processes in parallel, from the body of
/// llama.cpp's `/props`.
pub(crate) fn slots_of(props: &str) -> Option<usize> {
    total_slots(&serde_json::from_str(props).ok()?)
}

fn total_slots(props: &Value) -> Option<usize> {
    let slots = props.get("total_slots")?.as_u64()?;
    usize::try_from(slots).ok().filter(|slots| *slots > 0)
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
