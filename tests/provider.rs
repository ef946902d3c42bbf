//! The provider over real sockets.

#[path = "support/artifacts.rs"]
mod artifacts;
#[path = "support/upstream.rs"]
mod upstream;

#[path = "provider/ask.rs"]
mod ask;
#[path = "provider/life.rs"]
mod life;
#[path = "provider/local.rs"]
mod local;
#[path = "provider/odd.rs"]
mod odd;
#[path = "provider/refused.rs"]
mod refused;
#[path = "provider/safe.rs"]
mod safe;
