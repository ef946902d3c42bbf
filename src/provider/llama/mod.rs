//! llama.cpp's `llama-server` for a model file: a child process that receives requests like any
//! other server, and exits with kaizodo.
//!
//! [`process`] starts the child under a [`guard()`], a process that briefly outlives kaizodo →
//! [`ready`] waits until the server responds, and makes sure that it is the child → [`server`]
//! shares the child among all requests → [`provider`] sends them.

mod guard;
mod process;
mod provider;
mod ready;
mod server;

pub use guard::guard;
pub use provider::Llama;
pub use server::LlamaServer;
