//! Errors of the journal, with their messages for the user.

use crate::lang::{Lang, Message};
use crate::private_folder::{FolderError, FolderErrorKind};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why the journal cannot be written or read. Runs continue regardless.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct JournalError {
    /// The file or folder that the error is about. If the error is about a run's ID, the path
    /// is the journal's folder or empty.
    pub path: PathBuf,
    /// What is wrong with the file, the folder or the run's ID.
    pub kind: JournalErrorKind,
}

/// What is wrong with a file or a folder, or with a run's ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalErrorKind {
    /// The folder, or a file in it, is unsafe or cannot be used.
    Folder(FolderErrorKind),
    /// Another process has appended to the file.
    Grown,
    /// Part of the file cannot be read, so nothing may be appended to it.
    Damaged,
    /// The file has reached the size limit of one run, given in bytes.
    Full(u64),
    /// No run has an ID that begins with this text.
    UnknownRun(String),
    /// Several runs have IDs that begin with this text; the number says how many.
    AmbiguousRun(String, usize),
    /// A name such as `last~5` goes back beyond the oldest run; the number says how many runs there
    /// are.
    TooFarBack(String, usize),
    /// There are no runs in the journal.
    NoRuns,
}

impl JournalErrorKind {
    /// Returns `true` if the error is about the run ID that the user gave, rather than about a file
    /// or folder.
    pub(crate) fn is_of_the_name(&self) -> bool {
        use JournalErrorKind::{AmbiguousRun, NoRuns, TooFarBack, UnknownRun};
        matches!(self, UnknownRun(_) | AmbiguousRun(..) | TooFarBack(..) | NoRuns)
    }

    /// Returns `true` if another process is writing the run, which ends by itself.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, JournalErrorKind::Folder(FolderErrorKind::Locked))
    }
}

impl JournalError {
    pub(crate) fn new(path: impl AsRef<Path>, kind: JournalErrorKind) -> Self {
        JournalError { path: path.as_ref().to_owned(), kind }
    }

    /// Creates an error from an I/O error on a path.
    pub fn io(path: impl AsRef<Path>, error: &io::Error) -> Self {
        FolderError::io(path, error).into()
    }

    /// Returns the message that a run is not saved, or only in part, because of this error.
    pub fn not_saved(&self, lang: Lang) -> String {
        let why = self.message(lang);
        lang.pick(
            format!("この実行は、全部または一部が記録（ジャーナル）に残りません。答えの表示には影響しません。{why}記録が要らなければ `journal.enabled = false` で止められます。"),
            format!("This run was not saved in the journal, or only partly; its answers are still shown. {why} To turn the journal off, set `journal.enabled = false`."),
        )
    }
}

impl From<FolderError> for JournalError {
    fn from(FolderError { path, kind }: FolderError) -> Self {
        JournalError { path, kind: JournalErrorKind::Folder(kind) }
    }
}

impl Message for JournalError {
    fn message(&self, lang: Lang) -> String {
        let path = self.path.display();
        match &self.kind {
            JournalErrorKind::Folder(FolderErrorKind::Link) => lang.pick(
                format!("{path} はリンクです。記録はリンクの先には書きません。取り除くか、XDG_STATE_HOME で別の場所を指定してください。"),
                format!("{path} is a symbolic link, which the journal does not follow. Remove the link, or set XDG_STATE_HOME to use another folder."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::NotAFolder) => lang.pick(
                format!("記録のフォルダーの場所に別のもの（{path}）があります。移すか、XDG_STATE_HOME で別の場所を指定してください。"),
                format!("{path} is not a folder, but the journal needs a folder there. Move it, or set XDG_STATE_HOME to use another folder."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::NotAFile) => lang.pick(
                format!("{path} は記録のファイルではありません（リンク、パイプ、別の人のファイルなど）。取り除いてください。"),
                format!("{path} is not a journal file (it may be a link, a pipe or another user's file). Remove it."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::WrongOwner) => lang.pick(
                format!("{path} は別の人のものです。取り除くか、XDG_STATE_HOME で別の場所を指定してください。"),
                format!("{path} belongs to another user. Remove it, or set XDG_STATE_HOME to use another folder."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::WritableByOthers(mode)) => lang.pick(
                format!("{path} にはほかの人も書けます（モード {mode:o}）。`chmod go-w {path}` で直せます。"),
                format!("Other users can write to {path} (mode {mode:o}). Run `chmod go-w {path}` to fix this."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::AlreadyExists) => lang.pick(
                format!("新しく作るはずのファイル {path} がすでにあります。取り除いてください。"),
                format!("kaizodo could not create {path}, because something with that name already exists. Check what it is, move or remove it, then try again."),
            ),
            JournalErrorKind::Folder(FolderErrorKind::Locked) => lang.pick(
                format!("{path} には別の kaizodo が書いています。それが終わってから、もう一度試してください。"),
                format!("Another kaizodo process is writing to {path}. Try again when it has finished."),
            ),
            JournalErrorKind::Grown => lang.pick(
                format!("{path} には、この kaizodo が書いた分より先があります。別の kaizodo がこの実行の続きを書いたようなので、何も書き足しません。"),
                format!("{path} contains more than this process has written, so nothing is added to it. Another kaizodo process seems to have continued the run."),
            ),
            JournalErrorKind::Damaged => lang.pick(
                format!("{path} には読めない行があるので、続きを書けません。元の文章を選んで、もう一度実行してください。"),
                format!("Some lines of {path} cannot be read, so nothing can be added to it. Select the text and run the action again."),
            ),
            JournalErrorKind::Full(bytes) => lang.pick(
                format!("{path} が一つの記録の上限（{bytes} バイト）に達しました。"),
                format!("{path} has reached the size limit for one run ({bytes} bytes)."),
            ),
            JournalErrorKind::UnknownRun(name) => lang.pick(
                format!(
                    "記録に実行「{name}」はありません。`kaizodo journal list` で一覧を見られます。"
                ),
                format!(
                    "There is no run \"{name}\" in the journal. `kaizodo journal list` lists the runs."
                ),
            ),
            JournalErrorKind::AmbiguousRun(name, count) => lang.pick(
                format!(
                    "「{name}」で始まる実行が {count} 件あります。もう少し長く書いてください。"
                ),
                format!("{count} runs have names that begin with \"{name}\". Type more of the name."),
            ),
            JournalErrorKind::TooFarBack(name, count) => {
                let oldest = match count.saturating_sub(1) {
                    0 => "last".to_owned(),
                    steps => format!("last~{steps}"),
                };
                lang.pick(
                    format!("記録にある実行は {count} 件で、`{name}` に当たるものはありません。いちばん古い実行は `{oldest}` です。"),
                    format!("The journal does not go back to `{name}`. The oldest run is `{oldest}`."),
                )
            }
            JournalErrorKind::NoRuns => lang.pick(
                "記録はまだ一つもありません。".to_owned(),
                "There are no runs in the journal yet.".to_owned(),
            ),
            JournalErrorKind::Folder(FolderErrorKind::Io(kind, text)) => {
                sentence(*kind, text, &self.path, lang)
            }
        }
    }
}

fn sentence(kind: ErrorKind, text: &str, path: &Path, lang: Lang) -> String {
    let path = path.display();
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => lang.pick(
            format!("ディスクがいっぱいで {path} に書けません。空きを作ってください。"),
            format!("The disk is full, so {path} cannot be written. Free some space."),
        ),
        ErrorKind::FileTooLarge => lang.pick(
            format!("ファイルの大きさの制限（`ulimit -f`）のため、{path} に書き足せません。"),
            format!("{path} has reached the file size limit of this process (`ulimit -f`)."),
        ),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => lang.pick(
            format!(
                "{path} を使う権限がありません（{text}）。XDG_STATE_HOME で別の場所を指定できます。"
            ),
            format!("{path} cannot be used ({text}). To use another folder, set XDG_STATE_HOME."),
        ),
        _ => lang.pick(
            format!("{path} を使えません（{text}）。XDG_STATE_HOME で別の場所を指定できます。"),
            format!("{path} cannot be used ({text}). To use another folder, set XDG_STATE_HOME."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_its_place_and_its_remedy() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            let error = JournalError::io("/s/x", &io::Error::from(kind));
            let (ja, en) = (error.not_saved(Lang::Ja), error.not_saved(Lang::En));
            assert!(ja.contains("ディスクがいっぱい") && ja.contains("/s/x"), "{ja}");
            assert!(en.contains("disk is full") && en.contains("journal.enabled = false"), "{en}");
        }
        let loose =
            JournalError::from(FolderError::new("/s", FolderErrorKind::WritableByOthers(0o777)))
                .message(Lang::En);
        assert!(loose.contains("777") && loose.contains("chmod go-w /s"), "{loose}");
    }
}
