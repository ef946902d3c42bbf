//! The queue of requests for one server. Pure: the clock is an argument.
//!
//! Runs are served in order of arrival, and each run's requests in the order of its sections, as
//! far as the run's [`Order`] and the server's limit allow.

use super::adaptive_limit::{AdaptiveLimit, Departure};
use super::order::{Lead, opens};
use crate::event::RunId;
use crate::request::Order;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::time::Instant;

/// ID of a branch in a [`FairQueue`]. IDs ascend in order of arrival and are never reused.
pub(crate) type Id = u64;

/// Queue of the branches that send requests to one server.
#[derive(Debug)]
pub(crate) struct FairQueue {
    pub(crate) limit: AdaptiveLimit,
    /// Ordered by arrival.
    runs: BTreeMap<u64, RunQueue>,
    members: HashMap<Id, Member>,
    waiting: BTreeSet<Turn>,
    out: usize,
    /// No request may be sent before this moment.
    pause: Option<Instant>,
    last_id: u64,
}

/// The part of the queue that belongs to one run.
#[derive(Debug)]
struct RunQueue {
    run: RunId,
    order: Order,
    members: usize,
    out: usize,
    lead: Lead,
    leader: Id,
}

/// A member's position: by run, then by section; the ID makes it unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    run: u64,
    index: usize,
    id: Id,
}

#[derive(Debug)]
struct Member {
    turn: Turn,
    state: MemberState,
    /// Whether the answer to its request has begun.
    answer_begun: bool,
    /// The newest member at the time its request was sent. The server may have received the
    /// requests of members up to this one first, but not those of later ones.
    newest: Id,
    /// When the server was last known to be answering one of those members.
    busy: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum MemberState {
    /// Waiting for its turn.
    Waiting,
    /// Its request is in flight.
    Out(Departure),
    /// Between two attempts: keeps its position without blocking others.
    Away,
}

impl FairQueue {
    pub(crate) fn new(max: usize) -> Self {
        FairQueue {
            limit: AdaptiveLimit::new(max),
            runs: BTreeMap::new(),
            members: HashMap::new(),
            waiting: BTreeSet::new(),
            out: 0,
            pause: None,
            last_id: 0,
        }
    }

    /// Returns `true` if the queue has no branch, whether waiting, in flight or between two
    /// attempts.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds a branch of `run`, which waits for its turn. `index` is its position among the run's
    /// branches. `order` is ignored if the run is already in the queue.
    pub(crate) fn join(&mut self, run: &RunId, order: Order, index: usize) -> Id {
        self.last_id += 1;
        let id = self.last_id;
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
        let state = MemberState::Waiting;
        let member = Member { turn, state, answer_begun: false, newest: id, busy: None };
        self.members.insert(id, member);
        id
    }

    /// Sets the order of a run's requests. Requests in flight are not affected.
    pub(crate) fn set_order(&mut self, run: &RunId, order: Order) {
        if let Some(queue) = self.runs.values_mut().find(|queue| queue.run == *run) {
            queue.order = order;
        }
    }

    /// Returns the next branch whose request may be sent now, and marks that request as in flight.
    /// Returns `None` if no request may be sent.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Id> {
        if self.pause.is_some_and(|until| now < until) || self.out >= self.limit.allowed() {
            return None;
        }
        let open = |turn: &&Turn| {
            let queue = self.runs.get(&turn.run);
            queue.and_then(|queue| queue.opens(now)).is_some_and(|at| at <= now)
        };
        let turn = *self.waiting.iter().find(open)?;
        let departure = self.limit.depart(self.out);
        self.waiting.remove(&turn);
        self.out += 1;
        if let Some(queue) = self.runs.get_mut(&turn.run) {
            queue.out += 1;
            if queue.lead == Lead::Due {
                (queue.lead, queue.leader) = (Lead::Out(now), turn.id);
            }
        }
        if let Some(member) = self.members.get_mut(&turn.id) {
            member.state = MemberState::Out(departure);
            (member.answer_begun, member.newest, member.busy) = (false, self.last_id, None);
        }
        Some(turn.id)
    }

    /// Returns when the next request may be sent if only time passes. Returns `None` if no request
    /// is waiting, or if another request must end first.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        if self.waiting.is_empty() || self.out >= self.limit.allowed() {
            return None;
        }
        let runs = self.waiting.iter().filter_map(|turn| self.runs.get(&turn.run));
        let first = runs.filter_map(|queue| queue.opens(now)).min()?;
        Some(self.pause.map_or(first, |until| first.max(until)))
    }

    /// Records that the answer to this branch's request has begun.
    pub(crate) fn answer_begun(&mut self, id: Id) {
        let wanted = !self.waiting.is_empty();
        let Some(member) = self.members.get_mut(&id) else { return };
        if let MemberState::Out(departure) = &mut member.state {
            member.answer_begun = true;
            self.limit.answer_begun(departure, wanted);
            if let Some(queue) = self.runs.get_mut(&member.turn.run) {
                queue.release(id);
            }
        }
    }

    /// Returns the last moment at which the server was known to be busy with another request that
    /// may have reached it before this branch's; `now` if it still is. The result no longer changes
    /// once the answer to this branch's request has begun.
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

    /// If the answer to this branch's request has begun, records that the server was busy with it
    /// until `now`, for all unanswered requests that the server may have received later.
    fn note_end(&mut self, id: Id, now: Instant) {
        if !self.members.get(&id).is_some_and(Member::is_answered) {
            return;
        }
        for (other, member) in &mut self.members {
            if *other != id && id <= member.newest && member.is_waited_for() {
                member.busy = Some(now);
            }
        }
    }

    /// Records that this branch's request has ended. The branch keeps its position and may [wait
    /// again](Self::back).
    pub(crate) fn away(&mut self, id: Id, now: Instant) {
        self.step_out(id, now);
    }

    /// Records that the server refused this branch's request because it is overloaded. Returns
    /// `false` if the request was a trial beyond the known limit.
    pub(crate) fn overloaded(&mut self, id: Id, now: Instant) -> bool {
        match self.step_out(id, now) {
            Some(MemberState::Out(departure)) => self.limit.overloaded(departure, self.out),
            _ => true,
        }
    }

    /// Holds back all requests until `until`, or until the end of an earlier pause if that is
    /// later.
    pub(crate) fn pause(&mut self, until: Instant) {
        self.pause = Some(self.pause.map_or(until, |before| before.max(until)));
    }

    /// Lets a branch that is between two attempts wait again, in its old position.
    pub(crate) fn back(&mut self, id: Id) {
        if let Some(member) = self.members.get_mut(&id)
            && matches!(member.state, MemberState::Away)
        {
            member.state = MemberState::Waiting;
            self.waiting.insert(member.turn);
        }
    }

    /// Removes a branch from the queue, whatever its state.
    pub(crate) fn remove(&mut self, id: Id, now: Instant) {
        self.step_out(id, now);
        let Some(member) = self.members.remove(&id) else { return };
        if let Some(queue) = self.runs.get_mut(&member.turn.run) {
            queue.members -= 1;
            if queue.members == 0 {
                self.runs.remove(&member.turn.run);
            }
        }
    }

    /// Sets a member's state to [`MemberState::Away`] and returns its previous state.
    fn step_out(&mut self, id: Id, now: Instant) -> Option<MemberState> {
        self.note_end(id, now);
        let member = self.members.get_mut(&id)?;
        let before = std::mem::replace(&mut member.state, MemberState::Away);
        match before {
            MemberState::Waiting => drop(self.waiting.remove(&member.turn)),
            MemberState::Out(_) => {
                self.out -= 1;
                if let Some(queue) = self.runs.get_mut(&member.turn.run) {
                    queue.out -= 1;
                    queue.release(id);
                }
            }
            MemberState::Away => {}
        }
        Some(before)
    }
}

impl Member {
    /// Returns `true` if the server is answering the member's request.
    fn is_answered(&self) -> bool {
        self.answer_begun && matches!(self.state, MemberState::Out(_))
    }

    /// Returns `true` if the member's request is in flight and its answer has not begun.
    fn is_waited_for(&self) -> bool {
        !self.answer_begun && matches!(self.state, MemberState::Out(_))
    }
}

impl RunQueue {
    fn opens(&self, now: Instant) -> Option<Instant> {
        opens(self.order, self.out, self.lead, now)
    }

    /// Stops holding back the others if this member is the leader, whatever became of it.
    fn release(&mut self, id: Id) {
        if self.leader == id && matches!(self.lead, Lead::Out(_)) {
            self.lead = Lead::Heard;
        }
    }
}
