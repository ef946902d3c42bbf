//! What the user has trusted: one file for each content, in a folder of the user's own.

mod folder;

use super::{Fingerprint, Repository};
use crate::lang::{Lang, Message};
use folder::Folder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

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
    /// The content's name.
    #[serde(skip)]
    pub fingerprint: String,
}

/// Why the store cannot be used; then nothing is trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct StoreError {
    folder: PathBuf,
    kind: StoreErrorKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum StoreErrorKind {
    /// It is a link, or no folder.
    NoFolder,
    /// Others own it or may write to it, and could have put anything there.
    #[cfg_attr(not(unix), expect(dead_code, reason = "owners and modes are a matter of Unix"))]
    Others,
    /// The system's own reason.
    Failed(String),
}

impl Message for StoreError {
    fn message(&self, lang: Lang) -> String {
        let folder = self.folder.display();
        match &self.kind {
            StoreErrorKind::NoFolder => lang.pick(
                format!("{folder} は普通のフォルダーではないので、信頼の記録に使えません。取り除いてください。"),
                format!("{folder} is not a regular folder, so it cannot be used to record trust. Remove it."),
            ),
            StoreErrorKind::Others => lang.pick(
                format!("{folder} はほかの利用者のもの、または書き込めるものなので、信頼の記録に使えません。取り除くか `chmod 700` してください。"),
                format!("{folder} belongs to another user or is writable by others, so it cannot be used to record trust. Remove it, or run `chmod 700` on it."),
            ),
            StoreErrorKind::Failed(cause) => lang.pick(
                format!("信頼の記録 {folder} を使えません({cause})。"),
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
        let Some(folder) = self.open()? else { return Ok(Standing::New) };
        if folder.has(&file_of(repository)) {
            return Ok(Standing::Trusted);
        }
        let place = format!("{}-", repository.place().short());
        let names = folder.names().map_err(|e| self.failed(&e))?;
        let other = names.iter().any(|name| name.starts_with(&place));
        Ok(if other { Standing::Changed } else { Standing::New })
    }

    /// Trusts the content that was read.
    ///
    /// # Errors
    /// A store that cannot be used or written.
    pub fn add(&self, repository: &Repository, at: Timestamp) -> Result<(), StoreError> {
        folder::make(&self.folder).map_err(|e| self.failed(&e))?;
        let gone = || self.failed(&io::ErrorKind::NotFound.into());
        let folder = self.open()?.ok_or_else(gone)?;
        let entry = Entry {
            root: repository.root.to_string_lossy().into_owned(),
            at,
            perspectives: repository.perspectives().iter().map(|p| p.name.clone()).collect(),
            fingerprint: String::new(),
        };
        let mut text = serde_json::to_string(&entry).map_err(|e| self.failed(&e.into()))?;
        text.push('\n');
        folder.write(&file_of(repository), text.as_bytes()).map_err(|e| self.failed(&e))
    }

    /// Everything that is trusted, by place and time. An entry that cannot be read has no place.
    ///
    /// # Errors
    /// A store that cannot be used.
    pub fn list(&self) -> Result<Vec<Entry>, StoreError> {
        let Some(folder) = self.open()? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for name in folder.names().map_err(|e| self.failed(&e))? {
            let text = folder.read(&name).unwrap_or_default();
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
        let Some(folder) = self.open()? else { return Ok(0) };
        let place = format!("{}-", Fingerprint::of_root(root).short());
        let mut removed = 0;
        for name in folder.names().map_err(|e| self.failed(&e))? {
            if name.starts_with(&place) {
                folder.remove(&name).map_err(|e| self.failed(&e))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn open(&self) -> Result<Option<Folder>, StoreError> {
        Folder::open(&self.folder).map_err(|kind| StoreError { folder: self.folder.clone(), kind })
    }

    fn failed(&self, error: &io::Error) -> StoreError {
        StoreError { folder: self.folder.clone(), kind: StoreErrorKind::Failed(error.to_string()) }
    }
}

/// The place, so that all contents of it are found; and the content.
fn file_of(repository: &Repository) -> String {
    format!("{}-{}", repository.place().short(), repository.fingerprint())
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
