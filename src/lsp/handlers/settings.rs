//! The editor's settings: from `initialize`, from `workspace/configuration` and from
//! `workspace/didChangeConfiguration`.

use crate::lang::Message;
use crate::lsp::connection::Connection;
use serde_json::Value;
use std::sync::Arc;

/// Handles a change of the editor's settings: applies the settings in `pushed`, or requests the
/// current ones, and reads the user's files again. If the editor's settings cannot be read, the
/// previous ones stay in force.
///
/// A client that vouches for its settings vouches for its answers to `workspace/configuration`.
/// Other parts of an editor may push settings too, so a push from such a client is only a signal to
/// request the settings, provided that the client supports this request.
pub(crate) async fn changed(connection: &Arc<Connection>, pushed: &Value) {
    let capabilities = connection.capabilities();
    let is_sign = pushed.is_null() || (capabilities.user_settings && capabilities.configuration);
    if !is_sign {
        connection.take_editor_settings(pushed);
    }
    let reader = Arc::clone(connection);
    // A disk that does not respond blocks only this handler.
    if tokio::task::spawn_blocking(move || reader.load_user_settings()).await.is_err() {
        tracing::error!("reading the settings failed");
    }
    if is_sign {
        return ask(connection).await;
    }
    connection.settings_read.notify_one();
    tell(Arc::clone(connection)).await;
}

/// Requests and applies the editor's settings, if the client supports that. Then shows the user the
/// pending notices about settings and perspectives.
pub(crate) async fn ask(connection: &Arc<Connection>) {
    if connection.capabilities().configuration
        && let Some(value) = connection.client.settings().await
        && !value.is_null()
    {
        connection.take_editor_settings(&value);
    }
    connection.settings_read.notify_one();
    tell(Arc::clone(connection)).await;
}

/// Reads the perspectives and the repository that apply to a document from disk, in the background,
/// and shows the user what is wrong with them.
pub(crate) fn look_soon(connection: &Arc<Connection>, uri: &str) {
    let (looker, uri) = (Arc::clone(connection), uri.to_owned());
    connection.spawn(async move {
        looker.session.settings.refresh(&uri).await;
        tell(looker).await;
    });
}

/// Shows the user the notices about settings and perspectives that were not shown yet.
pub(crate) async fn tell(connection: Arc<Connection>) {
    for notice in connection.session.settings.take_notices() {
        tracing::warn!(?notice, "something was left out");
        connection.client.warn(&notice.message(connection.session.lang())).await;
    }
}
