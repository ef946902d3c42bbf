//! `kaizodo.browse`: opens this server's web page in a browser.

use super::error::{failed, rejected};
use crate::lsp::connection::Connection;
use crate::lsp::params::BrowseArgument;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Opens this server's web page in a browser, at a run if one is given. Returns the page's URL.
pub(crate) async fn browse(
    connection: &Arc<Connection>,
    BrowseArgument { run }: BrowseArgument,
) -> jsonrpc::Result<Value> {
    let run = match run {
        Some(name) => Some(rejected(connection, connection.session.find_run_by_name(&name).await)?),
        None => None,
    };
    let run = run.as_ref().map(|run| run.id());
    let uri = connection.browser.url(&connection.session, &connection.token, run).await;
    let uri = uri.map_err(|error| failed(connection, &error))?;
    if connection.capabilities().show_document {
        let (owned, uri) = (Arc::clone(connection), uri.clone());
        connection.spawn(async move { owned.show_external(&uri).await });
    }
    Ok(json!({"uri": uri}))
}
