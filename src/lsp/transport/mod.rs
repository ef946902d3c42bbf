//! Messages over stdio, around tower-lsp's `LspService`.
//!
//! One direction: bytes → `frame` → `repair` → `message` → [`serve()`] and its `calls` →
//! `outgoing` → bytes.
//! The stock loop of tower-lsp has four slots, so that a cancel waits for what it should stop, and
//! ends or falls silent on one bad frame, one panic or one lone surrogate. This one does not.

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
