//! `kaizodo.compare`: compares two runs, in the client's own diff view or as a document.

use super::error::rejected;
use crate::event::RunId;
use crate::lsp::connection::Connection;
use crate::lsp::params::CompareArgument;
use crate::lsp::{outbox, uri};
use crate::panel::fenced;
use crate::session::{Compared, SessionError};
use serde_json::{Value, json};
use std::future::ready;
use std::sync::Arc;
use tower_lsp::jsonrpc;

/// Compares two runs. Returns the URIs of the runs' texts and, unless `show` is `false`, opens a
/// document with the differences between these texts. Clients that show the differences themselves
/// set `show` to `false`.
pub(crate) async fn compare(
    connection: &Arc<Connection>,
    argument: CompareArgument,
) -> jsonrpc::Result<Value> {
    let CompareArgument { run, with, show } = argument;
    let compared = connection.session.compare(&run, with.as_ref()).await;
    let compared = rejected(connection, compared)?;
    let side = |compared: &Compared| {
        let run = &compared.run;
        json!({"run": run.id(), "uri": uri::of_compared(run.id(), run.title())})
    };
    let (earlier, later) = (side(&compared.earlier), side(&compared.later));
    if show.unwrap_or(true) {
        let lang = connection.session.lang();
        let title = lang.pick("二つの実行の違い", "What changed between two runs");
        let text = format!("# {title}\n\n{}", fenced("diff", &compared.unified()));
        outbox::show_text(connection, title, ready(text));
    }
    Ok(json!({"earlier": earlier, "later": later}))
}

/// Returns a run's text for comparison: what the run was asked about, if known, and its answers.
pub(crate) async fn text(connection: &Connection, run: &RunId) -> jsonrpc::Result<Value> {
    let text = async {
        let run = connection.session.load_run(run).await?;
        Ok::<_, SessionError>(connection.session.compared(run).await?.text)
    };
    Ok(json!({"text": rejected(connection, text.await)?}))
}
