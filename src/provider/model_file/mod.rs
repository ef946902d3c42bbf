//! A model file from the settings, and the program that serves it.

mod check;
mod error;
mod settings;

pub use error::LlamaError;
pub use settings::{Gguf, GgufError, LlamaCommand, LlamaCommandError};

use std::path::PathBuf;
use std::time::Duration;

/// The default name of the program that serves a model file.
pub(super) const LLAMA_SERVER: &str = "llama-server";

/// A program to start with its arguments, and the model file that it serves. Both were checked: the
/// program exists, and the file begins like a GGUF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Full path of the program.
    pub program: PathBuf,
    /// The program's arguments, from the settings.
    pub args: Vec<String>,
    /// Path of the model file.
    pub file: PathBuf,
    /// Timeout from the program's start until it accepts connections.
    pub listen: Duration,
    /// Timeout from the program's start until the model is loaded.
    pub load: Duration,
}

impl Launch {
    /// Returns the model's name: the file's name without its extension.
    pub fn model(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}
