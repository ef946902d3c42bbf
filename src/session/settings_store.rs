//! The settings and perspectives as read from the disk, and the scopes made from them.
//!
//! Handlers use what has been read already. The disk is read in the background: when a document is
//! opened, when its actions are requested and the last read is old, and before each run, retry and
//! question, which wait briefly for the result. So a change of the user's settings file applies to
//! the next of them.

use super::{LocatedRepository, Scope, TrustState, repository_text};
use crate::config::{
    Config, EarlierSettings, EditorSettings, Folders, Layers, Links, Notice, PerspectiveFiles,
    Settings, SettingsError, real_path, user_settings,
};
use crate::lang::Lang;
use crate::perspective::{Catalog, Origin, PerspectiveNotice, PerspectiveNoticeKind};
use crate::repository::{Repository, Standing, StoreError, TrustStore};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};

/// How long a run waits for the disk before it falls back to what was read last.
const LOOK_TIMEOUT: Duration = Duration::from_millis(300);
/// A code action reads the disk again if the last read is older than this.
const OLD: Duration = Duration::from_secs(2);
/// Maximum number of folders in memory.
const FOLDERS_MAX: usize = 256;
/// Maximum number of notices that are remembered as queued before.
const QUEUED_MAX: usize = 1000;

/// The settings and perspectives read so far, shared by the session and the tasks that read the
/// disk.
pub(crate) struct SettingsStore {
    folders: Option<Folders>,
    /// The folder that documents without a file count as part of.
    default_folder: Option<PathBuf>,
    state: Mutex<SettingsState>,
    /// Allows one read at a time, so that a disk that does not respond blocks only one thread.
    looking: Arc<Semaphore>,
    /// Notified when the user's settings file has changed.
    pub(crate) user_changed: Notify,
}

struct SettingsState {
    layers: Layers,
    /// The user's settings file as last read by [`SettingsStore::read_user`].
    user: Option<Result<Settings, SettingsError>>,
    config: Arc<Config>,
    /// Whether the editor says that the user trusts the open folder.
    workspace_trusted: bool,
    /// Notice about the editor's settings that were ignored. Every panel shows it, since the
    /// ignored settings may have named the server.
    left_out: Option<Notice>,
    own: UserPerspectives,
    /// The scope of documents without a repository.
    base: Arc<Scope>,
    scopes: HashMap<PathBuf, FolderScope>,
    /// The documents' real paths, with all links resolved, if they differ.
    resolved: HashMap<String, PathBuf>,
    notices: Vec<Notice>,
    /// The notices that were queued before, and are not queued again.
    queued_before: HashSet<Notice>,
}

/// The user's own perspectives, on top of the built-in ones.
#[derive(Clone, Default)]
struct UserPerspectives {
    /// The files as last read.
    read: PerspectiveFiles,
    /// The last valid text of each file.
    last_valid: HashMap<String, String>,
    catalog: Catalog,
}

/// The repository and scope of one folder that contains documents.
struct FolderScope {
    repository: Option<LocatedRepository>,
    scope: Arc<Scope>,
    looked: Instant,
}

impl SettingsStore {
    pub(crate) fn new(
        layers: Layers,
        folders: Option<Folders>,
        default_folder: Option<PathBuf>,
    ) -> Self {
        let own = UserPerspectives { catalog: Catalog::builtin(), ..UserPerspectives::default() };
        let state = SettingsState {
            config: Arc::new(layers.config()),
            workspace_trusted: true,
            left_out: None,
            base: Arc::new(Scope::new(&layers, &own.catalog, None, None)),
            layers,
            user: None,
            own,
            scopes: HashMap::new(),
            resolved: HashMap::new(),
            notices: Vec::new(),
            queued_before: HashSet::new(),
        };
        let looking = Arc::new(Semaphore::new(1));
        let user_changed = Notify::new();
        SettingsStore { folders, default_folder, state: Mutex::new(state), looking, user_changed }
    }

    /// Returns the settings, without those of any repository.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.state.lock().config)
    }

    /// Sets the layer from the user's settings file, and queues a notice if it is invalid.
    pub(crate) fn set_user(&self, user: Result<Settings, SettingsError>) {
        self.change(|state| {
            let wrong = state.layers.user.take(user);
            state.note(wrong.err().map(Notice::Settings));
        });
    }

    /// Sets the layer from the editor's settings, and queues a notice if it is invalid. What the
    /// editor says about trust in the workspace counts in any case. Settings that the editor does not
    /// vouch for (`vouched` is `false`) cannot choose the server, so if they are invalid, the earlier
    /// ones stay in force and text is sent as before.
    pub(crate) fn set_editor(&self, editor: EditorSettings, vouched: bool) {
        let EditorSettings { settings, ignored, workspace_trusted } = editor;
        let file = self.folders.as_ref().map(Folders::settings).unwrap_or_default();
        self.change(|state| {
            state.workspace_trusted = workspace_trusted.unwrap_or(state.workspace_trusted);
            match &settings {
                Err(error) if !vouched => {
                    let earlier = state.layers.editor.earlier(EarlierSettings::Kept);
                    let error = SettingsError { earlier, ..error.clone() };
                    return state.note([Notice::Settings(error)]);
                }
                Err(_) => {}
                Ok(_) => {
                    let file = file.display().to_string();
                    state.left_out =
                        (!ignored.is_empty()).then_some(Notice::EditorKeys { keys: ignored, file });
                }
            }
            let wrong = state.layers.editor.take(settings);
            state.note(wrong.err().map(Notice::Settings));
            state.note(state.left_out.clone());
        });
    }

    /// Sets the language of messages to the user.
    pub(crate) fn set_locale(&self, locale: Lang) {
        self.change(|state| state.layers.locale = locale);
    }

    fn change(&self, change: impl FnOnce(&mut SettingsState)) {
        let mut state = self.state.lock();
        change(&mut state);
        state.config = Arc::new(state.layers.config());
        state.rebuild();
    }

    /// Returns the scope of a document's folder from what has been read so far. Does not read the
    /// disk.
    pub(crate) fn scope(&self, uri: &str) -> Arc<Scope> {
        let folder = self.folder_of(uri);
        let state = self.state.lock();
        let known = folder.and_then(|folder| state.scopes.get(&folder));
        Arc::clone(known.map_or(&state.base, |known| &known.scope))
    }

    /// Returns `true` if the files that apply to a document were not read recently or at all.
    pub(crate) fn is_old(&self, uri: &str) -> bool {
        let Some(folder) = self.folder_of(uri) else { return false };
        self.state.lock().scopes.get(&folder).is_none_or(|known| known.looked.elapsed() > OLD)
    }

    /// Removes and returns the queued notices.
    pub(crate) fn take_notices(&self) -> Vec<Notice> {
        let mut state = self.state.lock();
        // Not checked earlier, because a set may be named before the files that define it are read.
        let offer = state.base.about_offer();
        state.note(offer);
        std::mem::take(&mut state.notices)
    }

    /// Queues notices to be shown to the user, except those that were queued before.
    pub(crate) fn note(&self, notices: impl IntoIterator<Item = Notice>) {
        self.state.lock().note(notices);
    }

    /// Runs [`SettingsStore::reload_for`] for a document in the background, and waits briefly for its
    /// result.
    pub(crate) async fn refresh(self: &Arc<Self>, uri: &str) {
        let uri = uri.to_owned();
        self.in_background(move |settings| settings.reload_for(&uri)).await;
    }

    /// Runs [`SettingsStore::read_user`] in the background, and waits briefly for its result.
    pub(crate) async fn refresh_user(self: &Arc<Self>) {
        self.in_background(SettingsStore::read_user).await;
    }

    async fn in_background(self: &Arc<Self>, look: impl FnOnce(&Self) + Send + 'static) {
        let settings = Arc::clone(self);
        let look = async move {
            let turn = Arc::clone(&settings.looking).acquire_owned().await;
            let look = move || {
                look(&settings);
                drop(turn);
            };
            tokio::task::spawn_blocking(look).await
        };
        // A result that comes too late is there for the next caller.
        if tokio::time::timeout(LOOK_TIMEOUT, look).await.is_err() {
            tracing::warn!("reading the settings timed out");
        }
    }

    /// Reads the user's settings file, and applies it if it has changed since the last call.
    fn read_user(&self) {
        let Some(folders) = &self.folders else { return };
        let read = user_settings(Some(folders));
        let before = self.state.lock().user.replace(read.clone());
        if before.is_some_and(|before| before != read) {
            self.set_user(read);
            self.user_changed.notify_one();
        }
    }

    /// Reads what applies to a document from the disk now: its real path, the user's settings and
    /// perspectives, and the repository around it. Blocks as long as the disk takes. Also parses
    /// the files, without holding the lock, so that no handler has to.
    pub(crate) fn reload_for(&self, uri: &str) {
        self.read_user();
        self.resolve(uri);
        let folder = self.folder_of(uri);
        let own = self.folders.as_ref().map(|folders| {
            let name = |path: &Path| path.display().to_string();
            PerspectiveFiles::read(&folders.perspectives(), Links::Follow, name)
        });
        let own = own.and_then(|read| self.changed(read));
        let located = folder.as_deref().and_then(|folder| self.find_repository(folder));
        if let Some(located) = located.as_ref().filter(|located| located.is_trusted())
            && !self
                .state
                .lock()
                .scopes
                .values()
                .any(|known| known.repository.as_ref() == Some(located))
        {
            located.repository.prepare();
        }
        let mut state = self.state.lock();
        if let Some((own, notices)) = own {
            state.own = own;
            state.note(notices);
            state.rebuild();
        }
        if let Some(folder) = folder {
            state.store_repository(folder, located);
        }
    }

    /// Returns the user's own perspectives as just read, with notices about them; `None` if nothing
    /// has changed.
    fn changed(&self, read: PerspectiveFiles) -> Option<(UserPerspectives, Vec<Notice>)> {
        let mut own = Some(&self.state.lock().own).filter(|own| own.read != read).cloned()?;
        let notices = own.take(read);
        Some((own, notices))
    }

    /// Returns the real path of a document's file, with all links resolved, as last read. Returns
    /// `None` if that is the path in the document's URI, or if it was not read.
    pub(crate) fn resolved(&self, uri: &str) -> Option<PathBuf> {
        self.state.lock().resolved.get(uri).cloned()
    }

    /// Reads a document's real path from the disk. A document that was never saved has none.
    fn resolve(&self, uri: &str) {
        let Some(path) = file_of(uri) else { return };
        let real = real_path(&path).ok().filter(|real| *real != path);
        let mut state = self.state.lock();
        match real {
            Some(real) => {
                if state.resolved.len() >= FOLDERS_MAX {
                    state.resolved.clear();
                }
                state.resolved.insert(uri.to_owned(), real);
            }
            None => drop(state.resolved.remove(uri)),
        }
    }

    /// Records in the user's trust store, with the time `at`, that the user trusts a repository's
    /// content. Does nothing without a home directory.
    pub(crate) fn trust(
        &self,
        repository: &Repository,
        at: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        let Some(store) = self.store() else { return Ok(()) };
        store.add(repository, at)?;
        // This exact content is in memory already, so the disk need not be read before it is used.
        let mut state = self.state.lock();
        for located in state.scopes.values_mut().filter_map(|folder| folder.repository.as_mut()) {
            if located.repository.fingerprint() == repository.fingerprint()
                && matches!(located.trust, TrustState::Store(_))
            {
                located.trust = TrustState::Store(Standing::Trusted);
            }
        }
        state.rebuild();
        Ok(())
    }

    /// Returns a repository's content as text for display, which marks the user's and built-in
    /// perspectives and sets that it replaces.
    pub(crate) fn repository_text(&self, repository: &Repository, lang: Lang) -> String {
        let (own, layers) = {
            let state = self.state.lock();
            (state.own.catalog.clone(), state.layers.clone())
        };
        repository_text::text(repository, &own, &layers, lang)
    }

    /// Like [`SettingsStore::repository_text`], but as a Markdown document.
    pub(crate) fn repository_document(&self, repository: &Repository, lang: Lang) -> String {
        repository_text::document(&self.repository_text(repository, lang), lang)
    }

    fn find_repository(&self, folder: &Path) -> Option<LocatedRepository> {
        let home = self.folders.as_ref().map(|folders| folders.home.as_path());
        let repository = Arc::new(Repository::around(folder, home)?);
        let standing = self.store()?.standing(&repository);
        let trust = standing.map_or_else(TrustState::Unknown, TrustState::Store);
        Some(LocatedRepository { repository, trust })
    }

    fn store(&self) -> Option<TrustStore> {
        self.folders.as_ref().map(|folders| TrustStore::new(folders.trust()))
    }

    /// Returns the folder that a document is in.
    fn folder_of(&self, uri: &str) -> Option<PathBuf> {
        match file_of(uri) {
            Some(path) => path.parent().map(Path::to_owned),
            None => self.default_folder.clone(),
        }
    }
}

/// Returns the file that a document's URI names.
fn file_of(uri: &str) -> Option<PathBuf> {
    let files = ["file", "vscode-notebook-cell"];
    let url = url::Url::parse(uri).ok().filter(|url| files.contains(&url.scheme()))?;
    url.to_file_path().ok()
}

impl SettingsState {
    /// Rebuilds all scopes from what is known.
    fn rebuild(&mut self) {
        let (layers, own, left_out) = (&self.layers, &self.own.catalog, self.left_out.as_ref());
        let scope = |located| Arc::new(Scope::new(layers, own, located, left_out));
        self.base = scope(None);
        for folder in self.scopes.values_mut() {
            folder.scope = scope(within(folder.repository.clone(), self.workspace_trusted));
        }
    }

    /// Stores the repository that was found around a folder.
    fn store_repository(&mut self, folder: PathBuf, located: Option<LocatedRepository>) {
        let looked = Instant::now();
        if let Some(known) = self.scopes.get_mut(&folder)
            && known.repository == located
        {
            known.looked = looked;
            return;
        }
        if self.scopes.len() >= FOLDERS_MAX {
            self.scopes.clear();
        }
        // Folders of one repository share what was read from it.
        let same = self.scopes.values().find(|known| known.repository == located);
        let (located, scope) = match (same, within(located.clone(), self.workspace_trusted)) {
            (_, None) => (None, Arc::clone(&self.base)),
            (Some(same), _) => (same.repository.clone(), Arc::clone(&same.scope)),
            (None, there) => {
                let (own, left_out) = (&self.own.catalog, self.left_out.as_ref());
                (located, Arc::new(Scope::new(&self.layers, own, there, left_out)))
            }
        };
        self.scopes.insert(folder, FolderScope { repository: located, scope, looked });
    }

    fn note(&mut self, notices: impl IntoIterator<Item = Notice>) {
        for notice in notices {
            if self.queued_before.len() < QUEUED_MAX && self.queued_before.insert(notice.clone()) {
                self.notices.push(notice);
            }
        }
    }
}

/// Returns the repository, restricted if the editor does not trust the workspace.
fn within(
    located: Option<LocatedRepository>,
    workspace_trusted: bool,
) -> Option<LocatedRepository> {
    let located = located?;
    Some(if workspace_trusted {
        located
    } else {
        LocatedRepository { trust: TrustState::Restricted, ..located }
    })
}

impl UserPerspectives {
    /// Applies the files that were read, and returns notices about them. A broken file keeps its
    /// last valid content.
    fn take(&mut self, read: PerspectiveFiles) -> Vec<Notice> {
        let mut notices: Vec<_> = read.notices().collect();
        let names = read.files.iter().map(|(name, _)| name);
        let names: HashSet<String> =
            names.chain(read.passed.iter().map(|(name, _)| name)).cloned().collect();
        self.last_valid.retain(|name, _| names.contains(name));
        for (name, text) in &read.files {
            let file = std::iter::once((name, text));
            let (_, problems) = Catalog::default().with(Origin::User, file);
            if problems.iter().all(PerspectiveNotice::is_note) {
                self.last_valid.insert(name.clone(), text.clone());
            }
            notices.extend(problems.into_iter().map(Notice::Perspective));
        }
        let mut good: Vec<_> = self.last_valid.iter().collect();
        good.sort();
        let (catalog, problems) = Catalog::builtin().with(Origin::User, good.into_iter());
        self.catalog = catalog;
        // The others were found above, and a file that is kept has none that are new.
        let is_of_two = |problem: &PerspectiveNotice| {
            matches!(problem.kind, PerspectiveNoticeKind::SameName { .. })
        };
        notices.extend(problems.into_iter().filter(is_of_two).map(Notice::Perspective));
        self.read = read;
        notices
    }
}

#[cfg(test)]
mod tests;
