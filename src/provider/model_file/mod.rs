//! A model file of the user's own, and what is to be started for it.

mod check;
mod error;
mod settings;

pub use error::LlamaError;
pub use settings::{Gguf, GgufError, LlamaCommand, LlamaCommandError};

use std::path::PathBuf;
use std::time::Duration;

/// The program's usual name.
pub(super) const LLAMA_SERVER: &str = "llama-server";

/// What is started: a program with its arguments, and the model file. The program exists, and the
/// file is one that it can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The program's full path.
    pub program: PathBuf,
    /// The user's own arguments.
    pub args: Vec<String>,
    /// The model file.
    pub file: PathBuf,
    /// How long it may take until the program listens.
    pub listen: Duration,
    /// How long it may take until the model is loaded.
    pub load: Duration,
}

impl Launch {
    /// The model's name: that of the file.
    pub fn model(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}
