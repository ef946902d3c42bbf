//! Of the providers, what reads an answer's events.

#[path = "../../src/provider/chunk.rs"]
mod chunk;
pub mod openai;
pub mod transport;

pub use chunk::{Chunk, Finish};

/// Made of nothing that is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError;

/// Likewise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {}
