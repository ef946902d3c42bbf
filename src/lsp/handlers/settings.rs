//! The editor's settings: from `initialize`, from `workspace/configuration` and from
//! `workspace/didChangeConfiguration`.

use crate::lsp::connection::Connection;
use serde_json::Value;

/// Takes what the editor pushes; where it is wrong, what was there before stays in force.
pub(in crate::lsp) async fn take(connection: &Connection, value: &Value) {
    connection.note(connection.take_editor_settings(value));
    tell(connection).await;
}

/// Reads the user's file again and asks the editor.
pub(in crate::lsp) async fn reload(connection: &Connection) {
    connection.note(connection.load_user_settings());
    ask(connection).await;
}

/// Asks the editor what it has for us, where it can be asked, and tells what is wrong so far.
pub(in crate::lsp) async fn ask(connection: &Connection) {
    if connection.client().configuration
        && let Some(value) = connection.outbox.settings().await
        && !value.is_null()
    {
        connection.note(connection.take_editor_settings(&value));
    }
    tell(connection).await;
}

async fn tell(connection: &Connection) {
    for problem in connection.take_problems() {
        tracing::warn!(%problem, "settings were left out");
        connection.outbox.warn(&problem.message(connection.session.lang())).await;
    }
}
