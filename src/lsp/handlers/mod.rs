//! One file a method. A handler never waits for a client or a model: it reads, changes, starts.

pub(crate) mod code_action;
pub(crate) mod command;
pub(crate) mod content;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod sync;
