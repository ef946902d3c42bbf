//! The models of an endpoint.

use crate::event::FailureKind;
use crate::provider::ProviderError;
use crate::provider::endpoint::Endpoint;
use crate::provider::transport::{Detail, client, error, fault, read_some, refusal};
use serde::Deserialize;
use std::time::Duration;

/// Most bytes that are read of a list: OpenRouter's is half of that.
const BODY: usize = 4 << 20;
/// A run waits for the list where no model is named, so it is not waited for as long as an answer.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

/// The names of the models that an endpoint offers (`GET /models`), in its own order.
///
/// # Errors
/// As for a question: refusals, faults on the way, and what is no list of models.
pub async fn list_models(endpoint: &Endpoint) -> Result<Vec<String>, ProviderError> {
    let host = endpoint.host();
    let detail = Detail::new(endpoint.secrets());
    let internal = |cause: &dyn std::error::Error| {
        error(FailureKind::Internal, &host, detail.clean(&cause.to_string()))
    };
    let patience = endpoint.limits.idle.min(PATIENCE);
    let client = client(endpoint).map_err(|cause| internal(&cause))?;
    let headers = endpoint.header_map().map_err(|cause| internal(&cause))?;
    let request = client
        .get(endpoint.url("/models"))
        .query(&endpoint.query)
        .headers(headers)
        .timeout(patience);
    let mut response = request.send().await.map_err(|cause| fault(cause, &host, &detail))?;
    let status = response.status();
    let limit = if status.is_success() { BODY } else { endpoint.limits.refusal_bytes };
    let headers = response.headers().clone();
    let body = read_some(&mut response, limit, patience).await;
    if !status.is_success() {
        return Err(refusal(status, &headers, &body, &host, &detail));
    }
    match serde_json::from_slice::<List>(&body) {
        Ok(list) => Ok(list.data.into_iter().map(|model| model.id).collect()),
        Err(_) => {
            let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
            Err(error(FailureKind::BadResponse, &host, detail.clean(&start)))
        }
    }
}
