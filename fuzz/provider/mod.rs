//! Of the providers, what reads an answer's events.

#[path = "../../src/provider/cause.rs"]
mod cause;
#[path = "../../src/provider/chunk.rs"]
mod chunk;
#[path = "../../src/provider/error.rs"]
mod error;
pub mod openai;
pub mod transport;

pub use cause::Cause;
pub use chunk::{Chunk, Finish};
pub use error::ProviderError;
