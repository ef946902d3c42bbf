//! The models that can be asked: `kaizodo/models`.

use super::error::failed;
use crate::lsp::connection::Connection;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

pub(crate) async fn list(connection: &Connection) -> jsonrpc::Result<Value> {
    let found = connection.session.models().await;
    let list = found.map_err(|error| failed(connection, &error))?;
    let models: Vec<Value> = list
        .models
        .iter()
        .map(|listed| json!({"name": listed.name, "runs_at": listed.runs_at}))
        .collect();
    Ok(json!({"host": list.host, "model": list.model, "models": models}))
}
