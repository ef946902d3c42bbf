//! Property tests of the queue: its invariants hold whatever the branches do.

use crate::engine::fair_queue::{FairQueue, Id};
use crate::event::RunId;
use crate::request::Order;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// What a branch, a server or the clock does. Indices choose among the branches that can do it.
#[derive(Clone, Debug)]
enum Act {
    Join(u8),
    End(usize),
    Hear(usize),
    Fail(usize),
    Overload(usize, u64),
    Return(usize),
    Cancel(usize),
    SetMax(usize),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_u8..4).prop_map(Act::Join),
        3 => any::<usize>().prop_map(Act::End),
        2 => any::<usize>().prop_map(Act::Hear),
        1 => any::<usize>().prop_map(Act::Fail),
        2 => (any::<usize>(), 0_u64..3000).prop_map(|(n, ms)| Act::Overload(n, ms)),
        2 => any::<usize>().prop_map(Act::Return),
        1 => any::<usize>().prop_map(Act::Cancel),
        1 => (0_usize..6).prop_map(Act::SetMax),
        2 => (0_u64..2500).prop_map(Act::Pass),
    ]
}

fn order(run: u8) -> Order {
    match run {
        0 => Order::InTurn,
        1 => Order::LeaderFirst,
        2 => Order::AtOnce(2),
        _ => Order::AtOnce(usize::MAX),
    }
}

/// A queue, and the state that it is expected to be in.
struct World {
    queue: FairQueue,
    now: Instant,
    joined: usize,
    run_of: BTreeMap<Id, u8>,
    waiting: BTreeSet<Id>,
    out: BTreeSet<Id>,
    away: BTreeSet<Id>,
    over: usize,
}

impl World {
    fn new() -> Self {
        World {
            queue: FairQueue::new(5),
            now: Instant::now(),
            joined: 0,
            run_of: BTreeMap::new(),
            waiting: BTreeSet::new(),
            out: BTreeSet::new(),
            away: BTreeSet::new(),
            over: 0,
        }
    }

    fn act(&mut self, act: &Act) {
        let nth = |set: &BTreeSet<Id>, n: usize| set.iter().nth(n % set.len().max(1)).copied();
        match *act {
            Act::Join(run) => {
                let id = self.queue.join(&RunId(run.to_string()), order(run), self.joined);
                self.joined += 1;
                self.run_of.insert(id, run);
                self.waiting.insert(id);
            }
            Act::End(n) => nth(&self.out, n).into_iter().for_each(|id| self.end(id)),
            Act::Hear(n) => {
                nth(&self.out, n).into_iter().for_each(|id| self.queue.answer_begun(id))
            }
            Act::Fail(n) => {
                if let Some(id) = nth(&self.out, n) {
                    self.queue.away(id, self.now);
                    self.step_away(id);
                }
            }
            Act::Overload(n, ms) => {
                if let Some(id) = nth(&self.out, n) {
                    self.queue.overloaded(id, self.now);
                    self.queue.pause(self.now + Duration::from_millis(ms));
                    self.step_away(id);
                }
            }
            Act::Return(n) => {
                if let Some(id) = nth(&self.away, n) {
                    self.queue.back(id);
                    self.away.remove(&id);
                    self.waiting.insert(id);
                }
            }
            Act::Cancel(n) => {
                let all: BTreeSet<Id> =
                    self.waiting.iter().chain(&self.out).chain(&self.away).copied().collect();
                nth(&all, n).into_iter().for_each(|id| self.end(id));
            }
            Act::SetMax(max) => self.queue.limit.set_max(max),
            Act::Pass(ms) => self.now += Duration::from_millis(ms),
        }
        self.let_go();
    }

    fn step_away(&mut self, id: Id) {
        self.out.remove(&id);
        self.away.insert(id);
    }

    fn end(&mut self, id: Id) {
        self.queue.remove(id, self.now);
        for set in [&mut self.waiting, &mut self.out, &mut self.away] {
            set.remove(&id);
        }
        self.over += 1;
    }

    /// Lets requests through, and checks that each was waiting, and that its run's order and the
    /// server's limit are respected.
    fn let_go(&mut self) {
        loop {
            let limit = self.queue.limit.allowed();
            let Some(id) = self.queue.next(self.now) else { break };
            assert!(self.waiting.remove(&id), "{id} went twice");
            assert!(self.out.len() < limit, "{} are under way, of {limit}", self.out.len());
            let run = self.run_of[&id];
            let beside = self.out.iter().filter(|other| self.run_of[*other] == run).count();
            match order(run) {
                Order::InTurn => assert_eq!(beside, 0),
                Order::AtOnce(limit) => assert!(beside < limit),
                Order::LeaderFirst => {}
            }
            self.out.insert(id);
        }
    }

    /// Checks that, if no request is in flight, a waiting one will be due.
    fn is_not_stuck(&self) {
        if self.out.is_empty() && !self.waiting.is_empty() {
            let due = self.queue.due(self.now);
            assert!(due.is_some_and(|due| due > self.now), "stuck: {:?}", self.queue);
        }
    }
}

proptest! {
    #[test]
    fn everybody_goes_once_within_bounds_and_nobody_is_stuck(acts in prop::collection::vec(act(), 1..200)) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
            world.is_not_stuck();
        }
        // Whatever has happened, all branches come to an end.
        for _ in 0..4 * world.joined {
            world.act(&Act::Return(0));
            world.is_not_stuck();
            match world.out.first().copied() {
                Some(id) => world.end(id),
                None => world.now = world.queue.due(world.now).unwrap_or(world.now),
            }
            world.let_go();
        }
        prop_assert_eq!((world.over, world.waiting.len(), world.out.len()), (world.joined, 0, 0));
    }

    #[test]
    fn a_leader_that_hangs_is_overtaken(branches in 2_usize..20) {
        let mut queue = FairQueue::new(64);
        let run = RunId("r".into());
        for index in 0..branches {
            queue.join(&run, Order::LeaderFirst, index);
        }
        let now = Instant::now();
        prop_assert_eq!((queue.next(now), queue.next(now)), (Some(1), None));
        let due = queue.due(now).unwrap();
        prop_assert_eq!(due - now, Duration::from_secs(2));
        let rest: Vec<_> = std::iter::from_fn(|| queue.next(due)).collect();
        prop_assert_eq!(rest.len(), branches - 1);
        prop_assert!(rest.is_sorted(), "{:?}", rest);
    }
}
