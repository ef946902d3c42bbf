//! What a repository says about kaizodo, in its folder `.kaizodo`: perspectives and a few
//! settings. A stranger may have written it, so that nothing of it is used before the user has
//! trusted this very content ([`TrustStore`]).
//!
//! A [`Repository`] is read once, and what is shown, what is trusted and what is used are the bytes
//! that were read then: a file that changes afterwards changes nothing of it.

mod find;
mod fingerprint;
mod store;

pub use find::{FOLDER, Found, find};
pub use fingerprint::Fingerprint;
pub use store::{Entry, Standing, StoreError, TrustStore};

use crate::config::{
    Links, Notice, PerspectiveFiles, Settings, Unread, allowed_from_toml, read_text,
};
use crate::lang::Lang;
use crate::perspective::{Catalog, Origin, Perspective};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The settings, by their name in the repository.
const SETTINGS: &str = ".kaizodo/config.toml";
/// The perspectives' folder, likewise.
const PERSPECTIVES: &str = ".kaizodo/perspectives";
/// Most bytes of the settings.
const SETTINGS_BYTES: u64 = 128 << 10;

/// What a repository held at the moment when it was read.
///
/// The perspectives are texts until somebody needs to know what they say: nothing is parsed of a
/// repository that is merely passed by. It is done once, and is a matter of milliseconds whatever
/// they hold.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its root, with no link in the path.
    pub root: PathBuf,
    /// The few settings that it may make.
    pub settings: Settings,
    /// What was passed over, and why.
    pub notices: Vec<Notice>,
    files: Vec<(String, String)>,
    parsed: OnceLock<Parsed>,
    print: Fingerprint,
}

/// The perspectives of a repository's files, and what is wrong with those.
#[derive(Clone, Debug)]
struct Parsed {
    perspectives: Vec<Arc<Perspective>>,
    notices: Vec<Notice>,
}

impl PartialEq for Repository {
    /// Whether they hold the same: the print covers the root and every byte that is used.
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print && self.notices == other.notices
    }
}

impl Repository {
    /// Reads what is at a root. What cannot be used is told and left out.
    pub fn read(root: &Path) -> Self {
        let mut notices = Vec::new();
        let text = match read_text(&root.join(SETTINGS), SETTINGS_BYTES, Links::Refuse) {
            Ok(text) => Some(text),
            Err(Unread::Missing) => None,
            Err(why) => {
                notices.push(Notice::Unread { file: SETTINGS.to_owned(), why });
                None
            }
        };
        let settings =
            text.as_deref().map_or_else(Settings::default, |text| settings(text, &mut notices));
        let name = |path: &Path| {
            path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
        };
        let found = PerspectiveFiles::read(&root.join(PERSPECTIVES), Links::Refuse, name);
        notices.extend(found.notices());
        let used = text.iter().map(|text| (SETTINGS, text.as_bytes()));
        let files = found.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        let print = Fingerprint::new(root, used.chain(files));
        let root = root.to_owned();
        let parsed = OnceLock::new();
        Repository { root, settings, notices, files: found.files, parsed, print }
    }

    /// A root of which nothing is used, since its folder is a link.
    pub fn linked(root: &Path) -> Self {
        let root = root.to_owned();
        let notice = Notice::Unread { file: FOLDER.to_owned(), why: Unread::Link };
        Repository {
            print: Fingerprint::new(&root, std::iter::empty()),
            settings: Settings::default(),
            notices: vec![notice],
            files: Vec::new(),
            parsed: OnceLock::new(),
            root,
        }
    }

    /// Reads the repository that a file or folder belongs to, where there is one.
    pub fn around(from: &Path, home: Option<&Path>) -> Option<Self> {
        Some(match find(from, home)? {
            Found::Root(root) => Repository::read(&root),
            Found::Linked(root) => Repository::linked(&root),
        })
    }

    /// Whether there is nothing in it that could be used.
    pub fn is_empty(&self) -> bool {
        self.settings == Settings::default() && self.files.is_empty()
    }

    /// The name of this content at this place.
    pub fn print(&self) -> Fingerprint {
        self.print
    }

    /// The name of the place alone.
    fn place(&self) -> Fingerprint {
        Fingerprint::of_root(&self.root)
    }

    /// These perspectives with the repository's on top, and what is wrong with those.
    pub fn catalog(&self, below: &Catalog) -> (Catalog, Vec<Notice>) {
        let Parsed { perspectives, notices } = self.parse();
        (below.over(perspectives), notices.clone())
    }

    /// Its own perspectives alone.
    pub fn perspectives(&self) -> Vec<Arc<Perspective>> {
        self.catalog(&Catalog::default()).0.iter().cloned().collect()
    }

    /// Finds out what its perspectives say, if that was not done before. Whoever has time does it
    /// ahead of those that have none.
    pub fn prepare(&self) {
        self.parse();
    }

    fn parse(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            let files = self.files.iter().map(|(name, text)| (name, text));
            let (perspectives, problems) = Catalog::read(Origin::Repository, files);
            let notices = problems.into_iter().map(Notice::Perspective).collect();
            Parsed { perspectives, notices }
        })
    }

    /// The settings that it makes, each as a line of its file would be.
    pub fn settings_lines(&self) -> Vec<String> {
        let Settings { lang, perspectives, sets, .. } = &self.settings;
        let list = |names: &[String]| names.join(", ");
        let lang = lang.map(|lang| format!("lang = {}", lang.name()));
        let default = perspectives.as_ref().map(|p| format!("perspectives = {}", list(p)));
        let sets = sets.iter().flatten().map(|(name, p)| {
            let mode =
                p.focus.map(|mode| format!(" (focus = {})", mode.name())).unwrap_or_default();
            format!("sets.{name} = {}{mode}", list(&p.perspectives))
        });
        lang.into_iter().chain(default).chain(sets).collect()
    }

    /// How to look at it and to trust it, as a command. A path that a shell would read differently
    /// is not put into it: a stranger has named its folders.
    pub fn command(&self, lang: Lang) -> String {
        let plain = |c: char| c.is_alphanumeric() || "/._-+@:".contains(c);
        let root = self.root.display().to_string();
        if root.chars().all(plain) {
            return format!("`kaizodo trust {root}`");
        }
        lang.pick(format!("「{root}」で `kaizodo trust`"), format!("`kaizodo trust` in \"{root}\""))
    }
}

/// The settings that a repository may make; what else stands there is told.
fn settings(text: &str, notices: &mut Vec<Notice>) -> Settings {
    match allowed_from_toml(SETTINGS, text) {
        Ok((settings, keys)) => {
            if !keys.is_empty() {
                notices.push(Notice::RepositoryKeys { file: SETTINGS.to_owned(), keys });
            }
            settings
        }
        Err(error) => {
            notices.push(Notice::Settings(error));
            Settings::default()
        }
    }
}

#[cfg(test)]
mod tests;
