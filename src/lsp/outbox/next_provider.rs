//! Tells the client who would be asked, at the start and whenever the settings change that.

use crate::lsp::client::TellProvider;
use crate::lsp::connection::Connection;
use crate::session::NextProvider;
use serde_json::json;
use std::sync::Arc;

/// Tells the client whenever settings were read and someone else would be asked now. Runs until the
/// connection ends. One task tells, so that the client hears of the last change last.
pub(crate) async fn tell(connection: Arc<Connection>) {
    let mut told = NextProvider::default();
    loop {
        connection.settings_read.notified().await;
        let next = connection.session.next_provider().await;
        if next != told {
            connection.client.notify::<TellProvider>(json!(next)).await;
            told = next;
        }
    }
}
