//! Follows a run's log: wakes its reader at once for urgent events, otherwise at most once per
//! tick, and returns the new events.

use super::{Run, RunProgress};
use crate::event::{Seq, Stamped};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Reads a run's events as they are recorded. Does not keep the run in memory.
#[derive(Debug)]
pub struct RunReader {
    run: Weak<Run>,
    progress: watch::Receiver<RunProgress>,
    urgent: watch::Receiver<Seq>,
    tick: Duration,
    /// Whether only the run's end wakes the reader before its tick.
    waits_for_end: bool,
    /// Sequence number of the first event that was not returned.
    next: Seq,
    last: Option<Instant>,
    /// Whether there are events that the reader has not been woken for.
    pending: bool,
}

impl RunReader {
    /// Creates a reader that starts at the run's first event. After each wake-up, events that are
    /// not urgent wake the reader no earlier than one `tick` later. With a tick of zero, every
    /// event wakes it at once.
    pub fn new(run: &Arc<Run>, tick: Duration) -> Self {
        RunReader {
            run: Arc::downgrade(run),
            progress: run.watch(),
            urgent: run.watch_urgent(),
            tick,
            waits_for_end: false,
            next: 1,
            last: None,
            pending: false,
        }
    }

    /// Makes the reader start at the event with the sequence number `next` instead of the first.
    pub fn from(self, next: Seq) -> Self {
        RunReader { next, ..self }
    }

    /// Makes the reader wait for its tick even for urgent events; only the run's end wakes it at
    /// once.
    pub(crate) fn waiting_for_end(self) -> Self {
        RunReader { waits_for_end: true, ..self }
    }

    /// Sets the minimum time between two wake-ups, which only urgent events can shorten.
    pub(crate) fn set_tick(&mut self, tick: Duration) {
        self.tick = tick;
    }

    /// Waits until the reader should read new events, and returns the run and its progress; `None`
    /// once the run has been dropped from memory. Returns at once for urgent events, for others no
    /// earlier than one tick after the last return. A run that is over has no new events until the
    /// user adds to it, for example with a retry.
    ///
    /// # Cancel safety
    /// If a call is dropped while it waits, the next call returns for the events that arrived in
    /// the meantime.
    pub async fn changed(&mut self) -> Option<(Arc<Run>, RunProgress)> {
        if !self.pending {
            self.progress.changed().await.ok()?;
            self.pending = true;
        }
        let due = self.last.map(|last| last + self.tick).filter(|due| Instant::now() < *due);
        if let Some(due) = due {
            // Only an urgent event wakes this task before the tick.
            tokio::select! {
                woken = urgent(&mut self.urgent, &self.progress, self.waits_for_end) => woken?,
                () = sleep_until(due) => {}
            }
        }
        self.urgent.mark_unchanged();
        // Read before the events, so that if the run is over, they include its last event.
        let progress = *self.progress.borrow_and_update();
        self.last = Some(counted_from(due, Instant::now(), self.tick));
        self.pending = false;
        Some((self.run.upgrade()?, progress))
    }

    /// Returns the run's events that this reader has not returned yet.
    pub fn events(&mut self, run: &Run) -> Vec<Stamped> {
        let events = run.events_from(self.next);
        self.next = events.last().map_or(self.next, |last| last.seq + 1);
        events
    }

    /// Like [`RunReader::events`], but returns at most `max` events, and whether no more follow. If
    /// more follow, the next call of [`RunReader::changed`] returns after a tick.
    pub(crate) fn batch(&mut self, run: &Run, max: usize) -> (Vec<Stamped>, bool) {
        let (events, is_all) = run.some_events_from(self.next, max);
        self.next = events.last().map_or(self.next, |last| last.seq + 1);
        self.pending = !is_all;
        (events, is_all)
    }
}

/// Waits for an event that wakes the reader before its tick; returns `None` when the run is dropped
/// from memory.
async fn urgent(
    urgent: &mut watch::Receiver<Seq>,
    progress: &watch::Receiver<RunProgress>,
    waits_for_end: bool,
) -> Option<()> {
    match waits_for_end {
        true => urgent.wait_for(|_| progress.borrow().over).await.map(drop).ok(),
        false => urgent.changed().await.ok(),
    }
}

/// Returns the start of the next tick. A timer counts whole milliseconds and fires a little late,
/// which delays this tick but not the next. If it fires much later, the next tick is still a whole
/// one.
fn counted_from(due: Option<Instant>, now: Instant, tick: Duration) -> Instant {
    due.filter(|due| (*due..*due + tick / 10).contains(&now)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event, Outcome};
    use crate::session::run::tests::run;

    #[test]
    fn a_late_tick_does_not_put_off_the_next() {
        let (tick, due) = (Duration::from_millis(50), Instant::now());
        let at = |ms| due + Duration::from_millis(ms);
        let from = |due, now| counted_from(due, now, tick);
        assert_eq!(from(None, at(3)), at(3), "nothing was waited for");
        assert_eq!(from(Some(due), at(3)), due);
        assert_eq!(from(Some(at(9)), at(3)), at(3), "something urgent came first");
        assert_eq!(from(Some(due), at(6)), at(6), "the next does not follow too soon");
        assert_eq!(from(Some(due), at(70)), at(70), "what was missed is not made up for");
    }

    fn text(text: &str) -> Event {
        Event::Delta { branch: BranchId("depth".into()), text: text.into() }
    }

    fn end(branch: &str) -> Event {
        let (branch, outcome) = (BranchId(branch.into()), Outcome::Done);
        Event::ended(branch, outcome)
    }

    /// Returns the time until the reader gets news, rounded down to tens of milliseconds, the
    /// sequence numbers of its events, and whether the run is over.
    async fn told(reader: &mut RunReader) -> (u128, Vec<Seq>, bool) {
        let before = Instant::now();
        let (run, progress) = reader.changed().await.unwrap();
        let seqs = reader.events(&run).iter().map(|event| event.seq).collect();
        (before.elapsed().as_millis() / 10 * 10, seqs, progress.over)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_is_given_each_event_once_from_its_place_on_and_the_urgent_ones_at_once() {
        let run = Arc::new(run());
        for event in [text("a"), end("time"), text("b")] {
            run.record(event);
        }
        let tick = Duration::from_millis(100);
        let mut late = RunReader::new(&run, tick).from(2);
        assert_eq!(told(&mut late).await, (0, vec![2, 3], false), "it has come late");
        let mut patient = RunReader::new(&run, tick).waiting_for_end();
        assert_eq!(told(&mut patient).await, (0, vec![1, 2, 3], false));
        run.record(text("c"));
        assert_eq!(told(&mut late).await, (100, vec![4], false), "it waits for its tick");
        run.record(Event::Retracted { branch: BranchId("depth".into()), chars: 3 });
        assert_eq!(told(&mut late).await, (0, vec![5], false));
        assert_eq!(told(&mut patient).await, (0, vec![4, 5], false), "its tick has gone by");
        run.record(Event::Retracted { branch: BranchId("depth".into()), chars: 3 });
        assert_eq!(told(&mut patient).await, (100, vec![6], false));
        run.record(text("d"));
        run.record(end("depth"));
        for reader in [&mut late, &mut patient] {
            let (waited, seqs, over) = told(reader).await;
            assert_eq!((waited, seqs.last(), over), (0, Some(&9), true));
        }
        drop(run);
        assert!(late.changed().await.is_none(), "it is forgotten");
    }
}
