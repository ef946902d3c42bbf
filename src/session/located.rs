//! The repository found around a folder, and whether its content is used.

use crate::lang::{Lang, Message};
use crate::repository::{Repository, Standing, StoreError};
use std::sync::Arc;

/// The repository found around a folder, and whether the user trusts it. Its content is used only
/// if the user does.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedRepository {
    /// The repository, with its perspectives and settings.
    pub repository: Arc<Repository>,
    /// Whether the user trusts the repository's current content.
    pub trust: TrustState,
}

/// Whether the user trusts a repository. Perspectives and settings are used only from trusted
/// repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustState {
    /// Whether the user trusts the repository's content, according to the user's trust store.
    Store(Standing),
    /// Not trusted: the editor says that the user does not trust the open folder.
    Restricted,
    /// Treated as not trusted, because the trust store cannot be read. Holds why.
    Unknown(StoreError),
}

impl LocatedRepository {
    /// Returns `true` if the user trusts the repository, which means that its content is used.
    pub fn is_trusted(&self) -> bool {
        self.trust == TrustState::Store(Standing::Trusted)
    }

    /// Returns `true` if the repository has perspectives or settings, but they are not used because
    /// the user does not trust them.
    pub fn is_withheld(&self) -> bool {
        !self.is_trusted() && !self.repository.is_empty()
    }

    /// Returns a message that tells the user why the repository is not used, and what to do about
    /// it.
    pub(crate) fn why_withheld(&self, lang: Lang) -> String {
        let LocatedRepository { repository, trust } = self;
        let (all_ja, all_en) =
            ("このリポジトリの視点と設定", "This repository's perspectives and settings");
        let command = repository.command(lang);
        let (next_ja, next_en) = (
            format!("見て信頼するには {command}。"),
            format!("To look at them and trust them: {command}."),
        );
        match trust {
            TrustState::Restricted => lang.pick(
                format!("エディターが制限モードなので、{all_ja}は使いません。"),
                format!("{all_en} are not used: the editor is in restricted mode."),
            ),
            TrustState::Unknown(error) => {
                let error = error.message(lang);
                lang.pick(
                    format!("{all_ja}は使いません。{error}"),
                    format!("{all_en} are not used. {error}"),
                )
            }
            TrustState::Store(Standing::Changed) => lang.pick(
                format!("{all_ja}は、信頼したときから変わったので使いません。{next_ja}"),
                format!(
                    "{all_en} are not used: they have changed since they were trusted. {next_en}"
                ),
            ),
            TrustState::Store(_) => lang.pick(
                format!("{all_ja}は、まだ信頼されていないので使いません。{next_ja}"),
                format!("{all_en} are not used: they are not trusted. {next_en}"),
            ),
        }
    }
}
