//! What is wrong with a perspective file.

use crate::lang::{Lang, Message};

/// A problem in a perspective file, reported to the user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PerspectiveNotice {
    /// The file's name, as passed to [`Catalog::with`](super::Catalog::with).
    pub file: String,
    /// Line number (1-based), if known.
    pub line: Option<usize>,
    /// The kind of problem.
    pub kind: PerspectiveNoticeKind,
}

/// The kind of problem in a perspective file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PerspectiveNoticeKind {
    /// The front matter has an unknown key, which was ignored.
    UnknownKey(String),
    /// The front matter has this many further unknown keys, which were ignored.
    MoreKeys(usize),
    /// The file does not begin with front matter between two lines of `---`.
    NoFrontMatter,
    /// The front matter cannot be parsed. Contains the parser's message on one line.
    FrontMatter(String),
    /// The front matter is too long.
    LongFrontMatter {
        /// Length of the front matter in bytes.
        bytes: usize,
        /// Maximum length in bytes.
        limit: usize,
    },
    /// The front matter has too many values, is nested too deeply or uses too many aliases.
    Tangled,
    /// The perspective has this name, which is not valid for an Agent Skill.
    Name(String),
    /// The description is empty.
    NoDescription,
    /// The file has no instructions for the model.
    NoInstructions,
    /// A repository's perspective sets `model`, which was ignored.
    Model,
    /// Another file of the same folder defines a perspective of this name, and is used instead.
    SameName {
        /// The name of the perspective.
        name: String,
        /// The file that is used.
        used: String,
    },
}

impl PerspectiveNotice {
    /// Returns `true` if the file's perspective was loaded despite the problem.
    pub fn is_note(&self) -> bool {
        use PerspectiveNoticeKind::{Model, MoreKeys, UnknownKey};
        matches!(self.kind, UnknownKey(_) | MoreKeys(_) | Model)
    }
}

impl Message for PerspectiveNotice {
    fn message(&self, lang: Lang) -> String {
        let file = match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        };
        match (&self.kind, lang) {
            (PerspectiveNoticeKind::UnknownKey(key), Lang::Ja) => {
                format!("{file}: `{key}` というキーはないので、読みとばしました。")
            }
            (PerspectiveNoticeKind::UnknownKey(key), Lang::En) => {
                format!("{file}: unknown key `{key}`; it was ignored.")
            }
            (PerspectiveNoticeKind::MoreKeys(count), Lang::Ja) => {
                format!("{file}: 知らないキーがほかに {count} 個あり、それも読みとばしました。")
            }
            (PerspectiveNoticeKind::MoreKeys(count), Lang::En) => {
                format!("{file}: further unknown keys, also ignored: {count}.")
            }
            (PerspectiveNoticeKind::LongFrontMatter { bytes, limit }, Lang::Ja) => format!(
                "{file}: 先頭の設定が長すぎます（{bytes} バイト、上限 {limit}）。モデルへの指示は下の `---` のあとに書いてください。"
            ),
            (PerspectiveNoticeKind::LongFrontMatter { bytes, limit }, Lang::En) => format!(
                "{file}: the front matter is too long ({bytes} bytes; the limit is {limit}). Write the instructions for the model below the second `---`."
            ),
            (PerspectiveNoticeKind::Tangled, Lang::Ja) => format!(
                "{file}: 先頭の設定が込み入りすぎていて読めません。項目や入れ子、`&`・`*`・`<<` を減らしてください。"
            ),
            (PerspectiveNoticeKind::Tangled, Lang::En) => format!(
                "{file}: the front matter is too complex to be read. Use fewer entries, less nesting, and fewer `&`, `*` and `<<`."
            ),
            (PerspectiveNoticeKind::NoFrontMatter, Lang::Ja) => format!(
                "{file}: 先頭に `---` で囲んだ設定がありません。`name` と `description` を書いてください。"
            ),
            (PerspectiveNoticeKind::NoFrontMatter, Lang::En) => format!(
                "{file}: no front matter between two lines of `---`. Start the file with it and write `name` and `description` there."
            ),
            (PerspectiveNoticeKind::FrontMatter(detail), Lang::Ja) => {
                format!("{file}: 先頭の設定を YAML として読めません: {detail}")
            }
            (PerspectiveNoticeKind::FrontMatter(detail), Lang::En) => {
                format!("{file}: the front matter is not valid YAML: {detail}")
            }
            (PerspectiveNoticeKind::Name(name), Lang::Ja) => format!(
                "{file}: name の `{name}` は使えません。小文字・数字・ハイフンで、64 文字までにしてください。"
            ),
            (PerspectiveNoticeKind::Name(name), Lang::En) => format!(
                "{file}: `{name}` is not a valid name. Use lower-case letters, digits and hyphens, 64 at most."
            ),
            (PerspectiveNoticeKind::NoDescription, Lang::Ja) => {
                format!("{file}: `description` が空です。何を見る視点かを一文で書いてください。")
            }
            (PerspectiveNoticeKind::NoDescription, Lang::En) => {
                format!("{file}: `description` is empty. Say in one sentence what it looks at.")
            }
            (PerspectiveNoticeKind::NoInstructions, Lang::Ja) => {
                format!(
                    "{file}: 設定の下に指示がありません。モデルに何をたずねるかを書いてください。"
                )
            }
            (PerspectiveNoticeKind::NoInstructions, Lang::En) => {
                format!(
                    "{file}: there are no instructions below the front matter. Write what to ask the model."
                )
            }
            (PerspectiveNoticeKind::SameName { name, used }, Lang::Ja) => format!(
                "{file}: name が {used} と同じ `{name}` なので、{used} のほうを使います。両方使うには、どちらかの name を変えてください。"
            ),
            (PerspectiveNoticeKind::SameName { name, used }, Lang::En) => format!(
                "{file}: {used} has the same name, `{name}`, and is used instead. To use both, rename one of them."
            ),
            (PerspectiveNoticeKind::Model, Lang::Ja) => {
                format!("{file}: リポジトリの視点はモデルを選べないので、`model` は使いません。")
            }
            (PerspectiveNoticeKind::Model, Lang::En) => {
                format!(
                    "{file}: a repository's perspective cannot choose the model, so `model` was ignored."
                )
            }
        }
    }
}
