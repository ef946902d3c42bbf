//! The gate to one server, which all of a session's requests to that server pass, whatever run they
//! belong to.

use super::fair_queue::{FairQueue, Id};
use crate::event::RunId;
use crate::request::Order;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

/// Controls the order of the requests to one server, and how many are in flight.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<GateState>,
    /// Tells waiting branches that [`GateState::due`] has changed.
    bell: Notify,
}

#[derive(Debug)]
struct GateState {
    queue: FairQueue,
    /// Wakes a waiting branch when its turn comes.
    turns: HashMap<Id, oneshot::Sender<()>>,
    /// When the next request may be sent if nothing but time passes, as last announced to waiting
    /// branches.
    due: Option<Instant>,
    has_answered: bool,
}

impl Gate {
    /// Creates a gate that allows at most `max` requests in flight.
    pub fn new(max: usize) -> Self {
        let (queue, turns) = (FairQueue::new(max), HashMap::new());
        let state = GateState { queue, turns, due: None, has_answered: false };
        Gate { state: Mutex::new(state), bell: Notify::new() }
    }

    /// Sets the maximum number of requests in flight. Requests already in flight are not affected.
    pub fn set_max(&self, max: usize) {
        let mut state = self.state.lock();
        state.queue.limit.set_max(max);
        self.pump(&mut state);
    }

    /// Changes the order of a queued run's requests, for example once the kind of server is known.
    pub fn set_order(&self, run: &RunId, order: Order) {
        let mut state = self.state.lock();
        state.queue.set_order(run, order);
        self.pump(&mut state);
    }

    /// Returns `true` if the server has ever begun to answer a request.
    pub fn was_answered(&self) -> bool {
        self.state.lock().has_answered
    }

    /// Returns `true` if no branch has a place in the queue, whether it is waiting or has sent its
    /// request.
    pub fn is_idle(&self) -> bool {
        self.state.lock().queue.is_empty()
    }

    /// Adds a branch of `run` to the queue and returns its place. `index` is its position among the
    /// run's branches. No request is let through until [`Ticket::turn`] or [`Ticket::try_turn`] is
    /// called.
    pub(crate) fn join(self: &Arc<Self>, run: &RunId, order: Order, index: usize) -> Ticket {
        let (sender, turn) = oneshot::channel();
        let mut state = self.state.lock();
        let id = state.queue.join(run, order, index);
        state.turns.insert(id, sender);
        Ticket { gate: Arc::clone(self), id, turn }
    }

    /// Lets through all requests that may be sent now, and returns when the next one is due if
    /// nothing but time passes.
    fn pump(&self, state: &mut GateState) -> Option<Instant> {
        let now = Instant::now();
        while let Some(id) = state.queue.next(now) {
            // If the branch has stopped waiting, its turn is freed when its ticket is dropped.
            let _ = state.turns.remove(&id).map(|turn| turn.send(()));
        }
        let due = state.queue.due(now);
        if due != state.due {
            state.due = due;
            self.bell.notify_waiters();
        }
        due
    }
}

/// A branch's place in the queue. Dropping it frees the place, whatever the branch is doing.
#[derive(Debug)]
pub(crate) struct Ticket {
    gate: Arc<Gate>,
    id: Id,
    turn: oneshot::Receiver<()>,
}

impl Ticket {
    /// Returns `true` if the branch may send its request now, without waiting.
    pub(crate) fn try_turn(&mut self) -> bool {
        self.gate.pump(&mut self.gate.state.lock());
        self.turn.try_recv().is_ok()
    }

    /// Waits until the branch may send its request.
    ///
    /// # Cancel safety
    /// The place in the queue is kept until the ticket is dropped.
    pub(crate) async fn turn(&mut self) {
        loop {
            let mut bell = pin!(self.gate.bell.notified());
            bell.as_mut().enable();
            let due = self.gate.pump(&mut self.gate.state.lock());
            let clock = async {
                match due {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut self.turn => return,
                () = bell => {}
                () = clock => {}
            }
        }
    }

    /// Returns a handle to this place for the code that waits for the answer.
    pub(crate) fn handle(&self) -> TicketHandle {
        TicketHandle { gate: Arc::clone(&self.gate), id: self.id }
    }

    /// Records that the branch's request has ended. The branch keeps its place for another attempt.
    pub(crate) fn away(&mut self) {
        let mut state = self.gate.state.lock();
        state.queue.away(self.id, Instant::now());
        self.gate.pump(&mut state);
    }

    /// Records that the server refused the branch's request because it is overloaded. `again` is
    /// called with `true` if the refusal counts as an attempt of this branch, and returns the
    /// number of the next attempt and the delay before it, or `None` to give up. During that delay,
    /// no request is sent to this server. Returns the result of `again`.
    pub(crate) fn overloaded(
        &mut self,
        again: impl FnOnce(bool) -> Option<(u8, Duration)>,
    ) -> Option<(u8, Duration)> {
        let mut state = self.gate.state.lock();
        let again = again(state.queue.overloaded(self.id, Instant::now()));
        if let Some((_, after)) = again {
            state.queue.pause(Instant::now() + after);
        }
        self.gate.pump(&mut state);
        again
    }

    /// Puts the branch back into its old position in the queue, to wait for another turn.
    pub(crate) fn back(&mut self) {
        let (sender, turn) = oneshot::channel();
        self.turn = turn;
        let mut state = self.gate.state.lock();
        state.queue.back(self.id);
        state.turns.insert(self.id, sender);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.gate.state.lock();
        state.queue.remove(self.id, Instant::now());
        state.turns.remove(&self.id);
        self.gate.pump(&mut state);
    }
}

/// A branch's place in the queue, for the code that waits for the branch's answer.
#[derive(Clone, Debug)]
pub(crate) struct TicketHandle {
    gate: Arc<Gate>,
    id: Id,
}

impl TicketHandle {
    /// Records that the server has begun to answer the branch's request.
    pub(crate) fn answer_begun(&self) {
        let mut state = self.gate.state.lock();
        // Records until when the server was busy with others, because that is fixed from now on.
        state.queue.busy_until(self.id, Instant::now());
        state.queue.answer_begun(self.id);
        state.has_answered = true;
        self.gate.pump(&mut state);
    }

    /// Returns the last moment at which the server was known to be busy with another request that
    /// may have reached it before this branch's; the current time if it still is.
    pub(crate) fn busy_until(&self) -> Option<Instant> {
        self.gate.state.lock().queue.busy_until(self.id, Instant::now())
    }
}
