//! The documents, settings and runs of one front end: an editor connection, a call of the command
//! line, the web page or an agent. This is the only shared mutable state; every lock is held only
//! briefly and never across an await.

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
mod resume;
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
pub(crate) use models::NextProvider;
pub use provider_selector::{EditorModels, KeySource, ProviderSelector, Reason, Selected, Wrap};
pub use question::Question;
pub use reader::RunReader;
pub use run::{Run, RunProgress};
pub use scope::Scope;
pub use server::Lookup;
pub use setup::Setup;
pub use zoom::Subject;

use crate::config::{Config, Folders, Layers};
use crate::event::{BranchId, RunId};
use crate::lang::Lang;
use crate::privacy::file_name;
use crate::request::{FocusMode, Origin, Request};
use crate::text::{Document, Encoding, Range, Selection, TextDigest};
use anchors::Documents;
use context::fence;
use drive::BranchRequest;
use futures::future::join_all;
use journal_writer::JournalWriter;
use parking_lot::Mutex;
use settings_store::SettingsStore;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum number of runs in progress at once.
const ALIVE_MAX: usize = 256;
/// The URI for text that does not come from a document.
const GIVEN: &str = "kaizodo:/text";

/// The perspectives that the user requests (a set, or individual names), the focus and the
/// language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Name of a set of perspectives. If this and `perspectives` are `None`, the default set is
    /// used.
    pub set: Option<String>,
    /// Names of individual perspectives; takes precedence over `set`.
    pub perspectives: Option<Vec<String>>,
    /// Whether and when to write a focus; `None` leaves this to the settings.
    pub focus: Option<FocusMode>,
    /// Language of the answers; `None` means the language from the settings or, if none is set,
    /// that of the text.
    pub lang: Option<Lang>,
}

/// The documents, settings and runs of one front end.
pub struct Session {
    pub(crate) settings: Arc<SettingsStore>,
    pub(crate) selector: ProviderSelector,
    pub(crate) documents: Mutex<Documents>,
    runs: Mutex<VecDeque<Arc<Run>>>,
    pub(crate) journal: Arc<JournalWriter>,
}

impl Session {
    /// Creates a session without documents that has not read the disk yet. Documents without a file
    /// count as part of the folder `default_folder`.
    pub fn new(
        layers: Layers,
        selector: ProviderSelector,
        folders: Option<Folders>,
        default_folder: Option<PathBuf>,
    ) -> Self {
        Session {
            settings: Arc::new(SettingsStore::new(layers, folders, default_folder)),
            selector,
            documents: Mutex::default(),
            runs: Mutex::default(),
            journal: Arc::new(JournalWriter::new(None)),
        }
    }

    /// Returns the current settings, without those of any repository.
    pub fn config(&self) -> Arc<Config> {
        self.settings.config()
    }

    /// Returns the language of messages to the user: the one from the settings, or else the user's
    /// locale.
    pub fn lang(&self) -> Lang {
        let config = self.config();
        config.lang.unwrap_or(config.locale)
    }

    /// Returns a cheap copy of a document's current version; `None` if the document is not open.
    pub fn document(&self, uri: &str) -> Option<Document> {
        self.documents.lock().get(uri).cloned()
    }

    /// Takes a snapshot of a range of an open document, with as much surrounding context as the
    /// settings allow.
    ///
    /// # Errors
    /// Fails if the document is not open, if its version is no longer `version`, or if the range
    /// cannot be selected.
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

    /// Takes a snapshot of text that does not come from a document. `format` is an LSP language ID,
    /// or empty.
    ///
    /// # Errors
    /// Fails if the text is blank or too long.
    pub fn select_text(&self, text: &str, format: &str) -> Result<Selection, SessionError> {
        let limit = self.config().limits.selection_bytes;
        // A byte order mark is not part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let selection = Document::open(GIVEN, format, 0, text).select_all(limit);
        // A text without a document has no versions.
        let selection = selection.map(|selection| Selection { version: None, ..selection });
        selection.map_err(SessionError::Text)
    }

    /// Opens a connection to the last run's server in advance, because another run may follow soon.
    /// Returns at once, and does nothing before the first run.
    pub fn expect_run(&self) {
        self.selector.preconnect(&self.config());
    }

    /// Checks whether text of a document may be sent at all, judging by its URI and, if the disk
    /// was read, by its real path. Does not read the disk.
    ///
    /// # Errors
    /// Fails if a `never_send` pattern from the settings matches; the error contains the pattern.
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

    /// Builds a run's request, which contains only what may leave this machine.
    fn request(
        &self,
        Subject { selection, origin }: Subject,
        options: &RunOptions,
        config: &Config,
    ) -> Result<Request, SessionError> {
        self.may_send(&selection.uri)?;
        let scope = self.settings.scope(&selection.uri);
        let perspectives = scope.perspectives(options)?;
        let focus = scope.focus(options, perspectives.len());
        let lang = options.lang.unwrap_or_else(|| scope.answer_in(&selection.text));
        let all = perspectives.iter().chain(focus.iter().map(|focus| &focus.perspective));
        let asked = || all.clone().map(|p| &**p);
        let lowered = selection.context.as_ref();
        let lowered =
            lowered.and_then(|_| context::context_limit_note(config.context, asked(), lang));
        let max = context::context_limit(config.context, asked());
        let (selection, notes) =
            context::apply_secret_policy(selection, max, config.secrets, lang)?;
        let origin = context::apply_secret_policy_to_origin(origin, config.secrets, lang)?;
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

    /// Starts a run about `subject` and returns at once.
    ///
    /// # Errors
    /// Fails if the document or the selection must not be sent, if a perspective or set is unknown,
    /// if there are no perspectives or too many, or if too many runs are in progress.
    pub fn start(
        &self,
        subject: impl Into<Subject>,
        options: &RunOptions,
    ) -> Result<Arc<Run>, SessionError> {
        let (subject, config) = (subject.into(), self.config());
        let (uri, range) = (subject.selection.uri.clone(), subject.selection.range);
        // Taken before secrets are redacted, so that the text can be found again in the document.
        let text = TextDigest::of(&subject.selection.text);
        let is_of_document = subject.origin == Origin::Document;
        let request = self.request(subject, options, &config)?;
        let title = context::title(&request.selection.text, config.secrets, request.lang);
        let run = Arc::new(Run::new(clock::new_run_id(clock::now()), title, request));
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

    /// Returns the run with this ID.
    ///
    /// # Errors
    /// Fails if no run of this session in memory has this ID.
    pub fn run(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        self.runs
            .lock()
            .iter()
            .find(|run| run.id() == id)
            .cloned()
            .ok_or_else(|| SessionError::UnknownRun(id.clone()))
    }

    /// Returns the session's runs that are in memory, the most recently started or opened first.
    pub fn runs(&self) -> Vec<Arc<Run>> {
        self.runs.lock().iter().rev().map(Arc::clone).collect()
    }

    /// Retries a branch that has ended, with `changes` for this retry only. The other sections stay
    /// as they are. A run from the journal is first resumed in this process.
    ///
    /// # Errors
    /// Fails if the run or branch does not exist, if the branch has not ended, if its perspective
    /// no longer exists, if its document must not be sent, if it should be rewritten with marks but
    /// there are none, or if the run cannot be resumed.
    pub async fn retry(
        &self,
        id: &RunId,
        branch: &BranchId,
        changes: Changes,
    ) -> Result<Arc<Run>, SessionError> {
        let run = self.load_and_resume(id, Some(branch)).await?;
        if changes.with_marks && !run.has_marks(branch) {
            return Err(SessionError::NoMarks(run.title_of(branch)));
        }
        if run.lost_its_perspective(branch) {
            return Err(SessionError::PerspectiveLost(branch.clone()));
        }
        let token = run.revive(branch)?;
        let again = BranchRequest { branch: branch.clone(), token, changes };
        tokio::spawn(drive::run_branch(
            Arc::clone(&run),
            again,
            self.selector.clone(),
            self.config(),
        ));
        Ok(run)
    }

    /// Stops every run.
    pub fn stop_all(&self) {
        for run in self.runs.lock().iter() {
            // Cannot fail: no branch is named, so none can be unknown.
            let _ = run.cancel(None);
        }
    }

    /// Waits until every run is over and saved, and until old runs have been removed from the
    /// journal, but at most for `limit`.
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
