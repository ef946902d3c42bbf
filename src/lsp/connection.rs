//! The state of one client's connection, shared by handlers and outbox.

use super::browser::Browser;
use super::capabilities::Capabilities;
use super::client::{Client, REQUEST_TIMEOUT, ShowDocument};
use super::editor_models::{AnswersUnderWay, EditorModels};
use super::files::Files;
use super::lenses::GivenLenses;
use super::panels::Panels;
use super::params::insert;
use super::previews::Previews;
use crate::config::{Config, EditorSettings, Folders, Notice, user_settings};
use crate::event::RunId;
use crate::repository::Fingerprint;
use crate::session::{Run, Session, Setup};
use crate::text::Range;
use parking_lot::Mutex;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, OnceLock, Weak};
use tokio_util::sync::CancellationToken;

pub(crate) struct Connection {
    pub(crate) session: Arc<Session>,
    pub(crate) client: Client,
    pub(crate) panels: Panels,
    pub(crate) lenses: GivenLenses,
    pub(crate) previews: Previews,
    pub(crate) browser: Browser,
    pub(crate) answers: Arc<AnswersUnderWay>,
    pub(crate) folders: Option<Folders>,
    /// The files that are shown; `None` if there is no home.
    pub(crate) files: Option<Arc<Files>>,
    /// Cancelled when the connection ends, with all of its tasks.
    pub(crate) token: CancellationToken,
    capabilities: OnceLock<Capabilities>,
    /// The runs whose progress is reported, by its token.
    pub(crate) progress: Mutex<HashMap<String, RunId>>,
    /// The runs that the client is shown as they go on. Others may go on, too: on the page.
    followed: Mutex<HashMap<RunId, Weak<Run>>>,
    /// Contents of repositories that the user was asked about.
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
            token,
            capabilities: OnceLock::new(),
            progress: Mutex::default(),
            followed: Mutex::default(),
            offered: Mutex::default(),
        };
        connection.session.settings.note(setup.problems.iter().cloned().map(Notice::Settings));
        connection.load_user_settings();
        connection
    }

    /// The client's capabilities; none before `initialize`.
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
        // A second `initialize` was refused before it came here.
        let _ = self.capabilities.set(capabilities);
        // On some systems no variable says it, and an editor's user has chosen its language.
        if let Some(locale) = self.capabilities().locale {
            self.session.settings.set_locale(locale);
        }
    }

    /// Reads the user's file and perspectives again.
    pub(crate) fn load_user_settings(&self) {
        self.session.settings.set_user(user_settings(self.folders.as_ref()));
        self.session.settings.look("");
    }

    /// Applies the editor's settings. If they cannot be read, the previous ones stay in force.
    pub(crate) fn take_editor_settings(&self, value: &serde_json::Value) {
        let vouched = self.capabilities().user_settings;
        self.session.settings.set_editor(EditorSettings::read(value, vouched), vouched);
    }

    /// Takes a run for one that the client is shown; `false` if it was one already.
    pub(crate) fn follows(&self, run: &Arc<Run>) -> bool {
        let mut followed = self.followed.lock();
        followed.retain(|_, known| known.strong_count() > 0);
        followed.insert(run.id().clone(), Arc::downgrade(run)).is_none()
    }

    /// Opens a document in the client, beside where the user is.
    pub(crate) async fn show_document(&self, uri: &str) {
        let params = match self.capabilities().is_eglot {
            true => json!({"uri": uri}),
            false => json!({"uri": uri, "takeFocus": false}),
        };
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Opens a document in the client, goes there and selects a range, if there is one.
    pub(crate) async fn show_selection(&self, uri: &str, selection: Option<Range>) {
        let mut params = json!({"uri": uri, "takeFocus": true});
        if let Some(selection) = selection {
            insert(&mut params, "selection", json!(selection));
        }
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Has the client open an address outside of itself.
    pub(crate) async fn show_external(&self, uri: &str) {
        let params = json!({"uri": uri, "external": true});
        self.client.request::<ShowDocument>(params, REQUEST_TIMEOUT).await;
    }

    /// Runs a task that ends with this connection.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let token = self.token.clone();
        tokio::spawn(async move {
            token.run_until_cancelled(task).await;
        });
    }
}
