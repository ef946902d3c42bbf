//! Outgoing messages: one writer, two bounded queues.
//!
//! Responses and the server's own messages wait for room in their own tasks. Error responses from
//! the read loop, which never waits, have a separate queue.

use super::frame;
use futures::{Stream, StreamExt};
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tower_lsp::jsonrpc::{Request, Response};

/// Capacity of the queue for responses and messages. Senders wait while it is full.
const FRAMES: usize = 256;

/// Capacity of the queue for error responses. A client that leaves this many unread is considered
/// gone.
const REJECTIONS: usize = 4096;

/// Size in bytes up to which queued messages are combined into one write.
const BATCH: usize = 64 * 1024;

/// The sending ends of the two queues for outgoing messages.
#[derive(Debug)]
pub(crate) struct Outgoing {
    frames: Sender<Vec<u8>>,
    rejections: Sender<Vec<u8>>,
}

/// The receiving ends of the two queues for outgoing messages.
#[derive(Debug)]
pub(crate) struct Queues {
    frames: Receiver<Vec<u8>>,
    rejections: Receiver<Vec<u8>>,
}

/// Creates the two queues for outgoing messages.
pub(crate) fn queues() -> (Outgoing, Queues) {
    let (frames, frames_out) = mpsc::channel(FRAMES);
    let (rejections, rejections_out) = mpsc::channel(REJECTIONS);
    (Outgoing { frames, rejections }, Queues { frames: frames_out, rejections: rejections_out })
}

impl Outgoing {
    /// Returns a sender of frames for a task that can wait while the queue is full.
    pub(crate) fn frames(&self) -> Sender<Vec<u8>> {
        self.frames.clone()
    }

    /// Queues a response, or returns its frame if the queue is full.
    pub(crate) fn try_answer(&self, response: &Response) -> Option<Vec<u8>> {
        match self.frames.try_send(encode(response)) {
            Err(TrySendError::Full(frame)) => Some(frame),
            Ok(()) | Err(TrySendError::Closed(_)) => None,
        }
    }

    /// Queues an error response from the read loop. Returns `false` if the queue is full.
    pub(crate) fn reject(&self, response: &Response) -> bool {
        !matches!(self.rejections.try_send(encode(response)), Err(TrySendError::Full(_)))
    }
}

/// Serializes a message as a frame.
pub(crate) fn encode(message: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec(message) {
        Ok(body) => frame::encode(&body),
        Err(error) => {
            tracing::error!(%error, "a message could not be written");
            Vec::new()
        }
    }
}

/// Forwards the server's own requests and notifications to the writer's queue.
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

/// Writes queued frames until all senders are dropped or writing fails.
pub(crate) async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut queues: Queues,
) -> std::io::Result<()> {
    loop {
        let next = tokio::select! {
            biased;
            Some(frame) = queues.rejections.recv() => Some(frame),
            Some(frame) = queues.frames.recv() => Some(frame),
            else => None,
        };
        let Some(mut batch) = next else {
            return Ok(());
        };
        while batch.len() < BATCH
            && let Ok(more) = queues.rejections.try_recv().or_else(|_| queues.frames.try_recv())
        {
            batch.extend_from_slice(&more);
        }
        output.write_all(&batch).await?;
        output.flush().await?;
    }
}
