//! One run: its events, its panel and its cancellation tokens.

mod log;
mod reasoning;
mod sections;
mod tally;

use super::{SessionError, focus};
use crate::event::{
    BranchId, Event, Mark, Outcome, Role, RunId, RunOutcome, SectionTitle, Seq, Stamped,
};
use crate::lang::Lang;
use crate::panel::Panel;
use crate::request::Request;
use parking_lot::{Mutex, MutexGuard};
use reasoning::Reasoning;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use tally::Tally;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

/// One invocation of an action: the run's events, panel and branches.
#[derive(Debug)]
pub struct Run {
    id: RunId,
    title: String,
    /// What the run was asked to do. Empty for a run loaded from the journal until
    /// [`Run::request_or_find`] sets it.
    request: OnceCell<Request>,
    state: Mutex<RunState>,
    /// Set if this process started the run, or once it has resumed the run from the journal.
    own: OnceCell<()>,
    /// Held while a new section gets its name, so that names are unique.
    adding: Mutex<()>,
    progress: watch::Sender<RunProgress>,
    urgent: watch::Sender<Seq>,
    /// Sequence number up to which the journal writer is done, even if writing failed. Updated
    /// whenever the run ends; `Seq::MAX` if the run is not saved.
    persisted: watch::Sender<Seq>,
    /// Whether the user has deleted the run from the journal.
    deleted: AtomicBool,
}

/// Progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunProgress {
    /// Sequence number of the run's last event; 0 before the first.
    pub seq: Seq,
    /// Whether every branch of the run has ended; a retry sets this to `false` again.
    pub over: bool,
}

#[derive(Debug)]
struct RunState {
    log: Vec<Stamped>,
    panel: Panel,
    branches: HashMap<BranchId, Branch>,
    /// Branches with a pending event, in the order of its arrival.
    waiting: Vec<BranchId>,
    /// Approximate size of the log in bytes, without reasoning.
    bytes: usize,
    tally: Tally,
    reasoning: Reasoning,
}

#[derive(Debug)]
struct Branch {
    token: CancellationToken,
    /// How the branch ended; `None` until it does.
    outcome: Option<Outcome>,
    role: Role,
    has_started: bool,
    has_text: bool,
    /// A `Delta` or `Thinking` event that no reader has asked for yet. It has no sequence number,
    /// and further chunks are merged into it, so that each chunk costs little, however small the
    /// chunks of a model's answer are.
    pending: Option<Event>,
}

impl Branch {
    /// Creates a branch that has not ended.
    fn new(role: Role) -> Self {
        let token = CancellationToken::new();
        Branch { token, outcome: None, role, has_started: false, has_text: false, pending: None }
    }
}

fn branches(sections: &[SectionTitle]) -> HashMap<BranchId, Branch> {
    sections.iter().map(|section| (section.branch.clone(), Branch::new(section.role))).collect()
}

impl Run {
    pub(crate) fn new(id: RunId, title: String, request: Request) -> Self {
        let sections = focus::sections(&request);
        let mut state = RunState::new(Panel::new(&title, request.lang));
        state.branches = branches(&sections);
        Run::with(id, title, OnceCell::new_with(Some(request)), state)
    }

    /// Creates a run from the journal, still without events; [`Run::replay`] adds them.
    pub fn of_journal(id: RunId, title: &str) -> Self {
        let state = RunState::new(Panel::new(title, Lang::default()));
        Run::with(id, title.to_owned(), OnceCell::new(), state)
    }

    fn with(id: RunId, title: String, request: OnceCell<Request>, state: RunState) -> Self {
        let (progress, urgent) = (watch::Sender::default(), watch::Sender::default());
        let persisted = watch::Sender::new(Seq::MAX);
        let own = OnceCell::new_with(request.get().map(|_| ()));
        let (state, adding) = (Mutex::new(state), Mutex::default());
        let deleted = AtomicBool::new(false);
        Run { id, title, request, state, own, adding, progress, urgent, persisted, deleted }
    }

    /// Returns the run's ID.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Returns a short title, taken from the selection.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the run's request; `None` for a run from the journal that has not been resumed.
    pub fn request(&self) -> Option<&Request> {
        self.request.get()
    }

    /// Returns `true` if the run has `branch`, but the run's request no longer has the perspective
    /// or focus that the branch, or the chain of follow-ups it belongs to, starts from.
    pub(crate) fn lost_its_perspective(&self, branch: &BranchId) -> bool {
        let asked = self.request().map(focus::sections).unwrap_or_default();
        let root = self.root_of(branch);
        let is_asked = root.is_none_or(|root| asked.iter().any(|section| section.branch == root));
        !is_asked && self.state.lock().branches.contains_key(branch)
    }

    /// Returns the run's request, determined with `find` unless it is already known. Only one caller at a
    /// time runs its `find`; the others wait.
    pub(crate) async fn request_or_find(
        &self,
        find: impl Future<Output = Result<Request, SessionError>>,
    ) -> Result<&Request, SessionError> {
        self.request.get_or_try_init(|| find).await
    }

    /// Returns `true` if this process started the run or has resumed it.
    pub(crate) fn is_own(&self) -> bool {
        self.own.initialized()
    }

    /// Resumes a run from the journal in this process with `begin`. Does nothing if this process
    /// started the run or has already resumed it.
    pub(crate) async fn make_own(
        &self,
        begin: impl Future<Output = Result<(), SessionError>>,
    ) -> Result<(), SessionError> {
        self.own.get_or_try_init(|| begin).await.map(drop)
    }

    /// Returns the run's first event.
    pub(crate) fn first(&self) -> Option<Event> {
        self.state.lock().log.first().map(|stamped| stamped.event.clone())
    }

    /// Returns a receiver of the run's progress; only the newest value is kept. The channel closes
    /// when the run is dropped from memory.
    pub(super) fn watch(&self) -> watch::Receiver<RunProgress> {
        let mut progress = self.progress.subscribe();
        // A new receiver treats the current value as seen, but the run may already have made
        // progress.
        if self.progress.borrow().seq > 0 {
            progress.mark_changed();
        }
        progress
    }

    /// Returns a receiver that is notified of each urgent event and holds its sequence number. All
    /// events are urgent except reasoning and a branch's text after the first chunk.
    pub(super) fn watch_urgent(&self) -> watch::Receiver<Seq> {
        self.urgent.subscribe()
    }

    /// Returns `true` if every branch has ended.
    pub fn is_over(&self) -> bool {
        self.progress.borrow().over
    }

    /// Returns how the run ended or, if it is not over, the outcome of the branches that have
    /// ended.
    pub(crate) fn outcome(&self) -> RunOutcome {
        self.state.lock().outcome()
    }

    /// Waits until every branch has ended, and returns the sequence number of the last event.
    pub async fn until_over(&self) -> Seq {
        // Cannot fail: the sender lives as long as the run.
        self.watch().wait_for(|progress| progress.over).await.map_or(0, |progress| progress.seq)
    }

    /// Waits until the run is over and saved, or until it is clear that it will not be saved.
    pub(crate) async fn until_persisted(&self) {
        let end = self.until_over().await;
        let _ = self.persisted.subscribe().wait_for(|persisted| *persisted >= end).await;
    }

    /// Returns `true` if the run is being saved or was read from the journal, and was not deleted.
    pub fn is_persisted(&self) -> bool {
        !self.is_deleted() && (self.request().is_none() || *self.persisted.borrow() != Seq::MAX)
    }

    /// Returns `true` if the user has deleted the run from the journal; it is then not saved again.
    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }

    pub(crate) fn set_deleted(&self, deleted: bool) {
        self.deleted.store(deleted, Ordering::Release);
    }

    /// Records that the journal writer is done with the events up to `seq`.
    pub(crate) fn set_persisted(&self, seq: Seq) {
        self.persisted.send_replace(seq);
    }

    /// Returns `true` if every branch was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.state.lock().branches.values().all(|b| b.token.is_cancelled())
    }

    /// Returns the approximate size of the run's events and reasoning in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let state = self.state.lock();
        state.bytes + state.reasoning.bytes()
    }

    /// Stops `branch` or, if `None`, all branches. Returns how many of them had not ended.
    ///
    /// # Errors
    /// Fails if the run does not have `branch`.
    pub fn cancel(&self, branch: Option<&BranchId>) -> Result<usize, SessionError> {
        let state = self.state.lock();
        let Some(branch) = branch else {
            // Waiting branches are stopped first; otherwise, the end of a running branch would let
            // one of them start. Each branch has its own token, since it can be retried.
            for has_started in [false, true] {
                let meant = state.branches.values().filter(|b| b.has_started == has_started);
                meant.for_each(|b| b.token.cancel());
            }
            return Ok(state.branches.values().filter(|b| b.outcome.is_none()).count());
        };
        let known = state
            .branches
            .get(branch)
            .ok_or_else(|| SessionError::UnknownBranch(branch.clone()))?;
        known.token.cancel();
        Ok(usize::from(known.outcome.is_none()))
    }

    /// Returns the cancellation token for a branch that is about to start.
    pub(crate) fn token_of(&self, branch: &BranchId) -> CancellationToken {
        self.state.lock().branches.get(branch).map(|b| b.token.clone()).unwrap_or_default()
    }

    /// Returns the progress of each view, in no particular order.
    pub(crate) fn progress_of_views(&self) -> Vec<focus::Progress> {
        let state = self.state.lock();
        let views = state.branches.values().filter(|b| b.role.is_view());
        views
            .map(|b| focus::Progress { has_ended: b.outcome.is_some(), has_text: b.has_text })
            .collect()
    }

    /// Returns `true` if the run has this branch and the branch has ended.
    pub(crate) fn has_ended(&self, branch: &BranchId) -> bool {
        let state = self.state.lock();
        state.branches.get(branch).is_some_and(|found| found.outcome.is_some())
    }

    /// Resets a branch that has ended so that it can run again. Returns its new token.
    pub(crate) fn revive(&self, branch: &BranchId) -> Result<CancellationToken, SessionError> {
        let mut state = self.state.lock();
        let found = state
            .branches
            .get(branch)
            .ok_or_else(|| SessionError::UnknownBranch(branch.clone()))?;
        let (is_alive, role) = (found.outcome.is_none(), found.role);
        if is_alive {
            return Err(SessionError::StillRunning(state.title(branch)));
        }
        let new = Branch::new(role);
        let token = new.token.clone();
        state.branches.insert(branch.clone(), new);
        self.progress.send_modify(|progress| progress.over = false);
        Ok(token)
    }

    /// Records an event and notifies the receivers. An urgent event is numbered, stored and applied
    /// to the panel at once; a further chunk of text is not until a reader asks for events.
    pub(crate) fn record(&self, event: Event) {
        let mut state = self.state.lock();
        let urgent = state.update(&event);
        // Marks on a run that is over are followed by its end once more, so that it stays the last
        // event in the journal.
        let ends =
            matches!(event, Event::BranchEnded { .. } | Event::Marked { .. }) && state.is_over();
        if urgent {
            state.place_pending();
        }
        state.think(&event);
        if urgent {
            state.push(event);
        } else if !matches!(event, Event::Reasoning { .. }) {
            state.join(event);
        }
        if ends {
            let outcome = state.outcome();
            let total = state.tally.stop();
            state.push(Event::RunEnded { outcome, total });
        }
        let seq = state.log.last().map_or(0, |last| last.seq) + state.waiting.len() as u64;
        let over = urgent.then(|| state.is_over());
        // A chunk that was merged into a pending event needs no notification: the receivers know of
        // that event, and none of them has read it yet.
        self.progress.send_if_modified(|progress| {
            let now = RunProgress { seq, over: over.unwrap_or(progress.over) };
            std::mem::replace(progress, now) != now
        });
        if urgent {
            self.urgent.send_replace(seq);
        }
    }

    /// Returns the locked state for a reader, with no event pending.
    fn current(&self) -> MutexGuard<'_, RunState> {
        let mut state = self.state.lock();
        state.place_pending();
        state
    }

    /// Adds an event from the journal, which already has a sequence number.
    pub fn replay(&self, stamped: Stamped) {
        let mut state = self.state.lock();
        if let Event::RunStarted { sections, .. } = &stamped.event {
            state.branches = branches(sections);
        }
        state.update(&stamped.event);
        state.think_again(&stamped.event);
        let (seq, over) = (stamped.seq, matches!(stamped.event, Event::RunEnded { .. }));
        state.take(stamped);
        self.progress.send_replace(RunProgress { seq, over });
        self.urgent.send_replace(seq);
    }

    /// Marks a run from the journal as over if all its branches have ended, even if its last event
    /// is not its end: the line with the end may have been lost.
    pub(crate) fn end_replay(&self) {
        let over = self.state.lock().is_over();
        self.progress.send_modify(|progress| progress.over |= over);
    }
}

impl RunState {
    /// Creates the state of a run without events and branches.
    fn new(panel: Panel) -> Self {
        RunState {
            log: Vec::new(),
            panel,
            branches: HashMap::new(),
            waiting: Vec::new(),
            bytes: 0,
            tally: Tally::default(),
            reasoning: Reasoning::default(),
        }
    }

    fn push(&mut self, event: Event) {
        let seq = self.log.last().map_or(1, |last| last.seq + 1);
        self.take(Stamped { seq, event });
    }

    fn take(&mut self, stamped: Stamped) {
        self.panel.apply(&stamped.event);
        let text = match &stamped.event {
            Event::Delta { text, .. } => text.len(),
            Event::SectionAdded { question, .. } => question.len(),
            Event::Marked { item, mark: Some(Mark::Comment(comment)), .. } => {
                item.text.len() + comment.len()
            }
            Event::Marked { item, .. } => item.text.len(),
            _ => 0,
        };
        self.bytes += size_of::<Stamped>() + text;
        self.log.push(stamped);
    }

    /// Holds a chunk of text or reasoning until a reader asks for it, merged into the pending event
    /// that it continues.
    fn join(&mut self, event: Event) {
        let (Event::Delta { branch, .. } | Event::Thinking { branch, .. }) = &event else {
            return self.push(event);
        };
        let Some(found) = self.branches.get_mut(branch) else { return self.push(event) };
        match (&mut found.pending, event) {
            (Some(Event::Delta { text, .. }), Event::Delta { text: more, .. }) => {
                text.push_str(&more);
            }
            (Some(Event::Thinking { chars, .. }), Event::Thinking { chars: more, .. }) => {
                *chars = chars.saturating_add(more);
            }
            (pending, event) => match pending.replace(event) {
                Some(before) => self.push(before),
                None => self.waiting.extend(pending.as_ref().and_then(Event::branch).cloned()),
            },
        }
    }

    /// Numbers and stores everything that is pending.
    fn place_pending(&mut self) {
        self.place_reasoning();
        for branch in std::mem::take(&mut self.waiting) {
            let pending = self.branches.get_mut(&branch).and_then(|found| found.pending.take());
            pending.into_iter().for_each(|event| self.push(event));
        }
    }

    /// Returns `true` if every branch has ended.
    fn is_over(&self) -> bool {
        self.branches.values().all(|b| b.outcome.is_some())
    }

    /// Updates the branches and the tally. Returns `true` if the event is urgent.
    fn update(&mut self, event: &Event) -> bool {
        let urgent = self.update_branch(event);
        // Only the first chunk of a text affects the tally; the many others are skipped.
        if urgent || !matches!(event, Event::Delta { .. }) {
            self.tally.note(event);
        }
        urgent
    }

    fn update_branch(&mut self, event: &Event) -> bool {
        match event {
            Event::Delta { branch, .. } => {
                let found = self.branches.get_mut(branch);
                return found.is_some_and(|b| !std::mem::replace(&mut b.has_text, true));
            }
            Event::Thinking { .. } | Event::Reasoning { .. } => return false,
            Event::BranchStarted { branch, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.has_started = true;
                }
            }
            Event::SectionAdded { section: SectionTitle { branch, role, .. }, .. } => {
                self.branches.entry(branch.clone()).or_insert_with(|| Branch::new(*role));
            }
            Event::Retracted { branch, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.has_text = false;
                }
            }
            Event::BranchEnded { branch, outcome, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.outcome = Some(outcome.clone());
                }
            }
            _ => {}
        }
        true
    }

    /// Returns the heading of a branch's section.
    fn title(&self, branch: &BranchId) -> String {
        let found = self.panel.states().find(|(known, ..)| *known == branch);
        found.map_or_else(|| branch.to_string(), |(_, title, _)| title.to_owned())
    }

    fn outcome(&self) -> RunOutcome {
        RunOutcome::of(self.branches.values().filter_map(|b| b.outcome.as_ref()))
    }
}

#[cfg(test)]
pub(crate) mod tests;
