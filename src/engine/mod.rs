//! Fan-out and fan-in: all prompts of a run leave, each answer streams on its own, and what
//! happens comes out of one bounded channel as events.
//!
//! The engine knows neither a protocol nor a panel. A failure is an event of its own branch and
//! of no other.

mod adaptive_limit;
mod branch;
mod byte_budget;
mod fair_queue;
mod gate;
mod order;
mod retry;
mod truncation;

#[cfg(test)]
mod tests;

pub use gate::Gate;
pub use order::{Order, depends_on_kind, most, schedule};

use crate::event::{BranchId, Event, RunId};
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::provider::Provider;
use crate::request::Budget;
use branch::Branch;
use byte_budget::ByteBudget;
use gate::Ticket;
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
    /// What the reader should know of what it asks.
    pub note: Option<String>,
    /// Its stop signal.
    pub token: CancellationToken,
}

/// How branches are run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The run that the branches belong to; a retry waits for its turn among the others of its run.
    pub run: RunId,
    /// Which of the run's requests may be under way together.
    pub order: Order,
    /// The way to the server.
    pub gate: Arc<Gate>,
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
    // All places are taken before any branch runs, so that the order is that of the sections.
    let places =
        (0..work.len()).map(|index| plan.gate.join(&plan.run, plan.order, index)).collect();
    tokio::spawn(run(work, places, provider, plan, events));
    receiver
}

async fn run(
    work: Vec<Work>,
    places: Vec<Ticket>,
    provider: Arc<dyn Provider>,
    plan: Plan,
    events: mpsc::Sender<Event>,
) {
    let plan = Arc::new(plan);
    let budget = Arc::new(ByteBudget::new(plan.budget.run_bytes));
    let mut running = JoinSet::new();
    for (work, place) in work.into_iter().zip(places) {
        let (provider, plan) = (Arc::clone(&provider), Arc::clone(&plan));
        let (events, budget) = (events.clone(), Arc::clone(&budget));
        running.spawn(branch::guarded(Branch::new(work, provider, plan, place, events, budget)));
    }
    tokio::select! {
        () = async { while running.join_next().await.is_some() {} } => {}
        () = events.closed() => {}
    }
}
