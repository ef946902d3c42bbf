//! What leaves this machine and what does not, over the real binary: secrets in a selection,
//! documents that are never sent, keys, and what is shown before anything is.

mod context;
mod keys;
mod lists;
mod never_send;
mod preview;
mod redact;
