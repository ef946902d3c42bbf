//! Tracks the client's copy of one panel and decides what to send. Pure: the client's messages and
//! the time are arguments.
//!
//! The rule: only a text that the client itself has confirmed is edited. If there is any doubt, the
//! client is asked to pull the whole text again, which works whatever text the client has.

use crate::panel::{Edit, Panel, View};
use crate::text::{Change, Document, Encoding};
use ropey::Rope;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// Timeout for a client to apply an edit, or to pull a panel's text after it was asked to.
pub(crate) const EDIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to report its new text after it has answered an edit. If it reports
/// the text first: how long it may take to answer, counted from the edit.
const CONFIRM: Duration = Duration::from_secs(1);
/// How long a client that was given a text but reports another one may take to reach the given one.
const DIFFERS: Duration = Duration::from_millis(500);
/// How long a client may stay silent after it was given the text.
const SILENCE: Duration = Duration::from_secs(2);
/// Maximum number of times that these timeouts are doubled: once for each refresh since the last
/// confirmed edit.
const DOUBLED_MAX: u32 = 4;
/// Maximum number of refreshes without a confirmed edit for a panel that no longer changes.
const TRIES_MAX: u32 = 8;
/// Maximum number of earlier texts remembered, which the client may not have shown yet.
const OLDER_MAX: usize = 4;

/// The server's record of the client's copy of one panel.
#[derive(Debug)]
pub(crate) struct ClientCopy {
    state: CopyState,
    /// The text as the client has reported it.
    document: Option<Document>,
    /// Texts that the client was given earlier and may be about to show.
    older: VecDeque<Rope>,
    /// How often the client was asked to pull since the last confirmed edit.
    tries: u32,
    /// The number of the last edit.
    edits: u64,
}

#[derive(Debug)]
enum CopyState {
    /// The client was given the text and has not confirmed it.
    Given {
        view: View,
        since: Instant,
        /// Whether the client has since reported a text that is neither this one nor an older one.
        differs: bool,
    },
    /// The client has confirmed this text.
    Known(View),
    /// An edit is in progress.
    Editing {
        from: View,
        to: View,
        since: Instant,
        answered: bool,
        /// Whether the client has reported the text `to`.
        confirmed: bool,
    },
    /// The client's text is unknown, so the client must pull again.
    Doubt { since: Instant },
    /// The client was asked to pull.
    Refreshing { since: Instant },
}

/// The next step toward bringing the client's copy of a panel up to date.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send these edits, which refer to the client's text at `version`, and pass the client's
    /// answer to [`ClientCopy::answered`] with `number`.
    Edit { edits: Vec<Edit>, version: i32, number: u64 },
    /// Ask the client to pull the whole text.
    Refresh,
    /// Do nothing: the client's copy is up to date.
    Current,
    /// Wait for a report from the client, but at most until this time if one is given.
    Wait(Option<Instant>),
}

impl ClientCopy {
    /// Creates the record of a copy whose text is unknown.
    pub(crate) fn unknown(now: Instant) -> Self {
        ClientCopy {
            state: CopyState::Doubt { since: now },
            document: None,
            older: VecDeque::new(),
            tries: 0,
            edits: 0,
        }
    }

    /// Records that the client has requested the panel's whole text and is being sent `view`.
    pub(crate) fn pulled(&mut self, view: View, now: Instant) {
        let has_it = self.has(view.text()) && !matches!(self.state, CopyState::Editing { .. });
        let next = if has_it {
            // The client's text does not change, so the client will report nothing.
            CopyState::Known(view)
        } else {
            CopyState::Given { view, since: now, differs: false }
        };
        if let CopyState::Given { view, .. } = std::mem::replace(&mut self.state, next) {
            self.older.truncate(OLDER_MAX - 1);
            self.older.push_front(view.text().clone());
        }
    }

    /// Records that the client has opened the panel with the text of `document`.
    pub(crate) fn opened(&mut self, document: Document, now: Instant) {
        self.document = Some(document);
        self.heard(now);
    }

    /// Records changes that the client has made to its copy of the panel.
    pub(crate) fn changed(
        &mut self,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
        now: Instant,
    ) {
        if let Some(document) = &mut self.document {
            document.apply(version, changes, encoding);
            self.heard(now);
        }
    }

    /// Records that the client has closed its copy. Returns `true` if this record must be kept,
    /// because the client was given a text that it has not shown yet and may show in its next copy.
    pub(crate) fn closed(&mut self) -> bool {
        self.document = None;
        self.older.clear();
        matches!(self.state, CopyState::Given { .. })
    }

    /// Records the client's answer to edit `number`. `applied` is also `false` if no answer arrived
    /// in time.
    pub(crate) fn answered(&mut self, number: u64, applied: bool, now: Instant) {
        let CopyState::Editing { since, answered, confirmed, .. } = &mut self.state else { return };
        if number != self.edits {
            return;
        }
        if !applied && !*confirmed {
            self.state = CopyState::Doubt { since: now };
            return;
        }
        (*since, *answered) = (now, true);
        self.arrived();
    }

    /// Returns the version of the panel that the client has; `None` if the client's text is
    /// unknown.
    pub(crate) fn view(&self) -> Option<&View> {
        let known = match &self.state {
            CopyState::Given { view, .. } | CopyState::Known(view) => [Some(view), None],
            CopyState::Editing { from, to, .. } => [Some(to), Some(from)],
            CopyState::Doubt { .. } | CopyState::Refreshing { .. } => [None, None],
        };
        known.into_iter().flatten().find(|view| self.has(view.text()))
    }

    /// Returns the next step toward bringing the client's copy of `panel` up to date. `due` says
    /// whether an edit may be sent now; `tells` says whether the client is known to report its
    /// text.
    pub(crate) fn next(
        &mut self,
        panel: &Panel,
        encoding: Encoding,
        now: Instant,
        due: bool,
        tells: bool,
    ) -> Step {
        self.give_up_waiting(panel, now, tells);
        match &mut self.state {
            CopyState::Known(_) => self.edit(panel, encoding, now, due),
            CopyState::Doubt { since } => {
                let at = *since + pause(self.tries);
                if self.tries >= TRIES_MAX && panel.is_over() {
                    return Step::Wait(None);
                }
                if now < at {
                    return Step::Wait(Some(at));
                }
                self.state = CopyState::Refreshing { since: now };
                self.tries += 1;
                Step::Refresh
            }
            CopyState::Given { .. } | CopyState::Editing { .. } | CopyState::Refreshing { .. } => {
                Step::Wait(self.limit(tells).filter(|at| *at > now))
            }
        }
    }

    /// Returns the edit that brings the client's text up to date, if one is due and needed.
    fn edit(&mut self, panel: &Panel, encoding: Encoding, now: Instant, due: bool) -> Step {
        let (CopyState::Known(view), Some(document)) = (&mut self.state, &self.document) else {
            return Step::Wait(None);
        };
        if !due {
            return Step::Wait(None);
        }
        let (from, mut to) = (view.clone(), view.clone());
        let edits = to.catch_up(panel, encoding);
        if edits.is_empty() || to.text() == view.text() {
            *view = to;
            return Step::Current;
        }
        self.edits += 1;
        let version = document.version();
        self.state = CopyState::Editing { from, to, since: now, answered: false, confirmed: false };
        Step::Edit { edits, version, number: self.edits }
    }

    /// Compares the text that the client has reported with the text that it should have.
    fn heard(&mut self, now: Instant) {
        let Some(document) = &self.document else { return };
        let text = document.snapshot();
        match &mut self.state {
            CopyState::Given { view, since, differs } => {
                if text == *view.text() {
                    let view = view.clone();
                    self.older.clear();
                    self.state = CopyState::Known(view);
                } else {
                    // After an earlier text, the current one may follow at any moment.
                    *differs = !self.older.contains(&text);
                    *since = now;
                }
            }
            CopyState::Known(view) if text == *view.text() => {}
            CopyState::Known(_) => self.state = CopyState::Doubt { since: now },
            CopyState::Editing { to, confirmed, .. } => {
                *confirmed = text == *to.text();
                self.arrived();
            }
            CopyState::Doubt { .. } | CopyState::Refreshing { .. } => {}
        }
    }

    /// Returns `true` if the client last reported this text.
    fn has(&self, text: &Rope) -> bool {
        self.document.as_ref().is_some_and(|document| document.snapshot() == *text)
    }

    /// Ends the edit in progress if it was answered and confirmed.
    fn arrived(&mut self) {
        if let CopyState::Editing { to, answered: true, confirmed: true, .. } = &self.state {
            self.state = CopyState::Known(to.clone());
            self.tries = 0;
        }
    }

    /// Ends a wait that has lasted too long.
    fn give_up_waiting(&mut self, panel: &Panel, now: Instant, tells: bool) {
        if self.limit(tells).is_none_or(|at| now < at) {
            return;
        }
        let says_nothing = self.document.is_none();
        match &mut self.state {
            // The client was given the current text, so nothing is missing. It may be a client that
            // never reports its text, or one that pulled the text without showing it.
            CopyState::Given { view, .. } if says_nothing && !view.is_behind(panel) => {}
            CopyState::Editing { answered, confirmed: true, .. } => {
                *answered = true;
                self.arrived();
            }
            _ => self.state = CopyState::Doubt { since: now },
        }
    }

    /// Returns when the wait in this state times out.
    fn limit(&self, tells: bool) -> Option<Instant> {
        // A client that never reports anything is not slow, so its timeouts are not doubled.
        let doubled = if tells { 1 << self.tries.min(DOUBLED_MAX) } else { 1 };
        let (since, timeout) = match &self.state {
            CopyState::Given { since, differs: true, .. } => (since, DIFFERS * doubled),
            CopyState::Given { since, differs: false, .. } => (since, SILENCE * doubled),
            CopyState::Editing { since, answered: false, confirmed: false, .. } => {
                (since, EDIT_TIMEOUT)
            }
            CopyState::Editing { since, .. } => (since, CONFIRM),
            CopyState::Refreshing { since } => (since, EDIT_TIMEOUT * doubled),
            CopyState::Known(_) | CopyState::Doubt { .. } => return None,
        };
        Some(*since + timeout)
    }
}

/// Returns how long to wait before the client is asked to pull again, after `tries` requests.
fn pause(tries: u32) -> Duration {
    match tries.min(DOUBLED_MAX + 1) {
        0 => Duration::ZERO,
        tries => DIFFERS * (1 << (tries - 1)),
    }
}

#[cfg(test)]
mod tests;
