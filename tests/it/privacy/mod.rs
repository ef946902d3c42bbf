//! What leaves this machine and what does not, with the real binary: secrets in a selection,
//! documents that are never sent, keys, and what is shown before anything is sent.

mod context;
mod keys;
mod lists;
mod never_send;
mod preview;
mod redact;
