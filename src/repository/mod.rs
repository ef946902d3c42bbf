//! Perspectives and settings that a repository provides in its folder `.kaizodo`. They are
//! untrusted: nothing is used before the user has trusted exactly this content ([`TrustStore`]).
//!
//! A [`Repository`] is a snapshot: the bytes that are shown, trusted and used are the same, even if
//! files change later.

mod find;
mod fingerprint;
mod store;

pub use find::{FOLDER, Found, find};
pub use fingerprint::Fingerprint;
pub use store::{Entry, Standing, StoreError, TrustStore};

use crate::config::{
    Links, Notice, PerspectiveFiles, ReadError, Settings, allowed_from_toml, read_text,
};
use crate::lang::Lang;
use crate::perspective::{Catalog, Origin, Perspective, file_of};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Path of the settings file in the repository.
const SETTINGS: &str = ".kaizodo/config.toml";
/// Path of the perspectives' folder in the repository.
const PERSPECTIVES: &str = ".kaizodo/perspectives";
/// Maximum size of the settings file in bytes.
const SETTINGS_BYTES: u64 = 128 << 10;

/// A snapshot of the perspectives and settings that a repository provides.
///
/// Perspectives are parsed on first use, so that merely visiting a repository parses none. Parsing
/// takes milliseconds at most.
#[derive(Clone, Debug)]
pub struct Repository {
    /// The repository's root folder. The path contains no symbolic links.
    pub root: PathBuf,
    /// The settings that the repository provides, limited to those that a repository may set.
    pub settings: Settings,
    /// Notices about files and settings that were ignored.
    pub notices: Vec<Notice>,
    files: Vec<(String, String)>,
    parsed: OnceLock<Parsed>,
    fingerprint: Fingerprint,
}

/// The parsed perspectives, and the problems found in them.
#[derive(Clone, Debug)]
struct Parsed {
    perspectives: Vec<Arc<Perspective>>,
    notices: Vec<Notice>,
}

impl PartialEq for Repository {
    /// Compares the fingerprint, which covers the root and every byte that is used, and the
    /// notices.
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.notices == other.notices
    }
}

impl Repository {
    /// Reads the repository with the root folder `root`. Skips files that cannot be used, and
    /// reports them in `notices`.
    pub fn read(root: &Path) -> Self {
        let mut notices = Vec::new();
        let text = match read_text(&root.join(SETTINGS), SETTINGS_BYTES, Links::NoFollow) {
            Ok(text) => Some(text),
            Err(ReadError::Missing) => None,
            Err(why) => {
                notices.push(Notice::Unreadable { file: SETTINGS.to_owned(), why });
                None
            }
        };
        let settings =
            text.as_deref().map_or_else(Settings::default, |text| settings(text, &mut notices));
        let name = |path: &Path| {
            path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
        };
        let found = PerspectiveFiles::read(&root.join(PERSPECTIVES), Links::NoFollow, name);
        notices.extend(found.notices());
        let used = text.iter().map(|text| (SETTINGS, text.as_bytes()));
        let files = found.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        let fingerprint = Fingerprint::new(root, used.chain(files));
        let root = root.to_owned();
        let parsed = OnceLock::new();
        Repository { root, settings, notices, files: found.files, parsed, fingerprint }
    }

    /// Returns an empty repository for a root folder whose `.kaizodo` is a link, with a notice
    /// about the link.
    pub fn linked(root: &Path) -> Self {
        let root = root.to_owned();
        let notice = Notice::Unreadable { file: FOLDER.to_owned(), why: ReadError::Link };
        Repository {
            fingerprint: Fingerprint::new(&root, std::iter::empty()),
            settings: Settings::default(),
            notices: vec![notice],
            files: Vec::new(),
            parsed: OnceLock::new(),
            root,
        }
    }

    /// Finds and reads the repository that the file or folder `from` belongs to, if any. The search
    /// stops before the home directory `home`.
    pub fn around(from: &Path, home: Option<&Path>) -> Option<Self> {
        Some(match find(from, home)? {
            Found::Root(root) => Repository::read(&root),
            Found::Linked(root) => Repository::linked(&root),
        })
    }

    /// Returns `true` if the repository provides neither settings nor perspectives.
    pub fn is_empty(&self) -> bool {
        self.settings == Settings::default() && self.files.is_empty()
    }

    /// Returns the fingerprint of the root's path and of all content that would be used.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns the fingerprint of the root alone.
    fn place(&self) -> Fingerprint {
        Fingerprint::of_root(&self.root)
    }

    /// Returns a copy of `below` with the repository's perspectives added, and notices about the
    /// problems found in them. A perspective of the repository replaces one of the same name.
    pub fn catalog(&self, below: &Catalog) -> (Catalog, Vec<Notice>) {
        let Parsed { perspectives, notices } = self.parse();
        (below.over(perspectives), notices.clone())
    }

    /// Returns the perspectives that the repository provides, without those of other origins.
    pub fn perspectives(&self) -> Vec<Arc<Perspective>> {
        self.catalog(&Catalog::default()).0.iter().cloned().collect()
    }

    /// Returns the text of the file that defines the perspective `name`.
    pub(crate) fn file_of(&self, name: &str) -> Option<&str> {
        file_of(name, self.files.iter().map(|(_, text)| text.as_str()))
    }

    /// Parses the perspectives now, so that [`Repository::catalog`] does not have to.
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

    /// Returns the repository's settings for display, one line each.
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

    /// Returns, for display, the command that shows the repository and asks whether to trust it. A
    /// path that a shell might interpret is shown beside the command and not as its argument,
    /// because folder names are untrusted.
    pub fn command(&self, lang: Lang) -> String {
        let plain = |c: char| c.is_alphanumeric() || "/._-+@:".contains(c);
        let root = self.root.display().to_string();
        if root.chars().all(plain) {
            return format!("`kaizodo trust {root}`");
        }
        lang.pick(format!("「{root}」で `kaizodo trust`"), format!("`kaizodo trust` in \"{root}\""))
    }
}

/// Parses the allowed settings and reports everything else.
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
