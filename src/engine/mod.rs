//! Fan-out and fan-in: sends all prompts of a run, streams each answer independently, and reports
//! what happens as events in one bounded channel.
//!
//! The engine knows neither protocols nor panels. A failure is an event of its branch and does not
//! affect other branches.

mod adaptive_limit;
mod branch;
mod byte_budget;
mod ending;
mod fair_queue;
mod fallback;
mod gate;
mod order;
mod retry;
mod truncation;

#[cfg(test)]
mod tests;

pub use gate::Gate;
pub use order::{depends_on_kind, max_in_flight, schedule};

use crate::event::{BranchId, Event, RunId};
use crate::lang::Lang;
use crate::provider::Provider;
use crate::request::{Budget, Order, Prompt};
use branch::Branch;
use byte_budget::ByteBudget;
use gate::Ticket;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Capacity of the event channel. A branch that finds it full stops reading its socket.
const EVENTS: usize = 256;

/// A branch to run.
#[derive(Debug)]
pub struct Work {
    /// ID of the branch.
    pub branch: BranchId,
    /// The prompt to send.
    pub prompt: Prompt,
    /// Note for the user about the request, reported when the branch starts.
    pub note: Option<String>,
    /// Cancels the branch.
    pub token: CancellationToken,
}

/// The options that the branches passed to [`start`] share.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The run that the branches belong to. A retry queues with the other branches of its run.
    pub run: RunId,
    /// The order of the run's requests, which also limits how many of them are in flight.
    pub order: Order,
    /// The queue of all requests to the server.
    pub gate: Arc<Gate>,
    /// Limits on time, bytes and retries.
    pub budget: Budget,
    /// The language of failure messages and notes.
    pub lang: Lang,
}

/// Runs branches in the background and returns the channel of their events. Each branch sends
/// exactly one [`Event::BranchEnded`], and the channel closes after the last of these events.
/// Dropping the receiver stops all branches.
///
/// # Cancel safety
/// Cancelling a branch's token drops its stream at once, and with it the socket.
pub fn start(work: Vec<Work>, provider: Arc<dyn Provider>, plan: Plan) -> mpsc::Receiver<Event> {
    let (events, receiver) = mpsc::channel(EVENTS);
    // All branches join the queue before any of them runs, so that they are served in order.
    let tickets =
        (0..work.len()).map(|index| plan.gate.join(&plan.run, plan.order, index)).collect();
    tokio::spawn(run(work, tickets, provider, plan, events));
    receiver
}

async fn run(
    work: Vec<Work>,
    tickets: Vec<Ticket>,
    provider: Arc<dyn Provider>,
    plan: Plan,
    events: mpsc::Sender<Event>,
) {
    let plan = Arc::new(plan);
    let budget = Arc::new(ByteBudget::new(plan.budget.run_bytes));
    let mut running = JoinSet::new();
    for (work, ticket) in work.into_iter().zip(tickets) {
        let (provider, plan) = (Arc::clone(&provider), Arc::clone(&plan));
        let (events, budget) = (events.clone(), Arc::clone(&budget));
        running.spawn(branch::guarded(Branch::new(work, provider, plan, ticket, events, budget)));
    }
    tokio::select! {
        () = async { while running.join_next().await.is_some() {} } => {}
        () = events.closed() => {}
    }
}
