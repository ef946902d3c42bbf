//! The guard: a process between kaizodo and a child that must not outlive kaizodo.
//!
//! The guard reads a pipe whose other end only kaizodo holds. When kaizodo exits for any reason,
//! even if it is killed, the system closes that end, and the guard kills the child. This works the
//! same on every operating system.

#[cfg(unix)]
use crate::provider::process_group::kill_group;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How often the guard checks whether the child has exited.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a program until it exits, or kills it when standard input is closed. Returns the program's
/// exit status, as a shell reports it; `None` if there is none.
///
/// # Errors
/// Fails if the program cannot be started, or its status cannot be read.
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
                    return Ok(exit_status(status));
                }
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                return end(&mut child).map(exit_status);
            }
        }
    }
}

/// Returns the status of a program that has exited, as a shell reports it: 128 plus the signal's
/// number if a signal killed the program.
pub(super) fn exit_status(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None::<i32>;
    status.code().or(signal.map(|signal| 128 + signal))
}

/// Kills the child and, on Unix, its process group. Returns the child's exit status.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    kill_group(child.id());
    let _ = child.kill();
    child.wait()
}
