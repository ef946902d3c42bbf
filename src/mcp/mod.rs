//! The front end for agents: a Model Context Protocol server whose tools call the session.

mod arguments;
mod caller;
mod calls;
mod pipe;
mod readable;
mod report;
mod server;
mod tools;

use crate::lang::{Lang, Message};
use crate::session::Session;
use pipe::Pipe;
use rmcp::service::{ServerInitializeError, serve_server_with_ct};
use server::Server;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long the shutdown waits for the last answers and for the journal.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Error for a client that does not begin the connection with `initialize`, as the protocol
/// requires.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct HandshakeError;

impl Message for HandshakeError {
    fn message(&self, lang: Lang) -> String {
        lang.pick(
            "MCP の接続を始められません。クライアントから、最初に initialize が届きませんでした。`kaizodo mcp` はエージェントが起動するものです。エージェントの MCP の設定に加えてください。".to_owned(),
            "The MCP connection could not start: the client did not send `initialize` first. `kaizodo mcp` is meant to be started by an agent; add it to the agent's MCP settings.".to_owned(),
        )
    }
}

/// Serves one agent until `input` or `output` is closed or `stop` is cancelled, then stops all
/// runs.
///
/// # Errors
/// Fails if the agent does not begin with `initialize`, as the protocol requires.
pub async fn serve(
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
    session: Session,
    stop: CancellationToken,
) -> Result<(), HandshakeError> {
    let session = Arc::new(session);
    let pipe = Pipe::new(input, output, stop.clone());
    let begun = serve_server_with_ct(Server::new(Arc::clone(&session)), pipe, stop.clone()).await;
    let running = match begun {
        Ok(running) => running,
        // A client that disconnects without sending anything is not an error.
        Err(
            ServerInitializeError::ConnectionClosed(_)
            | ServerInitializeError::TransportError { .. }
            | ServerInitializeError::Cancelled,
        ) => return Ok(()),
        // The cause is dropped, so that the error does not repeat what the client sent.
        Err(_) => return Err(HandshakeError),
    };
    let serving = async {
        // Either the service has ended on its own, or it has panicked.
        let _ = running.waiting().await;
        stop.cancel();
    };
    let stopping = async {
        stop.cancelled().await;
        session.stop_all();
        session.flush(SHUTDOWN_TIMEOUT).await;
    };
    // A client that does not read must not delay the shutdown.
    let late = async {
        stop.cancelled().await;
        sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        _ = async { tokio::join!(serving, stopping) } => {}
        () = late => {}
    }
    Ok(())
}
