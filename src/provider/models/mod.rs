//! Lists the models of an endpoint and identifies its kind of server.

pub(crate) mod listed;
mod purpose;

pub use listed::ListedModel;

use crate::event::FailureKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::serving::cloud_by_name;
use crate::provider::transport::{Redactor, client, error, fault, read_some, refusal};
use crate::provider::{ProviderError, ServerKind, Serving};
use http::HeaderMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// Maximum number of bytes read from a list. OpenRouter's list is half as long.
const BODY: usize = 4 << 20;
/// Maximum timeout for a list, shorter than for an answer, because a run without a configured model
/// waits for it.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// Timeout of [`identify_server`]. Identifying a server is not worth a longer wait.
pub const LEARN_TIMEOUT: Duration = Duration::from_millis(800);

/// The models that an endpoint offers.
pub struct Models {
    /// All models, in the server's order.
    pub all: Vec<ListedModel>,
    /// The kind of server, as far as it can be identified.
    pub kind: ServerKind,
}

/// A server's kind and parallelism, and its models that run on other hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// The server's kind and parallelism, as far as known.
    pub serving: Serving,
    /// Models that do not run on the server itself, each with the host to which the server forwards
    /// requests for it.
    pub elsewhere: BTreeMap<String, String>,
}

/// Returns `true` if a model is a chat model, judging by its name.
pub fn chats_by_name(name: &str) -> bool {
    purpose::by_name(name)
}

impl Models {
    /// Returns the default model: the first chat model that runs on the server itself.
    pub fn pick(&self) -> Option<&str> {
        let here = |model: &&ListedModel| model.chats && model.runs_at.is_none();
        self.all.iter().find(here).map(|model| model.name.as_str())
    }

    /// Returns the models that do not run on the server itself, each with the host to which the
    /// server forwards requests for it.
    pub fn elsewhere(&self) -> BTreeMap<String, String> {
        elsewhere(&self.all)
    }

    /// Adds what only Ollama's own list reports about the models.
    fn merge_ollama_tags(&mut self, tags: &[ListedModel]) {
        for model in &mut self.all {
            if let Some(tag) = tags.iter().find(|tag| tag.name == model.name) {
                (model.chats, model.runs_at) = (tag.chats, tag.runs_at.clone());
            }
        }
    }
}

pub(crate) fn elsewhere(models: &[ListedModel]) -> BTreeMap<String, String> {
    let remote = |model: &ListedModel| Some((model.name.clone(), model.runs_at.clone()?));
    models.iter().filter_map(remote).collect()
}

/// Fills in missing hosts for Ollama's cloud models, which are recognized by name.
pub(crate) fn fill_cloud_hosts(models: &mut [ListedModel]) {
    for model in models.iter_mut().filter(|model| model.runs_at.is_none()) {
        model.runs_at = cloud_by_name(&model.name).map(str::to_owned);
    }
}

/// Fetches the models of an endpoint with `GET /models`, and if it is or may be Ollama, also
/// `GET /api/tags`, the only list that tells which models run elsewhere.
///
/// # Errors
/// Fails if the key command gives no key, the connection fails, or the response has an error status
/// or is not a list of models.
pub async fn list_models(endpoint: &Endpoint) -> Result<Models, ProviderError> {
    let (headers, body) = get(endpoint, endpoint.url("/models")).await?;
    let Some(all) = read(&body) else {
        let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        let detail = Redactor::new(endpoint.secrets()).clean(&start);
        return Err(error(FailureKind::BadResponse, &endpoint.host(), detail));
    };
    let kind = match endpoint.serving.kind {
        ServerKind::Unknown => kind(&headers, &all),
        known => known,
    };
    let mut models = Models { all, kind };
    let is_ollama = kind == ServerKind::Ollama;
    if is_ollama || kind == ServerKind::Unknown && endpoint.may_be_ollama() {
        let tags = get(endpoint, endpoint.url_beside("/api/tags")).await.ok();
        let tags = tags.and_then(|(_, body)| read_tags(&body));
        if is_ollama || tags.is_some() {
            models.kind = ServerKind::Ollama;
            models.merge_ollama_tags(&tags.unwrap_or_default());
            fill_cloud_hosts(&mut models.all);
        }
    }
    Ok(models)
}

fn read(body: &[u8]) -> Option<Vec<ListedModel>> {
    listed::read(&serde_json::from_slice(body).ok()?)
}

/// Parses Ollama's own list. Other servers respond at that path too, but only Ollama's entries have
/// a digest or a remote host.
fn read_tags(body: &[u8]) -> Option<Vec<ListedModel>> {
    let list: Value = serde_json::from_slice(body).ok()?;
    let all = list.get("models")?.as_array()?;
    let is_ours = |entry: &Value| ["digest", "remote_host"].iter().any(|k| entry.get(k).is_some());
    all.iter().all(is_ours).then(|| listed::read(&list))?
}

/// Identifies a server that the user configured, from its lists of models and, for llama.cpp, from
/// `/props`. Returns `None` on errors and after [`LEARN_TIMEOUT`].
pub async fn identify_server(endpoint: &Endpoint) -> Option<Learned> {
    timeout(LEARN_TIMEOUT, async {
        let models = list_models(endpoint).await.ok()?;
        let slots = match models.kind {
            ServerKind::LlamaCpp => {
                let props = get(endpoint, endpoint.url_beside("/props")).await.ok();
                props.and_then(|(_, body)| total_slots(&serde_json::from_slice(&body).ok()?))
            }
            _ => None,
        };
        let serving = Serving { kind: models.kind, slots };
        Some(Learned { serving, elsewhere: models.elsewhere() })
    })
    .await
    .ok()?
}

/// Identifies a server: llama.cpp names itself in each response, the others use unique owners for
/// their models.
fn kind(headers: &HeaderMap, list: &[ListedModel]) -> ServerKind {
    if is_llama_cpp(headers) {
        return ServerKind::LlamaCpp;
    }
    let owners = list.iter().filter_map(|model| model.owner.as_deref());
    let known = |owner| match owner {
        "llamacpp" => Some(ServerKind::LlamaCpp),
        "library" => Some(ServerKind::Ollama),
        "organization_owner" => Some(ServerKind::LmStudio),
        "vllm" => Some(ServerKind::Vllm),
        _ => None,
    };
    owners.filter_map(known).next().unwrap_or_default()
}

/// Returns `true` if a response's headers name llama.cpp.
pub(crate) fn is_llama_cpp(headers: &HeaderMap) -> bool {
    let server = headers.get(http::header::SERVER).and_then(|name| name.to_str().ok());
    server.is_some_and(|name| name.starts_with("llama.cpp"))
}

/// Returns the number of requests that llama.cpp processes in parallel, from its `/props`.
pub(crate) fn total_slots(props: &Value) -> Option<usize> {
    let slots = props.get("total_slots")?.as_u64()?;
    usize::try_from(slots).ok().filter(|slots| *slots > 0)
}

async fn get(endpoint: &Endpoint, url: Url) -> Result<(HeaderMap, Vec<u8>), ProviderError> {
    let host = endpoint.host();
    let endpoint = &endpoint.with_key().await?;
    let redactor = Redactor::new(endpoint.secrets());
    let internal = |cause: &dyn std::error::Error| {
        error(FailureKind::Internal, &host, redactor.clean(&cause.to_string()))
    };
    let time_limit = endpoint.limits.idle.min(LIST_TIMEOUT);
    let client = client(endpoint).map_err(|cause| internal(&cause))?;
    let headers = endpoint.header_map().map_err(|cause| internal(&cause))?;
    let request = client.get(url).query(&endpoint.query).headers(headers).timeout(time_limit);
    let mut response = request.send().await.map_err(|cause| fault(cause, &host, &redactor))?;
    let status = response.status();
    let limit = if status.is_success() { BODY } else { endpoint.limits.refusal_bytes };
    let headers = response.headers().clone();
    let body = read_some(&mut response, limit, time_limit).await;
    if !status.is_success() {
        let refused = refusal(status, &headers, &body, &host, &redactor);
        return Err(refused.with_key_from(&endpoint.key_place()));
    }
    Ok((headers, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn models_identify_their_server() {
        let owned = |owners: &[&str]| {
            let data = owners.iter().map(|owner| match *owner {
                "" => json!({"id": owner.len().to_string()}),
                owner => json!({"id": owner, "owned_by": owner}),
            });
            let list = listed::read(&json!({"data": data.collect::<Vec<_>>()})).unwrap();
            kind(&HeaderMap::new(), &list)
        };
        assert_eq!(owned(&["", "library"]), ServerKind::Ollama);
        assert_eq!(owned(&["organization_owner"]), ServerKind::LmStudio);
        assert_eq!(owned(&["vllm", "vllm"]), ServerKind::Vllm);
        assert_eq!(owned(&["llamacpp"]), ServerKind::LlamaCpp);
        assert_eq!(owned(&["openai", "system", ""]), ServerKind::Unknown);
        assert_eq!(owned(&[]), ServerKind::Unknown);
        let named = HeaderMap::from_iter([(http::header::SERVER, "llama.cpp".parse().unwrap())]);
        assert_eq!(kind(&named, &[]), ServerKind::LlamaCpp);
    }

    #[test]
    fn the_first_chat_model_that_runs_here_is_picked() {
        let list = json!({"data": [
            {"id": "nomic-embed-text:latest"}, {"id": "gpt-oss:120b-cloud"}, {"id": "mine"}, {"id": "qwen3:8b"},
        ]});
        let mut models = Models { all: listed::read(&list).unwrap(), kind: ServerKind::Unknown };
        assert_eq!(models.pick(), Some("gpt-oss:120b-cloud"), "a name tells only at Ollama");
        let tags = br#"{"models":[{"name":"mine","remote_model":"x","remote_host":"https://ollama.com:443","digest":"1"}]}"#;
        models.merge_ollama_tags(&read_tags(tags).unwrap());
        fill_cloud_hosts(&mut models.all);
        assert_eq!(models.pick(), Some("qwen3:8b"));
        let hosts = ["gpt-oss:120b-cloud", "mine"].map(|m| (m.to_owned(), "ollama.com".to_owned()));
        assert_eq!(models.elsewhere(), BTreeMap::from(hosts));
        assert!(read_tags(br#"{"models":[{"name":"a"}]}"#).is_none(), "not Ollama's");
    }

    /// For any name and any position of a remote model in the list.
    #[test]
    fn no_model_that_runs_elsewhere_is_picked_by_itself() {
        let names = ["mine:latest", "glm-4.6:cloud", "gpt-oss:120b-cloud", "a/b", "雲"];
        let remotes = [
            json!({"remote_host": "https://ollama.com:443", "remote_model": "x"}),
            json!({"remote_model": "glm-4.6"}),
            json!({"remote_host": "http://gpu.lan:11434"}),
            json!({"remote_host": "not a url", "remote_model": ""}),
            json!({"remote_host": "", "remote_model": "x", "size": 384}),
        ];
        let mut count = 0;
        for (name, remote) in names.iter().flat_map(|n| remotes.iter().map(move |r| (n, r))) {
            for (before, here) in (0..4).flat_map(|n| [(n, true), (n, false)]) {
                let mut tags: Vec<Value> = (0..before)
                    .map(|n| json!({"name": format!("other{n}-cloud"), "digest": "d", "remote_model": "x"}))
                    .collect();
                let mut model = json!({"name": name, "digest": "d"});
                let members = model.as_object_mut().unwrap();
                members.extend(remote.as_object().unwrap().clone());
                tags.push(model);
                if here {
                    tags.push(json!({"name": "here:8b", "digest": "d"}));
                }
                let data: Vec<_> = tags.iter().map(|tag| json!({"id": tag["name"]})).collect();
                let all = listed::read(&json!({"data": data})).unwrap();
                let mut models = Models { all, kind: ServerKind::Unknown };
                let tags = json!({"models": tags}).to_string();
                models.merge_ollama_tags(&read_tags(tags.as_bytes()).unwrap());
                fill_cloud_hosts(&mut models.all);
                assert_eq!(models.pick(), here.then_some("here:8b"), "{tags}");
                assert!(models.elsewhere().contains_key(*name), "{tags}");
                count += 1;
            }
        }
        assert_eq!(count, 200);
    }
}
