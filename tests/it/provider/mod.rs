//! The provider over real sockets.

mod ask;
mod life;
mod local;
mod odd;
mod refused;
mod safe;
