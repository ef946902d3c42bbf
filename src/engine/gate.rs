//! The way to one server: all requests of a session to it pass here, whatever run they belong to.

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

/// Lets requests to one server leave, in order and no more than it takes.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<GateState>,
    /// Rings when those who wait should look at the clock anew.
    bell: Notify,
}

#[derive(Debug)]
struct GateState {
    line: FairQueue,
    /// Those who wait, to be told that it is their turn.
    turns: HashMap<Id, oneshot::Sender<()>>,
    /// When somebody may go by the clock alone, as far as those who wait know.
    due: Option<Instant>,
    answered: bool,
}

impl Gate {
    /// A gate that lets at most so many requests be under way together.
    pub fn new(max: usize) -> Self {
        let (line, turns) = (FairQueue::new(max), HashMap::new());
        let state = GateState { line, turns, due: None, answered: false };
        Gate { state: Mutex::new(state), bell: Notify::new() }
    }

    /// Sets the most requests that may be under way together; what is under way stays.
    pub fn set_max(&self, max: usize) {
        let mut state = self.state.lock();
        state.line.bound.set_max(max);
        self.pump(&mut state);
    }

    /// Sets the order of a run that has come already, now that more is known of the server.
    pub fn set_order(&self, run: &RunId, order: Order) {
        let mut state = self.state.lock();
        state.line.set_order(run, order);
        self.pump(&mut state);
    }

    /// Whether anybody who passed was ever answered.
    pub fn was_answered(&self) -> bool {
        self.state.lock().answered
    }

    /// Whether nothing is under way and nobody waits.
    pub fn is_idle(&self) -> bool {
        self.state.lock().line.is_empty()
    }

    /// Takes a place in the queue. Nobody goes before [`Ticket::turn`] is asked for.
    pub(crate) fn join(self: &Arc<Self>, run: &RunId, order: Order, index: usize) -> Ticket {
        let (sender, turn) = oneshot::channel();
        let mut state = self.state.lock();
        let id = state.line.join(run, order, index);
        state.turns.insert(id, sender);
        Ticket { gate: Arc::clone(self), id, turn }
    }

    /// Lets go whoever may, and says when to look again.
    fn pump(&self, state: &mut GateState) -> Option<Instant> {
        let now = Instant::now();
        while let Some(id) = state.line.next(now) {
            // One that has stopped waiting gives its turn back when it leaves.
            let _ = state.turns.remove(&id).map(|turn| turn.send(()));
        }
        let due = state.line.due(now);
        if due != state.due {
            state.due = due;
            self.bell.notify_waiters();
        }
        due
    }
}

/// A branch's place in the queue: given back when it is dropped, wherever the branch is.
#[derive(Debug)]
pub(crate) struct Ticket {
    gate: Arc<Gate>,
    id: Id,
    turn: oneshot::Receiver<()>,
}

impl Ticket {
    /// Whether it is the branch's turn now.
    pub(crate) fn try_turn(&mut self) -> bool {
        self.gate.pump(&mut self.gate.state.lock());
        self.turn.try_recv().is_ok()
    }

    /// Waits for the branch's turn.
    ///
    /// # Cancel safety
    /// The place in the queue is kept until it is dropped.
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

    /// What its request has to do with the others at the server.
    pub(crate) fn seat(&self) -> Seat {
        Seat { gate: Arc::clone(&self.gate), id: self.id }
    }

    /// The request is over, and another attempt may follow.
    pub(crate) fn away(&mut self) {
        let mut state = self.gate.state.lock();
        state.line.ends(self.id, Instant::now());
        state.line.away(self.id);
        self.gate.pump(&mut state);
    }

    /// The server has too much to do. `again`, told whether the refusal counts against this branch,
    /// says when its next request is due; nobody leaves before that.
    pub(crate) fn overloaded(
        &mut self,
        again: impl FnOnce(bool) -> Option<(u8, Duration)>,
    ) -> Option<(u8, Duration)> {
        let mut state = self.gate.state.lock();
        let again = again(state.line.overloaded(self.id));
        if let Some((_, after)) = again {
            state.line.pause(Instant::now() + after);
        }
        self.gate.pump(&mut state);
        again
    }

    /// Waits again, in the old place.
    pub(crate) fn back(&mut self) {
        let (sender, turn) = oneshot::channel();
        self.turn = turn;
        let mut state = self.gate.state.lock();
        state.line.back(self.id);
        state.turns.insert(self.id, sender);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.gate.state.lock();
        state.line.ends(self.id, Instant::now());
        state.line.leave(self.id);
        state.turns.remove(&self.id);
        self.gate.pump(&mut state);
    }
}

/// A branch's place, as whoever waits for its answer knows it.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    gate: Arc<Gate>,
    id: Id,
}

impl Seat {
    /// The server has begun to answer its request.
    pub(crate) fn begun(&self) {
        let mut state = self.gate.state.lock();
        // What it waited for until now stays known.
        state.line.busy_until(self.id, Instant::now());
        state.line.heard(self.id);
        state.answered = true;
        self.gate.pump(&mut state);
    }

    /// The last moment at which the server was answering another request that it may have had
    /// before this one: now, if it still is.
    pub(crate) fn busy_until(&self) -> Option<Instant> {
        self.gate.state.lock().line.busy_until(self.id, Instant::now())
    }
}
