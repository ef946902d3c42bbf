//! Fan-out and fan-in: all prompts of a run leave, each answer streams on its own, and what
//! happens comes out of one bounded channel as events.
//!
//! The engine knows neither a protocol nor a panel. A failure is an event of its own branch and
//! of no other.

mod branch;
mod order;
mod retry;
mod spent;

#[cfg(test)]
mod tests;

pub use order::Order;

use crate::event::{BranchId, Event};
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::provider::Provider;
use crate::request::Budget;
use branch::Branch;
use spent::Spent;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Events that may wait for the reader; a branch that finds the channel full waits with its socket.
const EVENTS: usize = 256;

/// One branch to be run.
#[derive(Debug)]
pub struct Work {
    /// The branch.
    pub branch: BranchId,
    /// What it sends.
    pub prompt: Prompt,
    /// Its stop signal.
    pub token: CancellationToken,
}

/// How branches are run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Which requests may be under way together.
    pub order: Order,
    /// What may be used.
    pub budget: Budget,
    /// The language of failures' sentences.
    pub lang: Lang,
}

/// Runs branches. The channel closes when each has had its one [`Event::BranchEnded`]; dropping
/// the receiver stops them all.
///
/// # Cancel safety
/// A cancelled token drops the branch's stream at once, and with it the socket.
pub fn start(work: Vec<Work>, provider: Arc<dyn Provider>, plan: Plan) -> mpsc::Receiver<Event> {
    let (events, receiver) = mpsc::channel(EVENTS);
    tokio::spawn(run(work, provider, plan, events));
    receiver
}

async fn run(
    work: Vec<Work>,
    provider: Arc<dyn Provider>,
    plan: Plan,
    events: mpsc::Sender<Event>,
) {
    let total = work.len();
    let mut waiting: VecDeque<Work> = work.into();
    let spent = Arc::new(Spent::new(plan.budget.run_bytes));
    let branch = |work: Work| {
        let (provider, events, spent) = (Arc::clone(&provider), events.clone(), Arc::clone(&spent));
        branch::guarded(Branch::new(work, provider, plan, events, spent))
    };
    let mut running = JoinSet::new();
    let mut ended = 0;
    while ended < total {
        let started = total - waiting.len();
        for _ in started..plan.order.may_start(total, ended) {
            let Some(work) = waiting.pop_front() else { break };
            running.spawn(branch(work));
        }
        tokio::select! {
            _ = running.join_next(), if !running.is_empty() => ended += 1,
            // A branch that is stopped in the queue ends there.
            Some(index) = first_cancelled(&waiting), if !waiting.is_empty() => {
                if let Some(work) = waiting.remove(index) {
                    running.spawn(branch(work));
                }
            }
            () = events.closed() => break,
        }
    }
}

/// The place in the queue of a branch whose token is cancelled, as soon as there is one.
async fn first_cancelled(waiting: &VecDeque<Work>) -> Option<usize> {
    let stops = waiting.iter().map(|work| Box::pin(work.token.cancelled()));
    Some(futures::future::select_all(stops).await.1)
}
