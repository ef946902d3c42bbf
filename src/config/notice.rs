//! Notices for the user about settings and perspective files, each in one sentence.

use super::SettingsError;
use super::allowed::ALLOWED;
use super::reading::ReadError;
use crate::lang::{Lang, Message};
use crate::perspective::PerspectiveNotice;

/// A notice for the user about settings or perspective files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A layer of the settings that was ignored.
    Settings(SettingsError),
    /// A problem in a perspective file.
    Perspective(PerspectiveNotice),
    /// A file that was skipped.
    Unreadable {
        /// Display name of the file or folder.
        file: String,
        /// Why it was skipped.
        why: ReadError,
    },
    /// Keys of a repository's settings that only the user may set.
    RepositoryKeys {
        /// Display name of the repository's settings file.
        file: String,
        /// The keys that were ignored.
        keys: Vec<String>,
    },
    /// A name in the setting `offer` that is not the name of any set.
    Offer {
        /// The unknown name.
        name: String,
        /// The names of all sets that exist.
        known: Vec<String>,
    },
    /// Keys of the editor's settings that were ignored, because the editor does not guarantee that
    /// the user has set them.
    EditorKeys {
        /// The ignored keys.
        keys: Vec<String>,
        /// Path of the settings file in which the user may set these keys.
        file: String,
    },
}

impl Message for Notice {
    fn message(&self, lang: Lang) -> String {
        match self {
            Notice::Settings(error) => error.message(lang),
            Notice::Perspective(problem) => problem.message(lang),
            Notice::Unreadable { file, why } => {
                let why = why.message(lang);
                lang.pick(format!("{file} は{why}。"), format!("{file} {why}."))
            }
            Notice::RepositoryKeys { file, keys } => {
                let allowed = ALLOWED;
                lang.pick(
                    format!(
                        "{file} の {} は使いません。リポジトリが決められるのは {} だけです。",
                        keys.join("、"),
                        allowed.join("、")
                    ),
                    format!(
                        "{file}: {} ignored. A repository may set {} only.",
                        keys.join(", "),
                        allowed.join(", ")
                    ),
                )
            }
            Notice::Offer { name, known } => {
                let known = known.join(", ");
                lang.pick(
                    format!("設定 offer の「{name}」という組はありません。あるのは {known} です。"),
                    format!(
                        "The setting `offer` names a set that does not exist: \"{name}\". Available: {known}."
                    ),
                )
            }
            Notice::EditorKeys { keys, file } => lang.pick(
                format!(
                    "エディターから来た設定 {} は使いません。開いているフォルダーのファイルが書いたものかもしれないからです。{file} に書いてください。",
                    keys.join("、")
                ),
                format!(
                    "The editor's settings {} are ignored, because a file in the open folder may have set them. Set them in {file} instead.",
                    keys.join(", ")
                ),
            ),
        }
    }
}

impl From<SettingsError> for Notice {
    fn from(error: SettingsError) -> Self {
        Notice::Settings(error)
    }
}
