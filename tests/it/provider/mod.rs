//! The provider over real sockets.

mod ask;
mod discovery;
mod life;
mod odd;
mod refused;
mod safe;
