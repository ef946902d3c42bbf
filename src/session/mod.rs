//! One editor connection, or one call of the command line: documents, settings and runs. The
//! only shared mutable state; every lock here is short and is never held over an await.

mod again;
mod anchors;
mod clock;
mod context;
mod drive;
mod error;
mod evict;
mod focus;
mod follow_up;
mod journal_writer;
mod located;
mod preview;
mod prompts;
mod provider_selector;
mod question;
mod reader;
mod reopen;
mod repository_text;
mod run;
mod scope;
mod server;
mod settings_store;
mod setup;

pub use anchors::{RunSource, SourceState};
pub use clock::now;
pub use drive::Changes;
pub use error::{FollowUpError, SessionError};
pub use located::{LocatedRepository, TrustState};
pub use provider_selector::{EditorModels, KeySource, ProviderSelector, Reason, Selected, Wrap};
pub use question::Question;
pub use reader::RunReader;
pub use run::{Run, RunProgress};
pub use scope::Scope;
pub use server::Look;
pub use setup::Setup;

use crate::config::{Config, EditorSettings, Folders, Layers, Notice, Settings, SettingsError};
use crate::event::{BranchId, RunId};
use crate::journal::JournalError;
use crate::lang::Lang;
use crate::panel::title_of;
use crate::privacy::file_name;
use crate::repository::{Repository, StoreError};
use crate::request::{FocusMode, Origin, Request};
use crate::text::{Change, Document, Encoding, Range, Selection, TextDigest};
use anchors::Documents;
use context::fence;
use drive::Again;
use futures::future::join_all;
use journal_writer::JournalWriter;
use parking_lot::{Mutex, MutexGuard};
use settings_store::SettingsStore;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Runs that may be alive together.
const ALIVE_MAX: usize = 256;

/// What the user asks about: all perspectives of a set, or those named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// A set's name; the default set if neither is given.
    pub set: Option<String>,
    /// Perspectives by name; they go before `set`.
    pub perspectives: Option<Vec<String>>,
    /// Whether their answers are put together, whatever the settings say.
    pub focus: Option<FocusMode>,
}

/// One editor connection.
pub struct Session {
    settings: Arc<SettingsStore>,
    selector: ProviderSelector,
    documents: Mutex<Documents>,
    runs: Mutex<VecDeque<Arc<Run>>>,
    journal: Arc<JournalWriter>,
}

impl Session {
    /// A session with nothing open, which has not looked at the disk. What has no file is taken for
    /// a part of the folder `here`.
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

    /// Tells why runs cannot be saved; a lasting problem is reported once.
    pub fn journal_trouble(&self) -> watch::Receiver<Option<Arc<JournalError>>> {
        self.journal.trouble()
    }

    /// The settings of this moment, in which no repository has a say.
    pub fn config(&self) -> Arc<Config> {
        self.settings.config()
    }

    /// Puts the user's file in force; runs that are alive keep the settings that they began with.
    /// If it cannot be read, the settings of before stay in force, and a notice is queued.
    pub fn set_user_settings(&self, user: Result<Settings, SettingsError>) {
        self.settings.set_user(user);
    }

    /// Applies the editor's settings in the same way, and reports which keys were left out because
    /// nobody vouches for them.
    pub fn set_editor_settings(
        &self,
        editor: Result<EditorSettings, SettingsError>,
        vouched: bool,
    ) {
        self.settings.set_editor(editor, vouched);
    }

    /// Sets the language of messages.
    pub fn set_locale(&self, locale: Lang) {
        self.settings.set_locale(locale);
    }

    /// What is in force for a document, as far as the disk was looked at.
    pub fn scope(&self, uri: &str) -> Arc<Scope> {
        self.settings.scope(uri)
    }

    /// Looks at the disk for a document now, for as long as that takes.
    pub fn look(&self, uri: &str) {
        self.settings.look(uri);
    }

    /// Looks at the disk for a document beside other work, and waits for it, but not for long.
    pub async fn refresh(&self, uri: &str) {
        self.settings.refresh(uri).await;
    }

    /// Whether the disk was not looked at lately for a document.
    pub fn is_old(&self, uri: &str) -> bool {
        self.settings.is_old(uri)
    }

    /// Takes the pending notices about settings and perspectives; each is given once.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.settings.take_notices()
    }

    /// Has something told, unless it was before.
    pub fn note(&self, notices: impl IntoIterator<Item = Notice>) {
        self.settings.note(notices);
    }

    /// All content of a repository, line by line, as text for the user who is asked to trust it.
    pub fn repository_text(&self, repository: &Repository, lang: Lang) -> String {
        self.settings.repository_text(repository, lang)
    }

    /// The same as a Markdown document.
    pub fn brought_document(&self, repository: &Repository, lang: Lang) -> String {
        repository_text::document(&self.repository_text(repository, lang), lang)
    }

    /// Trusts what a repository held when it was read. It writes to the disk.
    ///
    /// # Errors
    /// Fails if the trust store cannot be used or written.
    pub fn trust(&self, repository: &Repository) -> Result<(), StoreError> {
        self.settings.trust(repository, clock::now())
    }

    /// Lets the editor's own models answer if the settings name them.
    pub fn offer_editor_models(&self, make: EditorModels) {
        self.selector.offer_editor_models(make);
    }

    /// The language of messages.
    pub fn lang(&self) -> Lang {
        let config = self.config();
        config.lang.unwrap_or(config.locale)
    }

    /// Takes a document that the editor opened.
    pub fn open(&self, document: Document) {
        lock(&self.documents).open(document);
    }

    /// Takes changes of an open document; those of one that is not open are nobody's.
    pub fn change(&self, uri: &str, version: i32, changes: &[Change], encoding: Encoding) {
        lock(&self.documents).change(uri, version, changes, encoding);
    }

    /// Forgets a document; runs on it go on.
    pub fn close(&self, uri: &str) {
        lock(&self.documents).close(uri);
    }

    /// Something that came could not be read: it may have been a change of any document.
    pub fn doubt_documents(&self) {
        lock(&self.documents).doubt();
    }

    /// A document as it is now: the copy is cheap.
    pub fn document(&self, uri: &str) -> Option<Document> {
        lock(&self.documents).get(uri).cloned()
    }

    /// Freezes a range of an open document, with as much around it as the user allows.
    ///
    /// # Errors
    /// An unknown document, an older version, or a range that cannot be taken.
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

    /// Opens a connection ahead to the server of the last run, since another may follow soon.
    /// Returns at once, and does nothing before the first run.
    pub fn expect_run(&self) {
        self.selector.preconnect(&self.config());
    }

    /// Whether text of this document may be sent at all, by its name and by that of the file behind
    /// all links, as far as the disk was looked at: nothing is asked of the disk here.
    ///
    /// # Errors
    /// The pattern of the settings that it fits.
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

    /// What a run is to ask: of the selection only what may leave this machine.
    fn request(
        &self,
        selection: Selection,
        ask: &Ask,
        config: &Config,
    ) -> Result<Request, SessionError> {
        self.may_send(&selection.uri)?;
        let scope = self.scope(&selection.uri);
        let perspectives = scope.perspectives(ask)?;
        let focus = scope.focus(ask, perspectives.len());
        let lang = scope.answer_in(&selection.text);
        let all = perspectives.iter().chain(focus.iter().map(|focus| &focus.perspective));
        let asked = || all.clone().map(|p| &**p);
        let lowered = selection.context.as_ref();
        let lowered = lowered.and_then(|_| context::lowered(config.context, asked(), lang));
        let max = context::narrowest(config.context, asked());
        let (selection, notes) = context::cleared(selection, max, config.secrets, lang)?;
        Ok(Request {
            selection: Arc::new(selection),
            lang,
            perspectives,
            focus,
            notes: lowered.into_iter().chain(notes).chain(scope.notes(lang)).collect(),
            origin: Origin::Document,
            budget: config.limits.budget,
        })
    }

    /// Starts a run and returns at once.
    ///
    /// # Errors
    /// A document or a selection that is not sent, perspectives that are not there, or too many
    /// runs alive.
    pub fn start(&self, selection: Selection, ask: &Ask) -> Result<Arc<Run>, SessionError> {
        let config = self.config();
        let (uri, range) = (selection.uri.clone(), selection.range);
        // Before anything in it is redacted: it is to be found again in the document.
        let text = TextDigest::of(&selection.text);
        let request = self.request(selection, ask, &config)?;
        let fence = fence(&request);
        let title = title_of(&request.selection.text);
        let run = Arc::new(Run::new(clock::new_run_id(clock::now()), title, request, fence));
        {
            let mut runs = lock(&self.runs);
            let alive = runs.iter().filter(|run| !run.is_over()).count();
            if alive >= ALIVE_MAX {
                return Err(SessionError::Busy(ALIVE_MAX));
            }
            evict::forget(&mut runs);
            runs.push_back(Arc::clone(&run));
        }
        lock(&self.documents).hold(&run, &uri, range, text);
        self.journal.follow(&run, config.journal);
        tokio::spawn(drive::run(Arc::clone(&run), self.selector.clone(), config));
        Ok(run)
    }

    /// A run of this session.
    ///
    /// # Errors
    /// None of this name.
    pub fn run(&self, id: &RunId) -> Result<Arc<Run>, SessionError> {
        lock(&self.runs)
            .iter()
            .find(|run| run.id() == id)
            .cloned()
            .ok_or_else(|| SessionError::UnknownRun(id.clone()))
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
        for run in lock(&self.runs).iter() {
            // Every branch is meant, so none can be unknown.
            let _ = run.cancel(None);
        }
    }

    /// Waits until every run is over and written down, and old ones are removed, but no longer than
    /// this.
    pub async fn flush(&self, limit: Duration) {
        let runs: Vec<_> = lock(&self.runs).iter().map(Arc::clone).collect();
        let flushed = async {
            join_all(runs.iter().map(|run| run.until_persisted())).await;
            self.journal.pruned().await;
        };
        if timeout(limit, flushed).await.is_err() {
            tracing::warn!("not all runs were written down in time");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic with one of these locks held leaves a map that is whole.
    mutex.lock()
}
