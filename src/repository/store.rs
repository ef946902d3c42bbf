//! What the user has trusted: one file for each content, in a folder of the user's own.

use super::{Fingerprint, Repository};
use crate::lang::{Lang, Message};
use crate::private_folder::{FolderError, FolderErrorKind, PrivateFolder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Maximum number of entries that are looked at.
const NAMES_MAX: usize = 10_000;
/// Maximum number of bytes of an entry.
const ENTRY_BYTES: u64 = 64 << 10;

/// The store.
#[derive(Clone, Debug)]
pub struct TrustStore {
    folder: PathBuf,
}

/// What the store says of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The user has trusted it.
    Trusted,
    /// The user has trusted another content at the same place.
    Changed,
    /// Nothing at this place was ever trusted.
    New,
}

/// One content that the user has trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it was.
    pub root: String,
    /// When it was trusted.
    pub at: Timestamp,
    /// The perspectives that were in it.
    pub perspectives: Vec<String>,
    /// The digest of the content, which names the file.
    #[serde(skip)]
    pub fingerprint: String,
}

/// Why the store cannot be used; then nothing is trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct StoreError(FolderError);

impl From<FolderError> for StoreError {
    fn from(error: FolderError) -> Self {
        StoreError(error)
    }
}

impl Message for StoreError {
    fn message(&self, lang: Lang) -> String {
        let FolderError { path, kind } = &self.0;
        let folder = path.display();
        match kind {
            FolderErrorKind::Link | FolderErrorKind::NoFolder => lang.pick(
                format!("{folder} は普通のフォルダーではないので、信頼の記録に使えません。取り除いてください。"),
                format!("{folder} is not a regular folder, so it cannot be used to record trust. Remove it."),
            ),
            FolderErrorKind::Foreign | FolderErrorKind::Loose(_) => lang.pick(
                format!("{folder} はほかの利用者のもの、または書き込めるものなので、信頼の記録に使えません。取り除くか `chmod 700` してください。"),
                format!("{folder} belongs to another user or is writable by others, so it cannot be used to record trust. Remove it, or run `chmod 700` on it."),
            ),
            cause => lang.pick(
                format!("信頼の記録 {folder} を使えません（{cause}）。"),
                format!("The record of trust in {folder} cannot be used ({cause})."),
            ),
        }
    }
}

impl TrustStore {
    /// The store in a folder; it is made when something is put into it.
    pub fn new(folder: PathBuf) -> Self {
        TrustStore { folder }
    }

    /// What the user has said of a content.
    ///
    /// # Errors
    /// A store that cannot be used.
    pub fn standing(&self, repository: &Repository) -> Result<Standing, StoreError> {
        let Some(folder) = PrivateFolder::open(&self.folder)? else { return Ok(Standing::New) };
        if let Ok(Some(_)) = folder.file(&file_of(repository), false) {
            return Ok(Standing::Trusted);
        }
        let place = format!("{}-", repository.place().short());
        let names = names(&folder)?;
        let other = names.iter().any(|name| name.starts_with(&place));
        Ok(if other { Standing::Changed } else { Standing::New })
    }

    /// Trusts the content that was read.
    ///
    /// # Errors
    /// A store that cannot be used or written.
    pub fn add(&self, repository: &Repository, at: Timestamp) -> Result<(), StoreError> {
        let folder = PrivateFolder::make(&self.folder)?;
        let entry = Entry {
            root: repository.root.to_string_lossy().into_owned(),
            at,
            perspectives: repository.perspectives().iter().map(|p| p.name.clone()).collect(),
            fingerprint: String::new(),
        };
        let text = serde_json::to_string(&entry);
        let text = text.map_err(|e| FolderError::io(&self.folder, &e.into()))? + "\n";
        Ok(folder.write(&file_of(repository), text.as_bytes(), &folder, true)?)
    }

    /// Everything that is trusted, by place and time. An entry that cannot be read has no place.
    ///
    /// # Errors
    /// A store that cannot be used.
    pub fn list(&self) -> Result<Vec<Entry>, StoreError> {
        let Some(folder) = PrivateFolder::open(&self.folder)? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for name in names(&folder)? {
            let mut text = String::new();
            let Ok(Some((file, _))) = folder.file(&name, false) else { continue };
            let Ok(_) = file.take(ENTRY_BYTES).read_to_string(&mut text) else { continue };
            let Ok(entry) = serde_json::from_str::<Entry>(&text) else { continue };
            let fingerprint = name.rsplit('-').next().unwrap_or_default().to_owned();
            entries.push(Entry { fingerprint, ..entry });
        }
        entries.sort_by(|a, b| (&a.root, a.at).cmp(&(&b.root, b.at)));
        Ok(entries)
    }

    /// Takes back all trust in a place, whatever was in it; says how many contents there were.
    ///
    /// # Errors
    /// A store that cannot be used or written.
    pub fn revoke(&self, root: &Path) -> Result<usize, StoreError> {
        let Some(folder) = PrivateFolder::open(&self.folder)? else { return Ok(0) };
        let place = format!("{}-", Fingerprint::of_root(root).short());
        let mut removed = 0;
        for name in names(&folder)? {
            if name.starts_with(&place) {
                folder.remove(&name)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// The names of all entries; those with a dot are drafts.
fn names(folder: &PrivateFolder) -> Result<Vec<String>, FolderError> {
    let mut names = folder.names()?;
    names.retain(|name| !name.starts_with('.'));
    names.truncate(NAMES_MAX);
    Ok(names)
}

/// The place, so that all contents of it are found; and the content.
fn file_of(repository: &Repository) -> String {
    format!("{}-{}", repository.place().short(), repository.fingerprint())
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
