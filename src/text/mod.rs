//! Documents, selections and positions in UTF-8, UTF-16 and UTF-32 units.
//!
//! Line terminators are `\n`, `\r\n` and `\r` only, as in LSP.

mod anchor;
mod comment;
mod context;
mod convert;
mod digest;
mod document;
#[cfg(test)]
mod fixture;
mod paragraph;
mod position;
pub mod quotation;
mod search;
mod selection;
mod whole_lines;

pub use anchor::{Anchor, TextDigest};
pub use comment::comment;
pub use context::{Context, ContextMode};
pub use convert::{Fit, Snapped, SnappedRange, to_bytes, to_position, to_range};
pub use digest::digest;
pub use document::{Change, Document};
pub use position::{Encoding, Position, Range, Range16};
pub use search::Search;
#[cfg(test)]
pub(crate) use search::folded;
pub use selection::{SelectError, Selection};
pub use whole_lines::{Side, indentation, insertion};
