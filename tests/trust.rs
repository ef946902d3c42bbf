//! Repositories that nobody should trust, one that somebody does, and what an editor may say: over
//! the real binary, from the command line and as an editor.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(unix)]

mod support;
use support::artifacts;
#[path = "support/upstream.rs"]
mod upstream;

#[path = "lsp/kit.rs"]
#[expect(dead_code, reason = "what the editor's tests share, and these use a part of")]
mod kit;
#[path = "cli/program.rs"]
#[expect(dead_code, reason = "likewise of the command line's")]
mod program;

#[path = "trust/commands.rs"]
mod commands;
#[path = "trust/gadget.rs"]
mod gadget;
#[path = "trust/heavy.rs"]
mod heavy;
#[path = "trust/hostile.rs"]
mod hostile;
#[path = "trust/look.rs"]
mod look;
#[path = "trust/menu.rs"]
mod menu;
#[path = "trust/own.rs"]
mod own;
#[path = "trust/pager.rs"]
mod pager;
#[path = "trust/question.rs"]
mod question;
#[path = "trust/tree.rs"]
mod tree;
#[path = "trust/trusted.rs"]
mod trusted;
