//! One run: its events, its panel and its stop signals.

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

/// One press of the action.
#[derive(Debug)]
pub struct Run {
    id: RunId,
    title: String,
    /// Empty for a run of the journal, which does not hold the selection, until it goes on here.
    input: OnceCell<RunInput>,
    state: Mutex<RunState>,
    /// Set when the run is one of this process, be it from the journal.
    continued: OnceCell<()>,
    /// Held while a section gets its name, so that names are unique.
    adding: Mutex<()>,
    progress: watch::Sender<RunProgress>,
    urgent: watch::Sender<Seq>,
    /// The position of the last event that is in the journal; beyond all of them if the run is not
    /// saved.
    persisted: watch::Sender<Seq>,
    /// The user has deleted it from the journal.
    deleted: AtomicBool,
}

/// What a run was asked to do.
#[derive(Debug)]
pub(crate) struct RunInput {
    pub(crate) request: Request,
    /// The mark of the prompts' fence; a retry sends the same shared part again.
    pub(crate) fence: String,
}

/// Progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunProgress {
    /// Sequence number of the last event.
    pub seq: Seq,
    /// No branch is alive; a retry makes it false again.
    pub over: bool,
}

#[derive(Debug)]
struct RunState {
    log: Vec<Stamped>,
    panel: Panel,
    branches: HashMap<BranchId, Branch>,
    /// Branches with pending text, in the order of its arrival.
    waiting: Vec<BranchId>,
    /// Approximate size of the log in bytes, without reasoning.
    bytes: usize,
    tally: Tally,
    reasoning: Reasoning,
}

#[derive(Debug)]
struct Branch {
    token: CancellationToken,
    /// `None` while it is alive.
    outcome: Option<Outcome>,
    role: Role,
    has_started: bool,
    has_text: bool,
    /// Text or reasoning that no reader has asked for. It has no sequence number yet, and further
    /// text is appended to it, so that a piece costs little, however small a model cuts its answer.
    pending: Option<Event>,
}

impl Branch {
    /// A branch that is alive.
    fn new(role: Role) -> Self {
        let token = CancellationToken::new();
        Branch { token, outcome: None, role, has_started: false, has_text: false, pending: None }
    }
}

fn branches(sections: &[SectionTitle]) -> HashMap<BranchId, Branch> {
    sections.iter().map(|section| (section.branch.clone(), Branch::new(section.role))).collect()
}

impl Run {
    pub(crate) fn new(id: RunId, title: String, request: Request, fence: String) -> Self {
        let sections = focus::sections(&request);
        let state = RunState {
            log: Vec::new(),
            panel: Panel::new(&title, request.lang),
            branches: branches(&sections),
            waiting: Vec::new(),
            bytes: 0,
            tally: Tally::default(),
            reasoning: Reasoning::default(),
        };
        let input = RunInput { request, fence };
        Run::with(id, title, OnceCell::new_with(Some(input)), state)
    }

    /// A run of the journal, before its first event: [`Run::replay`] takes them.
    pub fn of_journal(id: RunId, title: &str) -> Self {
        let panel = Panel::new(title, Lang::default());
        let (branches, waiting) = (HashMap::new(), Vec::new());
        let (log, tally) = (Vec::new(), Tally::default());
        let reasoning = Reasoning::default();
        let state = RunState { log, panel, branches, waiting, bytes: 0, tally, reasoning };
        Run::with(id, title.to_owned(), OnceCell::new(), state)
    }

    fn with(id: RunId, title: String, input: OnceCell<RunInput>, state: RunState) -> Self {
        let (progress, urgent) = (watch::Sender::default(), watch::Sender::default());
        let persisted = watch::Sender::new(Seq::MAX);
        let continued = OnceCell::new_with(input.get().map(|_| ()));
        let (state, adding) = (Mutex::new(state), Mutex::default());
        let deleted = AtomicBool::new(false);
        Run { id, title, input, state, continued, adding, progress, urgent, persisted, deleted }
    }

    /// Its name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// A short title, from the selection.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the run was asked to do, if that is known.
    pub fn request(&self) -> Option<&Request> {
        self.input.get().map(|input| &input.request)
    }

    pub(crate) fn fence(&self) -> &str {
        self.input.get().map_or("", |input| &input.fence)
    }

    /// Whether it has this section, but what it was asked from no longer exists.
    pub(crate) fn is_gone(&self, branch: &BranchId) -> bool {
        let asked = self.request().map(focus::sections).unwrap_or_default();
        let root = self.root_of(branch);
        let is_asked = root.is_none_or(|root| asked.iter().any(|section| section.branch == root));
        !is_asked && self.state.lock().branches.contains_key(branch)
    }

    /// Finds out what the run was asked to do, if that is not known. Concurrent callers share one
    /// attempt.
    pub(crate) async fn learn(
        &self,
        find: impl Future<Output = Result<RunInput, SessionError>>,
    ) -> Result<(), SessionError> {
        self.input.get_or_try_init(|| find).await.map(drop)
    }

    /// Whether it goes on in this process.
    pub(crate) fn is_continued(&self) -> bool {
        self.continued.initialized()
    }

    /// Has a run of the journal go on in this process: once, whoever asks.
    pub(crate) async fn go_on(
        &self,
        begin: impl Future<Output = Result<(), SessionError>>,
    ) -> Result<(), SessionError> {
        self.continued.get_or_try_init(|| begin).await.map(drop)
    }

    /// Its first event.
    pub(crate) fn first(&self) -> Option<Event> {
        self.state.lock().log.first().map(|stamped| stamped.event.clone())
    }

    /// Reports each event; only the newest report is kept. Closes when the run is forgotten.
    pub(super) fn watch(&self) -> watch::Receiver<RunProgress> {
        let mut progress = self.progress.subscribe();
        // A new receiver takes what is there for seen; the run may be quicker than its watcher.
        if self.progress.borrow().seq > 0 {
            progress.mark_changed();
        }
        progress
    }

    /// Reports each urgent event: a start, a first text, an end.
    pub(super) fn watch_urgent(&self) -> watch::Receiver<Seq> {
        self.urgent.subscribe()
    }

    /// Whether no branch is alive.
    pub fn is_over(&self) -> bool {
        self.progress.borrow().over
    }

    /// How it ended, or would end if it ended now.
    pub(crate) fn outcome(&self) -> RunOutcome {
        self.state.lock().outcome()
    }

    /// Waits until no branch is alive, and returns the position of the last event.
    pub async fn until_over(&self) -> Seq {
        // The sender is not dropped before the run.
        self.watch().wait_for(|progress| progress.over).await.map_or(0, |progress| progress.seq)
    }

    /// Waits until the run is over and saved, or will not be saved.
    pub(crate) async fn until_persisted(&self) {
        let end = self.until_over().await;
        let _ = self.persisted.subscribe().wait_for(|persisted| *persisted >= end).await;
    }

    /// Whether it is saved, or was read from the journal.
    pub fn is_persisted(&self) -> bool {
        !self.is_deleted() && (self.request().is_none() || *self.persisted.borrow() != Seq::MAX)
    }

    /// Whether the user has deleted it from the journal: it is not saved again.
    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }

    pub(crate) fn set_deleted(&self, deleted: bool) {
        self.deleted.store(deleted, Ordering::Release);
    }

    /// Records how far the run is saved.
    pub(crate) fn set_persisted(&self, seq: Seq) {
        self.persisted.send_replace(seq);
    }

    /// Whether every branch was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.state.lock().branches.values().all(|b| b.token.is_cancelled())
    }

    /// Approximate size of its events and of its reasoning in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let state = self.state.lock();
        state.bytes + state.reasoning.bytes()
    }

    /// Stops the run, or one of its branches, and returns how many live branches that affects.
    ///
    /// # Errors
    /// A branch that the run does not have.
    pub fn cancel(&self, branch: Option<&BranchId>) -> Result<usize, SessionError> {
        let state = self.state.lock();
        let Some(branch) = branch else {
            // Those that wait first: the others' end would let one of them go. Each has a signal of
            // its own, since it may be retried.
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

    /// The stop signal of a branch that is to start.
    pub(crate) fn token_of(&self, branch: &BranchId) -> CancellationToken {
        self.state.lock().branches.get(branch).map(|b| b.token.clone()).unwrap_or_default()
    }

    /// How far each view is, in no order.
    pub(crate) fn progress_of_views(&self) -> Vec<focus::Progress> {
        let state = self.state.lock();
        let views = state.branches.values().filter(|b| b.role.is_view());
        views
            .map(|b| focus::Progress { has_ended: b.outcome.is_some(), has_text: b.has_text })
            .collect()
    }

    /// Whether a branch has ended.
    ///
    /// # Errors
    /// A branch that the run does not have, or one that is still under way.
    pub(crate) fn has_ended(&self, branch: &BranchId) -> Result<(), SessionError> {
        let state = self.state.lock();
        match state.branches.get(branch) {
            None => Err(SessionError::UnknownBranch(branch.clone())),
            Some(found) if found.outcome.is_none() => {
                Err(SessionError::StillRunning(state.title(branch)))
            }
            Some(_) => Ok(()),
        }
    }

    /// Makes an ended branch alive again, with a stop signal of its own.
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

    /// Takes an event and notifies the watchers. It is numbered, stored and folded into the panel
    /// at once or, if it is one more piece of a text, when a reader asks for it.
    pub(crate) fn record(&self, event: Event) {
        let mut state = self.state.lock();
        let (urgent, ended) = state.note(&event);
        if urgent {
            state.place_pending();
        }
        state.think(&event);
        if urgent {
            state.push(event);
        } else if !matches!(event, Event::Reasoning { .. }) {
            state.join(event);
        }
        if ended {
            let outcome = state.outcome();
            let total = state.tally.stop();
            state.push(Event::RunEnded { outcome, total });
        }
        let seq = state.log.last().map_or(0, |last| last.seq) + state.waiting.len() as u64;
        let over = urgent.then(|| state.branches.values().all(|b| b.outcome.is_some()));
        // A piece that joins another is told already: whoever has not read yet will find it.
        self.progress.send_if_modified(|progress| {
            let now = RunProgress { seq, over: over.unwrap_or(progress.over) };
            std::mem::replace(progress, now) != now
        });
        if urgent {
            self.urgent.send_replace(seq);
        }
    }

    /// The state for a reader, with nothing pending.
    fn current(&self) -> MutexGuard<'_, RunState> {
        let mut state = self.state.lock();
        state.place_pending();
        state
    }

    /// Takes an event that was recorded before, with its sequence number.
    pub fn replay(&self, stamped: Stamped) {
        let mut state = self.state.lock();
        if let Event::RunStarted { sections, .. } = &stamped.event {
            state.branches = branches(sections);
        }
        state.note(&stamped.event);
        state.think_again(&stamped.event);
        let (seq, over) = (stamped.seq, matches!(stamped.event, Event::RunEnded { .. }));
        state.take(stamped);
        self.progress.send_replace(RunProgress { seq, over });
        self.urgent.send_replace(seq);
    }
}

impl RunState {
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

    /// Holds a piece of text or reasoning until a reader asks for it, joined to what it continues.
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

    /// Numbers everything that is pending.
    fn place_pending(&mut self) {
        self.place_reasoning();
        for branch in std::mem::take(&mut self.waiting) {
            let pending = self.branches.get_mut(&branch).and_then(|found| found.pending.take());
            pending.into_iter().for_each(|event| self.push(event));
        }
    }

    /// Updates the branches; returns whether this event is urgent, and whether the run ends with
    /// it.
    fn note(&mut self, event: &Event) -> (bool, bool) {
        let noted = self.note_branch(event);
        // Of a text only its first piece counts, and there are many.
        if noted.0 || !matches!(event, Event::Delta { .. }) {
            self.tally.note(event);
        }
        noted
    }

    fn note_branch(&mut self, event: &Event) -> (bool, bool) {
        match event {
            Event::Delta { branch, .. } => match self.branches.get_mut(branch) {
                Some(found) => (!std::mem::replace(&mut found.has_text, true), false),
                None => (false, false),
            },
            Event::Thinking { .. } | Event::Reasoning { .. } => (false, false),
            Event::BranchStarted { branch, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.has_started = true;
                }
                (true, false)
            }
            Event::SectionAdded { section: SectionTitle { branch, role, .. }, .. } => {
                self.branches.entry(branch.clone()).or_insert_with(|| Branch::new(*role));
                (true, false)
            }
            Event::Retracted { branch, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.has_text = false;
                }
                (true, false)
            }
            Event::BranchEnded { branch, outcome, .. } => {
                if let Some(found) = self.branches.get_mut(branch) {
                    found.outcome = Some(outcome.clone());
                }
                (true, self.branches.values().all(|b| b.outcome.is_some()))
            }
            // How the run ended stays the last word of its journal.
            Event::Marked { .. } => (true, self.branches.values().all(|b| b.outcome.is_some())),
            _ => (true, false),
        }
    }

    /// The heading of a branch's section.
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
