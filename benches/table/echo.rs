//! The lower bound for a reply: a process that only echoes its input.

use super::clock::{ms, now};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// Echoes stdin to stdout until its end.
pub(crate) fn main() {
    let (mut byte, mut input, mut output) = ([0], std::io::stdin(), std::io::stdout());
    while input.read_exact(&mut byte).is_ok() {
        output.write_all(&byte).unwrap();
        output.flush().unwrap();
    }
}

/// A running echo process.
pub(crate) struct Echo(Child);

impl Echo {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("echo").stdin(Stdio::piped()).stdout(Stdio::piped());
        Echo(command.spawn().unwrap())
    }

    /// Returns the round-trip time of a byte in milliseconds.
    pub(crate) fn ask(&mut self) -> f64 {
        let sent = now();
        self.0.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        self.0.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        ms(now() - sent)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        // The process exits at the end of its input, which `wait` closes.
        let _ = self.0.wait();
    }
}
