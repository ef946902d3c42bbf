//! The tokio runtime of all commands.

use super::fail;
use crate::lang::Lang;
use std::process::ExitCode;

/// Number of worker threads. Two are enough: the program mostly waits for models.
const WORKERS: usize = 2;

/// Runs `work` to completion on a new runtime, and returns the exit status. Abandons all tasks that
/// are still running then.
pub(crate) fn block_on(lang: Lang, work: impl Future<Output = ExitCode>) -> ExitCode {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    match builder.worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(async {
                outlive_full_files();
                work.await
            });
            // A pending read of stdin cannot be cancelled and must not be waited for.
            runtime.shutdown_background();
            exit
        }
        Err(error) => fail(&lang.pick(
            format!("実行環境を用意できません（{error}）。"),
            format!("The runtime cannot be started ({error})."),
        )),
    }
}

/// Handles SIGXFSZ, so that exceeding the file size limit is a failed write, as on a full disk, and
/// does not kill the process.
fn outlive_full_files() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        if let Err(error) = signal(kind) {
            tracing::debug!(%error, "a file that reaches its limit will end the process");
        }
    }
}
