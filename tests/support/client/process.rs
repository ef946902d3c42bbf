//! Control over the server's process and its pipes.

use super::Client;
use super::wire::Gate;
use std::time::Duration;
use tokio::time::{sleep, timeout};

impl Client {
    /// Stops reading, at the latest after the current message, so that the server's pipe fills up.
    pub(crate) fn stop_reading(&self) {
        self.shared.set_gate(Gate::Shut);
    }

    /// Resumes reading.
    pub(crate) fn read_on(&self) {
        self.shared.set_gate(Gate::Open);
    }

    /// Closes the server's output, at the latest after the current message.
    pub(crate) fn close_output(&self) {
        self.shared.set_gate(Gate::Closed);
    }

    /// Closes the server's input.
    pub(crate) fn close_input(&self) {
        self.shared.close_input();
    }

    /// Kills the server.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the server has ended. Returns `None` if a signal ended it.
    pub(crate) async fn exit_status(&mut self, limit: Duration) -> Option<i32> {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.code();
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        match timeout(limit, ended).await {
            Ok(code) => code,
            Err(_) => panic!("the server has not ended after {limit:?}\n{}", self.shared.seen()),
        }
    }

    /// Returns what the server has written to standard error so far; of a long output, only the
    /// end.
    pub(crate) fn stderr(&self) -> String {
        self.shared.lock().stderr.clone()
    }
}
