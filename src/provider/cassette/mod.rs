//! Recorded answers: a file of JSON lines, one per request, and the providers that replay and
//! record them.

mod line;
mod playback;
mod player;
mod recorder;

pub use line::Cassette;
pub use playback::Playback;
pub use player::Player;
pub use recorder::{Recorder, Recording};
