//! Tests of what a session knows about the disk, and of its notices.

use super::*;
use crate::config::{ProviderChoice, Settings};
use crate::lang::{Lang, Message};
use crate::session::{RunOptions, SessionError};
use serde_json::json;
use std::fs;

struct Disk {
    folder: tempfile::TempDir,
    settings: Arc<SettingsStore>,
}

const RISKS: &str = "---\nname: risks\ndescription: Names what can go wrong.\n---\nask";

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let folders = Folders { home: at("home"), config: at("config"), state: at("state") };
        let settings = Arc::new(SettingsStore::new(Layers::default(), Some(folders), None));
        Disk { folder, settings }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn uri(&self, name: &str) -> String {
        url::Url::from_file_path(self.folder.path().join(name)).unwrap().into()
    }

    /// Reads the disk, and returns the scope of a document.
    fn scope(&self, name: &str) -> Arc<Scope> {
        self.settings.reload_for(&self.uri(name));
        self.settings.scope(&self.uri(name))
    }

    fn told(&self) -> Vec<String> {
        self.settings.take_notices().iter().map(|notice| notice.message(Lang::En)).collect()
    }

    fn editor(&self, sent: serde_json::Value) {
        self.settings.set_editor(EditorSettings::read(&sent, false), false);
    }

    fn trust(&self, name: &str) {
        let scope = self.scope(name);
        let located = scope.repository().unwrap();
        self.settings.trust(&located.repository, jiff::Timestamp::UNIX_EPOCH).unwrap();
    }
}

/// Returns the names of all perspectives except those of further built-in sets.
fn names(scope: &Scope) -> Vec<String> {
    let all = scope.catalog().iter().filter(|p| !p.is_of_further_set());
    all.map(|p| p.name.clone()).collect()
}

fn ask(name: &str) -> RunOptions {
    RunOptions { perspectives: Some(vec![name.to_owned()]), ..RunOptions::default() }
}

#[test]
fn the_user_s_perspectives_are_everywhere() {
    let disk = Disk::new();
    disk.write("config/perspectives/risks.md", RISKS);
    disk.write("config/perspectives/depth.md", &RISKS.replace("risks", "depth"));
    disk.settings.reload_for("");
    for uri in ["", "untitled:1", "file:///nowhere/x.md"] {
        let scope = disk.settings.scope(uri);
        assert_eq!(names(&scope), ["breadth", "structure", "time", "depth", "risks"], "{uri}");
    }
    assert_eq!(disk.told(), [""; 0]);
}

#[test]
fn of_two_files_with_one_name_the_one_that_is_not_used_is_told_once() {
    let disk = Disk::new();
    disk.write("config/perspectives/a.md", RISKS);
    disk.write("config/perspectives/b.md", RISKS);
    disk.settings.reload_for("");
    let told = disk.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("a.md:2: ") && told[0].contains("b.md has the same name"), "{told:?}");
    disk.settings.reload_for("");
    assert_eq!(disk.told(), [""; 0]);
}

#[test]
fn a_set_is_named_before_its_files_are_there_and_told_when_they_are_not() {
    let disk = Disk::new();
    disk.settings.set_user(Settings::from_toml("c", "offer = ['mine', 'reveiw', 'review']"));
    disk.write("config/perspectives/risks.md", &RISKS.replace("\n---", "\ngroup: mine\n---"));
    disk.settings.reload_for("");
    let told = disk.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("\"reveiw\"") && told[0].ends_with("premortem, mine."), "{told:?}");
    assert_eq!(disk.told(), [""; 0], "it is told once");
    let offered = disk.settings.scope("").offered_sets();
    assert_eq!(offered, ["default", "mine", "reveiw", "review"]);
}

#[test]
fn a_broken_file_is_told_once_and_the_one_before_stays() {
    let disk = Disk::new();
    disk.write("config/perspectives/risks.md", RISKS);
    disk.settings.reload_for("");
    disk.write("config/perspectives/risks.md", "---\nname: risks\ndescription: [\n---\nask");
    disk.write("config/perspectives/never.md", "?");
    for _ in 0..3 {
        disk.settings.reload_for("");
    }
    let told = disk.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("never.md:1: ") && told[1].contains("risks.md:3: "), "{told:?}");
    assert!(disk.settings.scope("").perspectives(&ask("risks")).is_ok());
    assert!(disk.settings.scope("").perspectives(&ask("never")).is_err());
    // The same is true if the file can no longer be read at all.
    disk.write("config/perspectives/risks.md", "\0");
    disk.settings.reload_for("");
    assert!(disk.told()[0].ends_with("risks.md is not UTF-8 text."));
    assert!(disk.settings.scope("").perspectives(&ask("risks")).is_ok());
    // The perspective of a removed file is gone.
    fs::remove_file(disk.folder.path().join("config/perspectives/risks.md")).unwrap();
    disk.settings.reload_for("");
    assert!(disk.settings.scope("").perspectives(&ask("risks")).is_err());
}

#[test]
fn a_repository_is_used_once_it_is_trusted_and_for_its_own_documents() {
    let disk = Disk::new();
    disk.write("a/.kaizodo/perspectives/risks.md", RISKS);
    disk.write("a/.kaizodo/config.toml", "lang = 'ja'\nperspectives = ['risks']\nmodel = 'm'\n");
    let scope = disk.scope("a/b/x.md");
    assert_eq!(names(&scope).len(), 4);
    assert_eq!(scope.answer_in("English"), Lang::En);
    let notes = scope.notes(Lang::En);
    assert!(notes[0].contains("they are not trusted"), "{notes:?}");
    assert!(notes[1].starts_with(".kaizodo/config.toml: model ignored."), "{notes:?}");
    let refusal = scope.perspectives(&ask("risks")).unwrap_err();
    assert!(matches!(refusal, SessionError::Withheld { .. }), "{refusal}");

    disk.trust("a/b/x.md");
    let scope = disk.scope("a/b/x.md");
    let found = scope.perspectives(&RunOptions::default()).unwrap();
    assert_eq!(found.iter().map(|p| p.origin).collect::<Vec<_>>(), [Origin::Repository]);
    assert_eq!(scope.answer_in("English"), Lang::Ja);
    assert_eq!(scope.notes(Lang::En).len(), 1, "what is ignored is told still");
    assert_eq!(disk.scope("c/x.md").perspectives(&RunOptions::default()).unwrap().len(), 4);

    disk.write("a/.kaizodo/perspectives/risks.md", &RISKS.replace("ask", "asK"));
    let scope = disk.scope("a/b/x.md");
    assert_eq!(names(&scope).len(), 4);
    assert!(scope.notes(Lang::En)[0].contains("have changed since they were trusted"));
}

#[test]
fn folders_of_one_repository_share_what_was_read() {
    let disk = Disk::new();
    disk.write("a/.kaizodo/perspectives/risks.md", RISKS);
    let (one, two) = (disk.scope("a/b/x.md"), disk.scope("a/c/x.md"));
    let cell = disk.uri("a/b/x.ipynb").replace("file:", "vscode-notebook-cell:") + "#cell1";
    let three = disk.settings.scope(&cell);
    for other in [two, three] {
        let (one, other) = (one.repository().unwrap(), other.repository().unwrap());
        assert!(Arc::ptr_eq(&one.repository, &other.repository));
    }
}

#[test]
fn no_repository_has_a_say_in_who_answers() {
    let disk = Disk::new();
    disk.write(
        "a/.kaizodo/config.toml",
        "provider = 'worksheet'\nbase_url = 'http://evil'\nlang = 'ja'\n[limits]\nmax_tokens = 9\n",
    );
    let before = disk.settings.config();
    disk.trust("a/x.md");
    assert!(disk.scope("a/x.md").repository().unwrap().is_trusted());
    assert_eq!(disk.settings.config(), before);
}

#[test]
fn layers_and_the_editor_s_word_on_trust_count_at_once() {
    let disk = Disk::new();
    disk.write("a/.kaizodo/config.toml", "lang = 'ja'\n");
    disk.trust("a/x.md");
    let lang = || disk.settings.scope(&disk.uri("a/x.md")).answer_in("English");
    assert_eq!(disk.scope("a/x.md").answer_in("English"), Lang::Ja);
    disk.editor(json!({"workspaceTrusted": false}));
    assert_eq!(lang(), Lang::En);
    let said = disk.scope("a/x.md").notes(Lang::En);
    assert!(said[0].contains("the editor is in restricted mode"), "{said:?}");
    disk.editor(json!({}));
    assert_eq!(lang(), Lang::Ja);
    disk.editor(json!({"lang": "en"}));
    assert_eq!(lang(), Lang::En, "the editor goes before a repository");
    let provider = Some(ProviderChoice::Worksheet);
    disk.settings.set_user(Ok(Settings { provider, ..Settings::default() }));
    assert_eq!(disk.settings.config().provider, ProviderChoice::Worksheet);
}

#[test]
fn the_editor_s_word_on_trust_counts_beside_a_setting_that_cannot_be_read() {
    for vouched in [true, false] {
        let disk = Disk::new();
        disk.write("a/.kaizodo/config.toml", "lang = 'ja'\n");
        disk.trust("a/x.md");
        let says = |sent| {
            disk.settings.set_editor(EditorSettings::read(&sent, vouched), vouched);
            disk.settings.scope(&disk.uri("a/x.md")).answer_in("English")
        };
        assert_eq!(disk.scope("a/x.md").answer_in("English"), Lang::Ja);
        assert_eq!(says(json!({"workspaceTrusted": false, "lang": 5})), Lang::En, "{vouched}");
        assert_eq!(says(json!("?")), Lang::En, "that says nothing about trust");
        assert_eq!(says(json!({"workspaceTrusted": true, "lang": 5})), Lang::Ja, "{vouched}");
    }
}

#[test]
fn what_is_left_out_of_the_editor_s_settings_is_told_once_and_in_every_panel() {
    let disk = Disk::new();
    for _ in 0..2 {
        disk.editor(json!({"baseUrl": "http://evil", "perspectives": ["time"]}));
    }
    let told = disk.told();
    assert_eq!(told.len(), 1, "{told:?}");
    let file = disk.folder.path().join("config").join("config.toml").display().to_string();
    assert!(told[0].contains("base_url") && told[0].contains(&file), "{told:?}");
    assert_eq!(disk.scope("x.md").notes(Lang::En), told);
    assert_eq!(disk.settings.config().base_url, None);
    assert_eq!(disk.scope("x.md").perspectives(&RunOptions::default()).unwrap().len(), 1);
    disk.editor(json!({}));
    assert!(disk.scope("x.md").notes(Lang::En).is_empty());
}

#[test]
fn what_cannot_be_read_keeps_text_here_where_it_could_have_said_otherwise() {
    for vouched in [true, false] {
        let disk = Disk::new();
        let set = |sent| disk.settings.set_editor(EditorSettings::read(&sent, vouched), vouched);
        set(json!({"lang": 5}));
        assert_eq!(disk.settings.config().unreadable, vouched);
        let told = disk.told();
        assert!(
            told.len() == 1 && told[0].contains(" cannot be read and are not used: "),
            "{told:?}"
        );
        set(json!({"lang": "ja"}));
        assert!(!disk.settings.config().unreadable);
        set(json!({"lang": 5}));
        assert_eq!(disk.settings.config().unreadable, vouched);
        assert_eq!(disk.settings.config().lang, Some(Lang::Ja), "as before");
        let told = disk.told();
        let said = match vouched {
            true => {
                " so the earlier settings stay in force, and nothing is sent to other computers until this is fixed: "
            }
            false => " so the earlier settings stay in force: ",
        };
        assert!(told.len() == 1 && told[0].contains(said), "{told:?}");
    }
}

#[test]
fn what_is_known_is_bounded() {
    let disk = Disk::new();
    for n in 0..2 * FOLDERS_MAX {
        disk.settings.reload_for(&disk.uri(&format!("{n}/x.md")));
    }
    assert!(disk.settings.state.lock().scopes.len() <= FOLDERS_MAX);
    for n in 0..2 * QUEUED_MAX {
        let notice = Notice::EditorKeys { keys: Vec::new(), file: n.to_string() };
        disk.settings.note([notice.clone(), notice]);
    }
    assert_eq!(disk.settings.take_notices().len(), QUEUED_MAX);
}

#[tokio::test]
async fn a_look_is_made_beside_and_not_again_at_once() {
    let disk = Disk::new();
    disk.write("a/.kaizodo/perspectives/risks.md", RISKS);
    let uri = disk.uri("a/x.md");
    assert!(disk.settings.is_old(&uri) && !disk.settings.is_old("untitled:1"));
    disk.settings.refresh(&uri).await;
    assert!(!disk.settings.is_old(&uri));
    assert!(disk.settings.scope(&uri).repository().is_some());
    // A disk that does not answer delays the read, but callers do not wait for it.
    let turn = Arc::clone(&disk.settings.looking).acquire_owned().await.unwrap();
    fs::remove_dir_all(disk.folder.path().join("a/.kaizodo")).unwrap();
    disk.settings.refresh(&uri).await;
    assert!(disk.settings.scope(&uri).repository().is_some(), "what was known is used");
    drop(turn);
    disk.settings.refresh(&uri).await;
    assert!(disk.settings.scope(&uri).repository().is_none());
}
