//! What only one kind of server says.

use super::LocalKind;
use http::HeaderMap;
use reqwest::{Client, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Most bytes that are read of one answer.
const BODY: usize = 64 << 10;

/// What a server says of itself.
pub(super) struct Answer {
    /// Its models.
    pub(super) models: Vec<String>,
    /// Requests that it works on together, where it says so.
    pub(super) slots: Option<usize>,
}

/// Asks one port.
pub(super) struct Probe {
    client: Client,
    base: String,
}

impl Probe {
    pub(super) fn new(client: Client, port: u16) -> Self {
        Self { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// What the server says of itself, if it is of this kind.
    pub(super) async fn ask(&self, kind: LocalKind) -> Option<Answer> {
        let models = match kind {
            LocalKind::Ollama => self.ollama().await,
            LocalKind::LmStudio => self.lm_studio().await,
            LocalKind::LlamaCpp => return self.llama_cpp().await,
            LocalKind::Vllm => self.vllm().await,
        };
        Some(Answer { models: models?, slots: None })
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
    async fn llama_cpp(&self) -> Option<Answer> {
        if !is_llama_cpp(self.get("/health").await?.headers()) {
            return None;
        }
        let (list, props) =
            futures::join!(self.json::<List>("/v1/models"), self.json::<Value>("/props"));
        let list = list.unwrap_or_default();
        let models = chatting(list.data.into_iter().map(|model| model.id));
        Some(Answer { models, slots: props.and_then(|props| total_slots(&props)) })
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

/// Whether llama.cpp names itself in the headers of an answer.
pub(super) fn is_llama_cpp(headers: &HeaderMap) -> bool {
    let server = headers.get(http::header::SERVER).and_then(|name| name.to_str().ok());
    server.is_some_and(|name| name.starts_with("llama.cpp"))
}

/// How many requests llama.cpp's `/props` says it works on together.
pub(super) fn slots_of(props: &str) -> Option<usize> {
    total_slots(&serde_json::from_str(props).ok()?)
}

fn total_slots(props: &Value) -> Option<usize> {
    let slots = props.get("total_slots")?.as_u64()?;
    usize::try_from(slots).ok().filter(|slots| *slots > 0)
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
