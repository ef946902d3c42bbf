//! What must not leave this machine: secrets in a text, and files that are never sent.
//!
//! Everything here is pure. A selection passes through [`clear()`] before any prompt is made from
//! it, so that later stages never see what was redacted.

mod assigned;
mod call_args;
mod clear;
mod command;
mod cookie;
mod extent;
mod find;
mod hidden;
mod japanese;
mod key_block;
mod kind;
mod never_send;
mod phrase;
mod randomness;
mod scan;
mod secret_names;
mod tokens;
mod value;

pub use clear::{Cleared, Count, Piece, SecretPolicy, clear, clear_pieces, counted};
pub use find::find;
pub use hidden::{Hidden, PromptPart, hidden};
pub use kind::{Match, SecretKind};
pub use never_send::{NeverSend, NeverSendError, file_name};
