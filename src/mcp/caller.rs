//! The client that has called a tool: it receives progress reports and may cancel its call.

use crate::event::BranchId;
use crate::panel::{show_hidden, summary};
use crate::session::{Run, RunReader};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Minimum time between two progress reports, unless an event is urgent.
const TICK: Duration = Duration::from_millis(500);
/// Time after which a report is sent although nothing has changed, because some clients give up on
/// a call that stays silent.
const SILENCE: Duration = Duration::from_secs(10);
/// How long a finished call waits for the journal, so that the next call finds the run there. Also
/// how long a cancelled call waits for its run to end.
const ENDING: Duration = Duration::from_secs(1);

/// The client that made one tool call. Receives progress reports and may cancel the call.
pub(crate) struct Caller {
    peer: Peer<RoleServer>,
    token: Option<ProgressToken>,
    ended: CancellationToken,
}

impl Caller {
    pub(crate) fn new(context: RequestContext<RoleServer>) -> Self {
        let token = context.meta.get_progress_token();
        Caller { peer: context.peer, token, ended: context.ct }
    }

    /// Waits until `run` or, if given, its branch `branch` has ended, and reports progress to the
    /// client. If the client cancels the call, stops the run or the branch.
    pub(crate) async fn wait(&self, run: &Arc<Run>, branch: Option<&BranchId>) {
        let mut reader = RunReader::new(run, TICK);
        let (mut steps, mut message) = (Steps::default(), String::new());
        let is_over = || match branch {
            Some(branch) => run.has_ended(branch),
            None => run.is_over(),
        };
        loop {
            let is_silent = tokio::select! {
                () = self.ended.cancelled() => break,
                changed = timeout(SILENCE, reader.changed()) => changed.is_err(),
            };
            // Read before the panel, so that the last report covers the end.
            let over = is_over();
            let (now, ended, all) = run.with_panel(|panel| {
                let states = || panel.states().map(|(.., state)| state);
                let ended = states().filter(|state| state.is_over()).count();
                (show_hidden(&summary(panel).0), ended, states().count())
            });
            if !now.is_empty() && (is_silent || now != message) {
                message = now;
                self.tell(steps.next(ended), all, &message).await;
            }
            if over {
                let _ = timeout(ENDING, run.until_persisted()).await;
                return;
            }
        }
        // Cannot fail: the branch belongs to the run.
        let _ = run.cancel(branch);
        let over = async {
            while !is_over() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = timeout(ENDING, over).await;
    }

    /// Reports progress if the client has asked for it.
    async fn tell(&self, progress: f64, total: usize, message: &str) {
        let Some(token) = self.token.clone() else { return };
        let total = f64::from(u32::try_from(total).unwrap_or(u32::MAX));
        let report = ProgressNotificationParam::new(token, progress);
        let report = self.peer.notify_progress(report.with_total(total).with_message(message));
        // A client that does not read can still cancel its call.
        tokio::select! {
            () = self.ended.cancelled() => {}
            // Other code notices a client that is gone.
            _ = report => {}
        }
    }
}

/// Computes progress as the protocol requires: every report has a greater value. While no further
/// section ends, the value approaches the next whole number without reaching it.
#[derive(Debug, Default)]
struct Steps {
    ended: u32,
    since: Option<u32>,
}

impl Steps {
    fn next(&mut self, ended: usize) -> f64 {
        let ended = u32::try_from(ended).unwrap_or(u32::MAX);
        let since = match self.since {
            Some(since) if ended <= self.ended => since.saturating_add(1),
            _ => {
                self.ended = ended;
                0
            }
        };
        self.since = Some(since);
        f64::from(self.ended) + f64::from(since) / (f64::from(since) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_grows_with_each_report_and_tells_the_sections_that_have_ended() {
        let mut steps = Steps::default();
        // The progress does not decrease when a section is asked again.
        let reports = [0, 0, 0, 1, 1, 3, 2, 3, 3, 5].map(|ended| steps.next(ended));
        assert!(reports.is_sorted_by(|a, b| a < b), "{reports:?}");
        assert_eq!(reports.map(f64::floor), [0.0, 0.0, 0.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 5.0]);
        assert_eq!((reports[0], reports[3], reports[9]), (0.0, 1.0, 5.0));
    }
}
