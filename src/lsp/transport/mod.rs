//! The LSP transport: runs tower-lsp's `LspService` over stdio.
//!
//! Data flow: bytes → `frame` → `repair` → `message` → [`serve()`] and its `calls` → `outgoing` →
//! bytes. tower-lsp's own loop runs four handlers at a time, so that a cancellation waits for what
//! it should stop, and it ends or hangs after one bad frame, one panic or one lone surrogate. This
//! one does not.

mod calls;
mod frame;
mod message;
mod outgoing;
mod parent;
mod repair;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::Exit;
pub(crate) use serve::serve;
