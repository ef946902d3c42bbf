//! Records which repositories the user trusts: one file per trusted content, in a private folder.

use super::{Fingerprint, Repository};
use crate::lang::{Lang, Message};
use crate::private_folder::{Access, FolderError, FolderErrorKind, PrivateFolder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Maximum number of entries that are examined; any others are ignored.
const NAMES_MAX: usize = 10_000;
/// Maximum size of an entry in bytes.
const ENTRY_BYTES: u64 = 64 << 10;

/// The store that records which repository contents the user trusts.
#[derive(Clone, Debug)]
pub struct TrustStore {
    folder: PathBuf,
}

/// Whether a repository's content is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The user has trusted exactly this content.
    Trusted,
    /// The user has trusted other content at the same path.
    Changed,
    /// The user trusts nothing at this path.
    New,
}

/// An entry of the trust store: a repository's content that the user trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Path of the repository's root.
    pub root: String,
    /// Time at which the user trusted the content.
    pub at: Timestamp,
    /// Names of the perspectives in the content.
    pub perspectives: Vec<String>,
    /// The content's [`Fingerprint`] in hexadecimal, taken from the name of the entry's file.
    #[serde(skip)]
    pub fingerprint: String,
}

/// Why the trust store cannot be used. In this case, no repository is trusted.
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
            FolderErrorKind::Link | FolderErrorKind::NotAFolder => lang.pick(
                format!("{folder} は普通のフォルダーではないので、信頼の記録に使えません。取り除いてください。"),
                format!("{folder} is not a regular folder, so it cannot be used to record trust. Remove it."),
            ),
            FolderErrorKind::WrongOwner | FolderErrorKind::WritableByOthers(_) => lang.pick(
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
    /// Creates a store in `folder`. The folder itself is created when the first entry is added.
    pub fn new(folder: PathBuf) -> Self {
        TrustStore { folder }
    }

    /// Returns whether the content of a repository is trusted.
    ///
    /// # Errors
    /// Fails if the store cannot be used or read.
    pub fn standing(&self, repository: &Repository) -> Result<Standing, StoreError> {
        let Some(folder) = PrivateFolder::open(&self.folder)? else { return Ok(Standing::New) };
        if let Ok(Some(_)) = folder.file(&file_of(repository), Access::Read) {
            return Ok(Standing::Trusted);
        }
        let place = format!("{}-", repository.place().short());
        let names = names(&folder)?;
        let other = names.iter().any(|name| name.starts_with(&place));
        Ok(if other { Standing::Changed } else { Standing::New })
    }

    /// Records that the user trusts the content of `repository` as it was read. `at` is the time of
    /// the user's decision.
    ///
    /// # Errors
    /// Fails if the store cannot be used or written.
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

    /// Returns all entries of the store, sorted by root and time. Entries that cannot be read are
    /// skipped.
    ///
    /// # Errors
    /// Fails if the store cannot be used or read.
    pub fn list(&self) -> Result<Vec<Entry>, StoreError> {
        let Some(folder) = PrivateFolder::open(&self.folder)? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for name in names(&folder)? {
            let mut text = String::new();
            let Ok(Some((file, _))) = folder.file(&name, Access::Read) else { continue };
            let Ok(_) = file.take(ENTRY_BYTES).read_to_string(&mut text) else { continue };
            let Ok(entry) = serde_json::from_str::<Entry>(&text) else { continue };
            let fingerprint = name.rsplit('-').next().unwrap_or_default().to_owned();
            entries.push(Entry { fingerprint, ..entry });
        }
        entries.sort_by(|a, b| (&a.root, a.at).cmp(&(&b.root, b.at)));
        Ok(entries)
    }

    /// Revokes trust in all content at the repository root `root`. Returns the number of entries
    /// removed.
    ///
    /// # Errors
    /// Fails if the store is unsafe, or cannot be read or written.
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

/// Returns the names of the entries, at most [`NAMES_MAX`]. Skips drafts, whose names begin with a
/// dot.
fn names(folder: &PrivateFolder) -> Result<Vec<String>, FolderError> {
    let mut names = folder.names()?;
    names.retain(|name| !name.starts_with('.'));
    names.truncate(NAMES_MAX);
    Ok(names)
}

/// Returns the name of a repository's entry: the fingerprint of its root, by which all entries of
/// that root are found, followed by the fingerprint of its content.
fn file_of(repository: &Repository) -> String {
    format!("{}-{}", repository.place().short(), repository.fingerprint())
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
