//! Checks a model file and its program before anything is started.

use super::{Gguf, Launch, LlamaCommand, LlamaError};
use crate::provider::limits::Limits;
use crate::provider::programs::Programs;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The first bytes of every GGUF file.
const MAGIC: &[u8; 4] = b"GGUF";

impl Launch {
    /// Checks the model file, and finds the program of `command` that serves it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or is not a GGUF file, or if the program is not found.
    pub fn new(
        gguf: &Gguf,
        command: &LlamaCommand,
        programs: &Programs,
        limits: &Limits,
    ) -> Result<Self, LlamaError> {
        let file = gguf.path(programs.home());
        is_gguf(&file)?;
        let program = programs
            .find(command.program())
            .ok_or_else(|| LlamaError::NoProgram(command.program().to_owned()))?;
        let args = command.args().to_vec();
        Ok(Launch { program, args, file, listen: limits.first_byte, load: limits.whole })
    }
}

/// Checks that a file begins with [`MAGIC`].
fn is_gguf(file: &Path) -> Result<(), LlamaError> {
    let unreadable = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => LlamaError::NoFile(file.to_owned()),
        _ => LlamaError::Unreadable(file.to_owned(), e.to_string()),
    };
    // Opening a named pipe would block.
    if !std::fs::metadata(file).map_err(unreadable)?.is_file() {
        return Err(LlamaError::NotGguf(file.to_owned()));
    }
    let mut start = [0; MAGIC.len()];
    match File::open(file).and_then(|mut open| open.read_exact(&mut start)) {
        Ok(()) if &start == MAGIC => Ok(()),
        Ok(()) => Err(LlamaError::NotGguf(file.to_owned())),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Err(LlamaError::NotGguf(file.to_owned())),
        Err(e) => Err(unreadable(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_model_is_told_apart() {
        let home = tempfile::tempdir().unwrap();
        let of = |name: &str, bytes: Option<&[u8]>| {
            let file = home.path().join(name);
            if let Some(bytes) = bytes {
                std::fs::write(&file, bytes).unwrap();
            }
            is_gguf(&file).map_err(|error| (error, file))
        };
        assert_eq!(of("小さい.gguf", Some(b"GGUF\x03\0\0\0")), Ok(()));
        for (name, bytes) in [("empty", &b""[..]), ("page", b"<!doctype html>"), ("short", b"GGU")]
        {
            let (error, file) = of(name, Some(bytes)).unwrap_err();
            assert_eq!(error, LlamaError::NotGguf(file));
        }
        let (error, file) = of("none", None).unwrap_err();
        assert_eq!(error, LlamaError::NoFile(file));
        let (error, file) = of("page/none", None).unwrap_err();
        assert_eq!(error, LlamaError::NoFile(file));
        let folder = home.path().to_owned();
        assert_eq!(is_gguf(&folder), Err(LlamaError::NotGguf(folder)));
    }
}
