//! The saved runs: `kaizodo/journal/list`, `kaizodo.pin` and `kaizodo.delete`.

use super::error::rejected;
use crate::journal::{Entry, Filter, Listing};
use crate::lsp::connection::Connection;
use crate::lsp::params::{JournalListParams, PinArgument, RunIdArgument, insert};
use crate::panel::show_hidden;
use serde_json::{Value, json};
use tower_lsp::jsonrpc;

/// Maximum number of runs in one list.
const LISTED: usize = 1000;

pub(crate) async fn list(
    connection: &Connection,
    params: JournalListParams,
) -> jsonrpc::Result<Value> {
    let JournalListParams { query, uri, folder, pinned, before, limit } = params;
    let uri = match uri {
        Some(uri) => Some(document_of(connection, uri).await),
        None => None,
    };
    let limit = limit.unwrap_or(LISTED).min(LISTED);
    let filter = Filter { query, uri, folder, pinned, before, limit };
    let found = connection.session.saved_runs(filter).await;
    let Listing { runs, next } = rejected(connection, found)?;
    let shown =
        |entry: Entry| Entry { snippet: entry.snippet.as_deref().map(show_hidden), ..entry };
    let mut answer = json!({"runs": runs.into_iter().map(shown).collect::<Vec<_>>()});
    if let Some(next) = next {
        insert(&mut answer, "more", json!(true));
        insert(&mut answer, "next", json!(next));
    }
    Ok(answer)
}

/// Returns the URI of the document that a panel is about, or `uri` itself if that is not a panel or
/// the panel's run cannot be read.
async fn document_of(connection: &Connection, uri: String) -> String {
    let Some(run) = connection.run_of_panel(&uri) else { return uri };
    let run = connection.session.load_run(&run).await;
    run.ok().and_then(|run| run.source()).map_or(uri, |source| source.uri)
}

pub(crate) async fn pin(connection: &Connection, argument: PinArgument) -> jsonrpc::Result<Value> {
    let PinArgument { run, pinned } = argument;
    rejected(connection, connection.session.pin(&run, pinned).await)?;
    Ok(json!({"run": run, "pinned": pinned}))
}

pub(crate) async fn delete(
    connection: &Connection,
    RunIdArgument { run }: RunIdArgument,
) -> jsonrpc::Result<Value> {
    rejected(connection, connection.session.delete(&run).await)?;
    Ok(json!({"run": run}))
}
