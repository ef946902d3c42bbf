//! One run: its events, its panel and its stop signals.

use super::Refusal;
use crate::event::{BranchId, Event, Outcome, RunId, RunOutcome, Seq, Stamped};
use crate::lang::Lang;
use crate::panel::{Panel, View};
use crate::request::Request;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One press of the action.
#[derive(Debug)]
pub struct Run {
    id: RunId,
    title: String,
    /// `None` for a run of the journal, which does not hold the selection.
    request: Option<Request>,
    /// The random mark of the prompts' fence; a retry sends the same shared part again.
    tag: String,
    state: Mutex<State>,
    beat: watch::Sender<Beat>,
    /// The place of the last event that is in the journal; beyond all where nobody writes it down.
    kept: watch::Sender<Seq>,
}

/// How far a run is, for those who watch it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// The last event's place.
    pub seq: Seq,
    /// The place of the last event that nobody should wait for: a start, a first text, an end.
    pub urgent: Seq,
    /// No branch is alive; a retry makes it false again.
    pub over: bool,
}

#[derive(Debug)]
struct State {
    log: Vec<Stamped>,
    panel: Panel,
    branches: HashMap<BranchId, Branch>,
    /// About what the log takes.
    bytes: usize,
}

#[derive(Debug)]
struct Branch {
    token: CancellationToken,
    /// `None` while it is alive.
    outcome: Option<Outcome>,
    has_text: bool,
}

impl Run {
    pub(super) fn new(id: RunId, title: String, request: Request, tag: String) -> Self {
        let branches =
            request.perspectives.iter().map(|p| (BranchId(p.name.as_str().into()), Branch::new()));
        let state = State {
            log: Vec::new(),
            panel: Panel::new(&title, request.lang),
            branches: branches.collect(),
            bytes: 0,
        };
        Run::with(id, title, Some(request), tag, state)
    }

    /// A run of the journal, before its first event: [`Run::replay`] takes them.
    pub fn of_journal(id: RunId, title: &str) -> Self {
        let panel = Panel::new(title, Lang::default());
        let state = State { log: Vec::new(), panel, branches: HashMap::new(), bytes: 0 };
        Run::with(id, title.to_owned(), None, String::new(), state)
    }

    fn with(id: RunId, title: String, request: Option<Request>, tag: String, state: State) -> Self {
        let (beat, _) = watch::channel(Beat::default());
        let (kept, _) = watch::channel(Seq::MAX);
        Run { id, title, request, tag, state: Mutex::new(state), beat, kept }
    }

    /// Its name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// A short title, from the selection.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it was asked to do, where that is known.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref()
    }

    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// Tells of each event; only the newest beat is kept. It closes when the run is forgotten.
    pub fn watch(&self) -> watch::Receiver<Beat> {
        let mut beats = self.beat.subscribe();
        // A new receiver takes what is there for seen; the run may be quicker than its watcher.
        if self.beat.borrow().seq > 0 {
            beats.mark_changed();
        }
        beats
    }

    /// Whether no branch is alive.
    pub fn is_over(&self) -> bool {
        self.beat.borrow().over
    }

    /// Waits until the run is over and written down, or will not be.
    pub(super) async fn settled(&self) {
        // Neither sender is dropped before the run.
        let end = self.watch().wait_for(|beat| beat.over).await.map_or(0, |beat| beat.seq);
        let _ = self.kept.subscribe().wait_for(|kept| *kept >= end).await;
    }

    /// Notes how far the run is written down.
    pub(super) fn set_kept(&self, seq: Seq) {
        self.kept.send_replace(seq);
    }

    /// Whether every branch was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.state().branches.values().all(|b| b.token.is_cancelled())
    }

    /// About how many bytes its events take.
    pub(super) fn bytes(&self) -> usize {
        self.state().bytes
    }

    /// The events from a place on.
    pub fn events_from(&self, from: Seq) -> Vec<Stamped> {
        let state = self.state();
        // What a journal lacks leaves a gap.
        let at = state.log.partition_point(|stamped| stamped.seq < from);
        state.log.get(at..).unwrap_or_default().to_vec()
    }

    /// The panel, for as long as `read` takes: it must be short.
    pub fn with_panel<T>(&self, read: impl FnOnce(&Panel) -> T) -> T {
        read(&self.state().panel)
    }

    /// A reader of the panel who is given the whole text now.
    pub fn view(&self) -> View {
        self.with_panel(View::new)
    }

    /// Stops the run, or one of its branches, and says how many branches that are alive it meant.
    ///
    /// # Errors
    /// A branch that the run does not have.
    pub fn cancel(&self, branch: Option<&BranchId>) -> Result<usize, Refusal> {
        let state = self.state();
        let Some(branch) = branch else {
            // A branch that was retried has a signal of its own.
            state.branches.values().for_each(|b| b.token.cancel());
            return Ok(state.branches.values().filter(|b| b.outcome.is_none()).count());
        };
        let known =
            state.branches.get(branch).ok_or_else(|| Refusal::UnknownBranch(branch.clone()))?;
        known.token.cancel();
        Ok(usize::from(known.outcome.is_none()))
    }

    /// The stop signal of a branch that is to start.
    pub(super) fn token_of(&self, branch: &BranchId) -> CancellationToken {
        self.state().branches.get(branch).map(|b| b.token.clone()).unwrap_or_default()
    }

    /// Makes an ended branch alive again, with a stop signal of its own.
    pub(super) fn revive(&self, branch: &BranchId) -> Result<CancellationToken, Refusal> {
        let mut state = self.state();
        let found =
            state.branches.get_mut(branch).ok_or_else(|| Refusal::UnknownBranch(branch.clone()))?;
        if found.outcome.is_none() {
            return Err(Refusal::StillRunning(branch.clone()));
        }
        *found = Branch::new();
        Ok(found.token.clone())
    }

    /// Takes what happened: numbers it, keeps it, folds it into the panel and tells the watchers.
    pub(super) fn record(&self, event: Event) {
        let mut state = self.state();
        let (urgent, ended) = state.note(&event);
        state.push(event);
        if ended {
            let outcome = state.outcome();
            state.push(Event::RunEnded { outcome });
        }
        let seq = state.log.last().map_or(0, |last| last.seq);
        let over = ended || state.branches.values().all(|b| b.outcome.is_some());
        self.beat.send_modify(|beat| {
            *beat = Beat { seq, urgent: if urgent { seq } else { beat.urgent }, over };
        });
    }

    /// Takes an event that was recorded before, with its place.
    pub fn replay(&self, stamped: Stamped) {
        let mut state = self.state();
        if let Event::RunStarted { sections, .. } = &stamped.event {
            let branches = sections.iter().map(|section| (section.branch.clone(), Branch::new()));
            state.branches = branches.collect();
        }
        let (urgent, _) = state.note(&stamped.event);
        let (seq, over) = (stamped.seq, matches!(stamped.event, Event::RunEnded { .. }));
        state.take(stamped);
        self.beat.send_modify(|beat| {
            *beat = Beat { seq, urgent: if urgent { seq } else { beat.urgent }, over };
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics with this lock held; if it did, the log would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Branch {
    /// One that is alive.
    fn new() -> Self {
        Branch { token: CancellationToken::new(), outcome: None, has_text: false }
    }
}

impl State {
    fn push(&mut self, event: Event) {
        let seq = self.log.last().map_or(1, |last| last.seq + 1);
        self.take(Stamped { seq, event });
    }

    fn take(&mut self, stamped: Stamped) {
        self.panel.apply(&stamped.event);
        let text = if let Event::Delta { text, .. } = &stamped.event { text.len() } else { 0 };
        self.bytes += size_of::<Stamped>() + text;
        self.log.push(stamped);
    }

    /// Keeps the books of branches: whether this event is urgent, and whether the run ends with it.
    fn note(&mut self, event: &Event) -> (bool, bool) {
        match event {
            Event::Delta { branch, .. } => match self.branches.get_mut(branch) {
                Some(found) => (!std::mem::replace(&mut found.has_text, true), false),
                None => (false, false),
            },
            Event::Thinking { .. } => (false, false),
            Event::BranchEnded { branch, outcome, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.outcome = Some(outcome.clone());
                }
                (true, self.branches.values().all(|b| b.outcome.is_some()))
            }
            _ => (true, false),
        }
    }

    fn outcome(&self) -> RunOutcome {
        RunOutcome::of(self.branches.values().filter_map(|b| b.outcome.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Layers, ProviderChoice, Settings};
    use crate::session::{Ask, Choice, Session};
    use crate::text::{Document, Encoding, Position, Range};
    use std::time::Duration;

    #[tokio::test]
    async fn a_watcher_that_comes_late_is_told_at_once() {
        let flags = Settings { provider: Some(ProviderChoice::Worksheet), ..Settings::default() };
        let layers = Layers { flags, ..Layers::default() };
        let session = Session::new(layers, Choice::new(None), None, None);
        session.open(Document::open("file:///a", "markdown", 1, "why?\n"));
        let (start, end) = (Position::default(), Position { line: 1, character: 0 });
        let range = Range { start, end };
        let selection = session.select("file:///a", None, range, Encoding::Utf16).unwrap();
        let run = session.start(selection, &Ask::default()).unwrap();
        assert!(!run.watch().has_changed().unwrap(), "nothing has happened yet");
        while !run.is_over() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut beats = run.watch();
        assert!(beats.has_changed().unwrap() && beats.borrow_and_update().over);
    }
}
