//! The LSP transport: runs tower-lsp's `LspService` over stdio.
//!
//! Data flow: bytes → `frame` → `repair` → `message` → [`serve()`] and its `calls` → `outgoing` →
//! bytes. tower-lsp's own loop runs four handlers at a time, so that a cancellation waits for what
//! it should stop, and it ends or hangs after one bad frame, one panic or one lone surrogate. The
//! loop here does none of that.

mod calls;
mod frame;
mod message;
mod outgoing;
mod parent;
mod repair;
mod serve;
#[cfg(test)]
mod tests;

pub(crate) use serve::serve;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The client sent `exit` or the input ended, after `shutdown`.
    Clean,
    /// The client sent `exit` without `shutdown`.
    NoShutdown,
    /// The input ended without `shutdown`.
    InputClosed,
    /// The client stopped reading: it closed the output, or left thousands of error responses
    /// unread.
    OutputClosed,
    /// The editor's process has exited.
    ParentGone,
    /// The cancellation token passed to the transport was cancelled.
    Stopped,
}

impl Exit {
    /// Returns the process's exit status: 0 for [`Exit::Clean`] (as LSP requires) and
    /// [`Exit::Stopped`], otherwise 1.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clean | Exit::Stopped => 0,
            Exit::NoShutdown | Exit::InputClosed | Exit::OutputClosed | Exit::ParentGone => 1,
        }
    }
}
