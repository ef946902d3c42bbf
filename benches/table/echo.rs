//! The limit of a reply: a process that gives back what it is sent, and does nothing else.

use super::clock::{ms, now};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// Gives back its input until it ends.
pub(crate) fn main() {
    let (mut byte, mut input, mut output) = ([0], std::io::stdin(), std::io::stdout());
    while input.read_exact(&mut byte).is_ok() {
        output.write_all(&byte).unwrap();
        output.flush().unwrap();
    }
}

/// A running one.
pub(crate) struct Echo(Child);

impl Echo {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("echo").stdin(Stdio::piped()).stdout(Stdio::piped());
        Echo(command.spawn().unwrap())
    }

    /// Milliseconds until a byte is back.
    pub(crate) fn ask(&mut self) -> f64 {
        let sent = now();
        self.0.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        self.0.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        ms(now() - sent)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // It ends at the end of its input, which waiting closes.
        let _ = self.0.wait();
    }
}
