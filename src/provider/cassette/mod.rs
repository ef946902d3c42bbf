//! Recorded answers: a file of JSON lines, one for each request, and the providers that answer from
//! one and that write one.

mod line;
mod player;
mod recorder;

pub use line::{Cassette, CassetteError};
pub use player::{PlayError, PlayErrorKind, Player};
pub use recorder::{Recorder, Recording};
