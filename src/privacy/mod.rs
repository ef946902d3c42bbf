//! What must not leave this machine: secrets in a text, and documents that are never sent.
//!
//! Everything here is pure. A selection goes through [`clear`] before any prompt is made of it, so
//! that nothing behind it can know what was blacked out.

mod assigned;
mod call;
mod clear;
mod command;
mod cookie;
mod find;
mod hidden;
mod japanese;
mod key_block;
mod kind;
mod name;
mod never_send;
mod phrase;
mod scan;
mod tokens;
mod value;
mod word;

pub use clear::{Cleared, Count, Secrets, clear, counted};
pub use find::{Found, find};
pub use hidden::{Hidden, hidden};
pub use kind::Kind;
pub use never_send::{BadPattern, NEVER_SEND, NeverSend, file_name};
