//! llama.cpp's `llama-server` for a model file: started as a child, waited for, asked like any other
//! server, and ended with us.
//!
//! [`process`] starts it, under a [`guard`] that outlives us by a moment → [`ready`] waits until it
//! answers, and makes sure that it is ours → [`server`] keeps it for all who ask → [`provider`] asks.

mod guard;
mod process;
mod provider;
mod ready;
mod server;

pub use guard::guard;
pub use provider::Llama;
pub use server::LlamaServer;
