//! Shows a preview as a virtual document, or as a file to clients without virtual documents.

use super::file;
use crate::lsp::connection::Connection;
use crate::lsp::previews::PreviewSender;
use crate::panel;
use crate::request::Preview;
use std::sync::Arc;

/// The name of the preview's file for clients without virtual documents. Each preview replaces the
/// previous one, because it contains the selected text; the last one is removed when the connection
/// ends.
const FILE: &str = "preview.md";

/// Shows a preview in the client when it is ready, without blocking: as the virtual document `uri`,
/// whose text is supplied to `sender`, or as a file.
pub(crate) fn preview(
    connection: &Arc<Connection>,
    uri: String,
    sender: PreviewSender,
    preview: impl Future<Output = Preview> + Send + 'static,
) {
    let text = async { panel::preview(&preview.await) };
    show_when_ready(connection, uri, sender, text);
}

/// Like [`preview`], but shows text that is already complete.
pub(crate) fn show_text(
    connection: &Arc<Connection>,
    uri: String,
    sender: PreviewSender,
    text: String,
) {
    show_when_ready(connection, uri, sender, std::future::ready(text));
}

fn show_when_ready(
    connection: &Arc<Connection>,
    uri: String,
    sender: PreviewSender,
    text: impl Future<Output = String> + Send + 'static,
) {
    let connection_of_task = Arc::clone(connection);
    connection.spawn(async move {
        let connection = connection_of_task;
        let text = text.await;
        let capabilities = connection.capabilities();
        if capabilities.virtual_documents {
            sender.done(text);
            if capabilities.show_document {
                connection.show_document(&uri).await;
            }
        } else if let Some(files) = &connection.files {
            file::put_and_show(&connection, files, FILE, text).await;
        }
    });
}
