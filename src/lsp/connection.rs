//! The state of one client's connection, shared by handlers and outbox.

use super::browser::Browser;
use super::capabilities::Capabilities;
use super::client::{Client, REQUEST_TIMEOUT, ShowDocument};
use super::editor_models::{EditorModels, PendingAnswers};
use super::files::Files;
use super::lenses::GivenLenses;
use super::panels::Panels;
use super::params::insert;
use super::previews::Previews;
use super::uri;
use crate::config::{Config, EditorSettings, Folders, Notice, real_path, user_settings};
use crate::event::RunId;
use crate::repository::Fingerprint;
use crate::session::{Run, Session, Setup};
use crate::text::Range;
use parking_lot::Mutex;
use ropey::Rope;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock, Weak};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) struct Connection {
    pub(crate) session: Arc<Session>,
    pub(crate) client: Client,
    pub(crate) panels: Panels,
    pub(crate) lenses: GivenLenses,
    pub(crate) previews: Previews,
    pub(crate) browser: Browser,
    pub(crate) answers: Arc<PendingAnswers>,
    pub(crate) folders: Option<Folders>,
    real_state: OnceLock<PathBuf>,
    /// The files shown to clients without virtual documents; `None` if there is no home directory.
    pub(crate) files: Option<Arc<Files>>,
    /// Cancelled when the connection ends, which stops all tasks of the connection.
    pub(crate) token: CancellationToken,
    capabilities: OnceLock<Capabilities>,
    /// The runs whose progress is being reported to the client, by progress token.
    pub(crate) progress: Mutex<HashMap<String, RunId>>,
    /// The runs whose updates are shown to the client. Other runs of the session may be active too,
    /// for example those started on the web page.
    followed: Mutex<HashMap<RunId, Weak<Run>>>,
    /// Notified when settings were read.
    pub(crate) settings_read: Notify,
    /// Fingerprints of the repository contents that the user has already been asked to trust.
    pub(crate) offered: Mutex<HashSet<Fingerprint>>,
}

impl Connection {
    pub(crate) fn new(client: Client, setup: &Setup, token: CancellationToken) -> Self {
        let folders = setup.folders.clone();
        let connection = Connection {
            session: Arc::new(setup.session(None)),
            client,
            panels: Panels::default(),
            lenses: GivenLenses::default(),
            previews: Previews::default(),
            browser: Browser::default(),
            answers: Arc::default(),
            files: folders.as_ref().map(|folders| Arc::new(Files::new(folders.state.clone()))),
            folders,
            real_state: OnceLock::new(),
            token,
            capabilities: OnceLock::new(),
            progress: Mutex::default(),
            followed: Mutex::default(),
            settings_read: Notify::new(),
            offered: Mutex::default(),
        };
        connection.session.settings.note(setup.problems.iter().cloned().map(Notice::Settings));
        connection.load_user_settings();
        connection
    }

    /// Returns the client's capabilities, or the defaults before `initialize`.
    pub(crate) fn capabilities(&self) -> &Capabilities {
        static NOTHING: LazyLock<Capabilities> = LazyLock::new(Capabilities::default);
        self.capabilities.get().unwrap_or(&NOTHING)
    }

    pub(crate) fn set_capabilities(&self, capabilities: Capabilities) {
        if capabilities.models {
            let (client, answers) = (self.client.clone(), Arc::clone(&self.answers));
            self.session.selector.offer_editor_models(Arc::new(move |config: &Config| {
                Arc::new(EditorModels::new(client.clone(), Arc::clone(&answers), config))
            }));
        }
        // tower-lsp has already rejected a second `initialize`.
        let _ = self.capabilities.set(capabilities);
        // Overrides the environment's language: some systems set no locale variable, and the
        // editor's language is the user's choice.
        if let Some(locale) = self.capabilities().locale {
            self.session.settings.set_locale(locale);
        }
    }

    /// Reads the user's settings file and perspectives again.
    pub(crate) fn load_user_settings(&self) {
        self.session.settings.set_user(user_settings(self.folders.as_ref()));
        self.session.settings.reload_for("");
    }

    /// Applies the editor's settings. If `value` cannot be read, the previous settings stay in
    /// force.
    pub(crate) fn take_editor_settings(&self, value: &serde_json::Value) {
        let vouched = self.capabilities().user_settings;
        self.session.settings.set_editor(EditorSettings::read(value, vouched), vouched);
    }

    /// Returns the run whose panel is the document `uri`, whether virtual or a file; `None` for any
    /// other document.
    pub(crate) fn run_of_panel(&self, uri: &str) -> Option<RunId> {
        uri::run_of(uri).or_else(|| {
            let folders = self.folders.as_ref()?;
            let latest = || self.files.as_ref()?.latest_run();
            uri::run_of_file(uri, &folders.state, || self.real_state(), latest)
        })
    }

    /// Returns the real path of the state folder, with all links resolved; `None` before the folder
    /// exists. The disk is read until then.
    fn real_state(&self) -> Option<PathBuf> {
        if let Some(known) = self.real_state.get() {
            return Some(known.clone());
        }
        let real = real_path(&self.folders.as_ref()?.state).ok()?;
        Some(self.real_state.get_or_init(|| real).clone())
    }

    /// Returns the texts that the client has open of the files of a run's panel.
    pub(crate) fn texts_of_panel(&self, run: &RunId) -> Vec<Rope> {
        let open: Vec<_> = {
            let documents = self.session.documents.lock();
            documents.iter().map(|it| (it.uri().to_owned(), it.snapshot())).collect()
        };
        let of_run =
            open.into_iter().filter(|(uri, _)| self.run_of_panel(uri).as_ref() == Some(run));
        of_run.map(|(_, text)| text).collect()
    }

    /// Discards the records of panels whose runs the session no longer has.
    pub(crate) fn forget_panels(&self) {
        // Collected before the panels are locked: a thread that holds the session's runs may wait
        // for a run, and one that holds a run may wait for the panels.
        let known: HashSet<RunId> =
            self.session.runs().iter().map(|run| run.id().clone()).collect();
        self.panels.retain(|id| known.contains(id));
    }

    /// Records that the client receives the run's updates. Returns `false` if that was already
    /// recorded.
    pub(crate) fn mark_followed(&self, run: &Arc<Run>) -> bool {
        let mut followed = self.followed.lock();
        followed.retain(|_, known| known.strong_count() > 0);
        followed.insert(run.id().clone(), Arc::downgrade(run)).is_none()
    }

    /// Opens a document in the client without moving the focus to it.
    pub(crate) async fn show_document(&self, uri: &str) {
        let params = match self.capabilities().is_eglot {
            true => json!({"uri": uri}),
            false => json!({"uri": uri, "takeFocus": false}),
        };
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Opens a document in the client, moves the focus to it and selects `selection`, if one is
    /// given.
    pub(crate) async fn show_selection(&self, uri: &str, selection: Option<Range>) {
        let mut params = json!({"uri": uri, "takeFocus": true});
        if let Some(selection) = selection {
            insert(&mut params, "selection", json!(selection));
        }
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Asks the client to open a URI in an external program, such as a browser.
    pub(crate) async fn show_external(&self, uri: &str) {
        let params = json!({"uri": uri, "external": true});
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Spawns a task that is cancelled when the connection ends.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let token = self.token.clone();
        tokio::spawn(async move {
            token.run_until_cancelled(task).await;
        });
    }
}
