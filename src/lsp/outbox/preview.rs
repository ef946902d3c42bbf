//! Shows a preview as a virtual document, or as a file to clients without virtual documents.

use super::file;
use crate::lsp::connection::Connection;
use crate::lsp::uri;
use std::sync::Arc;

/// The name of the preview's file for clients without virtual documents. Each preview replaces the
/// previous one, because it contains the selected text; the last one is removed when the connection
/// ends.
const FILE: &str = "preview.md";

/// Shows a text in the client when it is ready, without blocking: as a virtual document, or as a
/// file. Returns the URI of the virtual document.
pub(crate) fn show_text(
    connection: &Arc<Connection>,
    title: &str,
    text: impl Future<Output = String> + Send + 'static,
) -> String {
    let (id, sender) = connection.previews.begin();
    let uri = uri::of_preview(&id, title);
    let (owned, shown) = (Arc::clone(connection), uri.clone());
    connection.spawn(async move {
        let text = text.await;
        let capabilities = owned.capabilities();
        if capabilities.virtual_documents {
            sender.done(text);
            if capabilities.show_document {
                owned.show_document(&shown).await;
            }
        } else if let Some(files) = &owned.files {
            file::put_and_show(&owned, files, FILE, text).await;
        }
    });
    uri
}
