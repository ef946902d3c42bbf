//! The server's process and its pipes, as a test may treat them.

use super::Client;
use super::wire::Gate;
use std::time::Duration;
use tokio::time::{sleep, timeout};

impl Client {
    /// Stops reading after the message under way at the latest: the server's pipe fills.
    pub(crate) fn stop_reading(&self) {
        self.shared.set_gate(Gate::Shut);
    }

    /// Reads on.
    pub(crate) fn read_on(&self) {
        self.shared.set_gate(Gate::Open);
    }

    /// Closes the server's output after the message under way at the latest.
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

    /// Waits for the server to end; nothing where a signal ended it.
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

    /// What the server wrote to its standard error, up to now and in part.
    pub(crate) fn stderr(&self) -> String {
        self.shared.lock().stderr.clone()
    }
}
