//! kaizodo (解像度, "resolution"): one selection, several perspectives, at the same moment.
//!
//! The modules stand in the order in which a selection walks through them; ARCHITECTURE.md tells
//! the walk.

pub mod lang;
pub mod text;

pub mod privacy;

pub mod event;
pub mod perspective;
pub mod preview;
pub mod request;

pub mod eval;

pub mod provider;

pub mod engine;
pub mod panel;

pub mod journal;

pub mod config;
pub mod repository;
pub mod session;

pub mod lsp;

pub mod cli;
