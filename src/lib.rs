//! kaizodo (解像度, "resolution"): one selection, several perspectives, at the same moment.
//!
//! The modules are listed from the bottom up: each uses those listed before it. ARCHITECTURE.md
//! follows one selection through them.

pub mod lang;
pub mod text;

pub mod privacy;

pub mod event;
pub mod perspective;
pub mod request;

pub mod eval;

pub mod provider;

pub mod engine;
pub mod panel;

pub mod private_folder;

pub mod journal;

pub mod config;
pub mod repository;
pub mod session;

pub mod web;

pub mod lsp;
pub mod mcp;

pub mod cli;
