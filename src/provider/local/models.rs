//! The models of an endpoint, and what kind of server owns them.

use super::LocalKind;
use super::fingerprint::{is_llama_cpp, slots_of};
use crate::event::FailureKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::transport::{Detail, client, error, fault, read_some, refusal};
use crate::provider::{Kind, ProviderError, Serving};
use http::HeaderMap;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// Most bytes that are read of a list: OpenRouter's is half of that.
const BODY: usize = 4 << 20;
/// A run waits for the list where no model is named, so it is not waited for as long as an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server may take to say what it is. Nobody should wait for that alone.
const CURIOSITY: Duration = Duration::from_millis(800);

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    owned_by: Option<String>,
}

/// What an endpoint says of its models.
pub struct Models {
    /// Their names, in its own order.
    pub names: Vec<String>,
    /// What kind of server it shows itself to be.
    pub kind: Kind,
}

/// The names of the models that an endpoint offers (`GET /models`), in its own order.
///
/// # Errors
/// As for a question: refusals, faults on the way, and what is no list of models.
pub async fn list_models(endpoint: &Endpoint) -> Result<Vec<String>, ProviderError> {
    Ok(models(endpoint).await?.names)
}

/// What an endpoint says of its models (`GET /models`).
///
/// # Errors
/// As [`list_models`].
pub async fn models(endpoint: &Endpoint) -> Result<Models, ProviderError> {
    let (headers, body) = get(endpoint, endpoint.url("/models")).await?;
    let Ok(list) = serde_json::from_slice::<List>(&body) else {
        let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        let detail = Detail::new(endpoint.secrets()).clean(&start);
        return Err(error(FailureKind::BadResponse, &endpoint.host(), detail));
    };
    let kind = match endpoint.serving.kind {
        Kind::Unknown => kind(&headers, &list),
        known => known,
    };
    Ok(Models { names: list.data.into_iter().map(|model| model.id).collect(), kind })
}

/// What a server that the user named shows itself to be, by its list of models and by nothing
/// that it would not be asked for anyway. `None` where it does not say in time.
pub async fn learn(endpoint: &Endpoint) -> Option<Serving> {
    timeout(CURIOSITY, async {
        let kind = models(endpoint).await.ok()?.kind;
        let slots = match kind {
            Kind::Local(LocalKind::LlamaCpp) => {
                let props = get(endpoint, endpoint.url_beside("/props")).await.ok();
                props.and_then(|(_, body)| slots_of(&String::from_utf8_lossy(&body)))
            }
            _ => None,
        };
        Some(Serving { kind, slots })
    })
    .await
    .ok()?
}

/// llama.cpp names itself in each answer; the others name the owner of their models, as nobody
/// else is known to do.
fn kind(headers: &HeaderMap, list: &List) -> Kind {
    if is_llama_cpp(headers) {
        return Kind::Local(LocalKind::LlamaCpp);
    }
    let owners = list.data.iter().filter_map(|model| model.owned_by.as_deref());
    let known = |owner| match owner {
        "llamacpp" => Some(LocalKind::LlamaCpp),
        "library" => Some(LocalKind::Ollama),
        "organization_owner" => Some(LocalKind::LmStudio),
        "vllm" => Some(LocalKind::Vllm),
        _ => None,
    };
    owners.filter_map(known).map(Kind::Local).next().unwrap_or_default()
}

async fn get(endpoint: &Endpoint, url: Url) -> Result<(HeaderMap, Vec<u8>), ProviderError> {
    let host = endpoint.host();
    let endpoint = &endpoint
        .with_key()
        .await
        .map_err(|cause| error(FailureKind::Configuration, &host, Some(cause.to_string())))?;
    let detail = Detail::new(endpoint.secrets());
    let internal = |cause: &dyn std::error::Error| {
        error(FailureKind::Internal, &host, detail.clean(&cause.to_string()))
    };
    let patience = endpoint.limits.idle.min(PATIENCE);
    let client = client(endpoint).map_err(|cause| internal(&cause))?;
    let headers = endpoint.header_map().map_err(|cause| internal(&cause))?;
    let request = client.get(url).query(&endpoint.query).headers(headers).timeout(patience);
    let mut response = request.send().await.map_err(|cause| fault(cause, &host, &detail))?;
    let status = response.status();
    let limit = if status.is_success() { BODY } else { endpoint.limits.refusal_bytes };
    let headers = response.headers().clone();
    let body = read_some(&mut response, limit, patience).await;
    if !status.is_success() {
        let refused = refusal(status, &headers, &body, &host, &detail);
        return Err(if endpoint.is_keyless() { refused.without_key() } else { refused });
    }
    Ok((headers, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_tell_their_server() {
        let owned = |owners: &[&str]| {
            let data = owners.iter().map(|owner| Model {
                id: "m".to_owned(),
                owned_by: Some((*owner).to_owned()).filter(|owner| !owner.is_empty()),
            });
            kind(&HeaderMap::new(), &List { data: data.collect() })
        };
        assert_eq!(owned(&["", "library"]), Kind::Local(LocalKind::Ollama));
        assert_eq!(owned(&["organization_owner"]), Kind::Local(LocalKind::LmStudio));
        assert_eq!(owned(&["vllm", "vllm"]), Kind::Local(LocalKind::Vllm));
        assert_eq!(owned(&["llamacpp"]), Kind::Local(LocalKind::LlamaCpp));
        assert_eq!(owned(&["openai", "system", ""]), Kind::Unknown);
        assert_eq!(owned(&[]), Kind::Unknown);
        let named = HeaderMap::from_iter([(http::header::SERVER, "llama.cpp".parse().unwrap())]);
        assert_eq!(kind(&named, &List { data: vec![] }), Kind::Local(LocalKind::LlamaCpp));
    }
}
