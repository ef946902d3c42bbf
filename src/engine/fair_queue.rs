//! Who waits for a turn at one server, and who goes next: pure, with the clock as an argument.
//!
//! Runs go in the order in which they came, and each run's requests in the order of its sections,
//! as far as the run's own [`Order`] and what the server takes allow.

use super::adaptive_limit::{AdaptiveLimit, Departure};
use super::order::{Lead, Order};
use crate::event::RunId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::time::Instant;

/// Names a member for good.
pub(crate) type Id = u64;

/// All branches that are bound for one server.
#[derive(Debug)]
pub(crate) struct FairQueue {
    pub(crate) bound: AdaptiveLimit,
    /// By the order in which they came.
    runs: BTreeMap<u64, RunQueue>,
    members: HashMap<Id, Member>,
    waiting: BTreeSet<Turn>,
    out: usize,
    /// The server asked not to be asked before.
    pause: Option<Instant>,
    names: u64,
}

/// One run's part of the queue.
#[derive(Debug)]
struct RunQueue {
    run: RunId,
    order: Order,
    members: usize,
    out: usize,
    lead: Lead,
    leader: Id,
}

/// A member's place: the run, the section in it, and a name that is like no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    run: u64,
    index: usize,
    id: Id,
}

#[derive(Debug)]
struct Member {
    turn: Turn,
    state: State,
    /// The answer to its request has begun.
    begun: bool,
    /// The newest that had come when its request left. The server may have had the request of any
    /// of these before its own; what comes later is no reason to wait.
    newest: Id,
    /// The last moment at which the server was seen to answer one of these.
    busy: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the queue.
    Waiting,
    /// Its request is under way.
    Out(Departure),
    /// Between two attempts: it keeps its place, and nobody waits for it.
    Away,
}

impl FairQueue {
    pub(crate) fn new(most: usize) -> Self {
        FairQueue {
            bound: AdaptiveLimit::new(most),
            runs: BTreeMap::new(),
            members: HashMap::new(),
            waiting: BTreeSet::new(),
            out: 0,
            pause: None,
            names: 0,
        }
    }

    /// Nobody waits, is under way, or may come back.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A branch comes, to wait.
    pub(crate) fn join(&mut self, run: &RunId, order: Order, index: usize) -> Id {
        self.names += 1;
        let id = self.names;
        let known =
            self.runs.iter().find(|(_, queue)| queue.run == *run).map(|(number, _)| *number);
        let number = known.unwrap_or(id);
        let queue = self.runs.entry(number).or_insert_with(|| RunQueue {
            run: run.clone(),
            order,
            members: 0,
            out: 0,
            lead: Lead::Due,
            leader: id,
        });
        queue.members += 1;
        let turn = Turn { run: number, index, id };
        self.waiting.insert(turn);
        let state = State::Waiting;
        let member = Member { turn, state, begun: false, newest: id, busy: None };
        self.members.insert(id, member);
        id
    }

    /// Sets the order of a run. What is under way stays.
    pub(crate) fn set_order(&mut self, run: &RunId, order: Order) {
        if let Some(queue) = self.runs.values_mut().find(|queue| queue.run == *run) {
            queue.order = order;
        }
    }

    /// Lets the next one go, if any may.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Id> {
        if self.pause.is_some_and(|until| now < until) || self.out >= self.bound.limit() {
            return None;
        }
        let open = |turn: &&Turn| {
            let queue = self.runs.get(&turn.run);
            queue.and_then(|queue| queue.opens(now)).is_some_and(|at| at <= now)
        };
        let turn = *self.waiting.iter().find(open)?;
        let leave = self.bound.leave(self.out);
        self.waiting.remove(&turn);
        self.out += 1;
        if let Some(queue) = self.runs.get_mut(&turn.run) {
            queue.out += 1;
            if queue.lead == Lead::Due {
                (queue.lead, queue.leader) = (Lead::Out(now), turn.id);
            }
        }
        if let Some(member) = self.members.get_mut(&turn.id) {
            member.state = State::Out(leave);
            (member.begun, member.newest, member.busy) = (false, self.names, None);
        }
        Some(turn.id)
    }

    /// When somebody may go by the clock alone.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() || self.out >= self.bound.limit() {
            return None;
        }
        let runs = self.waiting.iter().filter_map(|turn| self.runs.get(&turn.run));
        let first = runs.filter_map(|queue| queue.opens(now)).min()?;
        Some(self.pause.map_or(first, |until| first.max(until)))
    }

    /// A request's answer begins.
    pub(crate) fn heard(&mut self, id: Id) {
        let wanted = !self.waiting.is_empty();
        let Some(member) = self.members.get_mut(&id) else { return };
        if let State::Out(leave) = &mut member.state {
            member.begun = true;
            self.bound.heard(leave, wanted);
            if let Some(queue) = self.runs.get_mut(&member.turn.run) {
                queue.release(id);
            }
        }
    }

    /// The last moment at which the server was answering another request that it may have had before
    /// this one; of one whose own answer has begun, before that.
    pub(crate) fn busy_until(&mut self, id: Id, now: Instant) -> Option<Instant> {
        let member = self.members.get(&id)?;
        let (waits, newest) = (member.is_waited_for(), member.newest);
        let answered = |(other, member): (&Id, &Member)| {
            *other != id && *other <= newest && member.is_answered()
        };
        let is_busy = waits && self.members.iter().any(answered);
        let member = self.members.get_mut(&id)?;
        if is_busy {
            member.busy = Some(now);
        }
        member.busy
    }

    /// A request is about to end, so that whoever waits at the server knows until when it was busy.
    pub(crate) fn ends(&mut self, id: Id, now: Instant) {
        if !self.members.get(&id).is_some_and(Member::is_answered) {
            return;
        }
        for (other, member) in &mut self.members {
            if *other != id && id <= member.newest && member.is_waited_for() {
                member.busy = Some(now);
            }
        }
    }

    /// A request is over, and its branch may come [back](Self::back).
    pub(crate) fn away(&mut self, id: Id) {
        self.step_out(id);
    }

    /// The server would not take a request. False where that was a trial of ours.
    pub(crate) fn refused(&mut self, id: Id) -> bool {
        match self.step_out(id) {
            Some(State::Out(leave)) => self.bound.refused(leave, self.out),
            _ => true,
        }
    }

    /// Lets nobody go before.
    pub(crate) fn pause(&mut self, until: Instant) {
        self.pause = Some(self.pause.map_or(until, |before| before.max(until)));
    }

    /// A branch that was away waits again, in its old place.
    pub(crate) fn back(&mut self, id: Id) {
        if let Some(member) = self.members.get_mut(&id)
            && matches!(member.state, State::Away)
        {
            member.state = State::Waiting;
            self.waiting.insert(member.turn);
        }
    }

    /// A branch is over, wherever it is.
    pub(crate) fn leave(&mut self, id: Id) {
        self.step_out(id);
        let Some(member) = self.members.remove(&id) else { return };
        if let Some(queue) = self.runs.get_mut(&member.turn.run) {
            queue.members -= 1;
            if queue.members == 0 {
                self.runs.remove(&member.turn.run);
            }
        }
    }

    /// Takes a member from the queue or from what is under way, and says where it was.
    fn step_out(&mut self, id: Id) -> Option<State> {
        let member = self.members.get_mut(&id)?;
        let before = std::mem::replace(&mut member.state, State::Away);
        match before {
            State::Waiting => drop(self.waiting.remove(&member.turn)),
            State::Out(_) => {
                self.out -= 1;
                if let Some(queue) = self.runs.get_mut(&member.turn.run) {
                    queue.out -= 1;
                    queue.release(id);
                }
            }
            State::Away => {}
        }
        Some(before)
    }
}

impl Member {
    /// The server is answering its request.
    fn is_answered(&self) -> bool {
        self.begun && matches!(self.state, State::Out(_))
    }

    /// Its request is at the server, and nothing of an answer has come.
    fn is_waited_for(&self) -> bool {
        !self.begun && matches!(self.state, State::Out(_))
    }
}

impl RunQueue {
    fn opens(&self, now: Instant) -> Option<Instant> {
        self.order.opens(self.out, self.lead, now)
    }

    /// Nobody waits for the leader any more, whatever has become of it.
    fn release(&mut self, id: Id) {
        if self.leader == id && matches!(self.lead, Lead::Out(_)) {
            self.lead = Lead::Heard;
        }
    }
}
