//! One file a method. A handler never waits for a client or a model: it reads, changes, starts.

pub(super) mod code_action;
pub(super) mod command;
pub(super) mod content;
pub(super) mod settings;
pub(super) mod sync;
