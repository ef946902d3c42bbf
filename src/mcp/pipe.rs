//! stdin and stdout as a transport that reports when either of them is closed.

use super::readable::Readable;
use rmcp::RoleServer;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// A message transport over a client's input and output streams, which reports when either stream
/// is closed.
pub(crate) struct Pipe<R: AsyncRead + Unpin, W: AsyncWrite> {
    messages: AsyncRwTransport<RoleServer, Readable<R>, W>,
    closed: CancellationToken,
}

impl<R, W> Pipe<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    /// Creates a transport that cancels `closed` once input has ended or output can no longer be
    /// written.
    pub(crate) fn new(input: R, output: W, closed: CancellationToken) -> Self {
        Pipe { messages: AsyncRwTransport::new_server(Readable::new(input), output), closed }
    }
}

impl<R, W> Transport<RoleServer> for Pipe<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (sent, closed) = (self.messages.send(message), self.closed.clone());
        async move { sent.await.inspect_err(|_| closed.cancel()) }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let message = self.messages.receive().await;
        if message.is_none() {
            // The SDK would first wait for the calls in flight, which wait for their runs.
            self.closed.cancel();
        }
        message
    }

    async fn close(&mut self) -> io::Result<()> {
        self.messages.close().await
    }
}
