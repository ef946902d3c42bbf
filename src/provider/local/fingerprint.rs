//! What only one kind of server says.

use super::LocalKind;
use reqwest::{Client, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Most bytes that are read of one answer.
const BODY: usize = 64 << 10;

/// Asks one port.
pub(super) struct Probe {
    client: Client,
    base: String,
}

impl Probe {
    pub(super) fn new(client: Client, port: u16) -> Self {
        Self { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// The models of the server, if it is of this kind.
    pub(super) async fn models(&self, kind: LocalKind) -> Option<Vec<String>> {
        match kind {
            LocalKind::Ollama => self.ollama().await,
            LocalKind::LmStudio => self.lm_studio().await,
            LocalKind::LlamaCpp => self.llama_cpp().await,
            LocalKind::Vllm => self.vllm().await,
        }
    }

    /// Its root says that it is running, and `/api/tags` lists models; `/api/ps` those loaded.
    async fn ollama(&self) -> Option<Vec<String>> {
        let root = text(self.get("/").await?).await?;
        if root.trim() != "Ollama is running" {
            return None;
        }
        let (tags, loaded) =
            futures::join!(self.json::<Tags>("/api/tags"), self.json::<Tags>("/api/ps"));
        let names = |tags: Tags| tags.models.into_iter().map(|model| model.name);
        let loaded = loaded.into_iter().flat_map(names);
        Some(chatting(loaded.chain(names(tags?))))
    }

    /// Its models say how often they are loaded, or in older versions, whether. It answers 200 to
    /// anything else too, so that a status is no proof.
    async fn lm_studio(&self) -> Option<Vec<String>> {
        if let Some(list) = self.json::<LmStudio>("/api/v1/models").await {
            return list.names();
        }
        let list = self.json::<List>("/api/v0/models").await?;
        if list.data.iter().any(|model| model.state.is_none()) {
            return None;
        }
        let (loaded, rest): (Vec<_>, Vec<_>) =
            list.data.into_iter().partition(|m| m.state.as_deref() == Some("loaded"));
        let chat = |m: &Model| m.r#type.as_deref() != Some("embeddings");
        Some(chatting(loaded.into_iter().chain(rest).filter(chat).map(|model| model.id)))
    }

    /// Every answer names it in `Server`, also while the model is loading.
    async fn llama_cpp(&self) -> Option<Vec<String>> {
        let health = self.get("/health").await?;
        let server = health.headers().get(http::header::SERVER)?;
        if !server.to_str().is_ok_and(|name| name.starts_with("llama.cpp")) {
            return None;
        }
        let list = self.json::<List>("/v1/models").await.unwrap_or_default();
        Some(chatting(list.data.into_iter().map(|model| model.id)))
    }

    /// It has a version, and owns its models.
    async fn vllm(&self) -> Option<Vec<String>> {
        self.json::<Version>("/version").await?;
        let list = self.json::<List>("/v1/models").await?;
        let own = list.data.iter().any(|model| model.owned_by.as_deref() == Some("vllm"));
        own.then(|| chatting(list.data.into_iter().map(|model| model.id)))
    }

    async fn get(&self, path: &str) -> Option<Response> {
        self.client.get(format!("{}{path}", self.base)).send().await.ok()
    }

    async fn json<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        serde_json::from_str(&text(self.get(path).await?).await?).ok()
    }
}

/// The body of a success, if it is not too long.
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

/// Without those that only embed or rank, and without repeats.
fn chatting(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut models: Vec<String> = Vec::new();
    for name in names {
        let lower = name.to_lowercase();
        if !lower.contains("embed") && !lower.contains("rerank") && !models.contains(&name) {
            models.push(name);
        }
    }
    models
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

#[derive(Deserialize)]
struct LmStudio {
    models: Vec<LmStudioModel>,
}

#[derive(Deserialize)]
struct LmStudioModel {
    key: String,
    r#type: Option<String>,
    loaded_instances: Option<Vec<Value>>,
}

impl LmStudio {
    fn names(self) -> Option<Vec<String>> {
        if self.models.is_empty() || self.models.iter().any(|m| m.loaded_instances.is_none()) {
            return None;
        }
        let (loaded, rest): (Vec<_>, Vec<_>) =
            self.models.into_iter().partition(|m| m.loaded_instances.iter().flatten().count() > 0);
        let chat = |m: &LmStudioModel| m.r#type.as_deref().is_none_or(|t| t != "embedding");
        Some(chatting(loaded.into_iter().chain(rest).filter(chat).map(|model| model.key)))
    }
}

#[derive(Default, Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    r#type: Option<String>,
    state: Option<String>,
    owned_by: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    #[expect(dead_code, reason = "that it is there is the proof")]
    version: String,
}
