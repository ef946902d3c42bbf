//! Recorded answers: a file of JSON lines, one for each request, and the providers that answer from
//! one and that write one.

mod line;
mod player;
mod recorder;

pub use line::{BadLine, Cassette};
pub use player::Player;
pub use recorder::{Recorder, Recording};
