//! The models that can be asked: `kaizodo/models`.

use super::error::failed;
use crate::lsp::connection::Connection;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

pub(crate) async fn list(connection: &Connection) -> jsonrpc::Result<Value> {
    let found = connection.session.models().await;
    let choice = found.map_err(|error| failed(connection, &error))?;
    let models: Vec<Value> = choice
        .models
        .iter()
        .map(|listed| json!({"name": listed.name, "at": listed.runs_at}))
        .collect();
    Ok(json!({"host": choice.host, "model": choice.model, "models": models}))
}
