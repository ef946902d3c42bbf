//! Tells the client who would be asked: at the start, and whenever the settings change that.

use crate::lsp::client::TellProvider;
use crate::lsp::connection::Connection;
use crate::session::NextProvider;
use serde_json::json;
use std::sync::Arc;

/// Notifies the client each time a change of the settings changes the provider that would be asked.
/// Runs until the connection ends. A single task sends all notifications, so they arrive in order.
pub(crate) async fn tell(connection: Arc<Connection>) {
    let mut told = NextProvider::default();
    loop {
        tokio::select! {
            () = connection.settings_read.notified() => {}
            () = connection.session.settings.user_changed.notified() => {}
        }
        let next = connection.session.next_provider().await;
        if next != told {
            connection.client.notify::<TellProvider>(json!(next)).await;
            told = next;
        }
    }
}
