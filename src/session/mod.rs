//! One editor connection, or one call of the command line: documents, settings and runs. The
//! only shared mutable state; every lock here is short and is never held over an await.

mod again;
mod anchors;
mod clock;
mod compare;
mod context;
mod cost;
mod drive;
mod error;
mod evict;
mod focus;
mod follow_up;
mod journal_writer;
mod located;
mod marks;
mod models;
mod preview;
mod prompts;
mod provider_selector;
mod question;
mod reader;
mod reopen;
mod repository_text;
mod run;
mod saved;
mod scope;
mod server;
mod settings_store;
mod setup;
mod zoom;

pub use anchors::{RunSource, SourceState};
pub use clock::now;
pub use compare::{Compared, Comparison};
pub use drive::Changes;
pub use error::SessionError;
pub use located::{LocatedRepository, TrustState};
pub use provider_selector::{EditorModels, KeySource, ProviderSelector, Reason, Selected, Wrap};
pub use question::Question;
pub use reader::RunReader;
pub use run::{Run, RunProgress};
pub use scope::Scope;
pub use server::Look;
pub use setup::Setup;
pub use zoom::Subject;

use crate::config::{Config, Folders, Layers};
use crate::event::{BranchId, RunId};
use crate::lang::Lang;
use crate::panel::title_of;
use crate::privacy::file_name;
use crate::request::{FocusMode, Origin, Request};
use crate::text::{Document, Encoding, Range, Selection, TextDigest};
use anchors::Documents;
use context::fence;
use drive::Again;
use futures::future::join_all;
use journal_writer::JournalWriter;
use parking_lot::Mutex;
use settings_store::SettingsStore;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum number of runs that are alive at once.
const ALIVE_MAX: usize = 256;
/// The URI of a text that is in no document.
const GIVEN: &str = "kaizodo:/text";

/// What the user asks about: all perspectives of a set, or those named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A set's name; the default set if neither is given.
    pub set: Option<String>,
    /// Perspectives by name; they take precedence over `set`.
    pub perspectives: Option<Vec<String>>,
    /// Whether to write a focus; overrides the settings.
    pub focus: Option<FocusMode>,
    /// The language of the answers; by default that of the settings, or else of the text.
    pub lang: Option<Lang>,
}

/// One editor connection.
pub struct Session {
    pub(crate) settings: Arc<SettingsStore>,
    pub(crate) selector: ProviderSelector,
    pub(crate) documents: Mutex<Documents>,
    runs: Mutex<VecDeque<Arc<Run>>>,
    pub(crate) journal: Arc<JournalWriter>,
}

impl Session {
    /// A session without documents, which has not read the disk yet. Documents without a file count
    /// as part of the folder `here`.
    pub fn new(
        layers: Layers,
        selector: ProviderSelector,
        folders: Option<Folders>,
        here: Option<PathBuf>,
    ) -> Self {
        Session {
            settings: Arc::new(SettingsStore::new(layers, folders, here)),
            selector,
            documents: Mutex::default(),
            runs: Mutex::default(),
            journal: Arc::new(JournalWriter::new(None)),
        }
    }

    /// The current settings, without those of any repository.
    pub fn config(&self) -> Arc<Config> {
        self.settings.config()
    }

    /// The language of messages.
    pub fn lang(&self) -> Lang {
        let config = self.config();
        config.lang.unwrap_or(config.locale)
    }

    /// The current version of a document, as a cheap copy.
    pub fn document(&self, uri: &str) -> Option<Document> {
        self.documents.lock().get(uri).cloned()
    }

    /// Freezes a range of an open document, with as much context as the user allows.
    ///
    /// # Errors
    /// An unknown document, an older version, or a range that cannot be selected.
    pub fn select(
        &self,
        uri: &str,
        version: Option<i32>,
        range: Range,
        encoding: Encoding,
    ) -> Result<Selection, SessionError> {
        let document =
            self.document(uri).ok_or_else(|| SessionError::UnknownDocument(uri.to_owned()))?;
        if let Some(asked) = version
            && asked != document.version()
        {
            return Err(SessionError::StaleVersion { asked, now: document.version() });
        }
        let config = self.config();
        let limit = config.limits.selection_bytes;
        let selection = document.select(range, encoding, limit).map_err(SessionError::Selection)?;
        let context = document.context(range, encoding, config.context, limit);
        Ok(Selection { context, ..selection })
    }

    /// Freezes a text that is in no document. Its format is an LSP language ID, or empty.
    ///
    /// # Errors
    /// A text of white space alone, or one that is too long.
    pub fn select_text(&self, text: &str, format: &str) -> Result<Selection, SessionError> {
        let limit = self.config().limits.selection_bytes;
        // A byte order mark is not part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let selection = Document::open(GIVEN, format, 0, text).select_all(limit);
        // Nobody keeps versions of it.
        let selection = selection.map(|selection| Selection { version: None, ..selection });
        selection.map_err(SessionError::Text)
    }

    /// Opens a connection ahead to the server of the last run, since another may follow soon.
    /// Returns at once, and does nothing before the first run.
    pub fn expect_run(&self) {
        self.selector.preconnect(&self.config());
    }

    /// Whether text of this document may be sent at all, judging by its name and, if the disk was
    /// read, by its real path. The disk is not read here.
    ///
    /// # Errors
    /// The pattern of the settings that matches.
    pub fn may_send(&self, uri: &str) -> Result<(), SessionError> {
        let config = self.config();
        let never_sent = |path: &str| {
            let pattern = config.never_send.holds(path)?.to_owned();
            Some(SessionError::NeverSend { name: file_name(path), pattern })
        };
        let behind =
            || self.settings.resolved(uri).and_then(|path| never_sent(&path.to_string_lossy()));
        never_sent(uri).or_else(behind).map_or(Ok(()), Err)
    }

    /// The request of a run, with only what may leave this machine.
    fn request(
        &self,
        Subject { selection, origin }: Subject,
        ask: &Ask,
        config: &Config,
    ) -> Result<Request, SessionError> {
        self.may_send(&selection.uri)?;
        let scope = self.settings.scope(&selection.uri);
        let perspectives = scope.perspectives(ask)?;
        let focus = scope.focus(ask, perspectives.len());
        let lang = ask.lang.unwrap_or_else(|| scope.answer_in(&selection.text));
        let all = perspectives.iter().chain(focus.iter().map(|focus| &focus.perspective));
        let asked = || all.clone().map(|p| &**p);
        let lowered = selection.context.as_ref();
        let lowered = lowered.and_then(|_| context::lowered(config.context, asked(), lang));
        let max = context::narrowest(config.context, asked());
        let (selection, notes) = context::cleared(selection, max, config.secrets, lang)?;
        let origin = context::cleared_origin(origin, config.secrets, lang)?;
        Ok(Request {
            selection: Arc::new(selection),
            lang,
            perspectives,
            focus,
            notes: lowered.into_iter().chain(notes).chain(scope.notes(lang)).collect(),
            origin,
            budget: config.limits.budget,
        })
    }

    /// Starts a run and returns at once.
    ///
    /// # Errors
    /// A document or a selection that is not sent, unknown perspectives, or too many runs alive.
    pub fn start(&self, subject: impl Into<Subject>, ask: &Ask) -> Result<Arc<Run>, SessionError> {
        let (subject, config) = (subject.into(), self.config());
        let (uri, range) = (subject.selection.uri.clone(), subject.selection.range);
        // Before anything in it is redacted: it is to be found again in the document.
        let text = TextDigest::of(&subject.selection.text);
        let is_of_document = subject.origin == Origin::Document;
        let request = self.request(subject, ask, &config)?;
        let fence = fence(&request);
        let title = title_of(&request.selection.text);
        let run = Arc::new(Run::new(clock::new_run_id(clock::now()), title, request, fence));
        run.record_reasoning(config.journal.enabled && config.journal.reasoning);
        {
            let mut runs = self.runs.lock();
            let alive = runs.iter().filter(|run| !run.is_over()).count();
            if alive >= ALIVE_MAX {
                return Err(SessionError::Busy(ALIVE_MAX));
            }
            evict::forget(&mut runs);
            runs.push_back(Arc::clone(&run));
        }
        if is_of_document {
            self.documents.lock().hold(&run, &uri, range, text);
        }
        self.journal.follow(&run, config.journal);
        tokio::spawn(drive::run(Arc::clone(&run), self.selector.clone(), config));
        Ok(run)
    }

    /// A run of this session.
    ///
    /// # Errors
    /// No run has this name.
    pub fn run(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        self.runs
            .lock()
            .iter()
            .find(|run| run.id() == id)
            .cloned()
            .ok_or_else(|| SessionError::UnknownRun(id.clone()))
    }

    /// The runs of this session, the newest first.
    pub fn runs(&self) -> Vec<Arc<Run>> {
        self.runs.lock().iter().rev().map(Arc::clone).collect()
    }

    /// Asks an ended branch anew, with these changes; the other sections stay as they are. A run of the journal must have been [taken up](Session::take_up).
    ///
    /// # Errors
    /// A run or branch that is not there, or one that has not ended.
    pub fn retry(
        &self,
        id: &RunId,
        branch: &BranchId,
        changes: Changes,
    ) -> Result<Arc<Run>, SessionError> {
        let run = self.run(id)?;
        if run.request().is_none() {
            return Err(SessionError::UnknownRun(id.clone()));
        }
        if changes.with_marks && !run.has_marks(branch) {
            return Err(SessionError::NoMarks(run.title_of(branch)));
        }
        if run.is_gone(branch) {
            return Err(SessionError::PerspectiveLost(branch.clone()));
        }
        let token = run.revive(branch)?;
        let again = Again { branch: branch.clone(), token, changes };
        tokio::spawn(drive::again(Arc::clone(&run), again, self.selector.clone(), self.config()));
        Ok(run)
    }

    /// Stops every run.
    pub fn stop_all(&self) {
        for run in self.runs.lock().iter() {
            // Every branch is meant, so none can be unknown.
            let _ = run.cancel(None);
        }
    }

    /// Waits until every run is over and saved, and old ones are removed, but no longer than
    /// `limit`.
    pub async fn flush(&self, limit: Duration) {
        let runs: Vec<_> = self.runs.lock().iter().map(Arc::clone).collect();
        let flushed = async {
            join_all(runs.iter().map(|run| run.until_persisted())).await;
            self.journal.pruned().await;
        };
        if timeout(limit, flushed).await.is_err() {
            tracing::warn!("not all runs were written down in time");
        }
    }
}
