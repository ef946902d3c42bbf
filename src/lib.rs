//! kaizodo (解像度, "resolution") asks a model about one selection from several perspectives at once.
//!
//! The modules are listed from the bottom up: each uses only modules listed before it.
//! ARCHITECTURE.md follows one selection through them.

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
