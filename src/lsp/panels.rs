//! The client's copies of panels. Handlers report here what the client says about its copies, and
//! followers ask which edits to send.

mod client_copy;

pub(crate) use client_copy::{EDIT_TIMEOUT, Step};

use crate::event::RunId;
use crate::panel::{Panel, View};
use crate::text::{Change, Document, Encoding};
use client_copy::ClientCopy;
use parking_lot::Mutex;
use ropey::Rope;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Maximum number of texts remembered for one panel's file, in addition to those that the client
/// shows: the latest ones. A client may be about to report any of them.
const WRITTEN_MAX: usize = 16;

/// The client's copies of all panels, and the panels' followers: the tasks that keep these copies
/// up to date.
#[derive(Default)]
pub(crate) struct Panels(Mutex<PanelsState>);

#[derive(Default)]
struct PanelsState {
    copies: HashMap<RunId, ClientCopy>,
    /// What was written to the files of panels, for clients without virtual documents.
    written: HashMap<RunId, Vec<View>>,
    /// Wakes the follower of each panel that has one.
    followers: HashMap<RunId, Arc<Notify>>,
    /// Whether the client has ever reported the text of its copy of a panel.
    tells: bool,
}

impl Panels {
    /// Records that the client has requested a panel's whole text and is being sent `view`.
    pub(crate) fn pulled(&self, run: &RunId, view: View) {
        let mut state = self.0.lock();
        let now = Instant::now();
        let copy = state.copies.entry(run.clone()).or_insert_with(|| ClientCopy::unknown(now));
        copy.pulled(view, now);
        state.wake(run);
    }

    /// Records that the client has opened a panel with the text of `document`. Returns `true` if
    /// this server knew of no copy and the panel has no follower. An earlier server may then have
    /// started the run.
    pub(crate) fn opened(&self, run: &RunId, document: Document) -> bool {
        let mut state = self.0.lock();
        let now = Instant::now();
        state.tells = true;
        let is_new = !state.copies.contains_key(run);
        let copy = state.copies.entry(run.clone()).or_insert_with(|| ClientCopy::unknown(now));
        copy.opened(document, now);
        state.wake(run);
        is_new && !state.followers.contains_key(run)
    }

    /// Records changes that the client has made to its copy of a panel.
    pub(crate) fn changed(
        &self,
        run: &RunId,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
    ) {
        let mut state = self.0.lock();
        state.tells = true;
        if let Some(copy) = state.copies.get_mut(run) {
            copy.changed(version, changes, encoding, Instant::now());
            state.wake(run);
        }
    }

    /// Records that the client has closed its copy of a panel.
    pub(crate) fn closed(&self, run: &RunId) {
        let mut state = self.0.lock();
        if !state.copies.get_mut(run).is_some_and(ClientCopy::closed) {
            state.copies.remove(run);
        }
    }

    /// Returns the client's copy of a panel; `None` if the copy's text is unknown.
    pub(crate) fn copy(&self, run: &RunId) -> Option<View> {
        self.0.lock().copies.get(run)?.view().cloned()
    }

    /// Records a version of a panel that is about to be written to the panel's file, so that the
    /// client cannot read it before it is known here. `shown` are the texts that the client has
    /// open; their versions are kept however old they are.
    pub(crate) fn writes(&self, run: &RunId, view: View, shown: &[Rope]) {
        let mut state = self.0.lock();
        let written = state.written.entry(run.clone()).or_default();
        written.push(view);
        let mut excess = written.len().saturating_sub(WRITTEN_MAX);
        written.retain(|view| {
            let is_kept = excess == 0 || shown.contains(view.text());
            excess = excess.saturating_sub(1);
            is_kept
        });
    }

    /// Returns `true` if a panel has a file that does not have the panel's current text.
    pub(crate) fn has_old_file(&self, run: &RunId, text: &Rope) -> bool {
        let state = self.0.lock();
        let written = state.written.get(run).and_then(|written| written.last());
        written.is_some_and(|view| view.text() != text)
    }

    /// Returns the recorded version of a panel's file whose text is `text`, if there is one.
    pub(crate) fn written(&self, run: &RunId, text: &Rope) -> Option<View> {
        let state = self.0.lock();
        state.written.get(run)?.iter().rev().find(|view| view.text() == text).cloned()
    }

    /// Discards the records of all runs for which `is_known` returns `false`, because a client may
    /// never report that it has closed its copies. `is_known` is called with the records locked, so
    /// it must not wait for any other lock.
    pub(crate) fn retain(&self, is_known: impl Fn(&RunId) -> bool) {
        let mut state = self.0.lock();
        state.copies.retain(|run, _| is_known(run));
        state.written.retain(|run, _| is_known(run));
    }

    /// Records the client's answer to edit `number` of a panel. `applied` is also `false` if no
    /// answer arrived in time.
    pub(crate) fn answered(&self, run: &RunId, number: u64, applied: bool) {
        let mut state = self.0.lock();
        if let Some(copy) = state.copies.get_mut(run) {
            copy.answered(number, applied, Instant::now());
            state.wake(run);
        }
    }

    /// Registers the caller as the follower of a panel and returns the [`Notify`] that wakes the
    /// follower. Returns `None` if the panel already has a follower. If `may_be_open`, the client
    /// may have a copy that is no longer known here, so it will be asked to pull the panel.
    pub(crate) fn follow(&self, run: &RunId, may_be_open: bool) -> Option<Arc<Notify>> {
        let mut state = self.0.lock();
        if state.followers.contains_key(run) {
            return None;
        }
        let news = Arc::new(Notify::new());
        state.followers.insert(run.clone(), Arc::clone(&news));
        if may_be_open {
            let unknown = || ClientCopy::unknown(Instant::now());
            state.copies.entry(run.clone()).or_insert_with(unknown);
        }
        Some(news)
    }

    /// Removes a panel's follower and the record of the client's copy, because a client may never
    /// report that it has closed the copy.
    pub(crate) fn forget(&self, run: &RunId) {
        let mut state = self.0.lock();
        state.followers.remove(run);
        state.copies.remove(run);
    }

    /// Returns the next step toward bringing the client's copy of `panel` up to date. `due` says
    /// whether an edit may be sent now.
    pub(crate) fn next(&self, run: &RunId, panel: &Panel, encoding: Encoding, due: bool) -> Step {
        let mut state = self.0.lock();
        let tells = state.tells;
        match state.copies.get_mut(run) {
            Some(copy) => copy.next(panel, encoding, Instant::now(), due, tells),
            None => Step::Wait(None),
        }
    }
}

impl PanelsState {
    fn wake(&self, run: &RunId) {
        if let Some(news) = self.followers.get(run) {
            news.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Run;

    #[test]
    fn a_text_that_the_client_shows_is_known_however_often_the_file_is_written() {
        let panels = Panels::default();
        let id = RunId("a".to_owned());
        let views: Vec<_> =
            (0..40).map(|n| Run::of_journal(id.clone(), &n.to_string()).view()).collect();
        let shown = [views[2].text().clone()];
        for view in &views {
            panels.writes(&id, view.clone(), &shown);
        }
        let known = |view: &&View| panels.written(&id, view.text()).is_some();
        let known: Vec<_> = views.iter().enumerate().filter(|(_, view)| known(view)).collect();
        let known: Vec<_> = known.into_iter().map(|(at, _)| at).collect();
        let latest = 40 - WRITTEN_MAX..40;
        assert_eq!(known, [2].into_iter().chain(latest).collect::<Vec<_>>());
    }

    #[test]
    fn a_panel_that_may_still_be_open_is_pulled_again() {
        let panels = Panels::default();
        let id = RunId("a".to_owned());
        let run = Run::of_journal(id.clone(), "");
        panels.follow(&id, true);
        let next = || run.with_panel(|panel| panels.next(&id, panel, Encoding::Utf16, true));
        assert!(matches!(next(), Step::Refresh));
        panels.forget(&id);
        panels.follow(&id, false);
        assert!(matches!(next(), Step::Wait(None)), "a new panel is shown first");
    }

    #[test]
    fn the_copies_of_forgotten_runs_are_forgotten() {
        let panels = Panels::default();
        let ids = ["a", "b"].map(|id| RunId(id.to_owned()));
        for id in &ids {
            panels.pulled(id, Run::of_journal(id.clone(), "").view());
        }
        panels.retain(|id| id.0 == "b");
        assert_eq!(panels.0.lock().copies.keys().collect::<Vec<_>>(), [&ids[1]]);
    }
}
