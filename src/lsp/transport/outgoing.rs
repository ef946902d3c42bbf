//! What leaves: one writer, two bounded queues.
//!
//! Answers and the server's own messages wait for room, in their own tasks. Refusals are made by
//! the reading itself, which never waits, so they have a queue of their own.

use super::frame;
use futures::{Stream, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tower_lsp::jsonrpc::{Request, Response};

/// Messages that wait to be written. With the pipe full as well, the senders wait.
const FRAMES: usize = 256;

/// Refusals that wait to be written. A client that leaves so many unread is not there any more.
const REFUSALS: usize = 4096;

/// Bytes that are written at once where many small messages wait.
const BATCH: usize = 64 * 1024;

/// The ways into the writer.
#[derive(Debug)]
pub(crate) struct Outgoing {
    frames: Sender<Vec<u8>>,
    refusals: Sender<Vec<u8>>,
}

/// The writer's ends of the queues.
#[derive(Debug)]
pub(crate) struct Queues {
    frames: Receiver<Vec<u8>>,
    refusals: Receiver<Vec<u8>>,
}

/// Both ends.
pub(crate) fn queues() -> (Outgoing, Queues) {
    let (frames, frames_out) = mpsc::channel(FRAMES);
    let (refusals, refusals_out) = mpsc::channel(REFUSALS);
    (Outgoing { frames, refusals }, Queues { frames: frames_out, refusals: refusals_out })
}

impl Outgoing {
    /// A way in for a task that can wait.
    pub(crate) fn frames(&self) -> Sender<Vec<u8>> {
        self.frames.clone()
    }

    /// Queues an answer if there is room, else gives its frame back.
    pub(crate) fn try_answer(&self, response: &Response) -> Option<Vec<u8>> {
        match self.frames.try_send(encode(response)) {
            Err(TrySendError::Full(frame)) => Some(frame),
            Ok(()) | Err(TrySendError::Closed(_)) => None,
        }
    }

    /// Queues an error answer, made while reading; false when the client has stopped to read them.
    pub(crate) fn refuse(&self, response: &Response) -> bool {
        !matches!(self.refusals.try_send(encode(response)), Err(TrySendError::Full(_)))
    }
}

/// A message as a frame.
pub(crate) fn encode(message: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec(message) {
        Ok(body) => frame::encode(&body),
        Err(error) => {
            tracing::error!(%error, "a message could not be written");
            Vec::new()
        }
    }
}

/// Hands the server's own messages to the writer, at the writer's pace.
pub(crate) async fn pump(
    mut messages: impl Stream<Item = Request> + Unpin,
    frames: Sender<Vec<u8>>,
) {
    while let Some(message) = messages.next().await {
        if frames.send(encode(&message)).await.is_err() {
            return;
        }
    }
}

/// Writes until every sender is gone or the client has closed its end.
pub(crate) async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut queues: Queues,
) -> std::io::Result<()> {
    loop {
        let next = tokio::select! {
            biased;
            Some(frame) = queues.refusals.recv() => Some(frame),
            Some(frame) = queues.frames.recv() => Some(frame),
            else => None,
        };
        let Some(mut batch) = next else {
            return Ok(());
        };
        while batch.len() < BATCH
            && let Ok(more) = queues.refusals.try_recv().or_else(|_| queues.frames.try_recv())
        {
            batch.extend_from_slice(&more);
        }
        output.write_all(&batch).await?;
        output.flush().await?;
    }
}
