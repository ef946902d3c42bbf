//! Runs a key command once: without a shell and without input, with its stderr discarded, and
//! within limits.

use super::command::KeyCommand;
use super::{KeyError, KeyErrorKind};
#[cfg(unix)]
use crate::provider::process_group::kill_group;
use crate::provider::secret::Secret;
use secrecy::zeroize::Zeroizing;
use std::io::ErrorKind;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Timeout of a key command: long enough for an agent to ask for a passphrase.
pub const KEY_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of bytes that a key command may print.
pub const KEY_BYTES: usize = 16 << 10;

/// Runs a key command and returns the first line of its output as the key.
pub(crate) async fn run(command: KeyCommand) -> Result<Secret, KeyError> {
    let failed = |kind| KeyError { program: command.name(), kind };
    let mut child = start(&command).map_err(|error| {
        failed(match error.kind() {
            ErrorKind::NotFound => KeyErrorKind::Missing,
            kind => KeyErrorKind::NotStarted(kind.to_string()),
        })
    })?;
    let outcome = timeout(KEY_TIMEOUT, output(&mut child)).await;
    if !matches!(outcome, Ok(Ok(_))) {
        end(&mut child).await;
    }
    let (status, printed) = outcome.map_err(|_| failed(KeyErrorKind::Late))?.map_err(failed)?;
    if !status.success() {
        return Err(failed(KeyErrorKind::Failed(status.code())));
    }
    let line = printed.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| crate::provider::SecretError::Unprintable);
    line.and_then(Secret::new).map_err(|error| failed(error.into()))
}

fn start(command: &KeyCommand) -> std::io::Result<Child> {
    let mut process = Command::new(command.program());
    process
        .args(command.args())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // The command may print its arguments to stderr, which would end up in the editor's log.
        .stderr(Stdio::null())
        .env_remove("OPENAI_API_KEY")
        .kill_on_drop(true);
    // A separate process group can be killed as a whole. With `/` as the working directory, no
    // entry of PATH can refer to the folder that the server was started in.
    #[cfg(unix)]
    process.process_group(0).current_dir("/");
    process.spawn()
}

/// Returns the child's exit status and its output. Stops reading at [`KEY_BYTES`].
async fn output(child: &mut Child) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), KeyErrorKind> {
    let broken = |error: std::io::Error| KeyErrorKind::NotStarted(error.kind().to_string());
    // Allocated at full size, since a growing buffer would leave copies of the key in memory.
    let mut printed = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
    if let Some(stdout) = child.stdout.take() {
        let limit = u64::try_from(KEY_BYTES + 1).unwrap_or(u64::MAX);
        stdout.take(limit).read_to_end(&mut printed).await.map_err(broken)?;
    }
    if printed.len() > KEY_BYTES {
        return Err(KeyErrorKind::TooMuch);
    }
    Ok((child.wait().await.map_err(broken)?, printed))
}

/// Kills the child and, on Unix, its process group.
async fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(id) = child.id() {
        kill_group(id);
    }
    // A killed process exits at once. `kill` also waits for it, so that it does not become a
    // zombie.
    let _ = timeout(Duration::from_secs(1), child.kill()).await;
}
