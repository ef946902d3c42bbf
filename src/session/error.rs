//! The reasons why a session rejects a call, with messages for the user.

use super::LocatedRepository;
use crate::event::{BranchId, RunId};
use crate::journal::JournalError;
use crate::lang::{Lang, Message};
use crate::panel::show_hidden;
use crate::perspective::UnknownPerspectiveError;
use crate::privacy::{Count, counted};
use crate::text::SelectError;

/// Why a session rejects a call. The call has changed nothing.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum SessionError {
    /// The document is not open in this session. Holds its URI.
    UnknownDocument(String),
    /// The document was made by this program: it is a panel or a preview.
    OwnDocument,
    /// The document has changed since the action was offered.
    StaleVersion {
        /// Version that the action was offered for.
        asked: i32,
        /// Current version of the document.
        now: i32,
    },
    /// The range cannot be selected.
    Selection(SelectError),
    /// The text, which does not come from a document, cannot be selected.
    Text(SelectError),
    /// The document must not be sent: its path matches a pattern of the setting `never_send`.
    NeverSend {
        /// Name of the document.
        name: String,
        /// The pattern that matches the document's path.
        pattern: String,
    },
    /// The selection, a question or a comment contains secrets, and the settings refuse secrets.
    /// Holds the number of secrets of each kind.
    Secrets(Vec<Count>),
    /// The context, or an earlier text that led to a passage, contains secrets, and the settings
    /// refuse secrets. Holds the number of secrets of each kind.
    SecretsAround(Vec<Count>),
    /// No perspective has this name.
    UnknownPerspective(UnknownPerspectiveError),
    /// No set has this name.
    UnknownSet {
        /// The requested name.
        name: String,
        /// Names of the sets that exist.
        known: Vec<String>,
        /// The existing name that is most similar to the requested one, if any is similar enough.
        nearest: Option<String>,
    },
    /// The requested perspective or set comes from a repository that is not trusted.
    Withheld {
        /// The requested name.
        name: String,
        /// The repository that is not trusted.
        repository: LocatedRepository,
    },
    /// The list of perspectives is empty.
    NoPerspectives,
    /// Cannot start a run: too many are in progress. Holds the maximum number.
    Busy(usize),
    /// The session has no run with this ID.
    UnknownRun(RunId),
    /// The session does not have the preview, or no longer has it.
    NoPreview,
    /// The text of a repository's content, which is shown before the user decides to trust it, is
    /// no longer in memory.
    NoTrustText,
    /// The run has no branch with this ID.
    UnknownBranch(BranchId),
    /// The branch has no answer. Holds its section's heading.
    NoAnswer(String),
    /// The branch has not ended. Holds its section's heading.
    StillRunning(String),
    /// Cannot delete the run: it has not ended.
    RunUnderWay,
    /// Cannot continue the run: neither this session nor the journal has it.
    RunLost(RunId),
    /// Cannot continue the run: its journal has no digest of the text, because an earlier version
    /// wrote it or because its first event is missing.
    NoDigest,
    /// Cannot continue the run: its text did not come from a document.
    NoDocument,
    /// Cannot continue the run: its document is not open. Holds the document's URI.
    DocumentClosed(String),
    /// Cannot continue the run: what would be sent now differs from what the run sent. Holds the
    /// document's URI.
    TextChanged(String),
    /// Cannot continue the section: its perspective no longer exists. Holds the section's branch.
    PerspectiveLost(BranchId),
    /// Cannot continue the run: the events in its journal differ from those in memory.
    JournalDiffers,
    /// Cannot ask a follow-up: the question is blank.
    BlankQuestion,
    /// Cannot ask a follow-up: the question is too long. Holds its size in bytes.
    QuestionTooLong(usize),
    /// Cannot ask a follow-up: the run already has the maximum number of sections. Holds that
    /// number.
    TooManySections(usize),
    /// No reasoning is known for this section. Holds its heading.
    NoReasoning(String),
    /// The perspectives, multiplied by the models of the set, would make too many sections.
    TooManyViews {
        /// Number of sections that would be needed.
        asked: usize,
        /// Maximum number of sections.
        limit: usize,
    },
    /// Cannot ask a follow-up: no section has text to ask about.
    NothingToAskAbout,
    /// The comment on an item is blank.
    BlankComment,
    /// The comment on an item is too long.
    CommentTooLong {
        /// Size of the comment in bytes.
        bytes: usize,
        /// Maximum size in bytes.
        limit: usize,
    },
    /// There is no earlier run about the same text to compare with. Holds the later run.
    NothingToCompare(RunId),
    /// The section cannot be rewritten according to the user's marks, because there are none. Holds
    /// its heading.
    NoMarks(String),
    /// The position is not in an answer. It is, for example, in the panel's head, in a section's
    /// status or on a blank line.
    NoAnswerThere,
    /// The client shows an outdated version of the run's panel.
    PanelOutdated,
    /// The journal reported an error.
    Journal(JournalError),
}

impl SessionError {
    /// Returns the name of the setting that caused the rejection, if any.
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            SessionError::NeverSend { .. } => Some("never_send"),
            SessionError::Secrets(_) | SessionError::SecretsAround(_) => Some("secrets"),
            SessionError::Selection(SelectError::TooLarge { .. })
            | SessionError::Text(SelectError::TooLarge { .. }) => Some("limits.selection_bytes"),
            _ => None,
        }
    }
}

impl Message for SessionError {
    fn message(&self, lang: Lang) -> String {
        match self {
            SessionError::UnknownDocument(uri) => lang.pick(
                format!("文書 {uri} はこのサーバーで開かれていません。エディターで開いてから、もう一度選んでください。"),
                format!("Kaizodo cannot see the document {uri}. Open it in the editor and select the text again."),
            ),
            SessionError::OwnDocument => lang.pick(
                "これは kaizodo が作った文書なので、質問の対象にできません。ご自分の文書で文章を選んでください。".to_owned(),
                "This document was made by kaizodo, so you cannot ask about it. Select text in a document of your own.".to_owned(),
            ),
            SessionError::StaleVersion { asked, now } => lang.pick(
                format!("文書が変わりました（選んだときは版 {asked}、いまは {now}）。もう一度選んでください。"),
                format!("The document has changed since you selected this text (version {asked} then, {now} now). Select it again."),
            ),
            SessionError::Selection(SelectError::Empty) => lang.pick(
                "選んだ範囲に文字がありません。調べたい文章を選んでください。".to_owned(),
                "The selection contains no text. Select the text you want to ask about.".to_owned(),
            ),
            SessionError::Selection(SelectError::Stale) => lang.pick(
                "文書の内容がエディターとずれているかもしれません。文書をいったん閉じて開き直してください。".to_owned(),
                "Kaizodo may be out of step with the editor about this document. Close the document and open it again.".to_owned(),
            ),
            SessionError::Selection(SelectError::TooLarge { bytes, limit }) => lang.pick(
                format!("選んだ範囲が大きすぎます（{bytes} バイト、上限 {limit}）。短く選ぶか、設定 limits.selection_bytes を変えてください。"),
                format!("The selection is too large ({bytes} bytes; the limit is {limit}). Select less text, or raise limits.selection_bytes."),
            ),
            SessionError::Text(SelectError::TooLarge { bytes, limit }) => lang.pick(
                format!("文章が長すぎます（{bytes} バイト、上限 {limit}）。短くするか、設定 limits.selection_bytes を変えてください。"),
                format!("The text is too long ({bytes} bytes; the limit is {limit}). Shorten it, or raise limits.selection_bytes."),
            ),
            SessionError::Text(SelectError::Empty | SelectError::Stale) => lang.pick(
                "文字がありません。調べたい文章を指定してください。".to_owned(),
                "There is no text. Specify the text you want to ask about.".to_owned(),
            ),
            SessionError::NeverSend { name, pattern } => {
                let name = show_hidden(name);
                lang.pick(
                    format!("{name} は設定 never_send の「{pattern}」に当てはまるので、送りませんでした。送るには、config.toml の never_send を「{pattern}」を含まない一覧にしてください。"),
                    format!("{name} was not sent: its path matches `{pattern}` in never_send. To allow it, set never_send in config.toml to a list without that pattern."),
                )
            }
            SessionError::Secrets(found) => {
                let list = counted(found, lang);
                lang.pick(
                    format!("選んだ範囲に秘密らしいもの（{list}）があるので、何も送りませんでした。除いて選び直すか、伏せて送るために config.toml の secrets を \"redact\" にしてください。"),
                    format!("The selection seems to contain secrets ({list}), so nothing was sent. Select text without them, or set secrets = \"redact\" in config.toml to send the selection with the secrets redacted."),
                )
            }
            SessionError::SecretsAround(found) => {
                let list = counted(found, lang);
                lang.pick(
                    format!("選んだ範囲の周りに秘密らしいもの（{list}）があるので、何も送りませんでした。周りを送らないなら context = \"none\"、伏せて送るなら secrets = \"redact\" を config.toml に書いてください。"),
                    format!("The text around the selection seems to contain secrets ({list}), so nothing was sent. Set context = \"none\" in config.toml to send the selection alone, or secrets = \"redact\" to send both with the secrets redacted."),
                )
            }
            SessionError::UnknownPerspective(unknown) => unknown.message(lang),
            SessionError::UnknownSet { name, known, nearest } => {
                let known = known.join(", ");
                let meant = nearest.as_ref().map(|near| match lang {
                    Lang::Ja => format!("`{near}` のことでしょうか。"),
                    Lang::En => format!(" Did you mean `{near}`?"),
                });
                let meant = meant.unwrap_or_default();
                lang.pick(
                    format!("「{name}」という組はありません。{meant}あるのは {known} です。"),
                    format!("There is no set named \"{name}\".{meant} Available: {known}."),
                )
            }
            SessionError::Withheld { name, repository: located } => {
                let why = located.why_withheld(lang);
                lang.pick(
                    format!("「{name}」はこのリポジトリのものです。{why}"),
                    format!("\"{name}\" comes from this repository. {why}"),
                )
            }
            SessionError::NoPerspectives => lang.pick(
                "視点が一つも選ばれていません。`kaizodo perspectives` で一覧を見られます。".to_owned(),
                "No perspective was named. `kaizodo perspectives` lists those available.".to_owned(),
            ),
            SessionError::Busy(limit) => lang.pick(
                format!("実行が {limit} 件、まだ動いています。どれかを止めるか、終わるのを待ってください。"),
                format!("{limit} runs are still in progress. Stop one, or wait for one to finish."),
            ),
            SessionError::UnknownRun(run) => lang.pick(
                format!("実行 {run} はこのサーバーにありません。"),
                format!("This server has no run {run}."),
            ),
            SessionError::NoPreview => lang.pick(
                "この送信内容の確認は、もうありません。もう一度選んで確認してください。".to_owned(),
                "This preview is no longer available. Select the text and preview it again.".to_owned(),
            ),
            SessionError::NoTrustText => lang.pick(
                "この表示は期限切れです。リポジトリの内容は `kaizodo trust` でもう一度見られます。".to_owned(),
                "This preview has expired. Run `kaizodo trust` to review the repository's perspectives and settings again.".to_owned(),
            ),
            SessionError::UnknownBranch(branch) => lang.pick(
                format!("この実行に節「{branch}」はありません。"),
                format!("This run has no section \"{branch}\"."),
            ),
            SessionError::NoAnswer(title) => lang.pick(
                format!("「{title}」には、まだ答えがありません。先にこの節をやり直してください。"),
                format!("The section \"{title}\" has no answer yet. Write or retry it first."),
            ),
            SessionError::StillRunning(title) => lang.pick(
                format!("「{title}」はまだ書いている途中です。終わるまで待つか、先に止めてください。"),
                format!("The section \"{title}\" is still being written. Wait for it to finish, or stop it first."),
            ),
            SessionError::RunUnderWay => lang
                .pick(
                    "この実行はまだ書いている途中です。終わるまで待つか、先に止めてください。",
                    "This run is still in progress. Wait for it to finish, or stop it first.",
                )
                .to_owned(),
            SessionError::RunLost(run) => lang.pick(
                format!("実行 {run} は、このサーバーにも記録にも見つかりません。元の文章を選んで、もう一度実行してください。"),
                format!("Run {run} is neither on this server nor in the journal. Select the text and run the action again."),
            ),
            SessionError::NoDigest => lang.pick(
                "この実行の記録は以前の版のもので、どの文章についてだったかを確かめられません。元の文章を選んで、もう一度実行してください。".to_owned(),
                "This run was saved by an earlier version of kaizodo, so kaizodo cannot check that the text is unchanged. Select the text and run the action again.".to_owned(),
            ),
            SessionError::NoDocument => lang.pick(
                "この実行は文書ではなく、コマンドライン、ブラウザー、エージェントから渡された文章が対象なので、ここからはやり直せません。同じ文章を渡して、新しく実行してください。".to_owned(),
                "This run was about text from the command line, the browser or an agent, not about a document, so its sections cannot be retried. Run it again with that text.".to_owned(),
            ),
            SessionError::DocumentClosed(uri) => lang.pick(
                format!("この実行の元の文書 {uri} が開かれていません。開いてから、やり直してください。"),
                format!("This run's document, {uri}, is not open. Open it and retry."),
            ),
            SessionError::TextChanged(uri) => lang.pick(
                format!("この実行で送った文章（{uri}）か、設定 secrets か context が、実行したときと変わっているので、何も送りませんでした。元の文章を選んで、もう一度実行してください。"),
                format!("Nothing was sent: since this run was made, its text ({uri}) or the setting `secrets` or `context` has changed. Select the text and run the action again."),
            ),
            SessionError::PerspectiveLost(name) => {
                let name = show_hidden(&name.0);
                lang.pick(
                    format!("この節の視点「{name}」は、もうありません。別の視点で、もう一度実行してください。"),
                    format!("The perspective of this section, \"{name}\", no longer exists. Run the action again with another one."),
                )
            }
            SessionError::JournalDiffers => lang.pick(
                "この実行の記録が、ここに表示しているものと食い違っています。元の文章を選んで、もう一度実行してください。".to_owned(),
                "The saved copy of this run differs from what is shown here. Select the text and run the action again.".to_owned(),
            ),
            SessionError::BlankComment => lang
                .pick("コメントが空です。項目へのコメントを書いてください。", "The comment is empty. Write what you think of this item.")
                .to_owned(),
            SessionError::CommentTooLong { bytes, limit } => lang.pick(
                format!("コメントが長すぎます（{bytes} バイト、上限 {limit}）。短くしてください。"),
                format!("The comment is too long ({bytes} bytes; the limit is {limit}). Shorten it."),
            ),
            SessionError::NothingToCompare(_) => lang
                .pick(
                    "この文章についての前の実行が、記録にありません。元の文章をもう一度実行してから比べてください。",
                    "There is no earlier run about this text in the journal. Run the action on the text again, then compare.",
                )
                .to_owned(),
            SessionError::NoMarks(title) => lang.pick(
                format!("「{title}」に使える印がありません。残す項目や削る項目に印を付けてください。"),
                format!("The section \"{title}\" has no marks to guide a rewrite. Mark items to keep or drop first."),
            ),
            SessionError::NoAnswerThere => lang.pick(
                "ここには答えの文がありません。節の答えの中で行を選んでください。".to_owned(),
                "These lines are not part of an answer. Select lines inside a section's answer.".to_owned(),
            ),
            SessionError::PanelOutdated => lang.pick(
                "パネルの表示が最新ではありません。開き直してから、もう一度選んでください。".to_owned(),
                "The editor shows an outdated version of this panel. Close and reopen it, then select again.".to_owned(),
            ),
            SessionError::BlankQuestion => lang
                .pick("質問が空です。尋ねたいことを書いてください。", "The question is empty. Write what you want to know.")
                .to_owned(),
            SessionError::QuestionTooLong(bytes) => lang.pick(
                format!("質問が長すぎます（{bytes} バイト、上限 {QUESTION_BYTES}）。短くしてください。"),
                format!("The question is too long ({bytes} bytes; the limit is {QUESTION_BYTES}). Shorten it."),
            ),
            SessionError::NoReasoning(title) => lang.pick(
                format!("「{title}」の推論はありません。モデルが送らなかったか、記録されていません。これからの実行の推論を残すには、journal.reasoning を true にしてください。"),
                format!("No reasoning is available for the section \"{title}\": the model sent none, or it was not saved. To save it with future runs, set journal.reasoning to true."),
            ),
            SessionError::TooManyViews { asked, limit } => lang.pick(
                format!("視点とモデルの組み合わせで節が {asked} 個になりますが、一度の実行では {limit} 個までです。視点かモデルを減らしてください。"),
                format!("This would be {asked} sections, but a run may have at most {limit}. Choose fewer perspectives, or fewer models in the set."),
            ),
            SessionError::TooManySections(limit) => lang.pick(
                format!("この実行には節がもう {limit} 個あります。続きは、答えの箇所を選んで新しい実行で尋ねてください。"),
                format!("This run already has {limit} sections, the maximum. To continue, select a passage of an answer and run the action on it."),
            ),
            SessionError::NothingToAskAbout => lang
                .pick(
                    "この実行にはまだ答えがないので、続けて質問できません。先に節をやり直してください。",
                    "This run has no answer to ask about. Retry a section first.",
                )
                .to_owned(),
            SessionError::Journal(error) => error.message(lang),
        }
    }
}

/// Maximum size of a follow-up question in bytes.
pub(crate) const QUESTION_BYTES: usize = 16 << 10;
