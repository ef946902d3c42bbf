//! The process between us and a child that must not outlive us.
//!
//! It reads a pipe whose other end only we have. When we end, however that is, the system closes
//! that end, and the guard ends the child. This works the same on every system, and also where we are
//! killed.

#[cfg(unix)]
use crate::provider::command_line::kill_group;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How often the guard looks whether the child has ended.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a program until it ends or standard input does. Returns its exit status, where it has one.
///
/// # Errors
/// It cannot be started.
pub fn guard(program: &OsString, args: &[OsString]) -> io::Result<Option<i32>> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let (closed, over) = sync_channel::<()>(1);
    thread::spawn(move || {
        let mut bytes = [0; 64];
        loop {
            match io::stdin().read(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(1..) => {}
                Ok(0) | Err(_) => break drop(closed),
            }
        }
    });
    loop {
        match over.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = child.try_wait()? {
                    return Ok(status.code());
                }
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                return end(&mut child).map(|status| status.code());
            }
        }
    }
}

/// Kills it and all processes that it has started.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    kill_group(child.id());
    let _ = child.kill();
    child.wait()
}
