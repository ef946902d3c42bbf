//! Runs on disk, over the real binary: what a kill, a full disk or a planted file may cost.

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

#[path = "journal/again.rs"]
mod again;
#[path = "journal/commands.rs"]
mod commands;
#[path = "journal/disk.rs"]
mod disk;
#[path = "journal/endings.rs"]
mod endings;
#[path = "journal/kill.rs"]
mod kill;
#[path = "journal/leftovers.rs"]
mod leftovers;
#[path = "journal/open.rs"]
mod open;
#[path = "journal/retention.rs"]
mod retention;
#[path = "journal/shelf.rs"]
mod shelf;
