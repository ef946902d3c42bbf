//! Why something that was asked of a session was not done, in plain sentences.

use super::scope::WithheldNotice;
use super::{LocatedRepository, RetryError};
use crate::event::{BranchId, RunId};
use crate::journal::FindError;
use crate::lang::{Lang, Message};
use crate::panel::show_hidden;
use crate::perspective::UnknownPerspective;
use crate::privacy::{Count, counted};
use crate::text::SelectError;

/// What a session refuses. Nothing is lost: what was there before is there still.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum SessionError {
    /// The document was never opened in this session.
    UnknownDocument(String),
    /// The document is one that this program made: a panel or a preview.
    OwnDocument,
    /// The document has moved on since the action was offered.
    StaleVersion {
        /// What the action was offered for.
        asked: i32,
        /// What the document is at.
        now: i32,
    },
    /// The range cannot be taken.
    Selection(SelectError),
    /// The document is one that is never sent.
    NeverSend {
        /// Its name.
        name: String,
        /// The pattern that holds it back.
        pattern: String,
    },
    /// There is something secret in the selection, and the settings refuse that.
    Secrets(Vec<Count>),
    /// There is something secret in what stands around the selection, likewise.
    SecretsAround(Vec<Count>),
    /// No perspective has this name.
    UnknownPerspective(UnknownPerspective),
    /// No set has this name.
    UnknownSet {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The repository has it, and is not used.
    Withheld {
        /// What was asked for.
        name: String,
        /// The repository.
        here: LocatedRepository,
    },
    /// An empty list of perspectives.
    NoPerspectives,
    /// Too many runs are alive.
    Busy(usize),
    /// No such run in this session.
    UnknownRun(RunId),
    /// No such preview in this session.
    NoPreview,
    /// What a repository brings is no longer held for this document.
    NoTrustText,
    /// No such branch in the run.
    UnknownBranch(BranchId),
    /// The branch has not ended.
    StillRunning(BranchId),
    /// The run is an earlier server's, and what it was about is not at hand.
    Retry(RetryError),
    /// The journal does not have it.
    Journal(FindError),
}

impl SessionError {
    /// The setting that is the reason, where one is.
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            SessionError::NeverSend { .. } => Some("never_send"),
            SessionError::Secrets(_) | SessionError::SecretsAround(_) => Some("secrets"),
            SessionError::Selection(SelectError::TooLarge { .. }) => Some("limits.selection_bytes"),
            _ => None,
        }
    }
}

impl Message for SessionError {
    fn message(&self, lang: Lang) -> String {
        match self {
            SessionError::UnknownDocument(uri) => lang.pick(
                format!("文書 {uri} はこのサーバーで開かれていません。エディターで開いてから、もう一度選んでください。"),
                format!("The document {uri} is not open in this server. Open it in the editor and select again."),
            ),
            SessionError::OwnDocument => lang.pick(
                "これは kaizodo が作った文書なので、質問の対象にできません。ご自分の文書で文章を選んでください。".to_owned(),
                "This document was made by kaizodo, so you cannot ask about it. Select text in a document of your own.".to_owned(),
            ),
            SessionError::StaleVersion { asked, now } => lang.pick(
                format!("文書が変わりました(選んだときは版 {asked}、いまは {now})。もう一度選んでください。"),
                format!("The document has changed since (it was version {asked}, now {now}). Select again."),
            ),
            SessionError::Selection(SelectError::Empty) => lang.pick(
                "選んだ範囲に文字がありません。調べたい文章を選んでください。".to_owned(),
                "The selection contains no text. Select the text you want to ask about.".to_owned(),
            ),
            SessionError::Selection(SelectError::Stale) => lang.pick(
                "文書の内容がエディターとずれているかもしれません。文書をいったん閉じて開き直してください。".to_owned(),
                "The server's copy of this document may differ from what the editor shows. Close the document and open it again.".to_owned(),
            ),
            SessionError::Selection(SelectError::TooLarge { bytes, limit }) => lang.pick(
                format!("選んだ範囲が大きすぎます({bytes} バイト、上限 {limit})。短く選ぶか、設定 limits.selection_bytes を変えてください。"),
                format!("The selection is too large ({bytes} bytes, the limit is {limit}). Select less, or change the setting limits.selection_bytes."),
            ),
            SessionError::NeverSend { name, pattern } => {
                let name = show_hidden(name);
                lang.pick(
                    format!("{name} は設定 never_send の「{pattern}」に当てはまるので、送りませんでした。送るには、config.toml の never_send を「{pattern}」を含まない一覧にしてください。"),
                    format!("{name} was not sent: its path matches `{pattern}` in never_send. To allow it, set never_send in config.toml without that pattern."),
                )
            }
            SessionError::Secrets(found) => {
                let list = counted(found, lang);
                lang.pick(
                    format!("選んだ範囲に秘密らしいもの({list})があるので、何も送りませんでした。除いて選び直すか、伏せて送るために config.toml の secrets を \"redact\" にしてください。"),
                    format!("The selection seems to contain secrets ({list}), so nothing was sent. Select text without them, or set secrets = \"redact\" in config.toml to send the rest."),
                )
            }
            SessionError::SecretsAround(found) => {
                let list = counted(found, lang);
                lang.pick(
                    format!("選んだ範囲の周りに秘密らしいもの({list})があるので、何も送りませんでした。周りを送らないなら context = \"none\"、伏せて送るなら secrets = \"redact\" を config.toml に書いてください。"),
                    format!("The text around the selection seems to contain secrets ({list}), so nothing was sent. Set context = \"none\" in config.toml to send the selection alone, or secrets = \"redact\" to send the rest."),
                )
            }
            SessionError::UnknownPerspective(unknown) => unknown.message(lang),
            SessionError::UnknownSet { name, known } => {
                let known = known.join(", ");
                lang.pick(
                    format!("「{name}」という組はありません。あるのは {known} です。"),
                    format!("There is no set named \"{name}\". Available: {known}."),
                )
            }
            SessionError::Withheld { name, here } => {
                let why = WithheldNotice(here).message(lang);
                lang.pick(
                    format!("「{name}」はこのリポジトリのものです。{why}"),
                    format!("\"{name}\" comes from this repository. {why}"),
                )
            }
            SessionError::NoPerspectives => lang.pick(
                "視点が一つも選ばれていません。`kaizodo perspectives` で一覧を見られます。".to_owned(),
                "No perspective was named. `kaizodo perspectives` lists them.".to_owned(),
            ),
            SessionError::Busy(limit) => lang.pick(
                format!("実行が {limit} 件、まだ動いています。どれかを止めるか、終わるのを待ってください。"),
                format!("{limit} runs are still under way. Stop one, or wait for one to end."),
            ),
            SessionError::UnknownRun(run) => lang.pick(
                format!("実行 {run} はこのサーバーにありません。"),
                format!("There is no run {run} in this server."),
            ),
            SessionError::NoPreview => lang.pick(
                "この送信内容の確認は、もうありません。もう一度選んで確認してください。".to_owned(),
                "This preview is gone. Select the text and preview it again.".to_owned(),
            ),
            SessionError::NoTrustText => lang.pick(
                "この表示は期限切れです。リポジトリの内容は `kaizodo trust` でもう一度見られます。".to_owned(),
                "This view has expired. Run `kaizodo trust` to see the repository's content again.".to_owned(),
            ),
            SessionError::UnknownBranch(branch) => lang.pick(
                format!("この実行に節「{branch}」はありません。"),
                format!("This run has no section \"{branch}\"."),
            ),
            SessionError::StillRunning(branch) => lang.pick(
                format!("節「{branch}」はまだ動いています。止めてから、やり直してください。"),
                format!("The section \"{branch}\" is still under way. Stop it before you retry it."),
            ),
            SessionError::Retry(error) => error.message(lang),
            SessionError::Journal(error) => error.message(lang),
        }
    }
}
