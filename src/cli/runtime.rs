//! The runtime that all commands share.

use super::fail;
use crate::lang::Lang;
use std::process::ExitCode;

/// Threads for the program's own work, which is short; models are waited for, not computed.
const WORKERS: usize = 2;

/// Runs to the end and leaves behind what still waits.
pub(crate) fn block_on(lang: Lang, work: impl Future<Output = ExitCode>) -> ExitCode {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    match builder.worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(async {
                outlive_full_files();
                work.await
            });
            // A read of stdin cannot be ended, and nobody is to wait for it.
            runtime.shutdown_background();
            exit
        }
        Err(error) => fail(&lang.pick(
            format!("実行環境を用意できません({error})。"),
            format!("The runtime cannot be started ({error})."),
        )),
    }
}

/// A file that reaches the limit of this process's files is a failed write, as a full disk is, and
/// not the end of the process: the system's signal has a handler from here on.
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
