//! The part of the providers that reads an answer's events.

#[path = "../../src/provider/chunk.rs"]
mod chunk;
pub mod openai;
pub mod transport;

pub use chunk::{Chunk, Finish};

/// Stand-in for a type that is never constructed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError;

/// Stand-in for a type that is never constructed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestNote {}
