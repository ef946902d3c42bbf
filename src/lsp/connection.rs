//! What one client's connection is made of; handlers and outbox share it.

use super::capabilities::Client;
use super::models::Models;
use super::outbox::{EditorModels, Outbox};
use super::panels::Panels;
use crate::config::{Config, Env, Folders, Settings, SettingsError, user_settings};
use crate::event::RunId;
use crate::journal::Folder;
use crate::session::{Choice, Session};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;

pub(super) struct Connection {
    pub(super) session: Session,
    pub(super) outbox: Outbox,
    pub(super) panels: Panels,
    pub(super) models: Arc<Models>,
    pub(super) folders: Option<Folders>,
    /// Cancelled when the connection ends: nothing that serves it lives longer.
    pub(super) token: CancellationToken,
    client: OnceLock<Client>,
    env: Env,
    layers: Mutex<Layers>,
    /// What was wrong with settings before the client could be told.
    problems: Mutex<Vec<SettingsError>>,
    progress: Mutex<HashMap<String, RunId>>,
}

/// The layers of settings that can change while the connection lives.
#[derive(Default)]
struct Layers {
    user: Layer,
    editor: Layer,
}

/// One of them.
#[derive(Default)]
struct Layer {
    settings: Settings,
    /// It could not be read, and none that could was there before.
    unread: bool,
}

impl Layer {
    /// Takes what was read. What cannot be read leaves what was there before in force.
    fn take(&mut self, read: Result<Settings, SettingsError>) -> Result<(), SettingsError> {
        match read {
            Ok(settings) => {
                *self = Layer { settings, unread: false };
                Ok(())
            }
            Err(error) => {
                self.unread |= self.settings == Settings::default();
                Err(error)
            }
        }
    }
}

impl Connection {
    pub(super) fn new(
        outbox: Outbox,
        env: Env,
        folders: Option<Folders>,
        token: CancellationToken,
    ) -> Self {
        let choice = Choice::new(env.api_key.clone());
        let connection = Connection {
            session: Session::new(
                Config::from_layers([&env.settings], env.locale),
                choice,
                crate::perspective::Catalog::builtin(),
            )
            .with_journal(folders.as_ref().map(|folders| Folder::new(folders.state.clone()))),
            outbox,
            panels: Panels::default(),
            models: Arc::default(),
            folders,
            token,
            client: OnceLock::new(),
            env,
            layers: Mutex::default(),
            problems: Mutex::default(),
            progress: Mutex::default(),
        };
        connection.note(connection.env.problem.clone().map_or(Ok(()), Err));
        connection.note(connection.load_user_settings());
        connection
    }

    /// Keeps what is wrong with settings until the client can be told.
    pub(super) fn note(&self, result: Result<(), SettingsError>) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).extend(result.err());
    }

    /// What is wrong with settings and was not told yet.
    pub(super) fn take_problems(&self) -> Vec<SettingsError> {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the client can do; nothing before `initialize`.
    pub(super) fn client(&self) -> &Client {
        static NOTHING: std::sync::LazyLock<Client> = std::sync::LazyLock::new(Client::default);
        self.client.get().unwrap_or(&NOTHING)
    }

    pub(super) fn set_client(&self, client: Client) {
        if client.models {
            let (outbox, models) = (self.outbox.clone(), Arc::clone(&self.models));
            self.session.offer_editor_models(Arc::new(move |config: &Config| {
                Arc::new(EditorModels::new(outbox.clone(), Arc::clone(&models), config))
            }));
        }
        // A second `initialize` was refused before it came here.
        let _ = self.client.set(client);
        self.apply_layers();
    }

    /// Reads the user's file again.
    pub(super) fn load_user_settings(&self) -> Result<(), SettingsError> {
        let read = user_settings(self.folders.as_ref());
        let told = self.layers().user.take(read);
        self.apply_layers();
        told
    }

    /// Takes what the editor sends. A layer that cannot be read leaves the one before in force.
    pub(super) fn take_editor_settings(
        &self,
        value: &serde_json::Value,
    ) -> Result<(), SettingsError> {
        let told = self.layers().editor.take(Settings::from_json(value));
        self.apply_layers();
        told
    }

    fn apply_layers(&self) {
        let layers = self.layers();
        let mut config = Config::from_layers(
            [&layers.user.settings, &layers.editor.settings, &self.env.settings],
            // On some systems no variable says it, and an editor's user has chosen its language.
            self.client().locale.unwrap_or(self.env.locale),
        );
        config.unread = layers.user.unread || layers.editor.unread || self.env.problem.is_some();
        drop(layers);
        self.session.set_config(config);
    }

    fn layers(&self) -> std::sync::MutexGuard<'_, Layers> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers whose progress a token is.
    pub(super) fn add_progress(&self, token: &str, run: &RunId) {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(token.to_owned(), run.clone());
    }

    /// Forgets a token that has ended.
    pub(super) fn end_progress(&self, token: &str) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    /// The run whose progress a token is.
    pub(super) fn progress_of(&self, token: &str) -> Option<RunId> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }
}

/// A task of this connection: it ends with it.
pub(super) fn spawn(connection: &Arc<Connection>, task: impl Future<Output = ()> + Send + 'static) {
    let token = connection.token.clone();
    tokio::spawn(async move {
        token.run_until_cancelled(task).await;
    });
}
