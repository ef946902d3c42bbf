//! The read loop of the transport.
//!
//! It never waits for a handler, the client or the output. Each call is polled once here, in the
//! order of arrival, and moved to its own task if it has not finished. So a handler that applies a
//! change before its first await applies it in order, and a cancellation overtakes everything.

use super::calls::{Calls, GRACE};
use super::frame::Decoder;
use super::message::{self, Message};
use super::{Exit, outgoing, parent};
use futures::SinkExt;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Response};
use tower_lsp::{ClientSocket, LanguageServer, LspService};

/// Interval between checks of the editor's process.
const PARENT_BEAT: Duration = Duration::from_secs(1);

/// Serves one client until the connection ends.
///
/// `token` is cancelled at the end, before anything else, so that runs stop; cancelling it from
/// outside ends the connection. `on_loss` is called for each unreadable message: the message may
/// have changed a document, so every open document may be out of date.
///
/// A pending read of stdin cannot be cancelled, and tokio's runtime waits for it on drop. A program
/// that serves stdio must exit through `std::process::exit` or `Runtime::shutdown_background`.
pub(crate) async fn serve<S: LanguageServer>(
    mut input: impl AsyncRead + Unpin,
    output: impl AsyncWrite + Unpin + Send + 'static,
    service: LspService<S>,
    socket: ClientSocket,
    token: CancellationToken,
    on_loss: impl FnMut(),
) -> Exit {
    let (messages, mut answers) = socket.split();
    let (out, queues) = outgoing::queues();
    // Polled here rather than in a task, so that responses do not compete with the tasks of runs.
    let mut writer = std::pin::pin!(outgoing::write(output, queues));
    let pump = tokio::spawn(outgoing::pump(messages, out.frames()));
    let mut calls = Calls::new(service, out);
    let mut incoming = Incoming { decoder: Decoder::default(), on_loss };
    let mut bytes = vec![0; 64 * 1024];
    let mut beat = interval(PARENT_BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);

    let exit = loop {
        let step = tokio::select! {
            read = input.read(&mut bytes) => match read {
                Ok(n) if n > 0 => {
                    incoming.decoder.push(bytes.get(..n).unwrap_or_default());
                    incoming.take(&mut calls, |response| {
                        // Always ready while the service lives; afterwards nothing waits for the
                        // response.
                        let _ = answers.start_send_unpin(response);
                    })
                }
                _ => ControlFlow::Break(calls.at_end_of_input()),
            },
            Some(done) = calls.tasks.join_next() => match done {
                Ok(done) => calls.finish(done),
                Err(_) => ControlFlow::Continue(()),
            },
            _ = beat.tick(), if calls.parent.is_some() => match calls.parent {
                Some(pid) if !parent::is_alive(pid) => ControlFlow::Break(Exit::ParentGone),
                _ => ControlFlow::Continue(()),
            },
            _ = &mut writer => ControlFlow::Break(Exit::OutputClosed),
            () = token.cancelled() => ControlFlow::Break(Exit::Stopped),
        };
        if let ControlFlow::Break(exit) = step {
            break exit;
        }
    };

    tracing::debug!(?exit, "the connection ends");
    token.cancel();
    let is_writing = tokio::select! {
        _ = &mut writer, if exit != Exit::OutputClosed => false,
        () = calls.end(exit) => exit != Exit::OutputClosed,
    };
    pump.abort();
    if is_writing {
        let _ = timeout(GRACE, &mut writer).await;
    }
    exit
}

/// Turns received bytes into calls.
struct Incoming<F> {
    decoder: Decoder,
    on_loss: F,
}

impl<F: FnMut()> Incoming<F> {
    /// Dispatches every complete message.
    fn take<S: LanguageServer>(
        &mut self,
        calls: &mut Calls<S>,
        mut answer: impl FnMut(Response),
    ) -> ControlFlow<Exit> {
        while let Some(frame) = self.decoder.next_frame() {
            let unreadable = match frame.map(|body| message::read(&body)) {
                Ok(Message::Request(request)) => {
                    calls.accept(request)?;
                    continue;
                }
                Ok(Message::Response(response)) => {
                    answer(response);
                    continue;
                }
                Ok(Message::Unreadable(response)) => response,
                Err(error) => {
                    let message = error.to_string().into();
                    let code = ErrorCode::ParseError;
                    Response::from_error(Id::Null, Error { code, message, data: None })
                }
            };
            tracing::warn!(error = ?unreadable.error(), "a message could not be read");
            (self.on_loss)();
            calls.reject(&unreadable)?;
        }
        ControlFlow::Continue(())
    }
}
